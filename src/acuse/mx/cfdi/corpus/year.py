"""A taxpayer's year: which documents exist, when, between whom; XML made when asked for.

An entry is light (it holds what the SAT's metadata tells); its XML is drafted again from the same seed, built,
sealed with the issuer's CSD and stamped. So 200,000 entries fit in memory and no XML is kept.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cached_property
from random import Random
from typing import Final, Literal
from uuid import UUID

from acuse.mx.cfdi.amounts import totals_of
from acuse.mx.cfdi.build import build_comprobante
from acuse.mx.cfdi.build_pago import build_pago
from acuse.mx.cfdi.corpus.drafts import draft_credit, draft_invoice, draft_payment, draft_traslado
from acuse.mx.cfdi.corpus.issuers import Issuers
from acuse.mx.cfdi.corpus.people import FOREIGN_BUYER, PUBLIC_BUYER, Taxpayer, happens, invent_company, invent_person
from acuse.mx.cfdi.draft import Comprobante, Pago
from acuse.mx.cfdi.seal import PAC_RFC, seal, stamp, to_xml
from acuse.pki.keypair import KeyPair

Direction = Literal["E", "R"]

_MONTH_WEIGHTS: Final = (7, 7, 8, 8, 8, 8, 8, 8, 8, 9, 10, 11)
_CREDITS, _TRASLADOS, _PAYMENTS = 5, 1, 14  # in a hundred; the rest are invoices
_CANCELLED: Final = 0.04
_ISSUED: Final = 0.45


@dataclass(frozen=True, kw_only=True, slots=True)
class CorpusEntry:
    """What is known of one document without its XML: the SAT's metadata and where it comes from.

    Dates are local, without a zone. `position` is (month, place in the order of making).
    """

    uuid: str
    direction: Direction
    fecha: datetime
    fecha_timbrado: datetime
    emisor_rfc: str
    emisor_nombre: str
    receptor_rfc: str
    receptor_nombre: str
    rfc_pac: str
    total: Decimal
    moneda: str
    efecto: str
    cancelado: bool
    fecha_cancelacion: datetime | None
    metodo_pago: str | None
    complementos: tuple[str, ...]
    tercero_rfc: str | None
    tercero_nombre: str | None
    position: tuple[int, int]

    def metadata_line(self) -> str:
        """Write the line the SAT's metadata has for it, without the line end."""
        cancelled = "" if self.fecha_cancelacion is None else f"{self.fecha_cancelacion:%Y-%m-%d %H:%M:%S}"
        return "~".join((
            self.uuid,
            self.emisor_rfc,
            self.emisor_nombre,
            self.receptor_rfc,
            self.receptor_nombre,
            self.rfc_pac,
            f"{self.fecha:%Y-%m-%d %H:%M:%S}",
            f"{self.fecha_timbrado:%Y-%m-%d %H:%M:%S}",
            f"{self.total:f}",
            self.efecto,
            "0" if self.cancelado else "1",
            cancelled,
        ))  # fmt: skip


class Corpus:
    """About `size` documents a taxpayer issued and received in one year; equal arguments give equal documents.

    `issuers` holds the CSDs; without it the entries can be read but no XML can be made.
    """

    def __init__(
        self,
        *,
        taxpayer: Taxpayer,
        year: int,
        size: int = 5_000,
        seed: int = 1,
        issuers: Issuers | None = None,
    ) -> None:
        self.taxpayer = taxpayer
        self.year = year
        self.size = size
        self._seed = f"{seed}:{taxpayer.rfc}:{year}"
        self._issuers = issuers
        self._months: dict[int, list[CorpusEntry]] = {}

    @cached_property
    def counterparts(self) -> Sequence[Taxpayer]:
        """Answer the invented customers and suppliers, the generic ones not among them."""
        random = Random(f"{self._seed}:people")  # noqa: S311 - nothing secret, and meant to be repeatable
        made = [invent_company(random) if happens(random, 0.7) else invent_person(random) for _ in range(48)]
        known = {each.rfc: each for each in made if each.rfc != self.taxpayer.rfc}
        return list(known.values())

    def entries(self, month: int | None = None) -> list[CorpusEntry]:
        """Answer the entries of a month (1–12), or of the year, by date."""
        if month is None:
            return [entry for each in range(1, 13) for entry in self.entries(each)]
        if month not in self._months:
            made = (self._entry(month, place) for place in range(sum(self._counts(month))))
            self._months[month] = sorted(made, key=lambda entry: (entry.fecha, entry.uuid))
        return self._months[month]

    def find(self, uuid: str) -> CorpusEntry | None:
        """Answer the entry of this UUID, whatever its case."""
        return self._by_uuid.get(uuid.upper())

    def xml(self, entry: CorpusEntry) -> bytes:
        """Build, seal and stamp one document. The same entry always gives the same content."""
        if self._issuers is None:
            raise ValueError("this corpus was made without issuers, so it cannot seal")
        draft = self._draft(*entry.position)
        root = build_pago(draft) if isinstance(draft, Pago) else build_comprobante(draft)
        csd = self._issuers.csd_of(self._taxpayer_of(entry.emisor_rfc))
        seal(root, csd)
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
    def _by_uuid(self) -> dict[str, CorpusEntry]:
        return {entry.uuid: entry for entry in self.entries()}

    @cached_property
    def _by_rfc(self) -> dict[str, Taxpayer]:
        return {each.rfc: each for each in (*self.counterparts, self.taxpayer)}

    def _taxpayer_of(self, rfc: str) -> Taxpayer:
        return self._by_rfc[rfc]

    def _counts(self, month: int) -> tuple[int, int, int, int]:
        """Answer how many invoices, Traslados, credit notes and payments a month has; the year adds up to `size`."""
        whole, notes, traslados, payments = (
            self._upto(month, share) - self._upto(month - 1, share) for share in (100, _CREDITS, _TRASLADOS, _PAYMENTS)
        )
        invoices = whole - notes - traslados - payments
        return (invoices, traslados, notes, payments) if invoices > 0 else (whole, 0, 0, 0)

    def _upto(self, month: int, share: int) -> int:
        """Answer how many documents of a kind there are up to the end of a month."""
        return sum(_MONTH_WEIGHTS[:month]) * self.size * share // (sum(_MONTH_WEIGHTS) * 100)

    def _random(self, month: int, place: int, what: str) -> Random:
        return Random(f"{self._seed}:{month}:{place}:{what}")  # noqa: S311 - as above

    def _uuid(self, month: int, place: int) -> str:
        return str(UUID(int=self._random(month, place, "uuid").getrandbits(128), version=4)).upper()

    def _draft(self, month: int, place: int) -> Comprobante | Pago:
        """Make up the content of the document at this place."""
        invoices, traslados, notes, _ = self._counts(month)
        random = self._random(month, place, "draft")
        folio = str(month * 100_000 + place + 1)
        if place < invoices + traslados:
            emisor, receptor = self._parties(random, public=place < invoices)
            moment = self._moment(random, month)
            draft = draft_invoice if place < invoices else draft_traslado
            return draft(random, emisor, receptor, moment, folio)
        if place < invoices + traslados + notes:
            at = random.randrange(invoices)
            invoice = self._invoice(month, at)
            return draft_credit(random, invoice, self._uuid(month, at), self._after(random, invoice.fecha), folio)
        paid_month = max(month - 1, 1)
        at = self._ppd_place(random, paid_month)
        invoice = self._invoice(paid_month, at)
        moment = self._moment(random, month) if paid_month < month else self._after(random, invoice.fecha)
        return draft_payment(random, invoice, self._uuid(paid_month, at), moment, folio)

    def _invoice(self, month: int, place: int) -> Comprobante:
        draft = self._draft(month, place)
        if isinstance(draft, Pago):
            raise TypeError("an invoice was meant")
        return draft

    def _ppd_place(self, random: Random, month: int) -> int:
        """Look for an invoice to be paid later; after some tries any will do."""
        invoices = self._counts(month)[0]
        place = random.randrange(invoices)
        for _ in range(12):
            if self._invoice(month, place).metodo_pago == "PPD":
                break
            place = (place + 1) % invoices
        return place

    def _parties(self, random: Random, *, public: bool) -> tuple[Taxpayer, Taxpayer]:
        counterpart = random.choice(self.counterparts)
        if not happens(random, _ISSUED):
            return counterpart, self.taxpayer
        if public and happens(random, 0.08):
            return self.taxpayer, PUBLIC_BUYER
        if public and happens(random, 0.02):
            return self.taxpayer, FOREIGN_BUYER
        return self.taxpayer, counterpart

    def _moment(self, random: Random, month: int) -> datetime:
        """Draw a second of the month, in working hours more often than not."""
        day = random.randint(1, calendar.monthrange(self.year, month)[1])
        hour = random.randint(8, 19) if happens(random, 0.85) else random.randint(0, 23)
        return datetime(self.year, month, day, hour, random.randint(0, 59), random.randint(0, 59))  # noqa: DTZ001 - a document's date has no zone

    def _after(self, random: Random, fecha: datetime) -> datetime:
        """Draw a moment after another one in the same month."""
        end = datetime(fecha.year, fecha.month, calendar.monthrange(fecha.year, fecha.month)[1], 23, 59, 59)  # noqa: DTZ001 - as above
        return fecha + timedelta(seconds=random.randint(0, int((end - fecha).total_seconds())))

    def _entry(self, month: int, place: int) -> CorpusEntry:
        draft = self._draft(month, place)
        random = self._random(month, place, "entry")
        stamped = draft.fecha + timedelta(seconds=random.randint(1, 90 if happens(random, 0.9) else 86_400))
        cancelled = happens(random, _CANCELLED)
        cancelled_at = stamped + timedelta(seconds=random.randint(600, 60 * 86_400)) if cancelled else None
        payment = isinstance(draft, Pago)
        tercero = None if isinstance(draft, Pago) else draft.conceptos[0].tercero
        return CorpusEntry(
            uuid=self._uuid(month, place),
            direction="E" if draft.emisor.rfc == self.taxpayer.rfc else "R",
            fecha=draft.fecha,
            fecha_timbrado=stamped,
            emisor_rfc=draft.emisor.rfc,
            emisor_nombre=draft.emisor.nombre,
            receptor_rfc=draft.receptor.rfc,
            receptor_nombre=draft.receptor.nombre,
            rfc_pac=PAC_RFC,
            total=Decimal(0) if isinstance(draft, Pago) else totals_of(draft.conceptos, draft.moneda).total,
            moneda="XXX" if payment else draft.moneda,
            efecto="P" if isinstance(draft, Pago) else draft.efecto,
            cancelado=cancelled,
            fecha_cancelacion=cancelled_at,
            metodo_pago=None if isinstance(draft, Pago) else draft.metodo_pago,
            complementos=("Pagos",) if payment else (),
            tercero_rfc=tercero.rfc if tercero else None,
            tercero_nombre=tercero.nombre if tercero else None,
            position=(month, place),
        )
