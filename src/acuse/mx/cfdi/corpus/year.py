"""A taxpayer's year of CFDIs: which documents exist, when, between whom; XML made when asked for.

Nothing is kept: an entry is made from its place, its XML is drafted again from the same seed, built in the version of
its time, sealed with the issuer's CSD and stamped.
"""

from __future__ import annotations

import calendar
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cached_property
from random import Random
from typing import Final, NamedTuple

from lxml import etree

from acuse.mx.cfdi.amounts import totals_of
from acuse.mx.cfdi.build import build_comprobante
from acuse.mx.cfdi.build_cfdi3 import build_comprobante_32, build_comprobante_33, build_nomina_33, build_pago_33
from acuse.mx.cfdi.build_nomina import build_nomina, total_of
from acuse.mx.cfdi.build_pago import build_pago
from acuse.mx.cfdi.corpus.drafts import draft_credit, draft_invoice, draft_payment, draft_traslado
from acuse.mx.cfdi.corpus.entry import CorpusEntry
from acuse.mx.cfdi.corpus.freight import draft_freight
from acuse.mx.cfdi.corpus.generation import has_freight, has_payments, version_at
from acuse.mx.cfdi.corpus.issuers import Issuers
from acuse.mx.cfdi.corpus.payroll import draft_payroll, invent_employee
from acuse.mx.cfdi.corpus.people import FOREIGN_BUYER, PUBLIC_BUYER, Taxpayer, happens
from acuse.mx.cfdi.corpus.series import Series, draw_stamp
from acuse.mx.cfdi.draft import Comprobante, Nomina, Pago, Receptor, Trabajador
from acuse.mx.cfdi.seal import PAC_RFC

_MONTH_WEIGHTS: Final = (7, 7, 8, 8, 8, 8, 8, 8, 8, 9, 10, 11)
_CREDITS, _TRASLADOS, _PAYMENTS, _PAYROLL = 5, 1, 14, 4  # in a hundred; the rest are invoices
_ISSUED: Final = 0.45
_RECEIPTS_A_YEAR: Final = 24
_MOST_EMPLOYEES: Final = 200
_BUILDERS: Final = {"4.0": build_comprobante, "3.3": build_comprobante_33, "3.2": build_comprobante_32}


class _Counts(NamedTuple):
    """How many documents of each kind a month has; they stand in this order."""

    invoices: int
    traslados: int = 0
    notes: int = 0
    payments: int = 0
    payroll: int = 0


class Corpus(Series):
    """About `size` CFDIs a taxpayer issued and received in one year.

    With a `partner` it holds only what the taxpayer issued to it: the same documents stand in the partner's year.
    """

    def __init__(
        self,
        *,
        taxpayer: Taxpayer,
        year: int,
        size: int = 5_000,
        seed: int = 1,
        issuers: Issuers | None = None,
        partner: Taxpayer | None = None,
    ) -> None:
        whose = f"{seed}:{taxpayer.rfc}:{year}" + (f":{partner.rfc}" if partner else "")
        super().__init__(taxpayer=taxpayer, year=year, size=size, seed=whose, issuers=issuers)
        self._partner = partner
        self._months = [self._count_kinds(month) for month in range(1, 13)]

    @cached_property
    def counterparts(self) -> Sequence[Taxpayer]:
        """Answer the customers and suppliers, the generic ones not among them."""
        return super().counterparts if self._partner is None else [self._partner]

    @cached_property
    def employees(self) -> Sequence[Trabajador]:
        """Answer who is paid by payroll."""
        random = self._random(0, 0, "employees")
        wanted = self.size * _PAYROLL // (100 * _RECEIPTS_A_YEAR)
        return [invent_employee(random, number) for number in range(1, min(max(wanted, 2), _MOST_EMPLOYEES) + 1)]

    def count(self, month: int) -> int:
        """Answer how many documents a month (1-12) has."""
        return sum(self._months[month - 1])

    def entry(self, month: int, place: int) -> CorpusEntry:
        """Make the entry at this place of a month."""
        draft = self._draft(month, place)
        stamped, cancelled_at = draw_stamp(self._random(month, place, "entry"), draft.fecha)
        invoice = draft if isinstance(draft, Comprobante) else None
        tercero = invoice.conceptos[0].tercero if invoice else None
        receptor = _receptor_of(draft)
        return CorpusEntry(
            uuid=self._identity.uuid(month, place),
            direction="E" if draft.emisor.rfc == self.taxpayer.rfc else "R",
            fecha=draft.fecha,
            fecha_timbrado=stamped,
            emisor_rfc=draft.emisor.rfc,
            emisor_nombre=draft.emisor.nombre,
            receptor_rfc=receptor.rfc,
            receptor_nombre=receptor.nombre,
            rfc_pac=PAC_RFC,
            total=_total_of(draft),
            moneda=invoice.moneda if invoice else ("XXX" if isinstance(draft, Pago) else "MXN"),
            efecto=invoice.efecto if invoice else ("P" if isinstance(draft, Pago) else "N"),
            cancelado=cancelled_at is not None,
            fecha_cancelacion=cancelled_at,
            metodo_pago=invoice.metodo_pago if invoice else (None if isinstance(draft, Pago) else "PUE"),
            complementos=_complements_of(draft),
            tercero_rfc=tercero.rfc if tercero else None,
            tercero_nombre=tercero.nombre if tercero else None,
            position=(month, place),
        )

    def _tree(self, entry: CorpusEntry) -> etree._Element:
        draft = self._draft(*entry.position)
        version = version_at(entry.emisor_rfc, entry.fecha)
        if isinstance(draft, Pago):
            return build_pago(draft) if version == "4.0" else build_pago_33(draft)
        if isinstance(draft, Nomina):
            return build_nomina(draft) if version == "4.0" else build_nomina_33(draft)
        return _BUILDERS[version](draft)

    def _count_kinds(self, month: int) -> _Counts:
        """Share a month out; the kinds of the year add up to `size`."""
        later = has_payments(self.year, month)
        shares = (100, _TRASLADOS, _CREDITS, _PAYMENTS * later, _PAYROLL * (later and self._partner is None))
        whole, *others = (self._upto(month, share) - self._upto(month - 1, share) for share in shares)
        return _Counts(whole - sum(others), *others) if sum(others) < whole else _Counts(whole)

    def _upto(self, month: int, share: int) -> int:
        """Answer how many documents of a kind there are up to the end of a month."""
        return sum(_MONTH_WEIGHTS[:month]) * self.size * share // (sum(_MONTH_WEIGHTS) * 100)

    def _draft(self, month: int, place: int) -> Comprobante | Pago | Nomina:
        """Make up the content of the document at this place."""
        invoices, traslados, notes, payments, _ = self._months[month - 1]
        random = self._random(month, place, "draft")
        folio = str(month * 100_000 + place + 1)
        if place < invoices:
            return draft_invoice(random, *self._parties(random, public=True), self._moment(random, month), folio)
        if place < invoices + traslados:
            return self._traslado(random, month, folio)
        if place < invoices + traslados + notes:
            at = random.randrange(invoices)
            invoice = self._invoice(month, at)
            moment = self._after(random, invoice.fecha)
            return draft_credit(random, invoice, self._identity.uuid(month, at), moment, folio)
        if place < invoices + traslados + notes + payments:
            return self._payment(random, month, folio)
        moment = self._moment(random, month)
        return draft_payroll(random, self.taxpayer, random.choice(self.employees), moment, folio)

    def _traslado(self, random: Random, month: int, folio: str) -> Comprobante:
        emisor, receptor = self._parties(random, public=False)
        moment = self._moment(random, month)
        draft = draft_traslado(random, emisor, receptor, moment, folio)
        if not has_freight(moment):
            return draft
        return replace(draft, carta_porte=draft_freight(random, emisor, receptor, moment))

    def _payment(self, random: Random, month: int, folio: str) -> Pago:
        """Pay an invoice of the month before, or of this one where there is none."""
        paid_month = month - 1 if month > 1 and self._months[month - 2].invoices else month
        at = self._ppd_place(random, paid_month)
        invoice = self._invoice(paid_month, at)
        moment = self._moment(random, month) if paid_month < month else self._after(random, invoice.fecha)
        return draft_payment(random, invoice, self._identity.uuid(paid_month, at), moment, folio)

    def _invoice(self, month: int, place: int) -> Comprobante:
        draft = self._draft(month, place)
        if not isinstance(draft, Comprobante):
            raise TypeError("an invoice was meant")
        return draft

    def _ppd_place(self, random: Random, month: int) -> int:
        """Look for an invoice to be paid later; after some tries any will do."""
        invoices = self._months[month - 1].invoices
        place = random.randrange(invoices)
        for _ in range(12):
            if self._invoice(month, place).metodo_pago == "PPD":
                break
            place = (place + 1) % invoices
        return place

    def _parties(self, random: Random, *, public: bool) -> tuple[Taxpayer, Taxpayer]:
        if self._partner is not None:
            return self.taxpayer, self._partner
        counterpart = random.choice(self.counterparts)
        if not happens(random, _ISSUED):
            return counterpart, self.taxpayer
        if public and happens(random, 0.08):
            return self.taxpayer, PUBLIC_BUYER
        if public and happens(random, 0.02):
            return self.taxpayer, FOREIGN_BUYER
        return self.taxpayer, counterpart

    def _after(self, random: Random, fecha: datetime) -> datetime:
        """Draw a moment after another one in the same month."""
        end = datetime(fecha.year, fecha.month, calendar.monthrange(fecha.year, fecha.month)[1], 23, 59, 59)  # noqa: DTZ001 - a document's date has no zone
        return fecha + timedelta(seconds=random.randint(0, int((end - fecha).total_seconds())))


def _total_of(draft: Comprobante | Pago | Nomina) -> Decimal:
    if isinstance(draft, Comprobante):
        return totals_of(draft.conceptos, draft.moneda).total
    return Decimal(0) if isinstance(draft, Pago) else total_of(draft)


def _receptor_of(draft: Comprobante | Pago | Nomina) -> Receptor:
    return draft.trabajador.receptor if isinstance(draft, Nomina) else draft.receptor


def _complements_of(draft: Comprobante | Pago | Nomina) -> tuple[str, ...]:
    if isinstance(draft, Comprobante):
        return () if draft.carta_porte is None else ("CartaPorte",)
    return ("Pagos",) if isinstance(draft, Pago) else ("Nomina",)
