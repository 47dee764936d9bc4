"""The list as JSON. The only place for its wire names."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Self

from pydantic import BaseModel, Field

from acuse.mx.listas.model import Listed, Version


class VersionOut(BaseModel):
    """A version of the list."""

    fecha: date = Field(description="La fecha escrita dentro de la lista.")
    renglones: int
    suprimidos: int = Field(description="Renglones cuyo RFC fue suprimido por ley; nunca coinciden con nadie.")
    sha256: str
    origen: str
    importada: datetime

    @classmethod
    def of(cls, found: Version) -> Self:
        """Put a version into its wire names."""
        return cls(
            fecha=found.as_of,
            renglones=found.rows,
            suprimidos=found.suppressed,
            sha256=found.sha256,
            origen=found.origin,
            importada=found.imported_at,
        )


class ListadoOut(BaseModel):
    """A counterpart that stands in the list."""

    contribuyente: str
    rfc: str
    nombre: str
    situacion: str
    desde: date = Field(description="Fecha de la primera lista guardada que dice esta situación.")
    publicado_sat: date | None = Field(description="Cuándo publicó el SAT esta situación en su página.")
    publicado_dof: date | None = Field(description="Cuándo se publicó esta situación en el Diario Oficial.")
    cfdis: int
    recibidos: int = Field(description="De ellos, los que emitió la contraparte: los que pierden efecto en Definitivo.")
    monto_mxn: Decimal

    @classmethod
    def of(cls, found: Listed) -> Self:
        """Put a counterpart into its wire names."""
        return cls(
            contribuyente=found.contribuyente,
            rfc=found.rfc,
            nombre=found.nombre,
            situacion=found.situacion,
            desde=found.since,
            publicado_sat=found.published.sat,
            publicado_dof=found.published.dof,
            cfdis=found.cfdis,
            recibidos=found.received,
            monto_mxn=found.monto_mxn,
        )


class AskedOut(BaseModel):
    """The list will be fetched."""

    mensaje: str = "La lista se descargará en seguida."


class ListadosOut(BaseModel):
    """Which counterparts are listed, by which version."""

    lista: VersionOut | None
    aviso: str | None
    contrapartes: list[ListadoOut]
