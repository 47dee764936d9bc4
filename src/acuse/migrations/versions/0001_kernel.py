"""The house's own tables: the job engine's schema, why jobs failed, and the audit with its guards."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from procrastinate.schema import SchemaManager
from sqlalchemy.dialects.postgresql import JSONB

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

INSTANT = sa.TIMESTAMP(timezone=True)
GUARD = """
CREATE FUNCTION auditoria_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'auditoria is append-only: % refused', TG_OP USING ERRCODE = 'insufficient_privilege';
END;
$$;
CREATE TRIGGER auditoria_no_change BEFORE UPDATE OR DELETE ON auditoria
    FOR EACH ROW EXECUTE FUNCTION auditoria_refuse_change();
CREATE TRIGGER auditoria_no_truncate BEFORE TRUNCATE ON auditoria
    FOR EACH STATEMENT EXECUTE FUNCTION auditoria_refuse_change();
CREATE TRIGGER auditoria_cabeza_no_delete BEFORE DELETE ON auditoria_cabeza
    FOR EACH ROW EXECUTE FUNCTION auditoria_refuse_change();
CREATE TRIGGER auditoria_cabeza_no_truncate BEFORE TRUNCATE ON auditoria_cabeza
    FOR EACH STATEMENT EXECUTE FUNCTION auditoria_refuse_change();
INSERT INTO auditoria_cabeza (id, seq, hash) VALUES (1, 0, decode(repeat('00', 32), 'hex'));
"""


def upgrade() -> None:
    """Create the job engine's schema as its own library writes it, then ours."""
    op.get_bind().exec_driver_sql(SchemaManager.get_schema().replace("%", "%%"))
    op.create_table(
        "job_failures",
        sa.Column("job_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("final", sa.Boolean(), nullable=False),
        sa.Column("failed_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("job_id", name="pk_job_failures"),
    )
    op.create_table(
        "auditoria",
        sa.Column("id_auditoria", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("actor_id", sa.BigInteger()),
        sa.Column("actor_nombre", sa.Text(), nullable=False),
        sa.Column("accion", sa.Text(), nullable=False),
        sa.Column("objetivo_tipo", sa.Text(), nullable=False),
        sa.Column("objetivo_id", sa.Text(), nullable=False),
        sa.Column("timestamp", INSTANT, nullable=False),
        sa.Column("ip", sa.Text()),
        sa.Column("antes", JSONB()),
        sa.Column("despues", JSONB()),
        sa.Column("prev_hash", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id_auditoria", name="pk_auditoria"),
        sa.UniqueConstraint("seq", name="uq_auditoria_seq"),
    )
    op.create_index("ix_auditoria_actor_id_seq", "auditoria", ["actor_id", "seq"])
    op.create_index("ix_auditoria_accion_seq", "auditoria", ["accion", "seq"])
    op.create_index("ix_auditoria_objetivo", "auditoria", ["objetivo_tipo", "objetivo_id", "seq"])
    op.create_index("ix_auditoria_timestamp", "auditoria", ["timestamp"])
    op.create_table(
        "auditoria_cabeza",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_auditoria_cabeza"),
        sa.CheckConstraint("id = 1", name="single"),
    )
    op.get_bind().exec_driver_sql(GUARD.replace("%", "%%"))


def downgrade() -> None:
    """The first revision is the beginning: there is nothing to go back to."""
    raise RuntimeError("0001 cannot be taken back: drop the database instead")
