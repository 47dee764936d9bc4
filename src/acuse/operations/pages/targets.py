"""What audited acts are about, in words for people. The stored names are part of the chain and never change."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

TARGETS: Final[Mapping[str, str]] = MappingProxyType({
    "api_tokens": "Token de API",
    "auditoria": "Bitácora",
    "boveda": "Bóveda",
    "certificados": "Certificado",
    "cfdi": "CFDI",
    "contribuyente": "Contribuyente",
    "controladores": "Controlador",
    "correos": "Correo",
    "credenciales": "Credencial",
    "derechos": "Permiso",
    "descargas": "Descarga",
    "efirma": "e.firma",
    "emisiones": "Emisión",
    "exportacion": "Exportación",
    "importacion": "Importación",
    "paquete": "Paquete",
    "plan": "Plan",
    "respaldo": "Respaldo",
    "resumenes": "Resumen",
    "sesiones": "Sesión",
    "solicitud": "Solicitud",
    "trabajos": "Trabajo",
    "users": "Usuario",
})  # fmt: skip


def target_text(kind: str, identifier: str = "") -> str:
    """Answer what an act is about, as people say it; a name nobody has put into words stands as it is."""
    return f"{TARGETS.get(kind, kind)} {identifier}".rstrip()
