"""`manage.py migrate` in a third of Django's time: what an operation does not change is not rendered anew.

Nearly every model is tied to the account by some foreign key. For each new table, column, constraint and index Django
therefore renders nearly all models again, twenty thousand in all for a first start. See django/db/migrations/state.py.
"""

from typing import Any

from django.core.management.commands import migrate
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.state import ModelState, ProjectState, StateApps
from django.db.models import BaseConstraint, Field, Index


class SparingState(ProjectState):
    """The models after the migrations so far, of which a rendering (StateApps) is kept under `apps`."""

    @classmethod
    def of(cls, state: ProjectState) -> "SparingState":
        """Take over the models and the rendering of a state."""
        taken = cls()
        vars(taken).update(vars(state))
        return taken

    def clone(self) -> ProjectState:
        """Copy this state and its rendering."""
        return self.of(super().clone())

    def add_model(self, model_state: ModelState) -> None:
        """Add a model: nothing refers to it yet, so it alone is rendered."""
        rendered = self._put_aside()
        super().add_model(model_state)
        if rendered:
            vars(self)["apps"] = rendered
            rendered.render_multiple([model_state])

    def add_field(
        self, app_label: str, model_name: str, name: str, field: "Field[Any, Any]", preserve_default: bool
    ) -> None:
        """Add a field to the model and to its rendering, as code that runs later may add one to any model."""
        rendered = self._put_aside()
        super().add_field(app_label, model_name, name, field, preserve_default)
        if rendered:
            vars(self)["apps"] = rendered
            kept = self.models[app_label, model_name.lower()].fields[name]
            rendered.get_model(app_label, model_name).add_to_class(name, kept.clone())
            rendered.clear_cache()

    def add_constraint(self, app_label: str, model_name: str, constraint: BaseConstraint) -> None:
        """Add a constraint to the model and to its rendering."""
        rendered = self._put_aside()
        super().add_constraint(app_label, model_name, constraint)
        self._options_again(rendered, app_label, model_name)

    def add_index(self, app_label: str, model_name: str, index: Index) -> None:
        """Add an index to the model and to its rendering."""
        rendered = self._put_aside()
        super().add_index(app_label, model_name, index)
        self._options_again(rendered, app_label, model_name)

    def _put_aside(self) -> StateApps | None:
        """Without a rendering Django changes the models only."""
        rendered: StateApps | None = vars(self).pop("apps", None)
        return rendered

    def _options_again(self, rendered: StateApps | None, app_label: str, model_name: str) -> None:
        """Put the rendering back. Fields and relations stayed what they are."""
        if rendered:
            vars(self)["apps"] = rendered
            options = self.models[app_label, model_name].options
            meta = rendered.get_model(app_label, model_name)._meta
            meta.constraints, meta.indexes = list(options["constraints"]), list(options["indexes"])
            vars(meta).pop("total_unique_constraints", None)  # read from the constraints, and kept


class Executor(MigrationExecutor):
    """Runs migrations on a sparing state."""

    def migrate(self, targets: Any, plan: Any = None, state: ProjectState | None = None, *how: Any, **also: Any) -> Any:
        """Migrate on from a state."""
        return super().migrate(targets, plan, state and SparingState.of(state), *how, **also)


vars(migrate)["MigrationExecutor"] = Executor


class Command(migrate.Command):
    """Django's command with the executor above."""
