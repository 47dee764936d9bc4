"""The settings of issuing."""

from __future__ import annotations

from pydantic import Field

from acuse.kernel.settings import Settings


class EmisionSettings(Settings):
    """Emisión de certificados por ARCA."""

    arca_issuance: bool = Field(
        default=False,
        description="Emitir y renovar por ARCA los certificados de controladores que falten o estén por vencer.",
    )
    arca_pause_s: int = Field(
        600,
        ge=1,
        description="Tiempo sin llamar a ARCA después de que dice que no puede atender.",
        json_schema_extra={"unit": "s"},
    )
    arca_renewal_repeats: int = Field(
        1,
        ge=0,
        le=10,
        description="Veces que se repite una renovación cuya respuesta se perdió; cada una emite otro certificado.",
    )
    arca_give_up_hours: int = Field(
        24,
        ge=1,
        le=168,
        description="Tiempo que una emisión espera a que ARCA atienda antes de soltar el cupo reservado.",
        json_schema_extra={"unit": "h"},
    )
