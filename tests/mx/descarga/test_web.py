"""A person's errand through the API, and through the pages."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest

from acuse.accounts.cookies import SessionCookie
from acuse.accounts.rights import Identity, scopes_for
from acuse.accounts.service import AccountsService, ApiTokenService, BrowserService
from acuse.app import create_app
from acuse.kernel.audit import Actor
from acuse.mx.outside.sat_descarga.codes import EstadoSolicitud
from acuse.mx.outside.sat_descarga.simulator import Fault, Operation
from tests.mx.descarga.conftest import RFC, YEAR, Office, limited

BODY = {
    "rfc": RFC,
    "tipo_solicitud": "CFDI",
    "tipo_comprobante": "E",
    "fecha_inicio": "2025-01-01",
    "fecha_fin": "2025-01-31",
}


@dataclass
class Doors:
    """The application's two doors, for Alice, Bob and Charlie."""

    api: dict[str, httpx2.AsyncClient]
    browser: dict[str, httpx2.AsyncClient]


@pytest.fixture
async def doors(office: Office) -> AsyncIterator[Doors]:
    app = create_app(office.house, office.services)
    found = Doors({}, {})
    for actor in (office.alice, office.bob, office.charlie):
        bearer, cookies = await _proofs(office, actor)
        transport = httpx2.ASGITransport(app=app)
        found.api[actor.name] = httpx2.AsyncClient(transport=transport, base_url="http://acuse.test", headers=bearer)
        found.browser[actor.name] = httpx2.AsyncClient(
            transport=transport,
            base_url="http://acuse.test",
            cookies=cookies,
            headers={"Sec-Fetch-Site": "same-origin"},
        )
    yield found
    for client in (*found.api.values(), *found.browser.values()):
        await client.aclose()


async def _proofs(office: Office, actor: Actor) -> tuple[dict[str, str], dict[str, str]]:
    user = await office.services[AccountsService].get(actor.id or 0)
    scopes = [right.value for right in scopes_for(user.role)]
    token = await office.services[ApiTokenService].create(
        Identity.of(user), name="prueba", scopes=scopes, expires_at=None
    )
    secret = await office.services[BrowserService].open(user, ip=None, agent="prueba")
    return {"Authorization": f"Bearer {token.secret}"}, {office.services[SessionCookie].name: secret}


async def get(client: httpx2.AsyncClient, path: str, status: int = 200, **params: Any) -> Any:
    answer = await client.get(path, params=params)
    assert answer.status_code == status, answer.text
    return answer.json()


async def post(client: httpx2.AsyncClient, path: str, body: Any = None, status: int = 200, **more: Any) -> Any:
    answer = await client.post(path, json=body, **more)
    assert answer.status_code == status, answer.text
    return answer.json()


class TestApi:
    async def test_a_whole_errand(self, office: Office, doors: Doors) -> None:
        alice = doors.api["Alice"]
        times = await post(alice, f"/api/v1/sat/contribuyentes/{RFC}/token")
        assert set(times) == {"rfc", "familia", "creado", "vence", "se_renueva", "desfase_s"}
        made = await post(alice, "/api/v1/sat/solicitudes", BODY, 201)
        assert made["estado"] == "en_proceso"
        again = await post(alice, "/api/v1/sat/solicitudes", BODY, 409)
        assert again["error"] == "SOLICITUD_DUPLICADA"
        assert again["details"]["id"] == made["id"]
        await office.pass_time(minutes=2)
        verified = await post(alice, f"/api/v1/sat/solicitudes/{made['id']}/verificar")
        assert verified["estado"] == "lista"
        (paquete,) = (await get(alice, "/api/v1/sat/paquetes"))["paquetes"]
        stored = await post(alice, f"/api/v1/sat/paquetes/{paquete['id']}/descargar")
        assert stored["descargas"] == 1
        await office.run_jobs()
        detail = await get(alice, f"/api/v1/sat/solicitudes/{made['id']}")
        assert detail["estado"] == "completa"
        assert [line["suceso"] for line in detail["historial"]][:3] == ["creada", "envío", "aceptada"]
        assert detail["historial"][-1]["suceso"] == "término"
        file = await doors.api["Bob"].get(f"/api/v1/sat/paquetes/{paquete['id']}/archivo")
        assert file.headers["content-type"] == "application/zip"
        names = zipfile.ZipFile(io.BytesIO(file.content)).namelist()
        assert len(names) == detail["paquetes"][0]["comprobantes"] == detail["numero_cfdis"]

    async def test_the_fourteen_and_their_list(self, office: Office, doors: Doors) -> None:
        alice = doors.api["Alice"]
        wanted = {"rfc": RFC, "year": 2025, "tipo_comprobante": "E"}
        plan = await post(alice, "/api/v1/sat/solicitudes/anual", wanted, 201)
        assert (plan["creadas"], len(plan["solicitudes"])) == (14, 14)
        assert (await post(alice, "/api/v1/sat/solicitudes/anual", wanted, 201))["creadas"] == 0
        await office.settle()
        seen: list[str] = []
        cursor = None
        while True:
            page = await get(alice, "/api/v1/sat/solicitudes", limit=5, **({"cursor": cursor} if cursor else {}))
            seen += [row["id"] for row in page["solicitudes"]]
            cursor = page["siguiente"]
            if cursor is None:
                break
        assert len(seen) == len(set(seen)) == 14
        metadata = await get(alice, "/api/v1/sat/solicitudes", tipo_solicitud="Metadata", plan=plan["plan"])
        assert len(metadata["solicitudes"]) == 2

    async def test_synchronizing_does_what_is_due_in_the_background(self, office: Office, doors: Doors) -> None:
        alice = doors.api["Alice"]
        made = await post(alice, "/api/v1/sat/solicitudes", BODY, 201)
        await office.pass_time(seconds=70)
        done = await post(alice, "/api/v1/sat/sincronizar", {"rfc": RFC}, 202, headers={"Idempotency-Key": "noche-1"})
        assert done == {"contribuyentes": 1}
        await office.run_jobs()
        assert (await get(alice, f"/api/v1/sat/solicitudes/{made['id']}"))["estado"] == "completa"

    @pytest.mark.parametrize(
        ("change", "code"),
        [
            ({"fecha_fin": "2030-01-31"}, "PERIOD_IN_FUTURE"),
            ({"fecha_fin": "2025-01-01T00:00:00"}, "PERIOD_INVERTED"),
            ({"fecha_inicio": "2015-01-01"}, "PERIOD_TOO_OLD"),
            ({"fecha_inicio": "ayer"}, "DATE_UNREADABLE"),
            ({"tipo_solicitud": "METADATA"}, "VALIDATION_ERROR"),
            ({"tipo_comprobante": "R", "estado_comprobante": "Todos"}, "RECEIVED_ONLY_VIGENTE"),
            ({"rfc_contraparte": ["x"]}, "INVALID_RFC_FORM"),
            ({"rfc": "XAXX010101000"}, "CONTRIBUYENTE_NOT_FOUND"),
        ],
    )
    async def test_what_the_sat_would_refuse_never_reaches_it(
        self, office: Office, doors: Doors, change: dict[str, Any], code: str
    ) -> None:
        answer = await doors.api["Alice"].post("/api/v1/sat/solicitudes", json=BODY | change)
        assert answer.status_code in {400, 404}
        assert answer.json()["error"] == code
        assert office.sat.ledger.count(Operation.EMITIDOS) == 0

    async def test_everybody_gets_only_what_is_theirs(self, office: Office, doors: Doors) -> None:
        made = await post(doors.api["Alice"], "/api/v1/sat/solicitudes", BODY, 201)
        path = f"/api/v1/sat/solicitudes/{made['id']}"
        assert (await get(doors.api["Bob"], path))["id"] == made["id"]
        refused = await post(doors.api["Bob"], f"{path}/verificar", None, 403)
        assert refused["error"] == "ACCESS_LEVEL_TOO_LOW"
        assert (await get(doors.api["Charlie"], path, 404))["error"] == "SOLICITUD_NOT_FOUND"
        assert (await get(doors.api["Charlie"], "/api/v1/sat/solicitudes"))["solicitudes"] == []
        assert (await get(doors.api["Charlie"], "/api/v1/sat/solicitudes", 404, rfc=RFC))["error"]
        assert office.sat.ledger.count(Operation.VERIFICA) == 0

    async def test_bad_cursor_is_told(self, doors: Doors) -> None:
        assert (await get(doors.api["Alice"], "/api/v1/sat/solicitudes", 400, cursor="zzz"))[
            "error"
        ] == "CURSOR_INVALID"

    async def test_without_a_token_nothing_is_answered(self, doors: Doors) -> None:
        answer = await doors.browser["Alice"].get("/api/v1/sat/solicitudes")
        assert answer.status_code == 401


class TestPages:
    async def test_the_fourteen_from_the_button_to_the_end(self, office: Office, doors: Doors) -> None:
        browser = doors.browser["Alice"]
        start = await browser.get("/app/sat")
        assert start.status_code == 200
        assert "Enviar las 14" in start.text
        sent = await browser.post("/app/sat/anual", data={"rfc": RFC, "year": "2025", "sentido": "E"})
        assert sent.status_code == 303
        plan = await browser.get(sent.headers["location"])
        assert plan.text.count("Por enviar") == 14
        progress = sent.headers["location"] + "/avance"
        assert (await browser.get(progress)).status_code == 200
        await office.settle()
        done = await browser.get(progress)
        assert done.status_code == 286
        assert "14 de 14" in done.text
        assert "hx-get" not in done.text
        listed = await browser.get("/app/sat", params={"estado": "completa"})
        assert "Completa" in listed.text

    async def test_the_list_is_filtered_by_those_one_may_see(self, doors: Doors) -> None:
        page = await doors.browser["Bob"].get("/app/sat", params={"rfc": RFC, "estado": "vencida"})
        assert f'<option value="{RFC}" selected>' in page.text
        assert "Nada con esos filtros" in page.text
        assert RFC not in (await doors.browser["Charlie"].get("/app/sat")).text

    async def test_the_way_to_the_retenciones_is_told_and_their_form_is_filled_in(self, doors: Doors) -> None:
        browser = doors.browser["Alice"]
        assert "/app/sat/nueva?familia=Retenciones" in (await browser.get("/app/sat")).text
        chosen = re.compile(r'value="(\w+)"[^>]* checked').findall
        for asked, shown in (("Retenciones", "Retenciones"), ("otra", "CFDI")):
            page = (await browser.get("/app/sat/nueva", params={"familia": asked})).text
            assert chosen(page)[0] == shown

    async def test_a_year_of_retenciones_says_so(self, doors: Doors) -> None:
        wanted = {"rfc": RFC, "year": YEAR, "tipo_comprobante": "E", "familia": "Retenciones"}
        made = await post(doors.api["Alice"], "/api/v1/sat/solicitudes/anual", wanted, 201)
        page = await doors.browser["Alice"].get(f"/app/sat/planes/{made['plan']}")
        assert "Retenciones · Emitidos" in page.text

    async def test_a_single_one_its_story_and_its_zip(self, office: Office, doors: Doors) -> None:
        browser = doors.browser["Alice"]
        assert (await browser.get("/app/sat/nueva")).status_code == 200
        form = dict(BODY)
        sent = await browser.post("/app/sat/nueva", data=form)
        assert sent.status_code == 303
        await office.pass_time(minutes=2)
        verified = await browser.post(sent.headers["location"] + "/verificar")
        assert verified.status_code == 303
        await office.run_jobs()
        page = await browser.get(sent.headers["location"])
        assert "El SAT la aceptó" in page.text
        assert "Descargar ZIP" in page.text
        (paquete,) = await office.paquetes()
        file = await browser.get(f"/app/sat/paquetes/{paquete.id}/archivo")
        assert zipfile.ZipFile(io.BytesIO(file.content)).testzip() is None

    async def test_one_that_was_divided_shows_its_parts(self, office: Office, doors: Doors) -> None:
        browser = doors.browser["Alice"]
        limited(office, max_xml=0, over_limit_estado=EstadoSolicitud.ERROR.value)
        sent = await browser.post("/app/sat/nueva", data=BODY)
        await office.pass_time(minutes=2)
        await office.run_jobs(only="verify")
        page = await browser.get(sent.headers["location"])
        assert page.status_code == 200
        assert "Dividida" in page.text
        assert "Partes" in page.text

    async def test_the_form_tells_faults_beside_their_fields(self, doors: Doors) -> None:
        browser = doors.browser["Alice"]
        wrong = await browser.post("/app/sat/nueva", data=BODY | {"fecha_fin": "2024-12-31"})
        assert wrong.status_code == 400
        assert "Debe ser anterior a la fecha final." in wrong.text
        missing = await browser.post("/app/sat/nueva", data={"rfc": RFC})
        assert missing.status_code == 400
        assert "campo-tipo_solicitud" in missing.text
        year = await browser.post("/app/sat/anual", data={"rfc": RFC, "year": "mil", "sentido": "E"})
        assert year.status_code == 400

    async def test_a_duplicate_leads_to_the_first(self, doors: Doors) -> None:
        browser = doors.browser["Alice"]
        first = await browser.post("/app/sat/nueva", data=BODY)
        second = await browser.post("/app/sat/nueva", data=BODY)
        assert second.status_code == 409
        assert first.headers["location"] in second.text

    async def test_a_fault_of_the_sat_is_told_on_the_page(self, office: Office, doors: Doors) -> None:
        browser = doors.browser["Alice"]
        sent = await browser.post("/app/sat/nueva", data=BODY)
        office.sat.switches.fail(Fault(operation="verifica", status=503))
        answer = await browser.post(sent.headers["location"] + "/verificar")
        assert answer.status_code == 503
        assert "SAT_TROUBLE" in answer.text

    async def test_a_reader_sees_no_buttons_that_act(self, office: Office, doors: Doors) -> None:
        made = await doors.browser["Alice"].post("/app/sat/nueva", data=BODY)
        page = await doors.browser["Bob"].get("/app/sat")
        assert "Enviar las 14" not in page.text
        alices, bobs = [await doors.browser[name].get(made.headers["location"]) for name in ("Alice", "Bob")]
        assert ["Verificar ahora" in seen.text for seen in (alices, bobs)] == [True, False]
        clients = await doors.browser["Bob"].get("/app/contribuyentes")
        assert RFC in clients.text
        assert "Enviar las 14" not in clients.text
        assert (await doors.browser["Charlie"].get(made.headers["location"])).status_code == 404
        await office.run_jobs()

    async def test_home_shows_what_is_in_course(self, doors: Doors) -> None:
        browser = doors.browser["Alice"]
        await browser.post("/app/sat/anual", data={"rfc": RFC, "year": "2025", "sentido": "E"})
        home = await browser.get("/app")
        assert home.status_code == 200
        assert "Solicitudes en curso" in home.text
        assert "0 de 14" in home.text
