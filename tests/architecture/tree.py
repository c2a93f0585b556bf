"""The source tree as these tests read it: parsed once, without migrations."""

import ast
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("governance", "grid", "population", "requests_intake", "deliberation", "setup_wizard", "demo")


@cache
def modules(*packages: str) -> tuple[Path, ...]:
    """Python files of the packages (all of them by default), relative to the root, migrations left out."""
    found: list[Path] = []
    for package in packages or PACKAGES:
        found += [
            path.relative_to(ROOT)
            for path in sorted((ROOT / package).rglob("*.py"))
            if "migrations" not in path.parts and "__pycache__" not in path.parts
        ]
    return tuple(found)


@cache
def parsed(path: Path) -> ast.Module:
    """Syntax tree of a file of `modules()`."""
    return ast.parse((ROOT / path).read_text(encoding="utf-8"), filename=str(path))


@cache
def calls(path: Path) -> tuple[ast.Call, ...]:
    """All calls in a file."""
    return tuple(node for node in ast.walk(parsed(path)) if isinstance(node, ast.Call))


def chain(node: ast.expr) -> list[str]:
    """Names along `a.b(...).c(...)[...]`, from the left: ["a", "b", "c"]."""
    names: list[str] = []
    current: ast.expr = node
    while True:
        match current:
            case ast.Attribute(value=value, attr=attr):
                names.append(attr)
                current = value
            case ast.Call(func=func):
                current = func
            case ast.Subscript(value=value):
                current = value
            case ast.Name(id=name):
                names.append(name)
                return names[::-1]
            case _:
                return names[::-1]


def where(path: Path, node: ast.AST) -> str:
    """`path:line` for a message."""
    return f"{path}:{getattr(node, 'lineno', 0)}"


def unused(exceptions: dict[str, str], used: set[str]) -> list[str]:
    """Exceptions that nothing needs any more: a list of exceptions may only shrink by being read."""
    return sorted(set(exceptions) - used)
