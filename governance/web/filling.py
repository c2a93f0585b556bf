"""Puts what was typed back into the forms of a page, in the HTML as it is: with and without scripts, whole or in part.

A form is the one that was typed in when it goes to the same address and its hidden values are the same: a list has one
form a row. Nothing but values changes; passwords, codes and files are left alone.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from html import escape
from html.parser import HTMLParser
from typing import Any

_PLAIN = frozenset({"hidden", "password", "file", "submit", "button", "image", "reset"})
_CHOSEN = frozenset({"checkbox", "radio"})
# hidden values that are new in each showing of one and the same form: keys against sending twice, what was seen
_FRESH = frozenset({"csrfmiddlewaretoken", "key", "submission_key", "seen", "version", "shown"})


@dataclass
class _Control:
    """One field: its tag's place in the text and, of a text area or a choice, where its content lies."""

    kind: str
    attributes: dict[str, str | None]
    start: int
    end: int
    inner_end: int = 0
    options: list["_Control"] = field(default_factory=list)

    @property
    def name(self) -> str:
        return self.attributes.get("name") or ""

    @property
    def value(self) -> str:
        return self.attributes.get("value") or ("on" if self.kind in _CHOSEN else "")

    @property
    def is_secret(self) -> bool:
        return self.kind == "password" or self.attributes.get("autocomplete") == "one-time-code"


@dataclass
class _Form:
    start: int
    action: str
    controls: list[_Control] = field(default_factory=list)


class _Reader(HTMLParser):
    """Finds the forms that are sent by POST, with the offsets of their fields."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.forms: list[_Form] = []
        self._open: _Form | None = None
        self._inner: _Control | None = None
        self._lines = [0]
        for line in html.split("\n"):
            self._lines.append(self._lines[-1] + len(line) + 1)
        self.feed(html)

    @property
    def _offset(self) -> int:
        line, column = self.getpos()
        return self._lines[line - 1] + column

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values, start = dict(attrs), self._offset
        end = start + len(self.get_starttag_text() or "")
        if tag == "form":
            sends = (values.get("method") or "").lower() == "post"
            self._open = _Form(start, values.get("hx-post") or values.get("action") or "") if sends else None
            if self._open is not None:
                self.forms.append(self._open)
        elif self._open is None:
            return
        elif tag == "input":
            self._open.controls.append(_Control((values.get("type") or "text").lower(), values, start, end))
        elif tag in ("textarea", "select"):
            self._inner = _Control(tag, values, start, end)
            self._open.controls.append(self._inner)
        elif tag == "option" and self._inner is not None:
            self._inner.options.append(_Control(tag, values, start, end))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None
        elif tag in ("textarea", "select") and self._inner is not None:
            self._inner.inner_end, self._inner = self._offset, None


def fill(html: str, *, forms: Iterable[Mapping[str, Any]], here: str, note: Callable[[], str]) -> str:
    """Return the page with these forms ({"action", "fields"}) filled in, each with `note` before it.

    `here` is the path that a form without an address goes to.
    """
    found = [form for form in _Reader(html).forms if any(c.kind not in _PLAIN for c in form.controls)]
    edits: list[tuple[int, int, str]] = []
    for kept in forms:
        typed: dict[str, list[str]] = {}
        for name, value in kept["fields"]:
            typed.setdefault(name, []).append(value)
        for form in found:
            if (form.action.partition("?")[0] or here) == kept["action"] and _fits(form, typed):
                edits += [(form.start, form.start, note()), *_edits(form, typed)]
                found.remove(form)
                break
    for start, end, text in sorted(edits, reverse=True):
        html = html[:start] + text + html[end:]
    return html


def _fits(form: _Form, typed: Mapping[str, list[str]]) -> bool:
    hidden = [c for c in form.controls if c.kind == "hidden" and c.value and c.name not in _FRESH]
    shown = {c.name for c in form.controls if c.kind not in _PLAIN}
    return all(c.value in typed.get(c.name, []) for c in hidden) and bool(shown & typed.keys())


def _edits(form: _Form, typed: Mapping[str, list[str]]) -> list[tuple[int, int, str]]:
    edits, left = [], {name: list(values) for name, values in typed.items()}
    for control in form.controls:
        if control.is_secret or control.name == "csrfmiddlewaretoken" or control.kind in _PLAIN - {"hidden"}:
            continue
        if control.kind in _CHOSEN:
            edits.append(_tag("input", control, checked=control.value in typed.get(control.name, [])))
        elif control.kind == "select":
            if chosen := typed.get(control.name):
                edits += [_tag("option", option, selected=option.value in chosen) for option in control.options]
        elif left.get(control.name):
            value = left[control.name].pop(0)
            if control.kind == "textarea":
                edits.append((control.end, control.inner_end, "\n" + escape(value)))
            else:
                edits.append(_tag("input", control, value=value))
    return edits


def _tag(tag: str, control: _Control, **changes: str | bool) -> tuple[int, int, str]:
    """The tag anew with other attributes; True is an attribute without value, False takes it away."""
    merged: dict[str, str | bool | None] = {**control.attributes, **changes}
    words = [
        name if value is None or value is True else f'{name}="{escape(str(value))}"'
        for name, value in merged.items()
        if value is not False
    ]
    return control.start, control.end, f"<{' '.join([tag, *words])}>"
