"""Roll-ups (DECISIONS 3.15): counts kept by increments, so that a dashboard never counts many rows.

`requests_intake/rollups.py` says what is counted. Deltas are written by a trigger of the database, folded into cells
every minute by one task, and read together with the cells: a figure is exact at any moment.
"""

from django.db import models


class RollupDelta(models.Model):
    """The facts of a request before (-1) or after (+1) a change. Only ever inserted, and taken away by the fold."""

    sign = models.SmallIntegerField()
    area_code = models.CharField(max_length=17, db_collation="C")
    kind = models.CharField(max_length=12)
    channel = models.CharField(max_length=10)
    category_id = models.BigIntegerField(null=True)
    organisation_id = models.BigIntegerField(null=True)
    state = models.CharField(max_length=12)
    ended_as = models.CharField(max_length=12)
    submitted_at = models.DateTimeField()
    dispatched_at = models.DateTimeField(null=True)
    contacted_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    next_due_at = models.DateTimeField(null=True)
    rated_at = models.DateTimeField(null=True)
    rated_organisation_id = models.BigIntegerField(null=True)
    rated_contacted = models.BooleanField(null=True)
    rated_solved = models.CharField(max_length=8)
    rated_grade = models.PositiveSmallIntegerField(null=True)
    returned_at = models.DateTimeField(null=True)
    disputed_at = models.DateTimeField(null=True)
    ledgered_at = models.DateTimeField(null=True)
    excluded_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    replied_at = models.DateTimeField(null=True)
    rework_count = models.PositiveSmallIntegerField(null=True)

    def __str__(self) -> str:
        return f"{self.sign:+d} {self.area_code}"


class RollupCell(models.Model):
    """A count: of one series, in an area, on a local day, of one kind (`dim`)."""

    pk = models.CompositePrimaryKey("series", "area", "day", "dim")
    series = models.CharField(max_length=16, db_collation="C")
    area = models.CharField(max_length=15, db_collation="C")
    day = models.DateField()
    dim = models.CharField(max_length=24, db_collation="C")
    value = models.BigIntegerField()

    class Meta:
        indexes = [models.Index(fields=["series"], name="rollup_cell_zero", condition=models.Q(value=0))]

    def __str__(self) -> str:
        return f"{self.series} {self.area} {self.day} {self.dim}: {self.value}"


class RollupCheck(models.Model):
    """A recount of all cells from the rows: how many there are, and which differed."""

    at = models.DateTimeField()
    cells = models.BigIntegerField()
    differences = models.PositiveIntegerField()
    # The first of them: [series, area, day, dim, kept, counted].
    sample = models.JSONField(default=list)
    was_repaired = models.BooleanField(default=False)

    class Meta:
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d}: {self.differences}"
