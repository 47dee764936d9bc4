"""The errands of Alice, Bob and Charlie over HTTP."""

from __future__ import annotations

import httpx2
import pytest

from acuse.mx.certificates.lookalike import Holder
from acuse.mx.rfc import Rfc
from tests.mx.contribuyentes.site import Site, Visitor
from tests.support.efirmas import (
    COMPANY,
    ENYE_AND_AMPERSAND,
    PASSWORD,
    PERSON,
    a_csd,
    a_future_efirma,
    an_efirma,
    an_expired_efirma,
)

HOME = "/api/v1/sat/contribuyentes"


def at(rfc: Rfc = PERSON.rfc, more: str = "") -> str:
    return f"{HOME}/{rfc.path_segment}{more}"


async def put(
    who: Visitor,
    cer: bytes = an_efirma().cer,
    key: bytes = an_efirma().key,
    password: str = PASSWORD,
    rfc: Rfc = PERSON.rfc,
) -> httpx2.Response:
    files = {"cer": ("x.cer", cer), "key": ("x.key", key)}
    return await who.api.put(at(rfc, "/efirma"), files=files, data={"password": password})


class TestAlice:
    async def test_loads_looks_and_deletes(self, alice: Visitor) -> None:
        assert (await alice.api.get(HOME)).json() == {"contribuyentes": [], "siguiente": None}
        loaded = await put(alice)
        assert loaded.status_code == 200
        told = loaded.json()
        assert (told["rfc"], told["nombre"], told["acceso"]) == (str(PERSON.rfc), PERSON.name, "dueño")
        status = (await alice.api.get(at(more="/efirma"))).json()
        assert status == told["efirma"]
        assert status["numero_serie"] == an_efirma().pair.certificate.number
        assert (status["estado"], status["dias_restantes"]) == ("vigente", 1050)
        listed = {**told, "ultima_descarga": None, "faltantes": None}
        assert (await alice.api.get(HOME)).json() == {"contribuyentes": [listed], "siguiente": None}
        assert (await alice.api.delete(at(more="/efirma"))).status_code == 204
        gone = await alice.api.get(at(more="/efirma"))
        assert (gone.status_code, gone.json()["error"]) == (404, "EFIRMA_NOT_FOUND")
        assert (await alice.api.get(at())).json()["efirma"] is None

    @pytest.mark.parametrize("holder", [COMPANY, ENYE_AND_AMPERSAND])
    async def test_loads_for_a_company_whose_rfc_needs_escaping(self, alice: Visitor, holder: Holder) -> None:
        files = an_efirma(holder)
        assert (await put(alice, files.cer, files.key, rfc=holder.rfc)).status_code == 200
        told = (await alice.api.get(at(holder.rfc))).json()
        assert told["rfc"] == str(holder.rfc)
        assert told["efirma"]["rfc_representante"] == str(holder.representative_rfc)

    async def test_every_fault_of_the_files_has_its_code_and_sentence(self, alice: Visitor) -> None:
        good, csd, old, future = an_efirma(), a_csd(), an_expired_efirma(), a_future_efirma()
        other = an_efirma(COMPANY)
        attempts = {
            "CSD_INSTEAD_OF_EFIRMA": await put(alice, csd.cer, csd.key),
            "EFIRMA_EXPIRED": await put(alice, old.cer, old.key),
            "EFIRMA_NOT_YET_VALID": await put(alice, future.cer, future.key),
            "EFIRMA_OF_ANOTHER_RFC": await put(alice, other.cer, other.key),
            "WRONG_KEY_PASSWORD": await put(alice, password="otra"),
            "KEY_PASSWORD_MISSING": await put(alice, password=""),
            "KEY_DOES_NOT_MATCH": await put(alice, key=an_efirma(renewal=1).key),
            "NOT_A_CERTIFICATE": await put(alice, cer=b"%PDF"),
            "NOT_A_PRIVATE_KEY": await put(alice, key=b"%PDF"),
            "CERTIFICATE_INSTEAD_OF_KEY": await put(alice, key=good.cer),
            "KEY_INSTEAD_OF_CERTIFICATE": await put(alice, cer=good.key),
            "FILE_EMPTY": await put(alice, cer=b""),
        }
        for code, answer in attempts.items():
            told = answer.json()
            assert (answer.status_code, told["error"]) == (400, code)
            assert told["message"].endswith(".")
        large = await put(alice, cer=b"0" * 70_000)
        assert (large.status_code, large.json()["error"]) == (413, "FILE_TOO_LARGE")
        huge = await put(alice, cer=b"0" * 300_000)
        assert (huge.status_code, huge.json()["error"]) == (413, "TOO_LARGE")

    async def test_swapped_files_are_put_right(self, alice: Visitor) -> None:
        assert (await put(alice, an_efirma().key, an_efirma().cer)).status_code == 200

    async def test_a_missing_file_names_its_field(self, alice: Visitor) -> None:
        answer = await alice.api.put(at(more="/efirma"), files={"cer": ("x.cer", an_efirma().cer)})
        assert answer.status_code == 400
        assert answer.json()["error"] == "VALIDATION_ERROR"
        assert "key" in str(answer.json()["details"])

    async def test_an_rfc_of_wrong_form_is_told(self, alice: Visitor) -> None:
        answer = await alice.api.get(f"{HOME}/HOLA")
        assert (answer.status_code, answer.json()["error"]) == (400, "INVALID_RFC_FORM")

    async def test_invites_bob_and_takes_it_back(self, alice: Visitor, bob: Visitor) -> None:
        await put(alice)
        door = at(more=f"/accesos/{bob.user.id}")
        assert (await bob.api.get(at())).status_code == 404
        assert (await alice.api.put(door, json={"nivel": "lectura"})).status_code == 204
        assert (await bob.api.get(at())).json()["acceso"] == "lectura"
        people = (await alice.api.get(at(more="/accesos"))).json()["accesos"]
        assert [(item["id_usuario"], item["nivel"]) for item in people] == [
            (alice.user.id, "dueño"),
            (bob.user.id, "lectura"),
        ]
        assert (await alice.api.delete(door)).status_code == 204
        assert (await bob.api.get(at())).status_code == 404


class TestOthers:
    async def test_bob_with_a_lower_level_is_refused_with_the_reason(self, alice: Visitor, bob: Visitor) -> None:
        await put(alice)
        await alice.api.put(at(more=f"/accesos/{bob.user.id}"), json={"nivel": "operacion"})
        for answer in (await bob.api.delete(at(more="/efirma")), await put(bob)):
            assert (answer.status_code, answer.json()["error"]) == (403, "ACCESS_LEVEL_TOO_LOW")

    async def test_to_charlie_it_does_not_exist(self, alice: Visitor, charlie: Visitor) -> None:
        await put(alice)
        assert (await charlie.api.get(HOME)).json() == {"contribuyentes": [], "siguiente": None}
        for rfc in (PERSON.rfc, COMPANY.rfc):
            for answer in (
                await charlie.api.get(at(rfc)),
                await charlie.api.get(at(rfc, "/efirma")),
                await charlie.api.delete(at(rfc, "/efirma")),
                await charlie.api.get(at(rfc, "/accesos")),
                await charlie.api.put(at(rfc, f"/accesos/{charlie.user.id}"), json={"nivel": "dueño"}),
                await charlie.api.delete(at(rfc, f"/accesos/{alice.user.id}")),
            ):
                assert (answer.status_code, answer.json()["error"]) == (404, "CONTRIBUYENTE_NOT_FOUND")

    async def test_charlie_holding_the_same_files_is_told_it_is_owned(self, alice: Visitor, charlie: Visitor) -> None:
        await put(alice)
        answer = await put(charlie)
        assert (answer.status_code, answer.json()["error"]) == (409, "CONTRIBUYENTE_OWNED_BY_ANOTHER")

    async def test_nobody_gets_in_without_a_token(self, site: Site, alice: Visitor) -> None:
        stranger = await site.client()
        assert (await stranger.get(HOME)).status_code == 401
        assert (await alice.browser.get(HOME)).status_code == 401
