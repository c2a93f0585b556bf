"""The signed time trap: scripts are told from people, and nobody loses a word."""

import time_machine
from django import forms

from governance.web.forms import SignedTimeTrapField, summary

NOON = 1_795_060_800.0


class Sample(forms.Form):
    words = forms.CharField()
    shown = SignedTimeTrapField()


def stamp_at(moment: float) -> str:
    with time_machine.travel(moment, tick=False):
        return Sample()["shown"].subwidgets[0].data["value"]


def sent(stamp: str, moment: float) -> Sample:
    with time_machine.travel(moment, tick=False):
        form = Sample({"words": "路灯不亮", "shown": stamp})
        form.is_valid()
        return form


def shown_again(form: Sample, moment: float) -> str:
    with time_machine.travel(moment, tick=False):
        return form["shown"].subwidgets[0].data["value"]


def test_a_person_takes_two_seconds():
    stamp = stamp_at(NOON)
    assert sent(stamp, NOON + 2.1).is_valid()
    assert sent(stamp, NOON + 24 * 3600 - 5).is_valid()


def test_too_fast_says_press_again_and_pressing_again_works():
    stamp = stamp_at(NOON)
    form = sent(stamp, NOON + 1)
    assert form.errors.as_data()["shown"][0].code == "too_fast"
    assert form["words"].value() == "路灯不亮"
    assert "请再按一次提交" in summary(form)[0][1]
    assert summary(form)[0][0] == ""
    again = shown_again(form, NOON + 1)
    assert sent(again, NOON + 3).is_valid()


def test_a_page_open_for_days_gets_a_new_stamp_and_keeps_the_words():
    form = sent(stamp_at(NOON), NOON + 24 * 3600 + 1)
    assert form.errors.as_data()["shown"][0].code == "too_old"
    assert form["words"].value() == "路灯不亮"
    fresh = shown_again(form, NOON + 24 * 3600 + 1)
    assert sent(fresh, NOON + 24 * 3600 + 60).is_valid()


def test_a_forged_or_missing_stamp_is_refused_and_replaced():
    good = stamp_at(NOON)
    for forged in ("", "shown:1wAAAA:nonsense", good[:-1] + ("A" if good[-1] != "A" else "B")):
        form = sent(forged, NOON + 10)
        assert form.errors.as_data()["shown"][0].code == "too_old"
        assert sent(shown_again(form, NOON + 10), NOON + 20).is_valid()
