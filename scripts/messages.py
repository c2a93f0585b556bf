"""The English catalogue: `python scripts/messages.py extract|check|compile`.

Chinese is the language of the sources, English the only catalogue. Babel does all of it, so that no machine needs
GNU gettext. `extract` brings the catalogue up to the sources and keeps every translation; `check` ends with 1 while
a text lacks its English; `compile` writes the binary file that Django reads.
"""

import io
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_python
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ["governance", "grid", "population", "requests_intake", "setup_wizard", "demo"]
CATALOGUE = ROOT / "governance" / "locale" / "en" / "LC_MESSAGES" / "django.po"
BINARY = CATALOGUE.with_suffix(".mo")
KEYWORDS: dict[str, tuple[object, ...] | None] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|\{\w*\}|%[sd]")
CJK = re.compile("[\u3400-\u9fff\uf900-\ufaff]")


def sources() -> Iterator[tuple[Path, str]]:
    """Every file that may hold text, with what Babel's Python extractor can read of it."""
    from django.utils.translation.template import templatize

    templates = sorted((ROOT / "templates").rglob("*"))
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path, path.read_text(encoding="utf-8")
        templates += sorted((ROOT / package).rglob("templates/**/*"))
    for path in templates:
        if path.suffix in {".html", ".txt", ".svg", ".xml"}:
            # Brackets around the whole make line breaks and indentation meaningless to Python's tokenizer.
            yield path, f"(\n{templatize(path.read_text(encoding='utf-8'), origin=str(path))}\n)"


def add(catalogue: Catalog, name: str, found: object, comments: list[str]) -> None:
    """Put one call of a translation function into the catalogue."""
    arguments = list(found) if isinstance(found, tuple | list) else [found]
    spec = KEYWORDS[name] or (1,)
    context = None
    texts: list[str] = []
    for part in spec:
        index = part[0] if isinstance(part, tuple) else part
        value = arguments[index - 1] if index <= len(arguments) else None
        if not isinstance(value, str) or not value:
            return  # a variable, not a literal: translated where the literal stands
        if isinstance(part, tuple):
            context = value
        else:
            texts.append(value)
    message_id = texts[0] if len(texts) == 1 else tuple(texts)
    known = catalogue.get(texts[0], context)
    if known and known.pluralizable and len(texts) == 1:
        return
    catalogue.add(message_id, auto_comments=comments, context=context)


def template_catalogue() -> Catalog:
    """All texts of the sources, without translations."""
    catalogue = Catalog(charset="utf-8")
    for _path, text in sources():
        stream = io.BytesIO(text.encode())
        options = {"encoding": "utf-8"}
        for _line, name, found, comments in extract_python(stream, list(KEYWORDS), ["Translators:"], options):
            add(catalogue, name, found, comments)
    return catalogue


def read_catalogue() -> Catalog:
    """The English catalogue as it stands; an empty one if there is none yet."""
    if not CATALOGUE.exists():
        return Catalog(locale="en", project="Liren", charset="utf-8", fuzzy=False)
    with CATALOGUE.open("rb") as file:
        return read_po(file, locale="en", charset="utf-8")


def write_catalogue(catalogue: Catalog, *, prune: bool) -> None:
    """Write the catalogue sorted and without line numbers, so that its changes read well."""
    buffer = io.BytesIO()
    write_po(buffer, catalogue, width=110, no_location=True, omit_header=True, sort_output=True, ignore_obsolete=prune)
    header = (
        'msgid ""\nmsgstr ""\n"Language: en\\n"\n"MIME-Version: 1.0\\n"\n'
        '"Content-Type: text/plain; charset=UTF-8\\n"\n"Content-Transfer-Encoding: 8bit\\n"\n'
        '"Plural-Forms: nplurals=2; plural=(n != 1);\\n"\n\n'
    )
    CATALOGUE.parent.mkdir(parents=True, exist_ok=True)
    CATALOGUE.write_bytes(header.encode() + buffer.getvalue())


def name_of(message: Message) -> str:
    """How a report names a message."""
    text = message.id[0] if isinstance(message.id, tuple | list) else message.id
    return f"[{message.context}] {text}" if message.context else str(text)


def strings_of(message: Message | None) -> list[str]:
    """The English of a message, both forms of a plural; empty texts where it is missing."""
    if message is None:
        return [""]
    strings = list(message.string) if isinstance(message.string, tuple | list) else [message.string]
    return strings + [""] * (2 - len(strings)) if message.pluralizable else strings


def faults(catalogue: Catalog, template: Catalog) -> Iterator[tuple[str, str]]:
    """Everything that keeps the English from being complete: (kind, message)."""
    for message in template:
        if not message.id:
            continue
        known = catalogue.get(message.id, message.context)
        strings = strings_of(known)
        if not all(strings):
            yield "untranslated", name_of(message)
        elif known.fuzzy:
            yield "fuzzy", name_of(message)
        elif any(CJK.search(text) for text in strings):
            yield "Chinese characters in the English", name_of(message)
        elif set(PLACEHOLDER.findall(strings[-1])) != set(PLACEHOLDER.findall(name_of(message))):
            yield "other placeholders in the English", name_of(message)
    for message in catalogue:
        if message.id and not template.get(message.id, message.context):
            yield "no longer in the sources", name_of(message)
    for message in catalogue.obsolete.values():
        yield "obsolete", name_of(message)


def extract(*, prune: bool) -> int:
    """Bring the catalogue up to the sources."""
    catalogue = read_catalogue()
    catalogue.update(template_catalogue(), no_fuzzy_matching=True)
    write_catalogue(catalogue, prune=prune)
    lacking = sum(1 for message in catalogue if message.id and not all(strings_of(message)))
    print(f"{len(catalogue)} texts, {lacking} without English")
    return 0


def check() -> int:
    """List every fault; 1 if there is one."""
    found = list(faults(read_catalogue(), template_catalogue()))
    for kind, message in found:
        print(f"{kind}: {message!r}")
    print(f"{len(found)} faults in {CATALOGUE.relative_to(ROOT)}")
    return 1 if found else 0


def compile_catalogue() -> int:
    """Write the binary catalogue unless it is newer than its source."""
    if not CATALOGUE.exists() or (BINARY.exists() and BINARY.stat().st_mtime >= CATALOGUE.stat().st_mtime):
        return 0
    with BINARY.open("wb") as file:
        write_mo(file, read_catalogue())
    return 0


def main() -> int:
    """Run one command."""
    match sys.argv[1:]:
        case ["extract"]:
            return extract(prune=False)
        case ["extract", "--prune"]:
            return extract(prune=True)
        case ["check"]:
            return check()
        case ["compile"]:
            return compile_catalogue()
    print("Usage: messages.py extract [--prune] | check | compile")
    return 2


if __name__ == "__main__":
    sys.exit(main())
