"""Downloads of a day counted for all users together too, and found by user first."""

from __future__ import annotations

from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add up what is counted; 0 stands for everybody, who is no user."""
    op.drop_constraint("fk_crs_dias_id_usuario_users", "crs_dias", type_="foreignkey")
    op.drop_constraint("pk_crs_dias", "crs_dias", type_="primary")
    op.create_primary_key("pk_crs_dias", "crs_dias", ["id_usuario", "dia"])
    op.create_index("ix_crs_dias_dia", "crs_dias", ["dia"])
    op.execute(
        "INSERT INTO crs_dias (id_usuario, dia, descargas) SELECT 0, dia, sum(descargas) FROM crs_dias GROUP BY dia"
    )


def downgrade() -> None:
    """Count users alone, by day first."""
    op.execute("DELETE FROM crs_dias WHERE id_usuario = 0")
    op.drop_index("ix_crs_dias_dia", "crs_dias")
    op.drop_constraint("pk_crs_dias", "crs_dias", type_="primary")
    op.create_primary_key("pk_crs_dias", "crs_dias", ["dia", "id_usuario"])
    op.create_foreign_key("fk_crs_dias_id_usuario_users", "crs_dias", "users", ["id_usuario"], ["id"])
