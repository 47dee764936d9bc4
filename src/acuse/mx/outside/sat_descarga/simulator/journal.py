"""Remembers solicitudes and downloads on disk, so that the simulated SAT forgets nothing when it is started again.

One JSON line for each solicitud taken in (or changed), each download granted and each document changed by a switch;
documents are found again in the corpus, which must be the same.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from acuse.mx.outside.sat_descarga.simulator.documents import Change
from acuse.mx.outside.sat_descarga.simulator.names import Family, Operation
from acuse.mx.outside.sat_descarga.simulator.parameters import Query
from acuse.mx.outside.sat_descarga.simulator.solicitudes import Package, Solicitud, Standing


class Journal:
    """The file. It is appended to and read once, at the start."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def note_solicitud(self, solicitud: Solicitud) -> None:
        """Write a solicitud as it stands; a later line of the same id holds."""
        query = asdict(solicitud.query) | {"operation": solicitud.query.operation.label}
        self._append(
            {
                "solicitud": solicitud.id,
                "family": solicitud.family,
                "query": query,
                "ends_as": asdict(solicitud.ends_as),
                "held": solicitud.held,
                "sizes": [len(package.documents) for package in solicitud.packages],
                "accepted_at": solicitud.accepted_at,
                "working_at": solicitud.working_at,
                "finished_at": solicitud.finished_at,
                "expires_at": solicitud.expires_at,
            }
        )

    def note_download(self, package: Package) -> None:
        """Write that a download was granted."""
        self._append({"download": package.id})

    def note_change(self, folios: Sequence[str], change: Change) -> None:
        """Write what a switch changed of documents."""
        self._append({"folios": folios, **asdict(change)})

    def read(self) -> tuple[list[tuple[Solicitud, list[int]]], list[str], list[tuple[list[str], Change]]]:
        """Answer the solicitudes, each with the sizes of its packages, the package of every download, the changes."""
        solicitudes: dict[str, tuple[Solicitud, list[int]]] = {}
        downloads = []
        changes = []
        for line in self._path.read_text(encoding="utf-8").splitlines() if self._path.exists() else ():
            try:
                entry = json.loads(line)
            except ValueError:
                continue  # the last line of a process that was killed
            if "download" in entry:
                downloads.append(entry["download"])
            elif "folios" in entry:
                changes.append((entry["folios"], _change(entry)))
            else:
                solicitudes[entry["solicitud"]] = _solicitud(entry), entry["sizes"]
        return list(solicitudes.values()), downloads, changes

    def clear(self) -> None:
        """Forget everything."""
        self._path.unlink(missing_ok=True)

    def _append(self, entry: dict[str, Any]) -> None:
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(entry, default=_plain) + "\n")


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _change(entry: dict[str, Any]) -> Change:
    told = {name: entry[name] for name in ("fecha_cancelacion", "appears")}
    return Change(**{name: datetime.fromisoformat(at) if at else None for name, at in told.items()})


def _solicitud(entry: dict[str, Any]) -> Solicitud:
    query = entry["query"]
    dates = {name: datetime.fromisoformat(query[name]) if query[name] else None for name in ("start", "end")}
    operation = next(one for one in Operation if one.label == query["operation"])
    told = query | dates | {"operation": operation, "receptores": tuple(query["receptores"])}
    ends_as = entry["ends_as"]
    return Solicitud(
        id=entry["solicitud"],
        family=Family(entry["family"]),
        query=Query(**told),
        ends_as=Standing(**(ends_as | {"packages": tuple(ends_as["packages"])})),
        held=entry["held"],
        accepted_at=datetime.fromisoformat(entry["accepted_at"]),
        working_at=datetime.fromisoformat(entry["working_at"]),
        finished_at=datetime.fromisoformat(entry["finished_at"]),
        expires_at=datetime.fromisoformat(entry["expires_at"]),
    )
