"""`manage.py migrate`: it renders less than Django does, and leaves the same database."""

from collections.abc import Callable

import pytest
from django.apps import apps
from django.core.management import get_commands
from django.core.management.commands import migrate
from django.db import connection, models
from django.db.migrations import AddConstraint, AddField, AddIndex, CreateModel, RemoveConstraint, RunPython
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

from governance.management.commands.migrate import Executor, SparingState

KEY = ("id", models.BigAutoField(primary_key=True))
OPERATIONS: list[Operation] = [
    CreateModel("Office", [KEY, ("code", models.CharField(max_length=9))]),
    CreateModel("Person", [KEY, ("office", models.ForeignKey("sample.Office", models.CASCADE, related_name="people"))]),
    AddConstraint("Office", models.UniqueConstraint(fields=["code"], name="office_once")),
    AddIndex("Office", models.Index(fields=["code"], name="office_code")),
    AddField("Office", "head", models.ForeignKey("sample.Person", models.CASCADE, null=True, related_name="heads")),
    AddField("Office", "floor", models.IntegerField(default=1), preserve_default=False),
    AddField("Person", "desks", models.ManyToManyField("sample.Office", related_name="guests")),
    AddConstraint("Person", models.CheckConstraint(condition=models.Q(id__gt=0), name="person_known")),
    CreateModel("Desk", [KEY, ("person", models.OneToOneField("sample.Person", models.CASCADE))]),
    AddIndex("Desk", models.Index(fields=["person"], name="desk_person")),
    RemoveConstraint("Office", "office_once"),
    RunPython(RunPython.noop),
]


def _rendered(state: ProjectState) -> dict[str, tuple[list[str], ...]]:
    """What a migration finds in the rendered models: fields in both directions, constraints, indexes."""
    return {
        model._meta.label: (
            sorted(f"{field.name} {field.related_model and field.related_model._meta.label}" for field in _all(model)),
            [constraint.name for constraint in model._meta.constraints],
            [constraint.name for constraint in model._meta.total_unique_constraints],
            [index.name for index in model._meta.indexes],
        )
        for model in state.apps.get_models()
    }


def _all(model: type[models.Model]) -> list[models.Field]:
    return model._meta.get_fields(include_hidden=True)


def test_the_rendered_models_are_those_of_django_after_every_operation() -> None:
    ours, django = SparingState(), ProjectState()
    assert (_rendered(ours), _rendered(django)) == ({}, {})
    for operation in OPERATIONS:
        before = ours.clone()
        names = set(_rendered(before))
        for state in (ours, django):
            operation.state_forwards("sample", state)
        assert ours == django
        assert _rendered(ours) == _rendered(django) == _rendered(ProjectState(ours.clone().models))
        assert set(_rendered(before)) == names
        assert isinstance(before, SparingState)


def test_new_tables_columns_and_constraints_render_one_model_or_none(monkeypatch: pytest.MonkeyPatch) -> None:
    from django.db.migrations.state import ModelState

    counts, state = [], SparingState()
    assert not state.apps.get_models()
    render: Callable[..., type[models.Model]] = ModelState.render
    monkeypatch.setattr(ModelState, "render", lambda self, apps: counts.append(self.name) or render(self, apps))
    for operation in OPERATIONS[:6]:
        operation.state_forwards("sample", state)
    assert counts == ["Office", "Person"]


def test_django_finds_this_command_and_the_command_its_executor() -> None:
    assert get_commands()["migrate"] == "governance"
    assert migrate.MigrationExecutor is Executor


@pytest.mark.django_db
def test_the_database_has_every_column_constraint_and_index_of_the_models() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT table_name || '.' || column_name FROM information_schema.columns")
        columns = {name for (name,) in cursor.fetchall()}
        cursor.execute("SELECT conname FROM pg_constraint UNION SELECT relname FROM pg_class WHERE relkind = 'i'")
        names = {name for (name,) in cursor.fetchall()}
    every = [model._meta for model in apps.get_models(include_auto_created=True) if model._meta.managed]
    assert {f"{meta.db_table}.{field.column}" for meta in every for field in meta.local_concrete_fields} <= columns
    wanted = {one.name for meta in every for one in (*meta.constraints, *meta.indexes)}
    assert len(wanted) > 300
    assert wanted <= names
