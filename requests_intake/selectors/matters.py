"""Which category a matter of the standard belongs to, also by the code that it had in an older list."""

from datetime import date

from django.db.models import Q

from grid.models import CodeItem, CodeKind, CodeSuccession
from grid.services.codes import code_list_on
from requests_intake.models import Category, CategoryMatter

FOUND_MAX = 30


def category_of(item: CodeItem | None) -> Category | None:
    """The category in use to which a matter leads: by its own code, else by the codes that became it or that it became.

    At most 3 SQL. None where nobody tied any of them, or the category is retired or tells to call elsewhere.
    """
    if item is None:
        return None
    ties = CategoryMatter.objects.filter(category__is_active=True, category__stop_text="").select_related("category")
    tie = ties.filter(item=item).first() or ties.filter(item__in=_kin(item)).order_by("-item__code_list").first()
    return tie.category if tie is not None else None


def _kin(item: CodeItem) -> list[int]:
    """Keys of what became of this code in newer lists, and of what it was called in older ones. 2 SQL."""
    rows = CodeSuccession.objects.filter(kind=item.kind)
    newer = rows.filter(old_standard=item.code_list.standard, old_code=item.code, item__isnull=False)
    older = [
        Q(code_list__standard=one.old_standard, code=one.old_code)
        for one in rows.filter(item=item).only("old_standard", "old_code")
    ]
    wanted = Q(pk__in=newer.values("item"))
    for one in older:
        wanted |= one
    return list(CodeItem.objects.filter(wanted, kind=item.kind).values_list("pk", flat=True))


def matters_found(words: str, day: date) -> list[CodeItem]:
    """Matters of the list in force whose code or name has these words; an old code finds what it is called now."""
    code_list = code_list_on(day)
    if code_list is None or not words:
        return []
    items = CodeItem.objects.filter(code_list=code_list, kind=CodeKind.MATTER, is_active=True, code__regex=r"^\d{5}$")
    now = CodeSuccession.objects.filter(kind=CodeKind.MATTER, old_code=words, item__isnull=False).values("item")
    fits = Q(code__startswith=words) | Q(name__icontains=words) | Q(name_en__icontains=words) | Q(pk__in=now)
    return list(items.filter(fits).order_by("code")[:FOUND_MAX])


def matters_of(category: Category) -> list[CategoryMatter]:
    """The codes that lead to a category. 1 SQL."""
    ties = CategoryMatter.objects.filter(category=category).select_related("item__code_list")
    return list(ties.order_by("item__code", "pk"))
