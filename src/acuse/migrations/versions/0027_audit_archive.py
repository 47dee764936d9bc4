"""Rows of the audit may leave for files: only those that a kept line vouches for."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

GUARD = """
CREATE FUNCTION auditoria_refuse_delete() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM auditoria_archivos WHERE seq >= OLD.seq) THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'auditoria is append-only: % refused', TG_OP USING ERRCODE = 'insufficient_privilege';
END;
$$;
DROP TRIGGER auditoria_no_change ON auditoria;
CREATE TRIGGER auditoria_no_change BEFORE UPDATE ON auditoria
    FOR EACH ROW EXECUTE FUNCTION auditoria_refuse_change();
CREATE TRIGGER auditoria_no_delete BEFORE DELETE ON auditoria
    FOR EACH ROW EXECUTE FUNCTION auditoria_refuse_delete();
CREATE TRIGGER auditoria_archivos_no_change BEFORE UPDATE OR DELETE ON auditoria_archivos
    FOR EACH ROW EXECUTE FUNCTION auditoria_refuse_change();
CREATE TRIGGER auditoria_archivos_no_truncate BEFORE TRUNCATE ON auditoria_archivos
    FOR EACH STATEMENT EXECUTE FUNCTION auditoria_refuse_change();
"""
BACK = """
DROP TRIGGER auditoria_no_delete ON auditoria;
DROP TRIGGER auditoria_no_change ON auditoria;
CREATE TRIGGER auditoria_no_change BEFORE UPDATE OR DELETE ON auditoria
    FOR EACH ROW EXECUTE FUNCTION auditoria_refuse_change();
DROP FUNCTION auditoria_refuse_delete();
"""


def upgrade() -> None:
    """Create the table of lines, and let go what one of them covers."""
    op.create_table(
        "auditoria_archivos",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("made_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_auditoria_archivos"),
    )
    op.get_bind().exec_driver_sql(GUARD.replace("%", "%%"))


def downgrade() -> None:
    """Refuse every removal again."""
    op.execute(BACK)
    op.drop_table("auditoria_archivos")
