"""What lies beside the documents in a ZIP: a text that says what it holds and what it does not."""

from __future__ import annotations

from acuse.mx.archivo.schemas import in_words
from acuse.mx.contribuyentes.model import MEXICO_CITY
from acuse.mx.exportaciones.model import Exportacion, Formato, Progress


def readme(export: Exportacion, progress: Progress) -> bytes:
    """Answer the text of LEEME.txt, with line ends for every system."""
    made = f"{export.created_at.astimezone(MEXICO_CITY):%Y-%m-%d %H:%M}"
    lines = [
        "Exportación de CFDI hecha con Acuse",
        "",
        f"Pedida: {made} (Ciudad de México), por {export.created_by}",
        f"Contribuyentes: {', '.join(export.rfcs)}",
        f"Filtros: {in_words(export.wanted)}",
        "",
        f"CFDI que cumplen: {progress.rows}",
        f"Con XML en este ZIP: {progress.documents}",
        f"Sin XML (sólo metadatos): {progress.without_xml}",
    ]
    if progress.unreadable:
        lines.append(f"Con XML que no se pudo leer: {progress.unreadable}")
    folder = "RFC/" if len(export.taxpayers) > 1 else ""
    lines += [
        "",
        f"Los XML están en {folder}AAAA-MM/E|R/UUID.xml: mes de emisión, E emitidos, R recibidos.",
        "Son byte por byte los del SAT.",
        "cfdi.csv tiene un renglón por CFDI, también de los que no tienen XML: en esos la columna archivo",
        "está vacía y la columna nota dice por qué.",
    ]
    if export.formato is Formato.EVERYTHING:
        lines += [
            "paquetes.csv lista los paquetes guardados y lo que se leyó de cada uno; solicitudes/ trae la historia",
            "de lo pedido al SAT; paquetes-sin-leer/, si existe, los paquetes de los que no se leyó nada.",
        ]
    return ("\r\n".join(lines) + "\r\n").encode()
