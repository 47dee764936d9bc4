"""Runs the migrations on the connection and in the transaction it is given (see acuse.kernel.migrate)."""

from __future__ import annotations

from alembic import context

from acuse.kernel.migrate import is_ours

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=context.config.attributes["metadata"],
    include_object=is_ours,
    compare_type=True,
    compare_server_default=True,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
