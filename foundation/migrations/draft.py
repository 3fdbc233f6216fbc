"""For developers: `python -m foundation.migrations.draft "what it changes"` writes the next revision of each store
whose models differ from the migrated schema. Read it before it is committed."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path

from alembic.autogenerate import produce_migrations, render_python_code
from alembic.migration import MigrationContext
from sqlalchemy import Engine

from foundation.database import Stores, open_engine
from foundation.migrations import CORE, OBSERVATIONS, Store, import_models, migrate
from foundation.migrations.environment import version_table

_TEMPLATE = '''"""{message}"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "{revision}"
down_revision = {down_revision!r}


def upgrade() -> None:
    {body}
'''


def main() -> None:
    message = " ".join(sys.argv[1:]) or "First schema."
    import_models()
    with tempfile.TemporaryDirectory() as folder:
        stores = Stores(
            core=open_engine(f"sqlite:///{folder}/core.sqlite3"),
            observations=open_engine(f"sqlite:///{folder}/observations.sqlite3"),
        )
        migrate(stores)
        for store, engine in ((CORE, stores.core), (OBSERVATIONS, stores.observations)):
            path = _draft(store, engine, message)
            sys.stdout.write(f"{store.name}: {path or 'nothing to change'}\n")
        stores.dispose()


def _draft(store: Store, engine: Engine, message: str) -> Path | None:
    with engine.connect() as connection:
        options = {"version_table": version_table(store.name), "target_metadata": store.metadata}
        operations = produce_migrations(
            MigrationContext.configure(connection, opts=options), store.metadata
        ).upgrade_ops
    if operations is None or operations.is_empty():
        return None
    head = store.script.get_current_head()
    revision = f"{int(head or 0) + 1:04}"
    slug = re.sub(r"[^a-z0-9]+", "_", message.lower()).strip("_")[:40]
    path = Path(__file__).parent / store.name / "versions" / f"v{revision}_{slug}.py"
    # The comments Alembic puts around its work are of no use to a reader.
    body = re.sub(r"\n? *# ###[^\n]*\n?", "\n    ", render_python_code(operations)).strip()
    path.write_text(_TEMPLATE.format(message=message, revision=revision, down_revision=head, body=body))
    subprocess.run([sys.executable, "-m", "ruff", "format", "--quiet", path], check=True)
    return path


if __name__ == "__main__":
    main()
