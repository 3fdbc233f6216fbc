"""`vedette audit`: check, search and export the audit trail, and tell who looked at what.

The command line is this machine's and sees all centers. A search, an export and a report are audited under the name of
the system's user.
"""

from __future__ import annotations

import typer

from control_center.reports import checking, finding, reporting


def register(app: typer.Typer) -> None:
    audit = typer.Typer(no_args_is_help=True, help="The audit trail.")
    audit.command("verify")(checking.verify)
    audit.command("head")(checking.show_head)
    audit.command("search")(finding.search)
    audit.command("export")(finding.export)
    audit.command("report")(reporting.report)
    app.add_typer(audit, name="audit")
