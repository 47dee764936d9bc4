"""A CFDI goes with its taxpayer by a trigger: a foreign key would be asked for every row indexed."""

from __future__ import annotations

from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

FOLLOW = """
CREATE FUNCTION cfdi_follow_taxpayer() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM cfdi WHERE contribuyente_id = old.id;
    RETURN NULL;
END $$;
CREATE TRIGGER contribuyentes_take_cfdi AFTER DELETE ON contribuyentes
    FOR EACH ROW EXECUTE FUNCTION cfdi_follow_taxpayer();
"""


def upgrade() -> None:
    """Put the trigger in the place of the key."""
    op.execute(FOLLOW)
    op.drop_constraint("fk_cfdi_contraparte_id", "cfdi", type_="foreignkey")


def downgrade() -> None:
    """Put the key back."""
    op.create_foreign_key(
        "fk_cfdi_contraparte_id", "cfdi", "contrapartes", ["contraparte_id"], ["id"], ondelete="CASCADE"
    )
    op.execute("DROP TRIGGER contribuyentes_take_cfdi ON contribuyentes")
    op.execute("DROP FUNCTION cfdi_follow_taxpayer()")
