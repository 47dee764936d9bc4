"""Every request of the CRS's documentation, and the errands of Ana, Bob and Charlie over HTTP."""

from __future__ import annotations

import hashlib
import io
import zipfile
from typing import Any
from uuid import UUID, uuid4

import pytest

from acuse.kernel.clock import MovableClock
from tests.support.controladores import DEVICE, a_bundle
from tests.support.crs import Site, Visitor

UNKNOWN = str(uuid4())


async def start(who: Visitor, certificate: UUID | str, **headers: str) -> Any:
    return await who.api.post("/downloads/start", json={"certificateId": str(certificate)}, headers=headers)


async def started(who: Visitor, certificate: UUID, times: int = 1) -> list[str]:
    return [(await start(who, certificate)).json()["downloadId"] for _ in range(times)]


class TestStart:
    async def test_answers_the_documented_fields(self, bob: Visitor, certificate: UUID) -> None:
        await started(bob, certificate, 2)
        answer = await start(bob, certificate)
        assert answer.status_code == 200
        told = answer.json()
        UUID(told.pop("downloadId"))
        assert told == {
            "message": "Descarga iniciada correctamente",
            "pendingCount": 3,
            "limit": 10,
            "percentage": 30,
        }

    async def test_at_the_limit_is_403_with_the_figures_and_audited(
        self, site: Site, charlie: Visitor, certificate: UUID
    ) -> None:
        await started(charlie, certificate, 3)
        answer = await start(charlie, certificate)
        assert answer.status_code == 403
        told = answer.json()
        assert (told["pendingCount"], told["limit"]) == (3, 3)
        assert "límite" in told["message"]
        assert len(await site.audited("START_DOWNLOAD")) == 3
        (refused,) = await site.audited("DOWNLOAD_BLOCKED")
        assert refused.actor_id == charlie.user.id

    async def test_with_limit_zero_nothing_starts(self, site: Site, certificate: UUID) -> None:
        dora = await site.person("Dora", "27123456780", limit=0)
        assert (await start(dora, certificate)).status_code == 403
        assert (await dora.api.get("/downloads/limits")).json() == {
            "limite_descargas": 0,
            "pendientes": 0,
            "disponibles": 0,
            "percentage_used": 0,
            "can_download": False,
        }

    async def test_a_user_without_a_limit_has_five(self, site: Site, certificate: UUID) -> None:
        dora = await site.person("Dora", "27123456780")
        answers = [(await start(dora, certificate)).status_code for _ in range(6)]
        assert answers == [200] * 5 + [403]

    async def test_the_limit_is_the_one_users_are_given(self, admin: Visitor) -> None:
        body = {"nombre": "Dora", "cuit": "27123456780", "mail": "d@example.org", "id_rol": 3, "limite_descargas": 4}
        made = (await admin.api.post("/users", json=body | {"password": "Password-123!x"})).json()
        path = f"/downloads/usuario/{made['id_usuario']}/summary"
        assert (await admin.api.get(path)).json()["limite_descargas"] == 4
        await admin.api.put(f"/users/{made['id_usuario']}", json={"limite_descargas": 7})
        assert (await admin.api.get(path)).json()["limite_descargas"] == 7

    async def test_of_an_unknown_certificate_is_404_and_counts_nothing(self, bob: Visitor) -> None:
        assert (await start(bob, UNKNOWN)).status_code == 404
        assert (await bob.api.get("/downloads/limits")).json()["pendientes"] == 0

    @pytest.mark.parametrize("body", [{}, {"certificateId": "no"}, {"certificateId": None}, []])
    async def test_without_a_good_id_is_400_by_field(self, bob: Visitor, body: object) -> None:
        answer = await bob.api.post("/downloads/start", json=body)
        assert answer.status_code == 400
        assert set(answer.json()["errors"][0]) == {"campo", "problema"}

    async def test_of_what_no_longer_serves_is_refused_and_counts_nothing(
        self, site: Site, clock: MovableClock
    ) -> None:
        ended, old = await site.certificate(age_days=700), await site.certificate("SESHRA0000000007", age_days=400)
        await site.certificate("SESHRA0000000007")
        clock.move(days=40)
        bob = await site.person("Bob", "20123456786", limit=10)
        for certificate, why in ((ended, "venció"), (old, "el equipo tiene uno más nuevo")):
            answer = await start(bob, certificate)
            assert (answer.status_code, answer.json()["error"]) == (400, "CERTIFICADO_NOT_OFFERED")
            assert why in answer.json()["message"]
        assert (await bob.api.get("/downloads/limits")).json()["pendientes"] == 0

    async def test_without_a_token_is_401(self, site: Site, certificate: UUID) -> None:
        nobody = await site.client()
        answer = await nobody.post("/downloads/start", json={"certificateId": str(certificate)})
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"].startswith("Bearer")

    async def test_repeated_with_its_key_counts_once(self, bob: Visitor, certificate: UUID) -> None:
        first = await start(bob, certificate, **{"Idempotency-Key": "a"})
        again = await start(bob, certificate, **{"Idempotency-Key": "a"})
        assert first.json() == again.json()
        assert (await bob.api.get("/downloads/limits")).json()["pendientes"] == 1

    async def test_with_the_key_of_another_body_is_400(self, site: Site, bob: Visitor, certificate: UUID) -> None:
        other = await site.certificate("SESHIA0000001372")
        await start(bob, certificate, **{"Idempotency-Key": "a"})
        answer = await start(bob, other, **{"Idempotency-Key": "a"})
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["campo"] == "Idempotency-Key"

    async def test_a_key_is_each_users_own_and_ends_after_a_day(
        self, bob: Visitor, charlie: Visitor, certificate: UUID, clock: MovableClock
    ) -> None:
        mine = (await start(bob, certificate, **{"Idempotency-Key": "a"})).json()["downloadId"]
        assert (await start(charlie, certificate, **{"Idempotency-Key": "a"})).json()["downloadId"] != mine
        clock.move(hours=25)
        assert (await start(bob, certificate, **{"Idempotency-Key": "a"})).json()["downloadId"] != mine

    async def test_a_key_of_a_blocked_start_may_be_used_again(
        self, admin: Visitor, charlie: Visitor, certificate: UUID
    ) -> None:
        ids = await started(charlie, certificate, 3)
        assert (await start(charlie, certificate, **{"Idempotency-Key": "b"})).status_code == 403
        await admin.api.put(f"/downloads/{ids[0]}/estado", json={"estado": "Facturado"})
        assert (await start(charlie, certificate, **{"Idempotency-Key": "b"})).status_code == 200


class TestStatusAndFile:
    async def test_status_has_the_documented_fields(self, bob: Visitor, certificate: UUID) -> None:
        (one,) = await started(bob, certificate)
        told = (await bob.api.get(f"/downloads/{one}/status")).json()
        assert told["id_descarga"] == one
        assert told["estado"] == "Pendiente de Facturar"
        assert told["logs"][0] == {
            "timestamp": "2026-03-02T18:00:00Z",
            "message": "Descarga iniciada",
            "step": "INIT",
        }
        assert [line["step"] for line in told["logs"]] == ["INIT", "QUOTA", "CERT", "READY"]
        assert told["certificado_nombre"] == f"Certificado {DEVICE}"
        assert told["usuario_nombre"] == "Bob"

    async def test_the_file_is_free_and_repeatable(self, site: Site, bob: Visitor, certificate: UUID) -> None:
        (one,) = await started(bob, certificate)
        answers = [await bob.api.get(f"/downloads/{one}/file", headers={"Range": "bytes=0-9"}) for _ in range(3)]
        assert {answer.content for answer in answers} == {a_bundle()}
        assert answers[0].headers["content-disposition"].startswith(f'attachment; filename="{DEVICE}-2025-11-22.pem"')
        assert (await bob.api.get("/downloads/limits")).json()["pendientes"] == 1
        status = (await bob.api.get(f"/downloads/{one}/status")).json()
        assert status["entregas"] == 3
        assert status["checksum"] == f"sha256:{hashlib.sha256(a_bundle()).hexdigest()}"
        assert status["tamaño"] == len(a_bundle())
        rows = await site.audited("DOWNLOAD_CERTIFICATE", "RE_DOWNLOAD_CERTIFICATE")
        assert [row.accion for row in rows] == ["DOWNLOAD_CERTIFICATE", *["RE_DOWNLOAD_CERTIFICATE"] * 2]

    async def test_an_altered_file_is_not_delivered(self, site: Site, bob: Visitor, certificate: UUID) -> None:
        (one,) = await started(bob, certificate)
        (stored,) = await site.house.files.list("crs/")
        await site.house.files.put(stored.key, b"otra cosa")
        assert (await bob.api.get(f"/downloads/{one}/file")).status_code == 500
        status = (await bob.api.get(f"/downloads/{one}/status")).json()
        assert status["logs"][-1]["step"] == "ERROR"

    @pytest.mark.parametrize("what", ["status", "file"])
    async def test_anothers_and_unknown_are_404_alike(
        self, bob: Visitor, charlie: Visitor, admin: Visitor, certificate: UUID, what: str
    ) -> None:
        (one,) = await started(bob, certificate)
        theirs = await charlie.api.get(f"/downloads/{one}/{what}")
        unknown = await charlie.api.get(f"/downloads/{UNKNOWN}/{what}")
        assert theirs.status_code == unknown.status_code == 404
        assert theirs.json() == unknown.json()
        assert (await admin.api.get(f"/downloads/{one}/{what}")).status_code == 200

    async def test_a_malformed_id_is_400(self, bob: Visitor) -> None:
        assert (await bob.api.get("/downloads/batch/status")).status_code == 400


class TestStates:
    async def test_billing_frees_room_and_back_takes_it(
        self, site: Site, admin: Visitor, charlie: Visitor, certificate: UUID
    ) -> None:
        one, *_ = await started(charlie, certificate, 3)
        answer = await admin.api.put(f"/downloads/{one}/estado", json={"estado": "Facturado"})
        assert (answer.status_code, list(answer.json())) == (200, ["message"])
        assert (await charlie.api.get("/downloads/limits")).json()["can_download"] is True
        await admin.api.put(f"/downloads/{one}/estado", json={"estado": "Pendiente de Facturar"})
        assert (await charlie.api.get("/downloads/limits")).json()["pendientes"] == 3
        rows = await site.audited("CHANGE_DOWNLOAD_STATUS")
        assert [(row.antes, row.despues) for row in rows] == [
            ({"estado": "Pendiente de Facturar"}, {"estado": "Facturado"}),
            ({"estado": "Facturado"}, {"estado": "Pendiente de Facturar"}),
        ]

    async def test_the_same_state_is_200_and_changes_nothing(
        self, site: Site, admin: Visitor, bob: Visitor, certificate: UUID
    ) -> None:
        (one,) = await started(bob, certificate)
        for _ in range(2):
            answer = await admin.api.put(f"/downloads/{one}/estado", json={"estado": "Facturado"})
            assert answer.status_code == 200
        assert len(await site.audited("CHANGE_DOWNLOAD_STATUS")) == 1

    @pytest.mark.parametrize("estado", ["facturado", "Cobrado", "", None])
    async def test_other_states_are_400(self, admin: Visitor, estado: object) -> None:
        assert (await admin.api.put(f"/downloads/{UNKNOWN}/estado", json={"estado": estado})).status_code == 400

    async def test_an_unknown_one_is_404(self, admin: Visitor) -> None:
        answer = await admin.api.put(f"/downloads/{UNKNOWN}/estado", json={"estado": "Facturado"})
        assert answer.status_code == 404

    async def test_only_administrators_bill(self, bob: Visitor, certificate: UUID) -> None:
        (one,) = await started(bob, certificate)
        assert (await bob.api.put(f"/downloads/{one}/estado", json={"estado": "Facturado"})).status_code == 403
        answer = await bob.api.put("/downloads/batch/estado", json={"ids": [one], "estado": "Facturado"})
        assert answer.status_code == 403

    async def test_a_batch_changes_all(
        self, site: Site, admin: Visitor, bob: Visitor, charlie: Visitor, certificate: UUID
    ) -> None:
        ids = [*await started(bob, certificate, 2), *await started(charlie, certificate, 2)]
        body = {"ids": [*ids, ids[0]], "estado": "Facturado"}
        told = (await admin.api.put("/downloads/batch/estado", json=body)).json()
        assert (told["updated"], told["updatedIds"]) == (4, ids)
        assert "message" in told
        rows = await site.audited("BATCH_CHANGE_STATUS")
        assert len(rows) == 4
        assert len({row.despues["lote"] for row in rows if row.despues}) == 1
        assert (await bob.api.get("/downloads/limits")).json()["pendientes"] == 0
        assert (await admin.api.put("/downloads/batch/estado", json=body)).json()["updated"] == 0

    async def test_a_batch_with_an_unknown_id_changes_nothing(
        self, admin: Visitor, bob: Visitor, certificate: UUID
    ) -> None:
        ids = await started(bob, certificate, 2)
        answer = await admin.api.put("/downloads/batch/estado", json={"ids": [*ids, UNKNOWN], "estado": "Facturado"})
        assert answer.status_code == 404
        assert answer.json()["notFound"] == [UNKNOWN]
        assert (await bob.api.get("/downloads/limits")).json()["pendientes"] == 2

    @pytest.mark.parametrize("ids", [[], ["uuid1"], [str(UUID(int=n)) for n in range(1001)]])
    async def test_empty_malformed_or_too_long_batches_are_400(self, admin: Visitor, ids: list[str]) -> None:
        answer = await admin.api.put("/downloads/batch/estado", json={"ids": ids, "estado": "Facturado"})
        assert answer.status_code == 400


class TestLists:
    async def test_pages_have_the_documented_pagination(
        self, admin: Visitor, bob: Visitor, certificate: UUID, clock: MovableClock
    ) -> None:
        ids = []
        for _ in range(5):
            ids += await started(bob, certificate)
            clock.move(minutes=1)
        told = (await admin.api.get("/downloads", params={"page": 2, "limit": 2})).json()
        assert [row["id_descarga"] for row in told["descargas"]] == [ids[2], ids[1]]
        assert {name: told["pagination"][name] for name in ("page", "limit", "total", "pages")} == {
            "page": 2,
            "limit": 2,
            "total": 5,
            "pages": 3,
        }
        cursor = told["pagination"]["cursor"]
        last = (await admin.api.get("/downloads", params={"cursor": cursor, "limit": 2})).json()
        assert [row["id_descarga"] for row in last["descargas"]] == [ids[0]]
        assert last["pagination"]["cursor"] is None

    async def test_past_the_end_is_empty(self, admin: Visitor) -> None:
        told = (await admin.api.get("/downloads", params={"page": 9})).json()
        assert told["descargas"] == []
        assert told["pagination"]["pages"] == 0

    @pytest.mark.parametrize(
        "query",
        [
            {"page": "0"},
            {"limit": "0"},
            {"limit": "201"},
            {"page": "x"},
            {"estado": "otro"},
            {"fecha_desde": "0"},
            {"fecha_desde": "2026-02-30"},
            {"fecha_desde": "2026-03-02", "fecha_hasta": "2026-03-01"},
            {"usuario_id": "x"},
            {"controlador_id": "???"},
            {"cursor": "no"},
        ],
    )
    async def test_wrong_queries_are_400(self, admin: Visitor, query: dict[str, str]) -> None:
        assert (await admin.api.get("/downloads", params=query)).status_code == 400

    async def test_filters_agree_with_their_totals(
        self, site: Site, admin: Visitor, bob: Visitor, charlie: Visitor, certificate: UUID
    ) -> None:
        other = await site.certificate("SESHIA0000001372")
        first, *_ = await started(bob, certificate, 3)
        await started(charlie, other, 2)
        await admin.api.put(f"/downloads/{first}/estado", json={"estado": "Facturado"})

        async def total(**query: str | int) -> int:
            told = (await admin.api.get("/downloads", params=query)).json()
            assert len(told["descargas"]) == told["pagination"]["total"]
            return int(told["pagination"]["total"])

        assert await total() == 5
        assert await total(estado="Facturado") == 1
        assert await total(estado="Pendiente de Facturar", usuario_id=bob.user.id) == 2
        assert await total(controlador_id="seshia-1372") == 2
        assert await total(cuit="20-1234") == 3
        assert await total(fecha_desde="2026-03-02", fecha_hasta="2026-03-02") == 5
        assert await total(fecha_hasta="2026-03-01") == 0

    async def test_only_administrators_see_all(self, bob: Visitor) -> None:
        assert (await bob.api.get("/downloads")).status_code == 403

    async def test_ones_own_by_two_ways(self, bob: Visitor, charlie: Visitor, certificate: UUID) -> None:
        ids = await started(bob, certificate, 2)
        mine = (await bob.api.get("/downloads/my-downloads")).json()
        by_user = (await bob.api.get(f"/downloads/usuario/{bob.user.id}")).json()
        assert {row["id_descarga"] for row in by_user} == set(ids)
        assert mine["descargas"] == by_user
        for path in (f"/downloads/usuario/{bob.user.id}", f"/downloads/usuario/{bob.user.id}/summary"):
            assert (await charlie.api.get(path)).status_code == 404
        assert (await bob.api.get("/downloads/usuario/999999")).status_code == 404

    async def test_the_summary_has_the_seven_fields_as_numbers(
        self, admin: Visitor, bob: Visitor, certificate: UUID
    ) -> None:
        ids = await started(bob, certificate, 4)
        await admin.api.put("/downloads/batch/estado", json={"ids": ids[:1], "estado": "Facturado"})
        assert (await admin.api.get(f"/downloads/usuario/{bob.user.id}/summary")).json() == {
            "total_descargas": 4,
            "pendientes": 3,
            "facturadas": 1,
            "limite_descargas": 10,
            "nombre": "Bob",
            "percentage_used": 30,
            "can_download": True,
        }

    async def test_the_limit_can_be_lowered_below_what_is_pending(
        self, admin: Visitor, bob: Visitor, certificate: UUID
    ) -> None:
        await started(bob, certificate, 3)
        path = f"/downloads/usuario/{bob.user.id}/limite"
        assert (await admin.api.put(path, json={"limite_descargas": 2})).json()["can_download"] is False
        assert (await start(bob, certificate)).status_code == 403
        for wrong in (-1, 1.5, "x", None):
            assert (await admin.api.put(path, json={"limite_descargas": wrong})).status_code == 400


class TestCatalogue:
    @pytest.mark.parametrize(
        "query",
        [
            {"controlador_id": "seshia-1371"},
            {"search": "SESHIA001371"},
            {"search": "0001371"},
            {"search": "sh-ia"},
            {"search": "caja numero"},
        ],
    )
    async def test_is_searched_by_any_form_and_name(self, site: Site, bob: Visitor, query: dict[str, str]) -> None:
        wanted = await site.certificate(name="Caja Número 1")
        await site.certificate("EPEPAA0000000007", name="Otra")
        found = (await bob.api.get("/downloads/certificates/available", params=query)).json()
        assert [one["id_certificado"] for one in found] == [str(wanted)]

    @pytest.mark.parametrize("search", ["%", "_", "\\", "%%SESHIA"])
    async def test_wildcards_are_letters(self, bob: Visitor, certificate: UUID, search: str) -> None:
        assert certificate
        found = (await bob.api.get("/downloads/certificates/available", params={"search": search})).json()
        assert [one["controlador_id"] for one in found] in ([], [DEVICE]) if search == "%%SESHIA" else found == []

    async def test_shows_the_newest_of_a_device_in_force(
        self, site: Site, bob: Visitor, certificate: UUID, clock: MovableClock
    ) -> None:
        newer = await site.certificate(age_days=3)
        found = (await bob.api.get("/downloads/certificates/available")).json()
        assert [one["id_certificado"] for one in found] == [str(newer)]
        older = (await bob.api.get(f"/downloads/certificates/{certificate}/preview")).json()
        assert older["estado"] == "reemplazado"
        clock.move(days=800)
        assert (await bob.api.get("/downloads/certificates/available")).json() == []

    async def test_preview_tells_all_but_the_content(self, bob: Visitor, certificate: UUID) -> None:
        path = f"/downloads/certificates/{certificate}/preview"
        told = (await bob.api.get(path)).json()
        assert told["controlador_id"] == DEVICE
        assert told["estado"] == "vigente"
        assert told["bits"] == 1024
        assert told["tamaño"] == len(a_bundle())
        assert told["emisor"] == "CN=Controladores Fiscales Test,O=AFIP,C=AR"
        assert told["ya_descargado"] is False
        assert "BEGIN" not in str(told)
        await started(bob, certificate)
        assert (await bob.api.get(path)).json()["ya_descargado"] is True
        assert (await bob.api.get(f"/downloads/certificates/{UNKNOWN}/preview")).status_code == 404

    async def test_an_upload_judges_each_file_on_its_own(self, site: Site, admin: Visitor) -> None:
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr("lote/SESHIA0000001380-x.pem", a_bundle("SESHIA0000001380"))
            archive.writestr("lote/SESHIA0000009999-x.pem", a_bundle("SESHIA0000001381"))
            archive.writestr("__MACOSX/lote/._x.pem", b"x")
            archive.writestr("lote/leeme.md", b"x")
        files = [
            ("archivos", ("uno.pem", a_bundle(), "application/x-pem-file")),
            ("archivos", ("dos.pem", a_bundle(), "application/x-pem-file")),
            ("archivos", ("lote.zip", packed.getvalue(), "application/zip")),
            ("archivos", ("nada.pem", b"nada", "application/x-pem-file")),
        ]
        answer = await admin.api.post("/downloads/certificates", files=files)
        assert answer.status_code == 201
        told = answer.json()
        assert (told["aceptados"], told["rechazados"]) == (2, 3)
        assert [one["error"] for one in told["archivos"]] == [
            None,
            "CERTIFICATE_KNOWN",
            None,
            "OTHER_CONTROLADOR",
            "NO_DEVICE_CERTIFICATE",
        ]
        assert len(await site.audited("UPLOAD_CERTIFICATE")) == 2

    async def test_a_broken_zip_or_no_file_is_400(self, admin: Visitor) -> None:
        for content in (b"PK\x03\x04basura", b""):
            files = [("archivos", ("x.zip", content, "application/zip"))]
            assert (await admin.api.post("/downloads/certificates", files=files)).status_code == 400

    async def test_only_administrators_upload(self, bob: Visitor) -> None:
        files = [("archivos", ("x.pem", a_bundle(), "application/x-pem-file"))]
        assert (await bob.api.post("/downloads/certificates", files=files)).status_code == 403


class TestMetrics:
    async def test_have_the_six_documented_fields_and_agree(
        self, admin: Visitor, bob: Visitor, charlie: Visitor, certificate: UUID, clock: MovableClock
    ) -> None:
        await started(charlie, certificate, 2)
        clock.move(days=31)
        ids = await started(bob, certificate, 3)
        await admin.api.put(f"/downloads/{ids[0]}/estado", json={"estado": "Facturado"})
        assert (await admin.api.get("/metrics")).json() == {
            "total_usuarios": 3,
            "total_descargas": 5,
            "pendientes_facturar": 4,
            "descargas_mes": 3,
            "usuarios_activos": 3,
            "top_usuarios": [{"nombre": "Bob", "descargas": 3}, {"nombre": "Charlie", "descargas": 2}],
        }

    async def test_are_for_administrators(self, bob: Visitor) -> None:
        assert (await bob.api.get("/metrics")).status_code == 403


class TestCsv:
    async def test_has_every_row_of_the_filter_and_is_audited(
        self, site: Site, admin: Visitor, bob: Visitor, charlie: Visitor
    ) -> None:
        odd = await site.certificate(name="=SUM(1)")
        await started(bob, odd, 3)
        await started(charlie, odd)
        answer = await admin.api.get("/reportes/descargas/csv", params={"usuario_id": bob.user.id})
        assert answer.headers["content-type"].startswith("text/csv")
        assert answer.headers["content-disposition"] == 'attachment; filename="descargas-2026-03-02.csv"'
        header, *rows = answer.content.decode("utf-8-sig").splitlines()
        assert header == (
            "id_descarga,fecha,usuario,cuit,certificado_nombre,controlador_id,estado,tamaño,checksum,ip_origen"
            ",precio,moneda"
        )
        assert len(rows) == 3
        assert f"Bob,20-12345678-6,'=SUM(1),{DEVICE},Pendiente de Facturar" in rows[0]
        (exported,) = await site.audited("EXPORT_CSV")
        assert exported.despues == {"filas": 3, "filtros": {"usuario_id": bob.user.id}, "completo": True}

    async def test_is_for_administrators_and_refuses_wrong_filters(self, admin: Visitor, bob: Visitor) -> None:
        assert (await bob.api.get("/reportes/descargas/csv")).status_code == 403
        assert (await admin.api.get("/reportes/descargas/csv", params={"estado": "x"})).status_code == 400

    async def test_the_users_file_counts_what_is_pending(self, admin: Visitor, bob: Visitor, certificate: UUID) -> None:
        await started(bob, certificate, 3)
        lines = (await admin.api.get("/reportes/usuarios/csv")).content.decode("utf-8-sig").splitlines()
        (line,) = [line for line in lines if ",Bob," in line]
        assert ",10,3," in line
