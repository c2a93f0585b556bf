"""Rules of the templates: a strict content security policy, no foreign hosts, data always escaped."""

import re
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT

TEMPLATES = sorted((ROOT / "templates").rglob("*.*ml")) + sorted((ROOT / "templates").rglob("*.svg"))
RULES = {
    "an inline style": re.compile(r"<style\b|\sstyle\s*=", re.I),
    "an inline script": re.compile(r"<script(?![^>]*\ssrc=)[^>]*>", re.I),
    "an on* handler": re.compile(r"<[^>]*\son[a-z]+\s*=", re.I),
    "a javascript: address": re.compile(r"javascript:", re.I),
    "an asset of another host": re.compile(
        r"(?:src|srcset|poster|data-src)\s*=\s*[\"'](?:https?:)?//|<link\b[^>]*href\s*=\s*[\"'](?:https?:)?//", re.I
    ),
    "unescaped data": re.compile(r"\|\s*safe\b|\{%\s*autoescape\s+off"),
}
WRONG = {
    "an inline style": '<p style="color:red">',
    "an inline script": "<script>alert(1)</script>",
    "an on* handler": '<a href="#" onclick="go()">',
    "a javascript: address": '<a href="javascript:go()">',
    "an asset of another host": '<img src="//cdn.example/x.png">',
    "unescaped data": "{{ text|safe }}",
}


def _without_comments(path: Path) -> str:
    text = path.read_text(encoding="utf-8")
    return re.sub(r"\{#.*?#\}|\{%\s*comment.*?endcomment\s*%\}", "", text, flags=re.S)


@pytest.mark.parametrize("name", RULES)
def test_templates_keep(name: str):
    """Rule: no template holds an inline style or script, an on* handler, an address of another host, unescaped data.

    Reason: the policy `default-src 'self'` blocks the first ones, the portal must work without the internet, and what
    people typed is text.
    """
    assert TEMPLATES, "there are no templates to look at"
    wrong = [
        f"{path.relative_to(ROOT)}: {found.group(0)[:60]}"
        for path in TEMPLATES
        for found in RULES[name].finditer(_without_comments(path))
    ]
    assert wrong == []


@pytest.mark.parametrize("name", RULES)
def test_the_rules_find_what_they_forbid(name: str):
    """Rule: the test above can fail. Reason: a pattern that matches nothing is always green."""
    assert RULES[name].search(WRONG[name])


def test_static_files_name_no_other_host():
    """Rule: own style sheets and scripts load nothing from another host. Reason: as above."""
    files = [p for p in sorted((ROOT / "static").rglob("*")) if p.suffix in {".css", ".js"}]
    outside = re.compile(
        r"url\(\s*[\"']?(?:https?:)?//|@import\s+[\"'](?:https?:)?//|(?:fetch|import)\(\s*[\"']https?://"
    )
    assert [str(p.relative_to(ROOT)) for p in files if outside.search(p.read_text(encoding="utf-8"))] == []
