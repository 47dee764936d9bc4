"""Payroll, freight, Retenciones and the documents of earlier years: valid, sealed and stamped by the official rules."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from random import Random

import pytest
from lxml import etree
from satcfdi.cfdi import CFDI

from acuse.mx.cfdi.build import build_comprobante
from acuse.mx.cfdi.build_cfdi3 import build_comprobante_32, build_comprobante_33, build_nomina_33, build_pago_33
from acuse.mx.cfdi.build_nomina import build_nomina, total_of
from acuse.mx.cfdi.build_retenciones import build_retencion
from acuse.mx.cfdi.cadena import cadena_original, cadena_timbre
from acuse.mx.cfdi.corpus import Taxpayer
from acuse.mx.cfdi.corpus.drafts import draft_credit, draft_invoice, draft_payment, draft_traslado
from acuse.mx.cfdi.corpus.freight import draft_freight
from acuse.mx.cfdi.corpus.payroll import draft_payroll, invent_employee
from acuse.mx.cfdi.corpus.people import FOREIGN_BUYER, PUBLIC_BUYER, invent_company, invent_person
from acuse.mx.cfdi.corpus.withholding import draft_withholding
from acuse.mx.cfdi.errors import ComplementNotSealed, SealInvalid
from acuse.mx.cfdi.names import CARTA_PORTE31, TFD, clark
from acuse.mx.cfdi.reader import parse_xml
from acuse.mx.cfdi.seal import seal, stamp, to_xml, verify_seal, verify_stamp
from tests.mx.cfdi.conftest import chain_of_document, chain_of_stamp, schema
from tests.support.cfdis import TAXPAYER, issuers

UUID = "5C2B6A0E-9E0E-4B2B-8C7B-0E2D6A1F9B11"
SEEDS = range(24)


def at(seed: int, year: int = 2025) -> datetime:
    return datetime(year, 1 + seed % 12, 1 + seed, 10, 22, 5, tzinfo=UTC).replace(tzinfo=None)


def parties(random: Random, seed: int) -> tuple[Taxpayer, Taxpayer]:
    other = [invent_company(random), invent_person(random), PUBLIC_BUYER, FOREIGN_BUYER][seed % 4]
    return TAXPAYER, other


def payroll() -> Iterator[etree._Element]:
    for seed in SEEDS:
        random = Random(seed)
        yield build_nomina(draft_payroll(random, TAXPAYER, invent_employee(random, seed + 1), at(seed), str(seed)))


def freight() -> Iterator[etree._Element]:
    for seed in SEEDS:
        random = Random(seed)
        sender, receiver = TAXPAYER, invent_company(random)
        draft = draft_traslado(random, sender, receiver, at(seed), str(seed))
        yield build_comprobante(replace(draft, carta_porte=draft_freight(random, sender, receiver, at(seed))))


def withholding() -> Iterator[etree._Element]:
    for seed in SEEDS:
        random = Random(seed)
        yield build_retencion(draft_withholding(random, *parties(random, seed), at(seed), str(seed)))


def of_3_3() -> Iterator[etree._Element]:
    for seed in SEEDS:
        random = Random(seed)
        invoice = draft_invoice(random, *parties(random, seed), at(seed, 2021), str(seed))
        yield build_comprobante_33(invoice)
        yield build_comprobante_33(draft_credit(random, invoice, UUID, at(seed, 2021), str(seed)))
        yield build_pago_33(draft_payment(random, invoice, UUID, at(seed, 2021), str(seed)))
        yield build_comprobante_33(draft_traslado(random, *parties(random, seed), at(seed, 2021), str(seed)))
        employee = invent_employee(random, seed + 1)
        yield build_nomina_33(draft_payroll(random, TAXPAYER, employee, at(seed, 2021), str(seed)))


def of_3_2() -> Iterator[etree._Element]:
    for seed in SEEDS:
        random = Random(seed)
        invoice = draft_invoice(random, *parties(random, seed), at(seed, 2016), str(seed))
        yield build_comprobante_32(invoice)
        yield build_comprobante_32(draft_credit(random, invoice, UUID, at(seed, 2016), str(seed)))


KINDS = {"4.0 N": payroll, "4.0 T": freight, "2.0": withholding, "3.3": of_3_3, "3.2": of_3_2}


@pytest.mark.parametrize("kind", KINDS)
def test_each_is_valid_sealed_and_stamped_by_the_official_rules(kind: str) -> None:
    version = kind[:3]
    for root in KINDS[kind]():
        seal(root, issuers().csd_of(TAXPAYER))
        timbre = stamp(root, issuers().pac, uuid=UUID, stamped_at=at(3))
        assert schema(version).validate(root), (etree.tostring(root), schema(version).error_log)
        again = parse_xml(to_xml(root))
        assert cadena_original(again) == str(chain_of_document(version)(again))
        alone = etree.fromstring(etree.tostring(timbre))
        assert cadena_timbre(timbre) == str(chain_of_stamp("1.0" if version == "3.2" else "1.1")(alone))
        verify_seal(again)
        verify_stamp(again, issuers().pac.certificate)


@pytest.mark.parametrize("kind", KINDS)
def test_a_changed_one_does_not_verify(kind: str) -> None:
    root = next(iter(KINDS[kind]()))
    seal(root, issuers().csd_of(TAXPAYER))
    root.set({"2.0": "FechaExp", "3.2": "fecha"}.get(kind, "Fecha"), "2020-01-01T00:00:00")
    with pytest.raises(SealInvalid):
        verify_seal(root)


@pytest.mark.parametrize("kind", ["4.0 N", "4.0 T", "3.3", "2.0"])
def test_another_reader_reads_them(kind: str) -> None:
    for root in KINDS[kind]():
        seal(root, issuers().csd_of(TAXPAYER))
        stamp(root, issuers().pac, uuid=UUID, stamped_at=at(3))
        other = CFDI.from_string(to_xml(root))
        assert other["Complemento"]["TimbreFiscalDigital"]["UUID"] == UUID


def test_a_payroll_receipt_pays_what_is_earned_less_what_is_withheld() -> None:
    random = Random(3)
    draft = draft_payroll(random, TAXPAYER, invent_employee(random, 1), at(3), "3")
    root = build_nomina(draft)
    nomina = next(root.iter("{*}Nomina"))
    money = {name: Decimal(nomina.get(name) or "0") for name in ("TotalPercepciones", "TotalDeducciones")}
    assert Decimal(root.get("Total") or "") == total_of(draft) == money["TotalPercepciones"] - money["TotalDeducciones"]
    assert (draft.hasta - draft.desde).days + 1 in {13, 14, 15, 16}


def test_freight_that_does_not_go_by_road_is_refused_not_left_out() -> None:
    root = next(freight())
    goods = next(root.iter(clark(CARTA_PORTE31, "Mercancias")))
    etree.SubElement(goods, clark(CARTA_PORTE31, "TransporteAereo"))
    with pytest.raises(ComplementNotSealed):
        cadena_original(root)


def test_an_old_document_has_the_old_stamp() -> None:
    root = next(of_3_2())
    seal(root, issuers().csd_of(TAXPAYER))
    stamp(root, issuers().pac, uuid=UUID, stamped_at=at(3))
    timbre = next(root.iter(clark(TFD, "TimbreFiscalDigital")))
    assert (timbre.get("version"), timbre.get("selloCFD")) == ("1.0", root.get("sello"))
