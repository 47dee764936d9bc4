"""The settings of monthly statements."""

from __future__ import annotations

from pydantic import Field

from acuse.kernel.settings import Settings


class ResumenSettings(Settings):
    """Resumen mensual de descargas."""

    crs_statement_day: int = Field(
        1,
        ge=0,
        le=28,
        description="Día del mes desde el que se cierra solo el mes anterior, a las 04:30; 0 es sólo a mano.",
    )
