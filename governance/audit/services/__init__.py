"""The only writers of the audit app."""

from governance.audit.services.checking import CHECK_KIND, check_start, trail_anchor, trail_check
from governance.audit.services.reviewing import (
    JOB_KIND,
    export_lines,
    export_start,
    export_step,
    export_total,
    exports_expire,
    trail_read,
)
from governance.audit.services.watching import finding_close, findings_sweep, rules_change

__all__ = [
    "CHECK_KIND",
    "JOB_KIND",
    "check_start",
    "export_lines",
    "export_start",
    "export_step",
    "export_total",
    "exports_expire",
    "finding_close",
    "findings_sweep",
    "rules_change",
    "trail_anchor",
    "trail_check",
    "trail_read",
]
