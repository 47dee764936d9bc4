"""Clients written down before their e.firma is here, and who may act for them."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from tests.mx.contribuyentes.site import Site, Visitor
from tests.support.efirmas import COMPANY, PASSWORD, PERSON, an_efirma

API = "/api/v1/sat/contribuyentes"
PAGES = "/app/contribuyentes"
RFC = str(PERSON.rfc)


async def add(who: Visitor, rfc: str = RFC, **more: object) -> None:
    assert (await who.api.post(API, json={"rfc": rfc, **more})).status_code == 201


async def load(who: Visitor) -> int:
    files = {"cer": ("x.cer", an_efirma().cer), "key": ("x.key", an_efirma().key)}
    return (await who.api.put(f"{API}/{RFC}/efirma", files=files, data={"password": PASSWORD})).status_code


class TestAdd:
    async def test_a_client_is_here_before_the_efirma(self, alice: Visitor) -> None:
        sent = await alice.api.post(API, json={"rfc": " cosc-800113-7na ", "descarga_diaria": True})
        assert sent.status_code == 201
        told = sent.json()
        assert (told["rfc"], told["estado"], told["acceso"], told["efirma"]) == (RFC, "sin_efirma", "dueño", None)
        assert told["descarga_diaria"] is True
        figures = {"ultima_descarga": None, "faltantes": None}
        assert (await alice.api.get(f"{API}/{RFC}")).json() == told | figures

    async def test_the_name_comes_with_the_efirma_unless_the_office_chose_one(self, alice: Visitor) -> None:
        await add(alice)
        assert await load(alice) == 200
        assert (await alice.api.get(f"{API}/{RFC}")).json()["nombre"] == PERSON.name
        changed = await alice.api.patch(f"{API}/{RFC}", json={"nombre": "Don Carlos"})
        assert changed.json()["nombre"] == "Don Carlos"
        newer = an_efirma(renewal=1)
        files = {"cer": ("x.cer", newer.cer), "key": ("x.key", newer.key)}
        await alice.api.put(f"{API}/{RFC}/efirma", files=files, data={"password": PASSWORD})
        assert (await alice.api.get(f"{API}/{RFC}")).json()["nombre"] == "Don Carlos"
        cleared = await alice.api.patch(f"{API}/{RFC}", json={"nombre": ""})
        assert cleared.json()["nombre"] == PERSON.name

    @pytest.mark.parametrize(
        ("body", "status", "code"),
        [
            ({"rfc": "HOLA"}, 400, "INVALID_RFC_FORM"),
            ({"rfc": "XAXX010101000"}, 400, "RFC_GENERIC"),
            ({"rfc": RFC, "nombre": "N" * 301}, 400, "VALIDATION_ERROR"),
            ({"nombre": "Sin RFC"}, 400, "VALIDATION_ERROR"),
            ({"rfc": RFC, "dueno": 1}, 400, "VALIDATION_ERROR"),
        ],
    )
    async def test_what_cannot_be_one_is_refused(
        self, alice: Visitor, body: dict[str, str], status: int, code: str
    ) -> None:
        answer = await alice.api.post(API, json=body)
        assert (answer.status_code, answer.json()["error"]) == (status, code)

    async def test_twice_is_told_and_so_is_somebody_elses(self, alice: Visitor, charlie: Visitor) -> None:
        await add(alice)
        again = await alice.api.post(API, json={"rfc": RFC})
        assert (again.status_code, again.json()["error"]) == (409, "CONTRIBUYENTE_EXISTS")
        taken = await charlie.api.post(API, json={"rfc": RFC})
        assert (taken.status_code, taken.json()["error"]) == (409, "CONTRIBUYENTE_UNPROVEN")
        assert await load(alice) == 200
        owned = await charlie.api.post(API, json={"rfc": RFC})
        assert (owned.status_code, owned.json()["error"]) == (409, "CONTRIBUYENTE_OWNED_BY_ANOTHER")


class TestProof:
    async def test_the_efirma_takes_the_rfc_from_whoever_only_wrote_it_down(
        self, site: Site, alice: Visitor, bob: Visitor, charlie: Visitor
    ) -> None:
        await add(charlie)
        for friend, level in ((alice, "lectura"), (bob, "dueño")):
            given = await charlie.api.put(f"{API}/{RFC}/accesos/{friend.user.id}", json={"nivel": level})
            assert given.status_code == 204
        assert await load(alice) == 200
        people = (await alice.api.get(f"{API}/{RFC}/accesos")).json()["accesos"]
        assert [(item["nombre"], item["nivel"]) for item in people] == [("Alice", "dueño")]
        assert [(await who.api.get(f"{API}/{RFC}")).status_code for who in (bob, charlie)] == [404, 404]
        async with site.house.database.transaction() as tx:
            ended = await tx.execute(text("select antes from auditoria where accion = 'REVOKE_ACCESS' order by seq"))
            assert {row.antes["id_usuario"] for row in ended} == {bob.user.id, charlie.user.id}

    async def test_whoever_wrote_it_down_and_proves_it_keeps_their_people(self, alice: Visitor, bob: Visitor) -> None:
        await add(alice)
        await alice.api.put(f"{API}/{RFC}/accesos/{bob.user.id}", json={"nivel": "operacion"})
        assert await load(alice) == 200
        assert (await bob.api.get(f"{API}/{RFC}")).json()["acceso"] == "operacion"

    async def test_a_removed_efirma_still_proves(self, alice: Visitor, charlie: Visitor) -> None:
        await load(alice)
        await alice.api.delete(f"{API}/{RFC}/efirma")
        assert await load(charlie) == 409


class TestChange:
    async def test_the_switch_needs_operacion(self, alice: Visitor, bob: Visitor, charlie: Visitor) -> None:
        await add(alice)
        door, switch = f"{API}/{RFC}", {"descarga_diaria": True}
        assert (await charlie.api.patch(door, json=switch)).status_code == 404
        await alice.api.put(f"{door}/accesos/{bob.user.id}", json={"nivel": "lectura"})
        assert (await bob.api.patch(door, json=switch)).status_code == 403
        await alice.api.put(f"{door}/accesos/{bob.user.id}", json={"nivel": "operacion"})
        assert (await bob.api.patch(door, json=switch)).json()["descarga_diaria"] is True

    async def test_the_switch_of_the_retenciones_is_one_of_its_own(self, site: Site, alice: Visitor) -> None:
        added = await alice.api.post(API, json={"rfc": RFC, "retenciones_diarias": True})
        assert (added.json()["descarga_diaria"], added.json()["retenciones_diarias"]) == (False, True)
        for switch, told in (({"descarga_diaria": True}, True), ({"retenciones_diarias": False}, False)):
            changed = (await alice.api.patch(f"{API}/{RFC}", json=switch)).json()
            assert (changed["descarga_diaria"], changed["retenciones_diarias"]) == (True, told)
        async with site.house.database.transaction() as tx:
            rows = await tx.execute(text("select despues from auditoria where accion = 'UPDATE_TAXPAYER' order by seq"))
            assert [row[0] for row in rows] == [{"descarga_diaria": True}, {"retenciones_diarias": False}]

    async def test_a_change_is_audited_with_what_was_before_and_nothing_is_not(
        self, site: Site, alice: Visitor
    ) -> None:
        await add(alice, nombre="Uno")
        for _ in range(2):
            await alice.api.patch(f"{API}/{RFC}", json={"nombre": "Dos", "descarga_diaria": False})
        async with site.house.database.transaction() as tx:
            rows = await tx.execute(text("select antes, despues from auditoria where accion = 'UPDATE_TAXPAYER'"))
            assert [tuple(row) for row in rows] == [({"nombre": "Uno"}, {"nombre": "Dos"})]


class TestAccess:
    async def test_one_users_access_is_for_owners_and_for_oneself(
        self, alice: Visitor, bob: Visitor, charlie: Visitor
    ) -> None:
        await add(alice)
        door = f"{API}/{RFC}/accesos"
        await alice.api.put(f"{door}/{bob.user.id}", json={"nivel": "lectura"})
        told = (await bob.api.get(f"{door}/{bob.user.id}")).json()
        assert (told["nivel"], told["nombre"], told["cuit"]) == ("lectura", "Bob", "COSC8001137NA")
        assert (await alice.api.get(f"{door}/{bob.user.id}")).json() == told
        assert (await bob.api.get(f"{door}/{alice.user.id}")).status_code == 403
        missing = await alice.api.get(f"{door}/{charlie.user.id}")
        assert (missing.status_code, missing.json()["error"]) == (404, "ACCESO_NOT_FOUND")

    async def test_bob_may_leave_and_the_last_owner_may_not(self, alice: Visitor, bob: Visitor) -> None:
        await add(alice)
        door = f"{API}/{RFC}/accesos"
        await alice.api.put(f"{door}/{bob.user.id}", json={"nivel": "lectura"})
        assert (await bob.api.delete(f"{door}/{alice.user.id}")).status_code == 403
        assert (await bob.api.delete(f"{door}/{bob.user.id}")).status_code == 204
        assert (await bob.api.get(f"{API}/{RFC}")).status_code == 404
        last = await alice.api.delete(f"{door}/{alice.user.id}")
        assert (last.status_code, last.json()["error"]) == (409, "LAST_OWNER")
        lower = await alice.api.put(f"{door}/{alice.user.id}", json={"nivel": "operacion"})
        assert (lower.status_code, lower.json()["error"]) == (409, "LAST_OWNER")

    async def test_a_level_that_is_none_and_a_user_out_of_use_are_refused(
        self, site: Site, alice: Visitor, bob: Visitor
    ) -> None:
        await add(alice)
        door = f"{API}/{RFC}/accesos"
        assert (await alice.api.put(f"{door}/{bob.user.id}", json={"nivel": "rey"})).status_code == 400
        async with site.house.database.transaction() as tx:
            await tx.execute(text("update users set status = 'inactivo' where id = :id"), {"id": bob.user.id})
        for user_id in (bob.user.id, 999_999):
            answer = await alice.api.put(f"{door}/{user_id}", json={"nivel": "lectura"})
            assert (answer.status_code, answer.json()["error"]) == (400, "USER_UNKNOWN")


class TestPages:
    async def test_alice_adds_a_client_and_invites_bob_by_his_rfc(self, alice: Visitor, bob: Visitor) -> None:
        sent = await alice.browser.post(f"{PAGES}/nuevo", data={"rfc": RFC, "nombre": "Carlos"})
        assert (sent.status_code, sent.headers["location"]) == (303, f"{PAGES}/{RFC}")
        page = (await alice.browser.get(f"{PAGES}/{RFC}")).text
        assert "Sin e.firma" in page
        assert "Alice (tú)" in page
        form = {"usuario": bob.user.tax_id.lower(), "nivel": "operacion"}
        assert (await alice.browser.post(f"{PAGES}/{RFC}/accesos", data=form)).status_code == 303
        assert "Bob" in (await alice.browser.get(f"{PAGES}/{RFC}")).text
        seen = (await bob.browser.get(f"{PAGES}/{RFC}")).text
        assert "Guardar datos" in seen
        assert "Dar acceso" not in seen
        data = {"nombre": "Carlos Ortiz", "descarga_diaria": "1", "retenciones_diarias": "1"}
        assert (await bob.browser.post(f"{PAGES}/{RFC}/datos", data=data)).status_code == 303
        told = (await alice.api.get(f"{API}/{RFC}")).json()
        assert (told["nombre"], told["descarga_diaria"], told["retenciones_diarias"]) == ("Carlos Ortiz", True, True)
        assert "Sí, con retenciones" in (await alice.browser.get(PAGES)).text
        assert (await alice.browser.post(f"{PAGES}/{RFC}/accesos/{bob.user.id}/quitar")).status_code == 303
        assert (await bob.browser.get(f"{PAGES}/{RFC}")).status_code == 404

    async def test_faults_stand_beside_their_fields(self, alice: Visitor) -> None:
        wrong = await alice.browser.post(f"{PAGES}/nuevo", data={"rfc": "HOLA"})
        assert (wrong.status_code, "INVALID_RFC_FORM" in wrong.text) == (400, True)
        await add(alice)
        unknown = await alice.browser.post(f"{PAGES}/{RFC}/accesos", data={"usuario": "NADIE", "nivel": "lectura"})
        assert (unknown.status_code, "USER_UNKNOWN" in unknown.text) == (400, True)
        level = await alice.browser.post(f"{PAGES}/{RFC}/accesos", data={"usuario": "NADIE", "nivel": "rey"})
        assert (level.status_code, "Elige un nivel" in level.text) == (400, True)
        last = await alice.browser.post(f"{PAGES}/{RFC}/accesos/{alice.user.id}/quitar")
        assert (last.status_code, "LAST_OWNER" in last.text) == (409, True)

    async def test_to_charlie_it_does_not_exist(self, alice: Visitor, charlie: Visitor) -> None:
        await add(alice, str(COMPANY.rfc))
        base = f"{PAGES}/{COMPANY.rfc}"
        for answer in (
            await charlie.browser.get(base),
            await charlie.browser.post(f"{base}/datos", data={"nombre": "x"}),
            await charlie.browser.post(f"{base}/accesos", data={"usuario": "EKU9003173C9", "nivel": "dueño"}),
            await charlie.browser.post(f"{base}/accesos/{alice.user.id}/quitar"),
        ):
            assert answer.status_code == 404


async def test_an_owner_who_was_deleted_counts_for_none(site: Site, alice: Visitor, bob: Visitor) -> None:
    await add(alice)
    await alice.api.put(f"{API}/{RFC}/accesos/{bob.user.id}", json={"nivel": "dueño"})
    async with site.house.database.transaction() as tx:
        await tx.execute(text("update users set deleted_at = now() where id = :id"), {"id": bob.user.id})
    last = await alice.api.delete(f"{API}/{RFC}/accesos/{alice.user.id}")
    assert last.json()["error"] == "LAST_OWNER"
