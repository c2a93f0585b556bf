"""How forms come out: label, hint, error, control; summary at the top; a service's refusal beside its field."""

import re

import pytest
from django import forms
from django.core.files.uploadedfile import SimpleUploadedFile
from django.template import Context, Template
from django.template.loader import render_to_string

from governance.errors import DomainError
from governance.web.forms import Hinted, IdempotencyField, add_domain_error, summary


class Sample(forms.Form):
    place = forms.CharField(label="在哪里", help_text="写地址就行", error_messages={"required": "请写一个地址"})
    note = forms.CharField(label="备注", required=False, widget=forms.Textarea)
    public = forms.ChoiceField(
        label="公开吗",
        widget=forms.RadioSelect,
        choices=[("1", Hinted("公开", "不写名字")), ("0", "不公开")],
        error_messages={"required": "请选一样"},
    )
    agree = forms.BooleanField(label="都对", help_text="看过了", required=False)
    photo = forms.FileField(label="照片", required=False)
    key = IdempotencyField()


def field(form: forms.Form, name: str) -> str:
    return re.sub(r"\s+", " ", form[name].as_field_group())


def test_label_hint_error_control_in_this_order():
    html = field(Sample({}), "place")
    order = [html.index(part) for part in ("在哪里", "写地址就行", "请写一个地址", "<input")]
    assert order == sorted(order)
    assert '<label class="lr-label" for="id_place">' in html
    assert '<p class="lr-hint" id="id_place_helptext">' in html
    assert '<div class="lr-error" id="id_place_error">' in html
    assert 'aria-describedby="id_place_helptext id_place_error"' in html
    assert 'aria-invalid="true"' in html
    assert 'class="lr-field lr-field--error"' in html
    assert '<span class="lr-vh">错误：</span>' in html


def test_without_errors_nothing_looks_wrong():
    html = field(Sample(), "place")
    assert "lr-field--error" not in html
    assert "aria-invalid" not in html
    assert 'aria-describedby="id_place_helptext"' in html
    assert 'class="lr-input"' in html


def test_required_and_optional_are_said_in_words_where_a_form_has_both():
    assert "（必填）" in field(Sample(), "place")
    assert "（可不填）" in field(Sample(), "note")

    class OnlyRequired(forms.Form):
        place = forms.CharField(label="在哪里")

    assert "lr-mark" not in field(OnlyRequired(), "place")


def test_choices_are_cards_in_a_fieldset():
    html = field(Sample({}), "public")
    assert html.startswith(
        '<fieldset class="lr-field lr-field--error" aria-describedby="id_public_error"><legend>公开吗'
    )
    assert html.count('<label class="lr-choice"') == 2
    assert "<b>公开</b><small>不写名字</small>" in html
    assert "<b>不公开</b></span>" in html
    assert 'id="id_public_0"' in html


def test_a_single_box_has_its_words_beside_it():
    html = field(Sample(), "agree")
    assert '<label class="lr-choice" for="id_agree"><input type="checkbox"' in html
    assert '<b>都对</b><small id="id_agree_helptext">看过了</small>' in html
    assert html.count("都对") == 1


def test_a_file_is_asked_for_in_our_words():
    html = field(Sample(), "photo")
    assert 'id="id_photo_label"' in html
    assert 'aria-labelledby="id_photo_label"' in html
    assert "选一个文件" in html


def test_typed_words_are_escaped_and_come_back():
    html = field(Sample({"place": '<script>"x"</script>'}), "place")
    assert "<script>" not in html
    assert "&lt;script&gt;&quot;x&quot;&lt;/script&gt;" in html


def test_the_summary_links_to_each_field_with_the_same_words():
    form = Sample({})
    html = render_to_string("components/errors.html", {"form": form})
    assert 'role="alert" tabindex="-1"' in html
    assert "有 2 处要改，别的都留着" in html
    assert '<a href="#id_place">请写一个地址</a>' in html
    assert '<a href="#id_public_0">请选一样</a>' in html
    assert render_to_string("components/errors.html", {"form": Sample()}).strip() == ""


def test_a_refusal_stands_beside_its_field_or_at_the_top():
    form = Sample({"place": "槐安里", "public": "1"})
    assert form.is_valid()
    add_domain_error(form, DomainError("outside", "这里不归我们管", field="place"))
    add_domain_error(form, DomainError("late", "有人先办了", field="nothing"))
    assert form["place"].errors == ["这里不归我们管"]
    assert form.non_field_errors() == ["有人先办了"]
    assert summary(form) == [("", "有人先办了"), ("id_place", "这里不归我们管")]
    assert form.errors.as_data()["place"][0].code == "outside"


def test_the_title_says_that_something_is_wrong():
    page = Template('{% extends "base.html" %}{% block title %}在哪里{% endblock %}')
    assert "<title>错误：在哪里 · 里仁</title>" in page.render(Context({"form": Sample({})}))
    assert "<title>在哪里 · 里仁</title>" in page.render(Context({"form": Sample()}))


def test_the_key_of_a_form_survives_and_is_replaced_when_mangled():
    shown = Sample()
    value = shown["key"].value()
    again = Sample({"place": "a", "public": "1", "key": value})
    assert again.is_valid()
    assert str(again.cleaned_data["key"]) == value
    mangled = Sample({"place": "a", "public": "1", "key": "x"})
    assert mangled.is_valid()
    assert str(mangled.cleaned_data["key"]) != value
    assert Sample()["key"].value() != value


def test_a_whole_form_shows_summary_fields_and_hidden_keys():
    html = str(Sample({}, {"photo": SimpleUploadedFile("a.jpg", b"x")}))
    assert html.index("lr-errors") < html.index("lr-field")
    assert html.count('type="hidden"') == 1


@pytest.mark.parametrize("kind", ["", "active", "done", "soon", "late", "staff"])
def test_a_state_is_colour_word_and_icon(kind: str):
    html = Template("{% state_tag label kind %}").render(Context({"label": "<办理>", "kind": kind}))
    assert "&lt;办理&gt;" in html
    assert '<svg class="lr-icon"' in html
    assert f"lr-tag--{kind}" in html if kind else 'class="lr-tag"' in html
