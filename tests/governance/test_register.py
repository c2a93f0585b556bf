"""What is personal is not a matter of remembering: every column is declared; the pages tell what is declared."""

import csv
import io

import pytest
from django.apps import apps
from django.urls import reverse

from governance.privacy.register import declared, processings_of_residents
from governance.privacy.sources import sources
from tests.governance.declared_columns import columns
from tests.requests_intake.conftest import _town, client_of, world  # noqa: F401

PARTS = ("title", "what", "why", "basis", "source", "receivers", "kept")
UPLOADED = ("files.StoredFile", "files.Recording")


def _personal() -> dict[tuple[str, str], int]:
    found: dict[tuple[str, str], int] = {}
    for app in declared():
        for one in app.personal:
            for column in one.columns():
                found[column] = found.get(column, 0) + 1
    return found


def _impersonal() -> list[tuple[str, str]]:
    return [(model, name) for app in declared() for model, names in app.impersonal.items() for name in names.split()]


def test_every_column_is_declared_once_as_personal_or_as_not():
    """Rule: a column of words, a file, an encrypted value names its purpose, or is listed as one without a person.

    Reason: 个人信息保护法 §17: nobody can be told of what nobody declared. A new column is red until it is.
    """
    personal, impersonal = _personal(), _impersonal()
    walked = {(model._meta.label, name) for model, names in columns().items() for name in names}
    assert len(walked) > 300
    assert sorted(walked - set(personal) - set(impersonal)) == []
    assert sorted(set(personal) & set(impersonal)) == []
    assert len(impersonal) == len(set(impersonal))
    gone = {
        (model, name)
        for model, name in {*personal, *impersonal}
        if name not in {field.name for field in apps.get_model(model)._meta.local_fields}
    }
    assert gone == set()
    assert {model for model, _name in personal} >= set(UPLOADED)


def test_every_processing_says_all_that_the_law_asks_for():
    """Rule: purpose, ground, source, who receives it, how long: none is empty, and no title stands twice."""
    rows = [one for app in declared() for one in app.personal]
    assert len(rows) > 15
    assert [(row.title, part) for row in rows for part in PARTS if not str(getattr(row, part)).strip()] == []
    assert len({str(row.title) for row in rows}) == len(rows)


# Apps whose data about residents stand in the copy under another app's name, or not in it, and why.
TOLD_ELSEWHERE = {
    "access": "the account's name, number and address: told by accounts",
    "files": "photos and recordings stand on the page of their request, and the copy says so",
    "grid": "holders of posts are colleagues and volunteers: the office that appointed them knows them by name",
    "privacy": "who looked is told with what they looked at",
}


def test_whoever_keeps_data_of_residents_can_give_a_copy_of_it():
    """Rule: an app that declares data about residents says in `own_data.py` what it holds of one of them.

    Reason: 个人信息保护法 §45: a copy that leaves out an app is none, and nobody would notice.
    """
    keeping = {app.app for app in declared() if any(one.is_residents for one in app.personal)}
    telling = {source.key.partition(".")[0] for source in sources()}
    assert keeping - telling == set(TOLD_ELSEWHERE)
    assert telling <= keeping
    assert all(str(source.erases) for source in sources() if source.erase is not None), "staff read what would go"


def test_the_public_page_tells_everything_about_residents_in_both_languages(client, db):
    """The public page is written from the declarations; what is about colleagues stands in the register only."""
    page = client.get("/privacy/").content.decode()
    for row in processings_of_residents():
        assert str(row.title) in page
        assert str(row.kept) in page
    assert "开通时交来的表" not in page
    english = client.get("/privacy/", headers={"accept-language": "en"}).content.decode()
    assert "How we reach you" in english
    assert "怎么找到您" not in english


@pytest.mark.parametrize("name", ["register", "register-table"])
def test_only_the_review_reads_the_register(client_of, world, name):  # noqa: F811
    """Whoever may not read the trail is refused."""
    assert client_of("dispatcher").get(reverse(f"protection:{name}")).status_code == 403


def test_the_register_is_narrowed_and_taken_along(client_of, world):  # noqa: F811
    """By app and by words; the table holds what the page shows, and an app that nobody offered narrows nothing."""
    client = client_of("administrator")
    page = client.get(reverse("protection:register"), {"app": "requests_intake", "q": "邮箱"}).content.decode()
    assert "怎么找到您" in page
    assert "开通时交来的表" not in page
    table = client.get(reverse("protection:register-table"), {"q": "RequesterContact"}).content.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(table)))
    assert len(rows) == 2
    assert rows[1][1] == "怎么找到您"
    assert rows[1][9].startswith("requests_intake.RequesterContact: name phone")
    every = sum(len(app.personal) for app in declared())
    whole = client.get(reverse("protection:register-table"), {"app": "nothing"}).content.decode("utf-8-sig")
    assert len(list(csv.reader(io.StringIO(whole)))) == every + 1
