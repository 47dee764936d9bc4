"""The signed checkpoints of the audit, guarded as the audit itself."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

GUARD = """
CREATE TRIGGER auditoria_puntos_no_change BEFORE UPDATE OR DELETE ON auditoria_puntos
    FOR EACH ROW EXECUTE FUNCTION auditoria_refuse_change();
CREATE TRIGGER auditoria_puntos_no_truncate BEFORE TRUNCATE ON auditoria_puntos
    FOR EACH STATEMENT EXECUTE FUNCTION auditoria_refuse_change();
"""


def upgrade() -> None:
    """Create the table and its guards."""
    op.create_table(
        "auditoria_puntos",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("made_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_auditoria_puntos"),
    )
    op.execute(GUARD)


def downgrade() -> None:
    """Drop the table with its guards."""
    op.drop_table("auditoria_puntos")
