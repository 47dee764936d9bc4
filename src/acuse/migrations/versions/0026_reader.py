"""By which reader a package was indexed: those read by an older one are read again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """What is there was read by a reader nobody wrote down."""
    op.add_column("indexed_paquetes", sa.Column("reader", sa.SmallInteger(), nullable=False, server_default="0"))
    op.alter_column("indexed_paquetes", "reader", server_default=None)


def downgrade() -> None:
    """Forget it."""
    op.drop_column("indexed_paquetes", "reader")
