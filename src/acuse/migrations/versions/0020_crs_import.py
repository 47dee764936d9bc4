"""What comes with people and downloads of another program: bcrypt hashes, found quickly, and prices."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns and the index."""
    op.add_column("crs_descargas", sa.Column("precio", sa.Numeric(14, 2)))
    op.add_column("crs_descargas", sa.Column("moneda", sa.Text()))
    op.create_index("ix_users_imported", "users", ["id"], postgresql_where=sa.text("password_hash LIKE '$2%'"))


def downgrade() -> None:
    """Drop them."""
    op.drop_index("ix_users_imported", table_name="users")
    op.drop_column("crs_descargas", "moneda")
    op.drop_column("crs_descargas", "precio")
