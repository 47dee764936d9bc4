"""The words of the list of article 69-B.

Source: SAT, Datos abiertos, "Listado completo 69-B"; Código Fiscal de la Federación, article 69-B.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

OFFICIAL_URL: Final = (
    "https://wu1agsprosta001.blob.core.windows.net/agsc-publicaciones/Datos_abiertos/Documents_AGAFF/"
    "Listado_completo_69-B.csv"
)
ENCODING: Final = "windows-1252"
COLUMNS: Final = 20


class Situacion(StrEnum):
    """Where a taxpayer stands in the procedure, in the order of the list's columns."""

    PRESUNTO = "Presunto"
    DESVIRTUADO = "Desvirtuado"
    DEFINITIVO = "Definitivo"
    SENTENCIA_FAVORABLE = "Sentencia Favorable"
