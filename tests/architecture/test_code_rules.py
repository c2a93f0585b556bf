"""Rules of the code that a linter does not know."""

import ast
import re

from tests.architecture.tree import ROOT, calls, chain, modules, parsed, unused, where

APPS = ("governance", "grid", "population", "requests_intake", "setup_wizard")

# --- only services write -------------------------------------------------------------------------------------------

ALWAYS_WRITES = {"bulk_create", "bulk_update", "get_or_create", "update_or_create", "abulk_create", "asave"}
WRITERS = {
    "governance/access/sync.py": "brings permissions and roles from the code into the database after a migration",
    "governance/access/models/__init__.py": "create_user is what Django's authentication expects of a manager",
    "governance/outbox/relay.py": "claims and settles deliveries: the machinery under the services",
    "governance/outbox/sealing.py": "seals rows of the trail: the machinery under the services",
}


def _writes(call: ast.Call) -> bool:
    """Whether a call looks like an ORM write. `hash.update(x)` and `cache.delete(key)` take positional arguments."""
    if not isinstance(call.func, ast.Attribute):
        return False
    name, receiver = call.func.attr, call.func.value
    by_keyword = bool(call.keywords) and not call.args
    if name in ALWAYS_WRITES:
        return True
    if name == "save":  # super().save() inside a model, image.save(file), storage.save(name, file) write no row
        is_super = isinstance(receiver, ast.Call) and chain(receiver) == ["super"]
        return not is_super and not call.args
    if name in {"create", "update"}:
        return by_keyword
    if name == "delete":
        return not call.args and not call.keywords
    return False


def _sql_writes(call: ast.Call) -> bool:
    if not (isinstance(call.func, ast.Attribute) and call.func.attr in {"execute", "executemany", "copy_expert"}):
        return False
    words = " ".join(
        part.value for part in ast.walk(call) if isinstance(part, ast.Constant) and isinstance(part.value, str)
    )
    return words.lstrip().upper().startswith(("INSERT", "UPDATE", "DELETE", "COPY"))


def test_only_services_write():
    """Rule: rows are created, changed and deleted in services modules and nowhere else; exceptions carry a reason.

    Reason: lock, permission, rule, write and event stand in one place, so that no page can skip one of them.
    """
    wrong, used = [], set()
    for path in modules(*APPS):
        if path.stem == "services" or "services" in path.parts:
            continue
        for call in calls(path):
            if _writes(call) or _sql_writes(call):
                used.add(str(path))
                if str(path) not in WRITERS:
                    wrong.append(f"{where(path, call)} {ast.unparse(call)[:90]}")
    assert wrong == []
    assert unused(WRITERS, used) == []


WRITE_EXAMPLES = ["row.save()", "M.objects.create(a=1)", "rows.update(a=1)", "draft.delete()", "m.bulk_create(rows)"]
HARMLESS_EXAMPLES = ["digest.update(x)", "cache.delete(k)", "super().save(*a)", "image.save(out, 'JPEG')", "d.update()"]


def test_the_search_for_writes_finds_them():
    """Rule: the test above can fail. Reason: a heuristic that matches nothing is always green."""
    for code in WRITE_EXAMPLES:
        assert _writes(ast.parse(code).body[0].value), code  # type: ignore[attr-defined]
    for code in HARMLESS_EXAMPLES:
        assert not _writes(ast.parse(code).body[0].value), code  # type: ignore[attr-defined]
    found = {str(path) for path in modules(*APPS) for call in calls(path) if _writes(call)}
    assert "governance/access/services/__init__.py" in found


# --- time is an argument -------------------------------------------------------------------------------------------

CLOCKS = {
    ("timezone", "now"),
    ("timezone", "localdate"),
    ("timezone", "localtime"),
    ("datetime", "now"),
    ("datetime", "utcnow"),
    ("date", "today"),
    ("time", "time"),
}
TIMELESS = {"services", "selectors", "workflow", "events", "rules", "figures"}


def test_services_do_not_read_the_clock():
    """Rule: services, selectors and workflow take the time as an argument; only views, tasks and commands read it.

    Reason: one action has one moment, tests and the demo set it, and a deadline can be proved to the second.
    """
    wrong = []
    for path in modules(*APPS):
        if not TIMELESS & {path.stem, *path.parts[:-1]}:
            continue
        for call in calls(path):
            names = chain(call.func)
            if tuple(names[-2:]) in CLOCKS and not (names[-1] in {"localtime", "localdate"} and call.args):
                wrong.append(f"{where(path, call)} {ast.unparse(call)}")
    assert wrong == []


# --- errors --------------------------------------------------------------------------------------------------------

BLANKET = {
    "governance/outbox/relay.py": "a handler may raise anything; its delivery is put back and the others go on",
}


def test_no_blanket_except():
    """Rule: no `except:` and no `except Exception`; the place that runs other people's code is listed.

    Reason: a fault that is swallowed comes back as wrong data.
    """
    wrong, used = [], set()
    for path in modules():
        for node in ast.walk(parsed(path)):
            if not isinstance(node, ast.ExceptHandler):
                continue
            caught = {part.id for part in ast.walk(node.type) if isinstance(part, ast.Name)} if node.type else {""}
            raises_again = any(isinstance(part, ast.Raise) and part.exc is None for part in ast.walk(node))
            if caught & {"", "Exception", "BaseException"} and not raises_again:
                used.add(str(path))
                if str(path) not in BLANKET:
                    wrong.append(where(path, node))
    assert wrong == []
    assert unused(BLANKET, used) == []


# --- lists ---------------------------------------------------------------------------------------------------------

QUERYSET_WORDS = {"objects", "filter", "exclude", "visible_to", "select_related", "annotate", "values_list", "only"}
ORDERED_WORDS = {"order_by", "reverse", "latest", "earliest"}


def test_slices_of_query_sets_are_ordered():
    """Rule: a query set that is cut with [a:b] says in the same expression how it is ordered.

    Reason: PostgreSQL returns rows in any order it likes; a page cut from that shows some rows twice and others never.
    """
    wrong = []
    for path in modules():
        for node in ast.walk(parsed(path)):
            if not (isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Slice)):
                continue
            words = set(chain(node.value))
            if isinstance(node.value, ast.Call) and words & QUERYSET_WORDS and not words & ORDERED_WORDS:
                wrong.append(f"{where(path, node)} {ast.unparse(node)[:90]}")
    assert wrong == []


# --- permissions, tasks --------------------------------------------------------------------------------------------


PRIVATE_SETS = {"groups", "user_permissions"}


def test_nobody_fills_groups_or_user_permissions():
    """Rule: no code touches `user.groups` or `user.user_permissions`.

    Reason: what people may do comes from grants, which have a period, a place and a giver; a group would have none.
    """
    wrong = []
    for path in modules():
        called = {id(call.func) for call in calls(path)}  # match.groups() of a regular expression
        wrong += [
            where(path, node)
            for node in ast.walk(parsed(path))
            if isinstance(node, ast.Attribute)
            and node.attr in {"groups", "user_permissions"}
            and id(node) not in called
        ]
    assert wrong == []


def test_celery_is_never_eager():
    """Rule: neither settings nor tests make Celery run tasks inside the caller.

    Reason: what works only in the caller's transaction is not proved to work at all.
    """
    made_eager = re.compile(r"task_always_eager[\"']?\s*[=:]\s*True", re.I)
    files = [*modules(), *(path.relative_to(ROOT) for path in sorted((ROOT / "tests").rglob("*.py")))]
    assert [str(path) for path in files if made_eager.search((ROOT / path).read_text(encoding="utf-8"))] == []


def test_tasks_are_named_run():
    """Rule: Celery functions are called run_*. Reason: `Task` is a word of the grid; nobody should have to guess."""
    wrong = []
    for path in modules(*APPS):
        for node in ast.walk(parsed(path)):
            if isinstance(node, ast.FunctionDef):
                marks = {name for mark in node.decorator_list for name in chain(mark)}
                if "shared_task" in marks and not node.name.startswith("run_"):
                    wrong.append(where(path, node))
    assert wrong == []
