"""The errands of Alice and Charlie over HTTP and in the browser."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import URL

from acuse.kernel.clock import MovableClock
from acuse.mx.archivo import ArchivoService
from acuse.mx.archivo.feature import FEATURE as ARCHIVO
from acuse.mx.cfdi.corpus import CorpusEntry
from acuse.mx.cfdi.documents import read_document
from acuse.mx.contribuyentes.model import AccessLevel
from acuse.mx.contribuyentes.tables import AccesoRow, ContribuyenteRow
from tests.mx.contribuyentes.site import Site, Visitor, open_site
from tests.support.cfdis import TAXPAYER, a_corpus, a_metadata_package, an_xml_package, some_xml

API = "/api/v1/sat/cfdis"
PAGE = "/app/cfdi"
NEWEST = sorted(a_corpus().entries(), key=lambda entry: (entry.fecha, entry.uuid), reverse=True)
ENYE = "Ñ&O120726RX3"


def one(efecto: str = "I") -> tuple[CorpusEntry, bytes]:
    return next((entry, xml) for entry, xml in some_xml() if entry.efecto == efecto and not entry.cancelado)


@pytest.fixture
async def site(database_url: URL, tmp_path: Path, clock: MovableClock) -> AsyncIterator[Site]:
    async with open_site(database_url, tmp_path, clock, [ARCHIVO]) as opened:
        yield opened


@pytest.fixture
async def alice(site: Site) -> Visitor:
    """Alice owns two taxpayers; of one the whole small year is stored."""
    visitor = await site.person("Alice", "GODE561231GR8")
    rows = [ContribuyenteRow(rfc=rfc, name=rfc, created_at=site.house.clock.now()) for rfc in (TAXPAYER.rfc, ENYE)]
    async with site.house.database.transaction() as tx:
        tx.add_all(rows)
        await tx.flush()
        for row in rows:
            access = AccesoRow(contribuyente_id=row.id, user_id=visitor.user.id, level=AccessLevel.DUENO.value,
                               granted_at=site.house.clock.now())  # fmt: skip
            tx.add(access)
    service = site.services[ArchivoService]
    await site.house.files.put("p/m.zip", a_metadata_package(NEWEST))
    await site.house.files.put("p/x.zip", an_xml_package(NEWEST[5:]))
    await service.ingest_metadata_package(rows[0].id, "p/m.zip", "R")
    await service.ingest_xml_package(rows[0].id, "p/x.zip", "R")
    await site.house.files.put("p/o.zip", an_xml_package(NEWEST[5:6]))
    await service.ingest_xml_package(rows[1].id, "p/o.zip", "R")
    return visitor


@pytest.fixture
async def charlie(site: Site) -> Visitor:
    return await site.person("Charlie", "EKU9003173C9")


class TestApi:
    async def test_alice_walks_through_all_pages(self, alice: Visitor) -> None:
        seen: list[str] = []
        cursor = None
        while True:
            query = {"rfc": TAXPAYER.rfc, "limite": "100"} | ({"cursor": cursor} if cursor else {})
            answer = await alice.api.get(API, params=query)
            assert answer.status_code == 200
            seen += [each["uuid"] for each in answer.json()["cfdis"]]
            cursor = answer.json()["siguiente"]
            if cursor is None:
                break
        assert seen == [entry.uuid for entry in NEWEST]

    async def test_a_row_has_its_wire_names(self, alice: Visitor) -> None:
        entry, _ = one()
        told = (await alice.api.get(API, params={"uuid": entry.uuid, "rfc": TAXPAYER.rfc})).json()["cfdis"]
        assert len(told) == 1
        row = told[0]
        assert row["total"] == str(entry.total)
        assert (row["fecha"], row["efecto"], row["estado"]) == (entry.fecha.isoformat(), "I", "vigente")
        assert (row["rfc_emisor"], row["nombre_receptor"]) == (entry.emisor_rfc, entry.receptor_nombre)
        assert row["con_xml"] is True

    async def test_filters_come_by_their_wire_names(self, alice: Visitor) -> None:
        query = {
            "tipo_comprobante": "E", "efecto": "I", "estado": "vigente", "fecha_inicio": "2025-02-01",
            "fecha_fin": "2025-04-30", "importe_min": "1,000.00", "importe_max": "50000", "rfc": TAXPAYER.rfc,
        }  # fmt: skip
        told = (await alice.api.get(API, params=query)).json()["cfdis"]
        assert [each["uuid"] for each in told] == [
            entry.uuid
            for entry in NEWEST
            if (entry.direction, entry.efecto, entry.cancelado) == ("E", "I", False)
            and 2 <= entry.fecha.month <= 4
            and 1_000 <= entry.total <= 50_000
        ]

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("fecha_inicio", "14/03/2025"), ("fecha_fin", "2025-02-30"), ("fecha_fin", "2025-02-03T10:00:00Z"),
            ("importe_min", "mucho"), ("efecto", "X"), ("estado", "x"), ("tipo_comprobante", "I"), ("limite", "0"),
            ("uuid", "zzzz"), ("cursor", "x"), ("rfc", "NOPE"),
        ],
    )  # fmt: skip
    async def test_a_wrong_filter_is_told_in_our_envelope(self, alice: Visitor, name: str, value: str) -> None:
        answer = await alice.api.get(API, params={name: value})
        assert answer.status_code == 400
        assert answer.json().keys() == {"error", "message", "details"}
        assert "422" not in answer.text

    @pytest.mark.parametrize(
        ("first", "last"),
        [
            (("fecha_inicio", "2025-03-02"), ("fecha_fin", "2025-03-01")),
            (("fecha_inicio", "2025-03-01T10:00"), ("fecha_fin", "2025-03-01T09:59:59")),
            (("importe_min", "100.01"), ("importe_max", "100")),
        ],
    )
    async def test_an_end_before_its_start_is_told_at_its_field(
        self, alice: Visitor, first: tuple[str, str], last: tuple[str, str]
    ) -> None:
        asked = dict([first, last])
        told = await alice.api.get(API, params=asked)
        assert (told.status_code, list(told.json()["details"]["fields"])) == (400, [last[0]])
        page = await alice.browser.get(PAGE, params=asked)
        assert (page.status_code, f'<a href="#campo-{last[0]}">' in page.text) == (400, True)
        assert (await alice.api.get(API, params={**asked, last[0]: first[1]})).status_code == 200

    async def test_the_xml_is_byte_for_byte(self, alice: Visitor) -> None:
        entry, xml = some_xml()[3]
        answer = await alice.api.get(f"{API}/{entry.uuid.lower()}/xml", params={"rfc": TAXPAYER.rfc})
        assert (answer.status_code, answer.content) == (200, xml)
        assert answer.headers["content-type"].startswith("application/xml")
        assert f'filename="{entry.uuid}.xml"' in answer.headers["content-disposition"]

    async def test_the_pdf_is_the_same_by_api_and_page(self, alice: Visitor) -> None:
        entry, _ = some_xml()[3]
        answer = await alice.api.get(f"{API}/{entry.uuid.lower()}/pdf", params={"rfc": TAXPAYER.rfc})
        assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
        assert answer.content.startswith(b"%PDF-")
        assert f'filename="{entry.uuid}.pdf"' in answer.headers["content-disposition"]
        saved = await alice.browser.get(f"{PAGE}/{TAXPAYER.rfc}/{entry.uuid}/pdf")
        assert saved.content == answer.content

    async def test_what_has_no_xml_has_no_pdf(self, alice: Visitor) -> None:
        without = await alice.api.get(f"{API}/{NEWEST[0].uuid}/pdf")
        assert (without.status_code, without.json()["error"]) == (404, "CFDI_XML_NOT_STORED")

    async def test_what_has_no_xml_and_what_is_not_there_are_told_apart(self, alice: Visitor) -> None:
        without = await alice.api.get(f"{API}/{NEWEST[0].uuid}/xml")
        nowhere = await alice.api.get(f"{API}/00000000-0000-4000-8000-000000000000/xml")
        assert (without.status_code, without.json()["error"]) == (404, "CFDI_XML_NOT_STORED")
        assert (nowhere.status_code, nowhere.json()["error"]) == (404, "CFDI_NOT_FOUND")

    async def test_charlie_sees_nothing_of_it(self, alice: Visitor, charlie: Visitor) -> None:
        assert alice.user.id != charlie.user.id
        assert (await charlie.api.get(API)).json() == {"cfdis": [], "siguiente": None}
        for path in (f"{API}?rfc={TAXPAYER.rfc}", f"{API}/{NEWEST[9].uuid}/xml", f"{API}/{NEWEST[9].uuid}/pdf"):
            assert (await charlie.api.get(path)).status_code == 404
        page = f"{PAGE}/{TAXPAYER.rfc}/{NEWEST[9].uuid}"
        for path in (page, f"{page}/xml", f"{page}/pdf"):
            assert (await charlie.browser.get(path)).status_code == 404

    async def test_without_a_token_nobody_gets_in(self, site: Site) -> None:
        stranger = await site.client()
        for path in (API, f"{API}/{NEWEST[9].uuid}/xml", f"{API}/{NEWEST[9].uuid}/pdf"):
            assert (await stranger.get(path)).status_code == 401


class TestPages:
    async def test_the_explorer_lists_and_leads_to_documents(self, alice: Visitor) -> None:
        page = await alice.browser.get(PAGE, params={"rfc": TAXPAYER.rfc, "limite": "20"})
        assert page.status_code == 200
        for entry in NEWEST[:20]:
            assert f"{PAGE}/{TAXPAYER.rfc}/{entry.uuid}" in page.text
        assert NEWEST[20].uuid not in page.text
        assert "Siguiente" in page.text
        assert len(page.content) < 100_000

    async def test_a_rfc_with_enye_and_ampersand_survives_the_address(self, alice: Visitor) -> None:
        page = await alice.browser.get(PAGE, params={"rfc": ENYE})
        assert page.status_code == 200
        address = f"{PAGE}/%C3%91%26O120726RX3/{NEWEST[5].uuid}"
        assert address in page.text
        assert (await alice.browser.get(address)).status_code == 200

    async def test_wrong_filters_are_shown_beside_their_fields(self, alice: Visitor) -> None:
        page = await alice.browser.get(PAGE, params={"importe_min": "mucho", "uuid": "zz"})
        assert page.status_code == 400
        assert page.text.count('aria-invalid="true"') == 2

    async def test_a_filter_by_stored_xml_is_shown_and_kept(self, alice: Visitor) -> None:
        page = (await alice.browser.get(PAGE, params={"con_xml": "true"})).text
        assert '<option value="true" selected>Con XML</option>' in page
        assert '<details class="fold" open' in page.split("Más filtros")[0]

    async def test_no_match_says_the_next_step(self, alice: Visitor, charlie: Visitor) -> None:
        assert "Ningún CFDI cumple estos filtros" in (await alice.browser.get(PAGE, params={"texto": "zzz"})).text
        assert "Aún no hay CFDI" in (await charlie.browser.get(PAGE)).text

    @pytest.mark.parametrize("efecto", ["I", "E", "P", "T"])
    async def test_a_document_is_shown_with_its_xml(self, alice: Visitor, efecto: str) -> None:
        entry, _ = one(efecto)
        page = await alice.browser.get(f"{PAGE}/{TAXPAYER.rfc}/{entry.uuid}")
        assert page.status_code == 200
        for text in (entry.uuid, entry.emisor_rfc.replace("&", "&amp;"), "Descargar XML", "cfdi:Comprobante"):
            assert text in page.text
        assert len(page.content) < 100_000

    async def test_a_payment_leads_to_the_invoice_and_the_invoice_to_the_payment(self, alice: Visitor) -> None:
        payment = next(xml for entry, xml in some_xml() if entry.efecto == "P" and entry in NEWEST[5:])
        header = read_document(payment)
        invoice = header.pagos[0].documentos[0].uuid
        there = await alice.browser.get(f"{PAGE}/{TAXPAYER.rfc}/{header.uuid}")
        assert f'href="{PAGE}/{TAXPAYER.rfc}/{invoice}"' in there.text
        back = await alice.browser.get(f"{PAGE}/{TAXPAYER.rfc}/{invoice}")
        assert f'href="{PAGE}/{TAXPAYER.rfc}/{header.uuid}"' in back.text
        assert "Saldo insoluto" in back.text

    async def test_keys_are_shown_with_their_meaning_and_a_cancelled_one_is_marked(self, alice: Visitor) -> None:
        entry = next(entry for entry in NEWEST[5:] if entry.cancelado and entry.efecto == "I")
        page = await alice.browser.get(f"{PAGE}/{TAXPAYER.rfc}/{entry.uuid}")
        for text in ("CFDI cancelado", "El SAT lo da por cancelado", "General de Ley Personas Morales"):
            assert text in page.text

    async def test_text_of_the_document_is_escaped(self, alice: Visitor) -> None:
        entry = next(entry for entry, xml in some_xml() if b"&lt;punto fino&gt;" in xml and entry in NEWEST[5:])
        page = await alice.browser.get(f"{PAGE}/{TAXPAYER.rfc}/{entry.uuid}")
        assert "&lt;punto fino&gt;" in page.text
        assert "<punto fino>" not in page.text

    async def test_the_xml_can_be_saved(self, alice: Visitor) -> None:
        entry, xml = some_xml()[3]
        answer = await alice.browser.get(f"{PAGE}/{TAXPAYER.rfc}/{entry.uuid}/xml")
        assert answer.content == xml
        assert "attachment" in answer.headers["content-disposition"]

    async def test_what_is_known_from_metadata_says_what_is_missing(self, alice: Visitor) -> None:
        page = await alice.browser.get(f"{PAGE}/{TAXPAYER.rfc}/{NEWEST[0].uuid}")
        assert "Sin XML todavía" in page.text
        assert "Descargar XML" not in page.text
