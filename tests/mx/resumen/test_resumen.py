"""A year in figures, against sums made anew from every document's own XML."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import AsyncIterator
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from sqlalchemy import URL, text

from acuse.kernel.audit import SYSTEM
from acuse.kernel.clock import MovableClock
from acuse.mx.archivo import Direction
from acuse.mx.archivo.feature import FEATURE as ARCHIVO
from acuse.mx.resumen import ResumenService, Total
from acuse.mx.resumen.feature import FEATURE as RESUMEN
from tests.mx.archivo.test_web import ENYE, NEWEST, alice, charlie
from tests.mx.contribuyentes.site import Site, Visitor, open_site
from tests.support.cfdis import TAXPAYER, YEAR, some_xml

__all__ = ["alice", "charlie"]
API, PAGE = "/api/v1/sat/resumen", "/app/resumen"
CFDI = "{http://www.sat.gob.mx/cfd/4}"
ONLY_METADATA = {entry.uuid for entry in NEWEST[:5]}
Key = tuple[int, str, str]


@pytest.fixture
async def site(database_url: URL, tmp_path: Path, clock: MovableClock) -> AsyncIterator[Site]:
    async with open_site(database_url, tmp_path, clock, [ARCHIVO, RESUMEN]) as opened:
        yield opened


def by_hand() -> dict[Key, Decimal]:
    """Sum up the small year from its documents: (month, side, what)."""
    sums: defaultdict[Key, Decimal] = defaultdict(Decimal)
    for entry, xml in some_xml():
        root, month, side = ET.fromstring(xml), entry.fecha.month, entry.direction
        if entry.cancelado:
            sums[month, side, "cancelled"] += 1
            continue
        sums[month, side, "count"] += 1
        rate = Decimal(root.get("TipoCambio") or "1") if entry.uuid not in ONLY_METADATA else Decimal(1)
        total = Decimal(root.get("Total") or "0") * rate
        kind = {"I": "ingresos", "E": "egresos", "N": "nomina"}.get(entry.efecto)
        if kind:
            sums[month, side, kind] += total
        if entry.uuid in ONLY_METADATA:
            sums[month, side, "without_xml"] += 1
            continue
        if entry.efecto == "I" and (method := root.get("MetodoPago")):
            sums[month, side, method.lower()] += total
        for tax in root.iterfind(f"{CFDI}Impuestos/{CFDI}Traslados/{CFDI}Traslado[@Impuesto='002']"):
            sign = -1 if entry.efecto == "E" else 1
            sums[month, side, "iva_trasladado"] += sign * Decimal(tax.get("Importe") or "0") * rate
        for pago in root.iter("{http://www.sat.gob.mx/Pagos20}Pago"):
            paid_month = int(str(pago.get("FechaPago"))[5:7])
            amount = Decimal(str(pago.get("Monto"))) * Decimal(pago.get("TipoCambioP") or "1")
            sums[paid_month, side, "pagos"] += amount
    return sums


def cents(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal("0.01"), ROUND_HALF_UP)


async def test_every_month_is_the_sum_of_its_documents(site: Site, alice: Visitor) -> None:
    found = await site.services[ResumenService].year(SYSTEM, TAXPAYER.rfc, YEAR)
    wanted = by_hand()
    names = (
        "count",
        "cancelled",
        "without_xml",
        "ingresos",
        "egresos",
        "nomina",
        "pue",
        "ppd",
        "iva_trasladado",
        "pagos",
    )
    told = {
        (month.month, direction.value, name): cents(Decimal(getattr(total, name)))
        for month, direction, total in found.months()
        for name in names
    }
    assert told == {key: cents(wanted[key]) for key in told}
    assert wanted[NEWEST[0].fecha.month, NEWEST[0].direction, "count"]
    assert any(key[2] == "pagos" for key in wanted)
    assert any(key[2] == "egresos" for key in wanted)
    assert alice.user.is_active


async def test_another_currency_without_its_rate_adds_nothing_and_is_told(site: Site, alice: Visitor) -> None:
    async with site.house.database.transaction() as tx:
        await tx.execute(text("update cfdi set moneda = 'USD', tipo_cambio = null where efecto = 'I'"))
    found = await site.services[ResumenService].year(SYSTEM, TAXPAYER.rfc, YEAR)
    issued = next(side for side in found.sides if side.direction is Direction.EMITIDO).total
    assert issued.ingresos == 0
    assert issued.without_rate == sum(
        entry.direction == "E" and entry.efecto == "I" and not entry.cancelado for entry in NEWEST
    )
    page = (await alice.browser.get(PAGE, params={"rfc": TAXPAYER.rfc, "year": str(YEAR)})).text
    assert "no traen su tipo de cambio" in page


async def test_the_same_over_http_as_csv_and_on_the_page(alice: Visitor) -> None:
    query = {"rfc": TAXPAYER.rfc}
    told = (await alice.api.get(API, params=query)).json()
    assert (told["year"], len(told["meses"])) == (YEAR, 24)
    answer = await alice.api.get(f"{API}.csv", params=query)
    assert f'filename="resumen-{TAXPAYER.rfc}-{YEAR}.csv"' in answer.headers["content-disposition"]
    lines = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [Decimal(line["neto"]) for line in lines] == [Decimal(each["neto"]) for each in told["meses"]]
    page = await alice.browser.get(PAGE, params=query)
    assert page.status_code == 200
    assert "IVA trasladado" in page.text
    assert (await alice.browser.get(f"{PAGE}/csv", params=query)).content == answer.content


async def test_a_taxpayer_without_documents_and_anothers(alice: Visitor, charlie: Visitor) -> None:
    assert "Sin CFDI en 2019" in (await alice.browser.get(PAGE, params={"rfc": ENYE, "year": "2019"})).text
    assert (await charlie.api.get(API, params={"rfc": TAXPAYER.rfc})).status_code == 404
    assert "Aún no hay contribuyentes" in (await charlie.browser.get(PAGE)).text


async def test_an_archive_of_long_ago_can_be_chosen_and_less_than_nothing_is_told(site: Site, alice: Visitor) -> None:
    async with site.house.database.transaction() as tx:
        await tx.execute(text("update cfdi set fecha = fecha - interval '11 years' where direction = 'E'"))
    page = (await alice.browser.get(PAGE, params={"rfc": TAXPAYER.rfc})).text
    assert f'<option value="{YEAR - 11}">' in page
    assert '<p class="tile-number">-$' in page


def test_sums_add_up_and_round_once() -> None:
    parts = [Total(count=1, ingresos=Decimal("0.005")), Total(count=2, ingresos=Decimal("0.005"))]
    assert Total.of(parts).rounded() == Total(count=3, ingresos=Decimal("0.01")).rounded()
    assert Total(ingresos=Decimal(5), egresos=Decimal(7)).neto == -2
