"""Totals of the CFDIs by month, and which months have changed since they were summed up."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

# Every statement that changes CFDIs notes the months it changed, as a row of its own: nobody waits for anybody, and
# what is not committed yet is noted by nobody else.
NOTE = """
CREATE FUNCTION cfdi_note_inserted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO cfdi_changed_months (contribuyente_id, month)
    SELECT DISTINCT contribuyente_id, date_trunc('month', fecha)::date FROM inserted;
    RETURN NULL;
END $$;
CREATE FUNCTION cfdi_note_updated() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO cfdi_changed_months (contribuyente_id, month)
    SELECT contribuyente_id, date_trunc('month', fecha)::date FROM before
    UNION
    SELECT contribuyente_id, date_trunc('month', fecha)::date FROM after;
    RETURN NULL;
END $$;
CREATE FUNCTION cfdi_note_deleted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO cfdi_changed_months (contribuyente_id, month)
    SELECT DISTINCT contribuyente_id, date_trunc('month', fecha)::date FROM deleted;
    RETURN NULL;
END $$;
CREATE TRIGGER cfdi_note_inserted AFTER INSERT ON cfdi
    REFERENCING NEW TABLE AS inserted FOR EACH STATEMENT EXECUTE FUNCTION cfdi_note_inserted();
CREATE TRIGGER cfdi_note_updated AFTER UPDATE ON cfdi
    REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION cfdi_note_updated();
CREATE TRIGGER cfdi_note_deleted AFTER DELETE ON cfdi
    REFERENCING OLD TABLE AS deleted FOR EACH STATEMENT EXECUTE FUNCTION cfdi_note_deleted();
"""

FOLLOW = """
CREATE OR REPLACE FUNCTION cfdi_follow_taxpayer() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM cfdi WHERE contribuyente_id = old.id;
    {more}
    RETURN NULL;
END $$;
"""
TOTALS = """
    DELETE FROM cfdi_months WHERE contribuyente_id = old.id;
    DELETE FROM cfdi_month_payments WHERE contribuyente_id = old.id;
    DELETE FROM cfdi_changed_months WHERE contribuyente_id = old.id;
"""

SUMS = ("total", "subtotal", "iva_trasladado", "iva_retenido", "isr_retenido", "ieps", "pagado")


def upgrade() -> None:
    """Make the tables; everything that is there has yet to be summed up."""
    op.create_table(
        "cfdi_months",
        sa.Column("contribuyente_id", sa.BigInteger(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column("efecto", sa.Text(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("cancelled", sa.Boolean(), nullable=False),
        sa.Column("with_xml", sa.Boolean(), nullable=False),
        sa.Column("without_rate", sa.Boolean(), nullable=False),
        sa.Column("documents", sa.BigInteger(), nullable=False),
        *(sa.Column(name, sa.Numeric(), nullable=False) for name in SUMS),
        sa.PrimaryKeyConstraint(
            "contribuyente_id",
            "month",
            "direction",
            "efecto",
            "method",
            "cancelled",
            "with_xml",
            "without_rate",
            name="pk_cfdi_months",
        ),
    )
    op.create_table(
        "cfdi_month_payments",
        sa.Column("contribuyente_id", sa.BigInteger(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("paid", sa.Date(), nullable=False),
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column("payments", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.Numeric(), nullable=False),
        sa.PrimaryKeyConstraint("contribuyente_id", "month", "paid", "direction", name="pk_cfdi_month_payments"),
    )
    op.create_table(
        "cfdi_changed_months",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("contribuyente_id", sa.BigInteger(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_cfdi_changed_months"),
    )
    op.create_index("ix_cfdi_changed_months_contribuyente_id", "cfdi_changed_months", ["contribuyente_id"])
    op.execute(
        "INSERT INTO cfdi_changed_months (contribuyente_id, month) "
        "SELECT DISTINCT contribuyente_id, date_trunc('month', fecha)::date FROM cfdi"
    )
    op.execute(NOTE)
    op.execute(FOLLOW.format(more=TOTALS))


def downgrade() -> None:
    """Take them away."""
    op.execute(FOLLOW.format(more=""))
    for each in ("inserted", "updated", "deleted"):
        op.execute(f"DROP TRIGGER cfdi_note_{each} ON cfdi")
        op.execute(f"DROP FUNCTION cfdi_note_{each}()")
    for table in ("cfdi_changed_months", "cfdi_month_payments", "cfdi_months"):
        op.drop_table(table)
