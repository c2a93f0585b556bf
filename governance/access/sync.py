"""Capabilities and built-in roles are declared in code and brought into the database after every migration.

Each app's `permissions.py` holds `Capability` (StrEnum of "<app_label>.<codename>"), `DESCRIPTIONS`
{capability: (name, explanation)} and `BUILT_IN` {role key: [capabilities]}.
"""

from collections.abc import Iterator
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import Any

from django.apps import apps
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.utils import timezone

from governance.access.permissions import ROLES, SECOND_STEP

ROOT_MODEL = "capability_root"  # a content type without a table: what the app's capabilities hang on


@cache
def permission_modules() -> tuple[tuple[str, ModuleType], ...]:
    """Return (app label, permissions module) of every installed app that declares capabilities."""
    return tuple(_find_modules())


def _find_modules() -> Iterator[tuple[str, ModuleType]]:
    for config in apps.get_app_configs():
        if find_spec(f"{config.name}.permissions") is not None:
            module = import_module(f"{config.name}.permissions")
            if hasattr(module, "DESCRIPTIONS"):
                yield config.label, module


def sync_capabilities(**kwargs: Any) -> None:
    """Create missing permissions, groups and built-in roles; a built-in role gets what the code gives it.

    Runs once a migrate (connected to post_migrate of the access app). Capabilities that no code declares any more
    are removed. A role that was changed on the page of roles keeps what it has: what a release adds, it does not get.
    """
    if not kwargs.get("apps", apps).all_models["access"]:
        return  # migrated backwards to nothing: there is no table to fill
    from governance.access.models import Role

    by_name: dict[str, Permission] = {}
    for label, module in permission_modules():
        content_type, _ = ContentType.objects.get_or_create(app_label=label, model=ROOT_MODEL)
        names = [str(capability) for capability in module.Capability]
        for name in names:
            app_label, _, codename = name.partition(".")
            if app_label != label:
                raise ValueError(f"{name} is declared in {label}: a capability carries its own app's label")
            by_name[name], _ = Permission.objects.get_or_create(
                content_type=content_type, codename=codename, defaults={"name": name}
            )
        Permission.objects.filter(content_type=content_type).exclude(name__in=names).delete()
    wanted = built_in()
    for key, (name, name_en) in ROLES.items():
        role = Role.objects.filter(key=key).select_related("group").first()
        if role is None:
            group, _ = Group.objects.get_or_create(name=key)
            since = timezone.now() if key in SECOND_STEP else None
            role = Role.objects.create(
                key=key, name=name, name_en=name_en, group=group, is_built_in=True, second_step_since=since
            )
        if role.follows_code:
            role.group.permissions.set(by_name[capability] for capability in sorted(wanted[key]))


def built_in() -> dict[str, frozenset[str]]:
    """Return what the code gives each built-in role. No SQL."""
    wanted: dict[str, set[str]] = {role: set() for role in ROLES}
    for _label, module in permission_modules():
        for role, capabilities in module.BUILT_IN.items():
            wanted[role] |= {str(capability) for capability in capabilities}
    return {role: frozenset(capabilities) for role, capabilities in wanted.items()}


def all_capabilities() -> frozenset[str]:
    """Return every declared capability. No SQL."""
    return frozenset(str(name) for _label, module in permission_modules() for name in module.Capability)


def sensitive() -> frozenset[str]:
    """Return the capabilities that touch people's own data or others' rights, as the apps name them. No SQL."""
    return frozenset(str(name) for _label, module in permission_modules() for name in getattr(module, "SENSITIVE", ()))
