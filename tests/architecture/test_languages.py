"""Two languages: Chinese in the sources, English in the catalogue, and nothing that falls between them."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from django.apps import apps
from django.db import models

from scripts import messages
from tests.architecture.tree import PACKAGES, ROOT, modules, parsed, unused, where

CHARACTERS = re.compile("[\u3400-\u9fff\uf900-\ufaff]")
CHINESE = re.compile("[\u3001-\u303f\u3400-\u9fff\uf900-\ufaff\uff01-\uff65]")  # characters and full-width marks
TAG = re.compile(r"</?[a-z][^>]*>")

# Files whose Chinese is data, not the portal's voice. Everything else must pass through gettext.
DATA = {
    "grid/notices_checks.py": "texts of messages, beside their English",
    "grid/surveying.py": "endings of Chinese names of areas",
    "grid/territory_report.py": "how columns of files of areas are called",
    "grid/component_tables.py": "how columns of tables of components are called",
    "grid/component_judging.py": "signs of Chinese dates",
    "population/import_tables.py": "how columns of tables of people are called, and words in their cells",
    "population/import_places.py": "the signs of a building and of an entrance",
    "governance/access/permissions.py": "names of the built-in roles, beside their English",
    "governance/administration/notices.py": "texts of messages, beside their English",
    "governance/administration/notices_grants.py": "as above",
    "governance/audit/notices.py": "as above",
    "governance/audit/watch_words.py": "what a notice says, beside its English",
    "governance/knowledge/notices.py": "as above",
    "grid/notices_territory.py": "as above",
    "governance/notifications/notices.py": "as above",
    "governance/protection/breach_texts.py": "drafts in both languages",
    "grid/notices_tasks.py": "texts of messages, beside their English",
    "grid/code_files.py": "titles of standards and names of old codes, beside their English",
    "governance/protection/notices.py": "texts of messages, beside their English",
    "governance/protection/person_requests/notices.py": "as above",
    "governance/settings/api.py": "English description of the interface, with the Chinese terms of law",
    "governance/web/api/schema.py": "as above",
    "requests_intake/api/reading.py": "as above",
    "requests_intake/api/reference.py": "as above",
    "requests_intake/api/showing.py": "as above",
    "requests_intake/api/views.py": "as above",
    "governance/privacy/masks.py": "double surnames and forms of address that a mask keeps",
    "governance/settings/base.py": "a language is named in itself",
    "governance/text/personal_data.py": "words that stand before and after numbers in what people write",
    "governance/web/portal.py": "names of the demo district, beside their English",
    "governance/web/views/components.py": "a date that nobody could read, as somebody may type it",
    "governance/worktime/published_days.py": "what the calendar package calls holidays, beside their English",
    "population/normalising.py": "how addresses are written",
    "population/notices.py": "texts of messages, beside their English: a message has the recipient's language",
    "population/selectors/search.py": "how addresses are written",
    "population/forms_places.py": "the comma that people type between numbers",
    "population/dwelling_words.py": "as above",
    "population/naming.py": "as above",
    "population/value_reading.py": "words and codes in the tables of other offices",
    "governance/accounts/notices.py": "texts of messages, beside their English: a message has the recipient's language",
    "governance/accounts/staff_notices.py": "as above",
    "requests_intake/moments.py": "names of days as people type them, beside their English",
    "requests_intake/notices_public.py": "texts of messages, as above",
    "requests_intake/selectors/moderation.py": "how house numbers are written",
    "requests_intake/upstream/fields.py": "titles of columns in the tables of the hotline",
    "requests_intake/upstream/moments.py": "how dates are written there",
    "requests_intake/upstream/results.py": "answers as the hotline writes them",
    "requests_intake/notices_duty.py": "as above",
    "requests_intake/notices.py": "texts of messages, beside their English: a message has the recipient's language",
    "requests_intake/notice_groups.py": "examples of what stands in the texts, beside their English",
    "requests_intake/notices_appraisal.py": "texts of messages, beside their English",
    "requests_intake/notices_exclusions.py": "texts of messages, beside their English",
    "requests_intake/notices_interventions.py": "texts of messages, beside their English",
    "requests_intake/notices_concerned.py": "texts of messages, beside their English",
    "requests_intake/notices_appointments.py": "texts of messages, beside their English",
    "requests_intake/notices_outside.py": "texts of messages, beside their English",
    "requests_intake/notices_rules.py": "texts of messages, beside their English",
    "requests_intake/notices_desk.py": "as above",
    "requests_intake/notices_turns.py": "as above",
    "requests_intake/placeholders.py": "places of templates as people type them, beside their English",
    "requests_intake/notices_resting.py": "as above",
    "requests_intake/query.py": "keys of the search box as people type them, beside their English",
    "requests_intake/case_defaults.py": "standards of another city, as they were published",
    "requests_intake/selectors/places.py": "how people count grids",
    "setup_wizard/divisions.py": "names of provinces beside their English, endings of official names",
    "setup_wizard/kinds/areas.py": "endings of names that tell a town or a village",
    "setup_wizard/kinds/catalogue.py": "yes and no as people write them",
    "setup_wizard/notices.py": "texts of messages, beside their English",
    "setup_wizard/starter/policies.py": "names of policies beside their English, and where their numbers come from",
}
# Templates that speak both languages at once.
BILINGUAL = {"templates/errors/500.html": "made without a session, so the language of the reader is unknown"}
# `name` of these is no text for readers in two languages.
NAMES_WITHOUT_ENGLISH = {
    "grid.Component": "what staff call one lamp or lid; its kind has an English name",
    "grid.PatrolRoute": "what a community's head calls a walk; read by its own grid workers",
    "grid.RoutePoint": "as above, of one place",
    "population.Entrance": "what stands at the door",
    "population.Person": "what a person is called",
    "requests_intake.SavedWorklist": "a word of the person who saved it",
    "requests_intake.Macro": "as above",
    "outbox.DomainEvent": "the name of an event in code",
    "requests_intake.ModerationStep": "the name of a step in code",
    "requests_intake.RequestTransition": "the name of a step in code",
    "requests_intake.WorkOrderTransition": "the name of a step in code",
    "requests_intake.RequesterContact": "what a person is called",
    "requests_intake.Appointment": "as above",
    "protection.PersonRequest": "as above",
    "requests_intake.ConcernedPerson": "as above",
}


@pytest.fixture(scope="module")
def template() -> Catalog:
    """All texts of the sources."""
    return messages.template_catalogue()


@pytest.fixture(scope="module")
def catalogue() -> Catalog:
    """The English catalogue as the repository holds it."""
    return messages.read_catalogue()


def _keys(catalogue: Catalog) -> set[tuple[str | None, object]]:
    return {(message.context, message.id) for message in catalogue if message.id}


def _english(catalogue: Catalog) -> Iterator[tuple[str, str, str]]:
    """Every English text with its Chinese: (name, Chinese, English)."""
    for message in catalogue:
        if message.id:
            chinese = message.id if isinstance(message.id, str) else message.id[0]
            yield from ((messages.name_of(message), chinese, text) for text in messages.strings_of(message))


def test_the_catalogue_is_up_to_date(template: Catalog, catalogue: Catalog):
    """Rule: the catalogue holds exactly the texts of the sources; `make extract` brings it there.

    Reason: Django shows a text that the catalogue lacks in Chinese, on an English page, without a word of warning.
    """
    assert len(_keys(template)) > 1000
    assert _keys(template) - _keys(catalogue) == set()
    assert _keys(catalogue) - _keys(template) == set()
    assert not catalogue.obsolete


def test_every_text_has_its_english(template: Catalog, catalogue: Catalog):
    """Rule: no text without English, none fuzzy, none with Chinese in its English, the same placeholders on both sides.

    Reason: an English page must be English; a fuzzy text is a guess that Django leaves out; a lost placeholder loses
    the number, the date or the name, and a wrong one is an error page.
    """
    assert list(messages.faults(catalogue, template)) == []


def test_plurals_have_two_forms(catalogue: Catalog):
    """Rule: English has two forms. Reason: "1 days" reads like a machine."""
    assert catalogue.num_plurals == 2
    assert [messages.name_of(m) for m in catalogue if m.pluralizable and len(m.string) != 2] == []


def test_english_is_safe_in_markup(catalogue: Catalog):
    """Rule: English keeps the tags of its Chinese and holds no straight double quotes; “ and ” are the marks to use.

    Reason: `{% translate %}` does not escape what it writes, so a quote would end the attribute it stands in.
    """
    texts = list(_english(catalogue))
    assert [name for name, chinese, english in texts if TAG.findall(chinese) != TAG.findall(english)] == []
    assert [name for name, _chinese, english in texts if '"' in TAG.sub("", english)] == []


def test_english_uses_english_marks(catalogue: Catalog):
    """Rule: no full-width comma, colon or bracket in English. Reason: it shows that nobody read the sentence."""
    assert [name for name, _chinese, english in _english(catalogue) if CHINESE.search(english)] == []


def _docstrings(tree: ast.Module) -> set[ast.AST]:
    """Strings that stand alone: documentation."""
    return {node.value for node in ast.walk(tree) if isinstance(node, ast.Expr)}


def _translated(tree: ast.Module) -> set[ast.AST]:
    """Literals given to a translation function."""
    found: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name in messages.KEYWORDS:
                found |= set(node.args)
    return found


def _bare(tree: ast.Module) -> Iterator[ast.Constant]:
    """Characters anywhere, full-width marks where text is put together: in f-strings and in joins."""
    known = _docstrings(tree) | _translated(tree)
    glue = {part for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values} | {
        node.value for node in ast.walk(tree) if isinstance(node, ast.Attribute) and node.attr == "join"
    }
    for node in ast.walk(tree):
        if not isinstance(node, ast.Constant) or not isinstance(node.value, str) or node in known:
            continue
        if (CHINESE if node in glue else CHARACTERS).search(node.value):
            yield node


def test_python_speaks_through_gettext():
    """Rule: no Chinese in a string outside gettext, docstrings and the files of `DATA`; demo/ is data throughout.

    Reason: such a text can have no English. It would appear on the English page as it stands.
    """
    found = {
        str(path): [where(path, node) for node in nodes]
        for path in modules(*(package for package in PACKAGES if package != "demo"))
        if (nodes := list(_bare(parsed(path))))
    }
    assert [place for path, places in found.items() if path not in DATA for place in places] == []
    assert unused(DATA, set(found)) == []


def test_what_gettext_is_given_is_extracted(template: Catalog):
    """Rule: every Chinese literal given to a translation function is in the catalogue.

    Reason: an extractor that misses a way of writing leaves that text without English, and the check above is content.
    """
    known = {text for message in template for text in ([message.id] if isinstance(message.id, str) else message.id)}
    missing = [
        where(path, node)
        for path in modules(*(package for package in PACKAGES if package in messages.PACKAGES))
        for node in _translated(parsed(path))
        if isinstance(node, ast.Constant) and CHINESE.search(str(node.value)) and node.value not in known
    ]
    assert missing == []


def test_the_rule_for_python_finds_what_it_forbids():
    """Rule: the test above can fail. Reason: a walk that finds nothing is always green."""
    right = '"""说明"""\nA = _("好")\nB = ngettext("一", "多", 2)\nC = text.strip("，。")\n'
    wrong = 'C = "漏了"\nD = f"漏{A}"\nE = _("拼" + "接")\nF = "，".join(x)\n'
    source = right + wrong
    assert sorted(str(node.value) for node in _bare(ast.parse(source))) == sorted(["漏了", "漏", "拼", "接", "，"])


TRANSLATED = [
    r"\{#.*?#\}",
    r"\{%\s*comment\b.*?\{%\s*endcomment\s*%\}",
    r"\{%\s*blocktrans(?:late)?\b.*?\{%\s*endblocktrans(?:late)?\s*%\}",
    r"\{%\s*trans(?:late)?\s.*?%\}",
    r"_\(\"[^\"]*\"\)|_\('[^']*'\)",
    r"<(\w+)\b[^>]*\blang=\"zh-Hans\"[^>]*>[^<]*(?:\{%[^%]*%\})*[^<]*</\1>",
]


def _bare_lines(text: str) -> list[int]:
    """Numbers of the lines that hold Chinese outside translation tags, comments and elements marked as Chinese."""
    for pattern in TRANSLATED:
        text = re.sub(pattern, lambda found: re.sub(r"[^\n]", " ", found.group(0)), text, flags=re.S)
    return [number for number, line in enumerate(text.split("\n"), 1) if CHINESE.search(line)]


def _templates() -> list[Path]:
    folders = [ROOT / "templates", *(path for package in PACKAGES for path in (ROOT / package).glob("**/templates"))]
    return [path for folder in folders for path in sorted(folder.rglob("*")) if path.is_file()]


def test_templates_speak_through_translate():
    """Rule: no Chinese in a template outside translate and blocktranslate, marks like ， and ： among it.

    Exceptions: the button that offers Chinese, marked `lang="zh-Hans"`, and pages in both languages.
    Reason: as for Python.
    """
    found = {str(p.relative_to(ROOT)): lines for p in _templates() if (lines := _bare_lines(p.read_text("utf-8")))}
    assert [f"{path}:{line}" for path, lines in found.items() if path not in BILINGUAL for line in lines] == []
    assert unused(BILINGUAL, set(found)) == []


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ('<p>{% translate "好" %}</p>', []),
        ("{% blocktranslate count n=2 %}{{ n }} 件{% plural %}{{ n }} 件{% endblocktranslate %}\n<p>漏</p>", [2]),
        ('{{ name|default:_("系统") }}{# 说明 #}', []),
        ('<button lang="zh-Hans">{% icon "globe" %}中文</button>', []),
        ('<button lang="en">中文</button>', [1]),
        ("<p>{{ label }}，{{ when }}</p>", [1]),
    ],
)
def test_the_rule_for_templates_finds_what_it_forbids(source: str, lines: list[int]):
    """Rule: the test above can fail. Reason: as above."""
    assert _bare_lines(source) == lines


def test_scripts_hold_no_chinese():
    """Rule: own scripts hold no Chinese outside comments; they read their words from data attributes.

    Reason: a script knows no catalogue.
    """
    comment = re.compile(r"/\*.*?\*/|(?<![:\"'])//[^\n]*", re.S)
    own = [path for path in sorted((ROOT / "static" / "js").rglob("*.js")) if "vendor" not in path.parts]
    assert own
    assert [path.name for path in own if CHINESE.search(comment.sub("", path.read_text(encoding="utf-8")))] == []


def test_names_have_english_names():
    """Rule: a table with `name` has `name_en`. Reason: names of offices, areas and categories stand on every page."""
    labels = {name.partition(".")[0] for name in PACKAGES}
    without = {
        model._meta.label
        for model in apps.get_models()
        if model.__module__.partition(".")[0] in labels
        and any(field.name == "name" for field in model._meta.get_fields())
        and not any(isinstance(field, models.CharField) and field.name == "name_en" for field in model._meta.fields)
    }
    assert without - set(NAMES_WITHOUT_ENGLISH) == set()
    assert unused(NAMES_WITHOUT_ENGLISH, without) == []


def test_the_catalogue_rules_find_what_they_forbid():
    """Rule: each fault of a catalogue is found. Reason: as above."""
    sources, english = Catalog(), Catalog()
    for text in ("没有", "还没", "%(count)s 件", "猜的", "好"):
        sources.add(text)
    english.add("还没", "还 not")
    english.add("%(count)s 件", "%(n)s cases")
    english.add("猜的", "Guessed", flags=["fuzzy"])
    english.add("好", "Good")
    english.add("旧", "Old")
    assert dict(messages.faults(english, sources)) == {
        "untranslated": "没有",
        "Chinese characters in the English": "还没",
        "other placeholders in the English": "%(count)s 件",
        "fuzzy": "猜的",
        "no longer in the sources": "旧",
    }
