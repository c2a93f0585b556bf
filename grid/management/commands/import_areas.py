"""Outlines from a file of somebody else's: read by its columns, examined, mended where asked, and loaded."""

import json
from argparse import RawDescriptionHelpFormatter
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from governance.access.viewer import SYSTEM
from governance.errors import DomainError
from grid.coordinates import TO_WGS84
from grid.services import areas_enter
from grid.surveying import BY_NAME, MENDING, Columns, areas_known, codes_retired, properties_of, survey

SHOWN = 50  # lines of each part of the report


class Command(BaseCommand):
    """`manage.py import_areas FILE --name NAME [--code CODE] [--datum gcj02] [--mend] [--apply]`."""

    help = (
        "Examine a GeoJSON file of areas and say what is wrong with it; --mend mends what can be, --apply loads it. "
        "Without --code areas are found by their names among those that the portal has."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Columns are names of properties; without --name the command lists them."""
        parser.formatter_class = RawDescriptionHelpFormatter
        parser.add_argument("file", type=Path)
        parser.add_argument("--code", default=BY_NAME, help="property with the code")
        parser.add_argument("--name", default="", help="property with the name")
        parser.add_argument("--name-en", default="", help="property with the English name")
        parser.add_argument("--kind", default="", help="property with the kind: street, town, committee, village, ...")
        parser.add_argument("--within", default="", help="property with the name or code of the area above")
        parser.add_argument("--datum", choices=sorted(TO_WGS84), default="wgs84", help="wgs84 is right for CGCS2000")
        parser.add_argument("--mend", action="store_true", help="mend self-intersections, narrow gaps and overlaps")
        parser.add_argument("--apply", action="store_true", help="load it, if nothing is wrong")
        parser.add_argument("--sure", action="store_true", help="the datum is right, although the file seems shifted")

    def handle(self, *args: Any, **options: Any) -> None:
        """Report; load where asked and nothing is wrong."""
        try:
            collection = json.loads(options["file"].read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise CommandError(f"{options['file']}: {error}") from error
        try:
            samples = properties_of(collection)
        except DomainError as error:
            raise CommandError(str(error)) from error
        if not options["name"]:
            self.stdout.writelines(f"{name}: {values}" for name, values in samples.items())
            return
        self._survey(collection, samples, options)

    def _survey(self, collection: Any, samples: dict[str, str], options: dict[str, Any]) -> None:
        columns = Columns(*(options[key] for key in ("code", "name", "name_en", "kind", "within")))
        wrong = {columns.code, columns.name, columns.name_en, columns.kind, columns.within} - {*samples, "", BY_NAME}
        if wrong:
            raise CommandError(f"The file has no {', '.join(sorted(wrong))}; it has {', '.join(samples)}.")
        day = timezone.localdate()
        found = survey(
            collection,
            columns,
            datum=options["datum"],
            known=areas_known(day),
            repairs=MENDING if options["mend"] else frozenset(),
            retired=codes_retired(day),
        )
        self.stdout.write(f"{len(found.drafts)} areas read")
        for title, lines in (("mended", found.mended), ("wrong", found.faults)):
            self.stdout.writelines(f"{title}: {line}" for line in lines[:SHOWN])
            if len(lines) > SHOWN:
                self.stdout.write(f"{title}: {len(lines) - SHOWN} more")
        if found.advice:
            self.stdout.write(f"asked: {found.advice}")
        if not options["apply"]:
            return
        if found.faults:
            raise CommandError("Nothing was loaded: mend the faults first.")
        if found.advice and not options["sure"]:
            raise CommandError("Nothing was loaded: name the right --datum, or say --sure.")
        try:
            loaded = areas_enter(drafts=found.drafts, actor=SYSTEM, at=timezone.now())
        except DomainError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            f"{len(loaded.created)} created, {len(loaded.changed)} changed, {len(loaded.unchanged)} as before"
        )
