"""The operations of the API in pieces, by the tags of `/docs`; each is fuzzed in a house of its own."""

from __future__ import annotations

from typing import Final

PIECES: Final[dict[str, tuple[str, ...]]] = {
    "acceso": ("Autenticación",),
    "cuenta": ("Segundo paso", "Sesiones", "Tokens de API"),
    "usuarios": ("Usuarios",),
    "constancia": ("Auditoría", "Reportes", "Salud", "Descripción"),
    "contribuyentes": ("SAT · Contribuyentes",),
    "solicitudes": ("SAT · Descarga masiva",),
    "archivo": ("SAT · CFDI", "SAT · Completitud"),
    "consultas": ("SAT · Estado de los CFDI", "SAT · Lista 69-B"),
    "salida": ("SAT · Exportaciones",),
    "entrada": ("SAT · Importaciones",),
    "certificados": ("CRS · Catálogo", "CRS · Reportes"),
    "descargas": ("CRS · Descargas",),
    "emision": ("CRS · Emisión por ARCA", "CRS · Resúmenes mensuales"),
}
