"""The text files of a taxpayer's year, written whole from the database, which is the truth.

Tab-separated UTF-8 for the first two, CSV for the history; each begins with a header line.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import datetime

from acuse.mx.descarga.model.periodo import mexico_time
from acuse.mx.descarga.service.means import Desk
from acuse.mx.descarga.tables import HistoryRow, PaqueteRow, SolicitudRow

_SOLICITUDES = ("id", "tipo", "E/R", "inicio", "fin", "estado")
_PAQUETES = ("id", "solicitud", "fecha", "bytes", "sha256", "descargas")
_HISTORIAL = ("fecha", "solicitud", "suceso", "código", "mensaje")


class TreeWriter(Desk):
    """Keeps id_solicitud.txt, paquetes.txt and historial.csv in step."""

    async def write(self, contribuyente_id: int, year: int) -> None:
        """Write the three files of a year. Runs one at a time per year: its job holds a lock."""
        contribuyente = await self._contribuyentes.get(contribuyente_id)
        async with self._database.transaction() as tx:
            solicitudes = await self._solicitudes.of_year(tx, contribuyente_id, year)
            ids = [row.id for row in solicitudes]
            paquetes = await self._paquetes.of_solicitudes(tx, ids)
            history = await self._solicitudes.history(tx, ids)
        names = {row.id: row.id_solicitud or str(row.id) for row in solicitudes}
        folder = f"clientes/{contribuyente.rfc}/{year}/solicitudes"
        texts = {
            "id_solicitud.txt": _table(_SOLICITUDES, (_solicitud_line(row) for row in solicitudes)),
            "paquetes.txt": _table(_PAQUETES, (_paquete_line(row, names[row.solicitud_id]) for row in paquetes)),
            "historial.csv": _csv(_HISTORIAL, (_history_line(row, names[row.solicitud_id]) for row in history)),
        }
        for name, text in texts.items():
            await self._files.put(f"{folder}/{name}", text.encode())


def _solicitud_line(row: SolicitudRow) -> Sequence[str]:
    return (
        row.id_solicitud or str(row.id),
        row.tipo.value,
        row.sentido.value,
        row.fecha_inicio.isoformat(),
        row.fecha_fin.isoformat(),
        row.estado.value,
    )


def _paquete_line(row: PaqueteRow, solicitud: str) -> Sequence[str]:
    stored = _wall(row.stored_at) if row.stored_at else ""
    size = "" if row.size_bytes is None else str(row.size_bytes)
    return (row.id_paquete, solicitud, stored, size, row.sha256 or "", str(row.downloads))


def _history_line(row: HistoryRow, solicitud: str) -> Sequence[str]:
    return (_wall(row.at), solicitud, row.suceso.value, "" if row.codigo is None else str(row.codigo), row.mensaje)


def _wall(instant: datetime) -> str:
    return mexico_time(instant).isoformat(sep=" ")


def _table(header: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    return "".join("\t".join(" ".join(cell.split()) for cell in line) + "\n" for line in (header, *lines))


def _csv(header: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows(lines)
    return text.getvalue()
