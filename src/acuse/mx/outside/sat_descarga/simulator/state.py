"""Everything the simulated SAT remembers, per family and taxpayer."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from acuse.kernel.clock import MovableClock
from acuse.mx.outside.sat_descarga.simulator.documents import Change, Document, Holdings, Listed
from acuse.mx.outside.sat_descarga.simulator.faults import Switches
from acuse.mx.outside.sat_descarga.simulator.journal import Journal
from acuse.mx.outside.sat_descarga.simulator.ledger import Ledger
from acuse.mx.outside.sat_descarga.simulator.limits import Limits
from acuse.mx.outside.sat_descarga.simulator.names import Family
from acuse.mx.outside.sat_descarga.simulator.solicitudes import Package, Solicitud, cut_packages
from acuse.mx.outside.sat_descarga.simulator.tokens import TokenDesk
from acuse.pki.certificate import Certificate

MEXICO_CITY = ZoneInfo("America/Mexico_City")
_KEPT_BYTES = 64 << 20


class SatState:
    """The simulated SAT's memory. One event loop works on it; a test may look into it at any time.

    `corpus_by_rfc` holds the CFDIs of each taxpayer served, issued and received, as a list or as Holdings; `ca` is the
    authority whose e.firmas it believes. A taxpayer it holds nothing of is served too and finds nothing (5004). With a
    `journal` it remembers what an earlier one on the same file took in.
    """

    def __init__(
        self,
        *,
        corpus_by_rfc: Mapping[str, Iterable[Document] | Holdings],
        ca: Certificate,
        clock: MovableClock | None = None,
        limits: Limits | None = None,
        retenciones_by_rfc: Mapping[str, Iterable[Document] | Holdings] | None = None,
        journal: Journal | None = None,
    ) -> None:
        self.ca = ca
        self.clock = clock or MovableClock(running=True)
        self.limits = limits or Limits()
        self.tokens = TokenDesk()
        self.switches = Switches()
        self.ledger = Ledger()
        self.revoked: set[str] = set()
        self.taking_in = asyncio.Lock()
        """Solicitudes are taken in one after the other, however long the search for their documents takes."""
        self._holdings: dict[tuple[Family, str], Holdings] = {}
        for rfc, documents in corpus_by_rfc.items():
            self.hold(Family.CFDI, rfc, documents)
        for rfc, documents in (retenciones_by_rfc or {}).items():
            self.hold(Family.RETENCIONES, rfc, documents)
        self._solicitudes: dict[str, Solicitud] = {}
        self._packages: dict[str, Package] = {}
        self._built: deque[Package] = deque()
        self._journal = journal
        if journal is not None:
            self._remember(*journal.read())

    def now(self) -> datetime:
        """Answer the simulator's present, in UTC."""
        return self.clock.now()

    def today(self) -> datetime:
        """Answer the wall clock of Mexico City, naive, as CFDIs carry it."""
        return mexico_time(self.now())

    def holdings(self, family: Family, rfc: str) -> Holdings:
        """Answer what is held of this taxpayer; empty for one never heard of."""
        return self._holdings.get((family, rfc)) or Listed()

    def hold(self, family: Family, rfc: str, documents: Iterable[Document] | Holdings) -> None:
        """Serve this taxpayer with these documents from now on."""
        self._holdings[family, rfc] = Listed(documents) if isinstance(documents, Iterable) else documents

    def change(self, folios: Iterable[str], change: Change) -> None:
        """Cancel documents or let them appear later, for everybody who has them. Raises ValueError for unknown ones."""
        wanted = [folio.upper() for folio in folios]
        unknown = [folio for folio in wanted if not any(held.by_folio(folio) for held in self._holdings.values())]
        if unknown:
            raise ValueError(f"no hay CFDI con folio {', '.join(unknown)}")
        self._change(wanted, change)
        if self._journal is not None:
            self._journal.note_change(wanted, change)

    def keep(self, solicitud: Solicitud) -> None:
        """Remember a solicitud and its packages."""
        self._file(solicitud)
        if self._journal is not None:
            self._journal.note_solicitud(solicitud)

    def count_download(self, package: Package) -> None:
        """Count a download, granted whether or not its answer arrives."""
        package.downloads += 1
        if self._journal is not None:
            self._journal.note_download(package)

    def keep_built(self, package: Package) -> None:
        """Keep the bytes of this package, and let go of those of the oldest ones beyond a bound."""
        self._built.append(package)
        while sum(len(one.content or b"") for one in self._built) > _KEPT_BYTES and len(self._built) > 1:
            self._built.popleft().content = None

    def release(self) -> None:
        """Let the held solicitudes go on from now."""
        for solicitud in [one for one in self.solicitudes if one.held]:
            solicitud.release(self.now())
            self.keep(solicitud)

    def solicitud(self, family: Family, rfc: str, identifier: str) -> Solicitud | None:
        """Answer this taxpayer's solicitud, whatever the case of its id, or None."""
        found = self._solicitudes.get(identifier.lower())
        return found if found is not None and (found.family, found.query.owner) == (family, rfc) else None

    def package(self, family: Family, rfc: str, identifier: str) -> Package | None:
        """Answer this taxpayer's package, whatever the case of its id, or None."""
        found = self._packages.get(identifier.upper())
        if found is None or (found.solicitud.family, found.solicitud.query.owner) != (family, rfc):
            return None
        return found if self.now() >= found.solicitud.finished_at and not found.solicitud.held else None

    def taxpayers(self) -> list[dict[str, Any]]:
        """Answer who is served: family, RFC and how many documents are held."""
        held = self._holdings.items()
        return [{"family": family.value, "rfc": rfc, "documents": len(own)} for (family, rfc), own in held]

    @property
    def solicitudes(self) -> list[Solicitud]:
        """Answer all solicitudes in the order they came."""
        return list(self._solicitudes.values())

    @property
    def packages(self) -> list[Package]:
        """Answer all packages in the order they were cut."""
        return list(self._packages.values())

    def reset(self) -> None:
        """Forget solicitudes, packages, switches, changed documents and the ledger; keep limits and clock."""
        for held in self._holdings.values():
            held.restore()
        self._solicitudes.clear()
        self._packages.clear()
        self._built.clear()
        self.switches.clear()
        self.ledger.clear()
        self.revoked.clear()
        if self._journal is not None:
            self._journal.clear()

    def _change(self, folios: Iterable[str], change: Change) -> None:
        for folio in folios:
            for held in self._holdings.values():
                held.change(folio, change)

    def _file(self, solicitud: Solicitud) -> None:
        self._solicitudes[solicitud.id] = solicitud
        self._packages.update((one.id, one) for one in solicitud.packages)

    def _remember(
        self,
        solicitudes: Iterable[tuple[Solicitud, Sequence[int]]],
        downloads: Iterable[str],
        changes: Iterable[tuple[Sequence[str], Change]],
    ) -> None:
        for folios, change in changes:
            self._change(folios, change)
        for solicitud, sizes in solicitudes:
            held = self.holdings(solicitud.family, solicitud.query.owner)
            found = held.find(solicitud.query, mexico_time(solicitud.accepted_at))
            solicitud.packages = cut_packages(solicitud, found, sizes)
            self._file(solicitud)
        for identifier in downloads:
            self._packages[identifier].downloads += 1


def mexico_time(instant: datetime) -> datetime:
    """Answer the wall clock of Mexico City at an instant, naive."""
    return instant.astimezone(MEXICO_CITY).replace(tzinfo=None)
