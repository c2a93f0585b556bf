"""What a reader of an English page sees: its words outside the elements that are marked as Chinese."""

import re
from html.parser import HTMLParser

CHINESE = re.compile("[\u3001-\u303f\u3400-\u9fff\uf900-\ufaff\uff01-\uff65]")  # characters and full-width marks
VOID = {"area", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"}
UNSEEN = {"script", "style"}
# Attributes that people see or hear, or from which a script takes words.
SPOKEN = {"alt", "aria-label", "aria-description", "content", "placeholder", "title"}


class _Page(HTMLParser):
    """Collects what is Chinese and not marked as such: the element's path and its text."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[tuple[str, bool]] = []
        self.found: list[str] = []
        self.language = ""

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attributes}
        if tag == "html":
            self.language = values.get("lang", "")
        marked = self._is_marked() or (tag != "html" and values.get("lang", "").lower().startswith("zh"))
        if not marked and tag not in UNSEEN:
            for name, value in values.items():
                is_button = tag == "input" and name == "value" and values.get("type") in {"submit", "button"}
                if name in SPOKEN or name.startswith("data-") or is_button:
                    self._look(f"{self._path()} > {tag}[{name}]", value)
        if tag not in VOID:
            self.open.append((tag, marked or tag in UNSEEN))

    def handle_startendtag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attributes)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        while self.open and tag in (name for name, _marked in self.open):
            name, _marked = self.open.pop()
            if name == tag:
                break

    def handle_data(self, data: str) -> None:
        # A text area holds what the reader typed.
        if not self._is_marked() and not (self.open and self.open[-1][0] == "textarea"):
            self._look(self._path(), data)

    def _is_marked(self) -> bool:
        return any(marked for _tag, marked in self.open)

    def _path(self) -> str:
        return " > ".join(tag for tag, _marked in self.open[-3:])

    def _look(self, where: str, text: str) -> None:
        if CHINESE.search(text):
            self.found.append(f"{where}: {' '.join(text.split())}")


def language_of(html: str) -> str:
    """Language that the page says it is in."""
    page = _Page()
    page.feed(html.partition("<head>")[0])
    return page.language


def chinese_in(html: str, *, written: tuple[str, ...] = ()) -> list[str]:
    """List the Chinese of a page outside elements marked as Chinese.

    `written` are words of people that may stand in the page's `<title>`, which can hold no element.
    """
    head, title, rest = html.partition("<title>")
    named, end, rest = rest.partition("</title>")
    for words in written:
        named = named.replace(words, "")
    page = _Page()
    page.feed(head + title + named + end + rest)
    return page.found
