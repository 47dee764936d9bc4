"""Parts, repetitions and folios of solicitudes; the lifetime ledger, daily runs, the SAT's clock, sync calls."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

INSTANT = sa.TIMESTAMP(timezone=True)
WORD = sa.String(length=60)
KEY = (
    "contribuyente_id",
    "familia",
    "tipo",
    "sentido",
    "fecha_inicio",
    "fecha_fin",
    "efecto",
    "estado_comprobante",
    "complemento",
    "counterparts",
    "rfc_a_cuenta_terceros",
)


def _of_contribuyente(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["contribuyente_id"], ["contribuyentes.id"], name=f"fk_{table}_contribuyente_id", ondelete="CASCADE"
    )


def upgrade() -> None:
    op.create_table(
        "daily_runs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("contribuyente_id", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.Column("told_at", INSTANT, nullable=True),
        _of_contribuyente("daily_runs"),
        sa.PrimaryKeyConstraint("id", name="pk_daily_runs"),
        sa.UniqueConstraint("contribuyente_id", "day", name="uq_daily_runs_contribuyente_id_day"),
    )
    op.create_table(
        "sat_lifetime",
        sa.Column("contribuyente_id", sa.BigInteger(), nullable=False),
        sa.Column("familia", WORD, nullable=False),
        sa.Column("sat_key", sa.Text(), nullable=False),
        sa.Column("spent", sa.BigInteger(), nullable=False),
        sa.Column("last_at", INSTANT, nullable=False),
        _of_contribuyente("sat_lifetime"),
        sa.PrimaryKeyConstraint("contribuyente_id", "familia", "sat_key", name="pk_sat_lifetime"),
    )
    op.create_table(
        "sat_clock",
        sa.Column("familia", WORD, nullable=False),
        sa.Column("skew_s", sa.Float(), nullable=False),
        sa.Column("measured_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("familia", name="pk_sat_clock"),
    )
    op.create_table(
        "sat_sync_calls",
        sa.Column("caller", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("rfc", sa.Text(), nullable=False),
        sa.Column("answer", sa.BigInteger(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("caller", "key", name="pk_sat_sync_calls"),
    )
    op.add_column("planes", sa.Column("completed_at", INSTANT, nullable=True))
    op.add_column("solicitudes", sa.Column("folio", sa.Text(), server_default=sa.text("''"), nullable=False))
    op.add_column("solicitudes", sa.Column("attempt", sa.BigInteger(), server_default=sa.text("1"), nullable=False))
    for name, target in (("parent_id", "solicitudes"), ("repeats_id", "solicitudes"), ("daily_run_id", "daily_runs")):
        op.add_column("solicitudes", sa.Column(name, sa.Uuid(), nullable=True))
        op.create_foreign_key(f"fk_solicitudes_{name}", "solicitudes", target, [name], ["id"], ondelete="SET NULL")
    op.drop_constraint("uq_solicitudes_parametros", "solicitudes")
    op.create_unique_constraint("uq_solicitudes_parametros", "solicitudes", [*KEY, "folio", "attempt"])
    op.create_unique_constraint("uq_solicitudes_repeats_id", "solicitudes", ["repeats_id"])
    for name in ("parent_id", "daily_run_id"):
        op.create_index(
            f"ix_solicitudes_{name}", "solicitudes", [name], postgresql_where=sa.text(f"{name} is not null")
        )


def downgrade() -> None:
    for name in ("daily_run_id", "parent_id"):
        op.drop_index(f"ix_solicitudes_{name}", "solicitudes")
    op.drop_constraint("uq_solicitudes_repeats_id", "solicitudes")
    op.drop_constraint("uq_solicitudes_parametros", "solicitudes")
    op.execute("delete from solicitudes where folio <> '' or attempt <> 1")
    op.create_unique_constraint("uq_solicitudes_parametros", "solicitudes", list(KEY))
    for name in ("daily_run_id", "repeats_id", "parent_id"):
        op.drop_constraint(f"fk_solicitudes_{name}", "solicitudes")
        op.drop_column("solicitudes", name)
    op.drop_column("solicitudes", "attempt")
    op.drop_column("solicitudes", "folio")
    op.drop_column("planes", "completed_at")
    for table in ("sat_sync_calls", "sat_clock", "sat_lifetime", "daily_runs"):
        op.drop_table(table)
