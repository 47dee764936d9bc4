"""The main job as a person would do it over the API: e.firma in, the fourteen out, wait until all is indexed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from time import monotonic
from typing import Any, Final

from acuse.cli.demo.caller import Caller, segment
from acuse.cli.demo.errors import DemoIncomplete
from acuse.mx.descarga.model.estado import Estado

_LOOK_EVERY_S: Final = 0.4
_STANDSTILL_S: Final = 180
_FOURTEEN: Final = 14
_MONTHS: Final = ("Ene", "Feb", "Mar", "Abr", "May", "Jun", "Jul", "Ago", "Sep", "Oct", "Nov", "Dic")


@dataclass(frozen=True, kw_only=True)
class Line:
    """One solicitud as the screen shows it."""

    period: str
    tipo: str
    estado: Estado
    announced: int | None
    """NumeroCFDIs of the SAT."""
    packages: int
    stored: int
    indexed: int
    """Documents of its packages that stand in the archive."""
    size_bytes: int
    problem: str

    @property
    def is_whole(self) -> bool:
        """Tell whether all the SAT announced is stored and indexed."""
        done = self.estado.is_success and self.stored == self.packages
        return done and (self.estado is Estado.SIN_CFDI or self.indexed == self.announced)


class Errand:
    """What the demonstration's Contribuyente does. Done again on the same data it repeats nothing."""

    def __init__(self, caller: Caller, *, rfc: str, efirma: dict[str, str], year: int, log: Path) -> None:
        self._caller = caller
        self._rfc = rfc
        self._efirma = efirma
        self._year = year
        self._log = log

    async def load_efirma(self) -> date:
        """Upload the e.firma unless it is there already; answer the last day of its validity."""
        path = f"/api/v1/sat/contribuyentes/{segment(self._rfc)}"
        found = await self._caller.find(path)
        if found is None or found["efirma"] is None:
            password = {"password": self._efirma["password"]}
            found = await self._caller.put_form(f"{path}/efirma", _files(self._efirma), password)
        return date.fromisoformat(found["efirma"]["vigente_hasta"][:10])

    async def send_the_fourteen(self) -> tuple[str, int]:
        """Ask for the year; answer the plan's id and how many solicitudes are new."""
        wanted = {"rfc": self._rfc, "year": self._year, "tipo_comprobante": "E"}
        answer = await self._caller.post("/api/v1/sat/solicitudes/anual", wanted)
        return str(answer["plan"]), int(answer["creadas"])

    async def watch(self, plan: str, show: Callable[[Sequence[Line]], None]) -> Sequence[Line]:
        """Show how the fourteen go until all have ended. Raises DemoIncomplete."""
        seen: Sequence[Line] = ()
        moved = monotonic()
        while True:
            lines = await self._look(plan)
            if lines != seen:
                seen, moved = lines, monotonic()
            show(lines)
            if all(line.estado.is_final for line in lines):
                break
            if monotonic() - moved > _STANDSTILL_S:
                raise DemoIncomplete(missing="las solicitudes no avanzan", log=str(self._log))
            await asyncio.sleep(_LOOK_EVERY_S)
        self._check(lines)
        return lines

    def _check(self, lines: Sequence[Line]) -> None:
        missing = [
            f"{line.tipo} {line.period} ({line.problem or line.estado.caption})" for line in lines if not line.is_whole
        ]
        if len(lines) != _FOURTEEN:
            missing.append(f"hay {len(lines)} solicitudes y debían ser {_FOURTEEN}")
        if missing:
            raise DemoIncomplete(missing="; ".join(missing), log=str(self._log))

    async def _look(self, plan: str) -> Sequence[Line]:
        solicitudes = await self._caller.get("/api/v1/sat/solicitudes", plan=plan, limit=500)
        paquetes = await self._caller.get("/api/v1/sat/paquetes", rfc=self._rfc, limit=500)
        of: dict[str, list[dict[str, Any]]] = {}
        for paquete in paquetes["paquetes"]:
            of.setdefault(paquete["id_solicitud"], []).append(paquete)
        rows = sorted(
            solicitudes["solicitudes"], key=lambda row: (row["tipo_solicitud"] == "CFDI", row["fecha_inicio"])
        )
        return [_line(row, of.get(row["id"], [])) for row in rows]


def _files(efirma: dict[str, str]) -> dict[str, bytes]:
    return {name: Path(efirma[name]).read_bytes() for name in ("cer", "key")}


def _line(row: dict[str, Any], paquetes: Sequence[dict[str, Any]]) -> Line:
    first, last = (int(row[name][5:7]) for name in ("fecha_inicio", "fecha_fin"))
    return Line(
        period=_MONTHS[first - 1] if first == last else f"{_MONTHS[first - 1]}–{_MONTHS[last - 1]}",
        tipo=row["tipo_solicitud"],
        estado=Estado[row["estado"].upper()],
        announced=row["numero_cfdis"],
        packages=len(paquetes),
        stored=sum(paquete["guardado"] is not None for paquete in paquetes),
        indexed=sum(paquete["comprobantes"] or 0 for paquete in paquetes if paquete["indexado"] is not None),
        size_bytes=sum(paquete["bytes"] or 0 for paquete in paquetes),
        problem=row["problema"] or "",
    )
