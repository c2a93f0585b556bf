"""The catalogue as its editors see it: the tree, one category with its versions, what uses it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from requests_intake.catalogue_texts import Change, changes_between
from requests_intake.models import Category, CategoryVersion, DispatchRule, ServiceRequest

COUNTED = 1000  # nobody decides differently at 1,001


@dataclass(frozen=True, slots=True)
class Branch:
    """A category with those below it."""

    category: Category
    below: list["Branch"]


@dataclass(frozen=True, slots=True)
class Uses:
    """What refers to a category. `requests` counts to 1,000 and says whether there are more."""

    requests: int
    more_requests: bool
    below: int
    rules: int

    @property
    def none(self) -> bool:
        """Whether it may be deleted."""
        return not (self.requests or self.below or self.rules)


@dataclass(frozen=True, slots=True)
class VersionLine:
    """One version with what it changed; the oldest one changed nothing."""

    version: CategoryVersion
    changes: list[Change]


def catalogue_tree(*, words: str = "", retired: bool = False) -> list[Branch]:
    """Return the catalogue; with words, the branches in which a name, code or keyword holds them. 1 SQL."""
    rows = Category.objects.order_by("code").defer("guide", "guide_en", "questions")
    branches = _branches([row for row in rows if retired or row.is_active])
    return _matching(branches, words.strip().casefold()) if words.strip() else branches


def _branches(rows: Iterable[Category]) -> list[Branch]:
    found: dict[str, Branch] = {}
    roots: list[Branch] = []
    for row in rows:
        branch = found[row.code] = Branch(row, [])
        parent = found.get(row.code[:-2])
        (parent.below if parent is not None else roots).append(branch)
    return roots


def _matching(branches: list[Branch], words: str) -> list[Branch]:
    kept = []
    for branch in branches:
        row = branch.category
        texts = [row.code, row.name, row.name_en, *row.keywords]
        if any(words in text.casefold() for text in texts):
            kept.append(branch)
        elif below := _matching(branch.below, words):
            kept.append(Branch(row, below))
    return kept


def category_uses(category: Category) -> Uses:
    """Count what refers to a category. 3 SQL."""
    requests = ServiceRequest.objects.filter(category=category).order_by()[: COUNTED + 1].count()
    return Uses(
        requests=min(requests, COUNTED),
        more_requests=requests > COUNTED,
        below=Category.objects.filter(code__startswith=category.code).exclude(pk=category.pk).count(),
        rules=DispatchRule.objects.filter(category_prefix=category.code).count(),
    )


def category_history(category: Category) -> list[VersionLine]:
    """Return the versions of a category, newest first, each with what it changed. 1 SQL."""
    rows = list(CategoryVersion.objects.filter(category=category).select_related("by").order_by("-version"))
    older: list[CategoryVersion | None] = [*rows[1:], None]
    return [
        VersionLine(row, changes_between(before.snapshot, row.snapshot) if before is not None else [])
        for row, before in zip(rows, older, strict=False)  # the oldest has none before it
    ]


def wording_at(category: Category, at: datetime) -> CategoryVersion | None:
    """Return the version that was in force at a moment; None while the category still reads as it came. 1 SQL."""
    return CategoryVersion.objects.filter(category=category, at__lte=at).order_by("-version").first()


def parents_for(category: Category) -> list[Category]:
    """Return the categories under which this one could stand instead, in order. 1 SQL."""
    length = len(category.code) - 2
    if not length:
        return []
    rows = Category.objects.filter(code__regex=f"^[0-9]{{{length}}}$", is_active=True).order_by("code")
    return [row for row in rows if row.code != category.code[:length]]
