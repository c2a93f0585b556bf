"""One direction: an app imports only to its right, and the kernel has an order, too."""

import ast
import subprocess
import sys
from pathlib import Path

from django.apps import apps
from django.db.models import ForeignKey, ManyToManyField

from tests.architecture.tree import PACKAGES, ROOT, modules, parsed, where

FORBIDDEN_NAMES = {"utils", "helpers", "signals", "managers", "common", "misc"}
# What belongs to an app alone; a neighbour talks to its models, selectors and services.
PRIVATE_PARTS = {"views", "forms", "api", "tasks", "handlers", "admin", "urls", "panels", "notices"}
SHARED_GROUND = "governance.web"  # its forms and views are made for the other apps


def test_import_contracts_hold():
    """Rule: the layers in pyproject.toml hold, with no ignored import.

    Reason: of 16 public Django code bases that were measured, 13 have import knots that nobody can untie any more.
    """
    result = subprocess.run(
        [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    assert "ignore_imports" not in (ROOT / "pyproject.toml").read_text(encoding="utf-8")


def test_modules_have_real_names():
    """Rule: no module called utils, helpers, signals or managers. Reason: such a module is about nothing and grows."""
    assert [str(path) for path in modules() if path.stem in FORBIDDEN_NAMES] == []
    assert [str(path) for path in modules() if FORBIDDEN_NAMES & set(path.parts[:-1])] == []


def test_neighbours_use_models_selectors_and_services():
    """Rule: no app imports another app's views, forms, API, tasks or handlers.

    Reason: those are entry points; whoever calls them from the side skips what the edge checks.
    """
    wrong = []
    for path in modules(*(package for package in PACKAGES if package != "demo")):
        own = _app_of(".".join(path.with_suffix("").parts))
        for node in ast.walk(parsed(path)):
            for target in _imported(node):
                other = _app_of(target)
                private = PRIVATE_PARTS & set(target.removeprefix(other).split("."))
                if other and other != own and private and not target.startswith(SHARED_GROUND):
                    wrong.append(f"{where(path, node)} imports {target}")
    assert wrong == []


def test_foreign_keys_across_apps_have_no_reverse_accessor():
    """Rule: a foreign key to another app sets related_name="+".

    Reason: a reverse accessor is an import to the left that no linter sees.
    """
    wrong = []
    for model in apps.get_models():
        if not model.__module__.startswith(PACKAGES):
            continue
        for field in model._meta.local_fields + model._meta.local_many_to_many:
            if not isinstance(field, (ForeignKey, ManyToManyField)) or field.model is not model:
                continue
            inherited = not field.remote_field.model.__module__.startswith(PACKAGES)
            across = field.remote_field.model._meta.app_label != model._meta.app_label
            if across and not inherited and not field.remote_field.hidden:
                wrong.append(f"{model._meta.label}.{field.name}")
    assert wrong == []


def _app_of(dotted: str) -> str:
    """ "governance.web" for a module of the kernel, "grid" for one of an app, "" for everything else."""
    parts = dotted.split(".")
    if parts[0] not in PACKAGES:
        return ""
    return ".".join(parts[:2]) if parts[0] == "governance" else parts[0]


def _imported(node: ast.AST) -> list[str]:
    match node:
        case ast.ImportFrom(module=str(module), names=names):
            return [f"{module}.{alias.name}" for alias in names]
        case ast.Import(names=names):
            return [alias.name for alias in names]
        case _:
            return []
