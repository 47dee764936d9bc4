"""What the corpora of CFDIs and of Retenciones share: months of entries, found again by UUID, XML made when asked."""

from __future__ import annotations

import calendar
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from functools import cached_property
from random import Random
from typing import Final

from lxml import etree

from acuse.mx.cfdi.corpus.entry import CorpusEntry
from acuse.mx.cfdi.corpus.identity import MOST_PLACES, Identity
from acuse.mx.cfdi.corpus.issuers import Issuers
from acuse.mx.cfdi.corpus.people import Taxpayer, happens, invent_company, invent_person
from acuse.mx.cfdi.seal import seal, stamp, to_xml
from acuse.pki.keypair import KeyPair

_CANCELLED: Final = 0.05
_COUNTERPARTS: Final = 48


class Series(ABC):
    """Documents of one taxpayer and year. Equal arguments give equal documents; none is kept.

    `issuers` holds the CSDs; without it the entries can be read but no XML can be made.
    """

    def __init__(self, *, taxpayer: Taxpayer, year: int, size: int, seed: str, issuers: Issuers | None) -> None:
        if not 0 <= size < MOST_PLACES:
            raise ValueError(f"a corpus has less than {MOST_PLACES} documents")
        self.taxpayer = taxpayer
        self.year = year
        self.size = size
        self._seed = seed
        self._issuers = issuers
        self._identity = Identity(seed)

    @cached_property
    def counterparts(self) -> Sequence[Taxpayer]:
        """Answer the invented customers and suppliers, the generic ones not among them."""
        random = self._random(0, 0, "people")
        made = [invent_company(random) if happens(random, 0.7) else invent_person(random) for _ in range(_COUNTERPARTS)]
        known = {each.rfc: each for each in made if each.rfc != self.taxpayer.rfc}
        return list(known.values())

    @abstractmethod
    def count(self, month: int) -> int:
        """Answer how many documents a month (1-12) has; the year adds up to `size`."""

    @abstractmethod
    def entry(self, month: int, place: int) -> CorpusEntry:
        """Make the entry at this place of a month."""

    @abstractmethod
    def _tree(self, entry: CorpusEntry) -> etree._Element:
        """Write the document, not yet sealed."""

    def entries(self, month: int | None = None) -> list[CorpusEntry]:
        """Make the entries of a month (1-12), or of the year, by date."""
        if month is None:
            return [entry for each in range(1, 13) for entry in self.entries(each)]
        made = (self.entry(month, place) for place in range(self.count(month)))
        return sorted(made, key=lambda entry: (entry.fecha, entry.uuid))

    def find(self, uuid: str) -> CorpusEntry | None:
        """Make the entry of this UUID, whatever its case; None when it is not of this corpus."""
        position = self._identity.position(uuid)
        if position is None or position[1] >= self.count(position[0]):
            return None
        return self.entry(*position)

    def xml(self, entry: CorpusEntry) -> bytes:
        """Build, seal and stamp one document. The same entry always gives the same content."""
        if self._issuers is None:
            raise ValueError("this corpus was made without issuers, so it cannot seal")
        root = self._tree(entry)
        seal(root, self._issuers.csd_of(self._taxpayer_of(entry.emisor_rfc)))
        stamp(root, self._issuers.pac, uuid=entry.uuid, stamped_at=entry.fecha_timbrado)
        return to_xml(root)

    def documents(self, month: int | None = None) -> Iterator[tuple[CorpusEntry, bytes]]:
        """Walk entries with their XML, one at a time."""
        for entry in self.entries(month):
            yield entry, self.xml(entry)

    @property
    def pac(self) -> KeyPair | None:
        """Answer the pair that stamps."""
        return None if self._issuers is None else self._issuers.pac

    @cached_property
    def _by_rfc(self) -> dict[str, Taxpayer]:
        return {each.rfc: each for each in (*self.counterparts, self.taxpayer)}

    def _taxpayer_of(self, rfc: str) -> Taxpayer:
        return self._by_rfc[rfc]

    def _random(self, month: int, place: int, what: str) -> Random:
        return Random(f"{self._seed}:{month}:{place}:{what}")  # noqa: S311 - nothing secret, and meant to be repeatable

    def _moment(self, random: Random, month: int) -> datetime:
        """Draw a second of the month, in working hours more often than not."""
        day = random.randint(1, calendar.monthrange(self.year, month)[1])
        hour = random.randint(8, 19) if happens(random, 0.85) else random.randint(0, 23)
        return datetime(self.year, month, day, hour, random.randint(0, 59), random.randint(0, 59))  # noqa: DTZ001 - a document's date has no zone


def draw_stamp(random: Random, fecha: datetime) -> tuple[datetime, datetime | None]:
    """Draw when a document of this moment is stamped, and when it is cancelled, if ever."""
    stamped = fecha + timedelta(seconds=random.randint(1, 90 if happens(random, 0.9) else 86_400))
    cancelled = happens(random, _CANCELLED)
    return stamped, stamped + timedelta(seconds=random.randint(600, 60 * 86_400)) if cancelled else None
