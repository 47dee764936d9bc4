"""Many e.firmas at once: looked at first, loaded line by line, nothing left in clear."""

from __future__ import annotations

import base64
import io
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path

import httpx2
import pytest

from acuse.kernel.errors import InvalidInput
from acuse.mx.certificates.lookalike import Holder
from acuse.mx.contribuyentes.service import BatchLoads, ContribuyentesService, batch_of, files_of
from acuse.mx.contribuyentes.service.batch_files import read_lines
from acuse.mx.rfc import Rfc
from tests.mx.contribuyentes.conftest import People
from tests.mx.contribuyentes.site import Site, Visitor
from tests.mx.contribuyentes.test_cli import Desk
from tests.mx.contribuyentes.test_service import dump
from tests.support.efirmas import COMPANY, ENYE_AND_AMPERSAND, PASSWORD, PERSON, a_csd, an_efirma, an_expired_efirma

API = "/api/v1/sat/contribuyentes"
PAGE = "/app/contribuyentes/lote"
FOURTH = Holder(rfc=Rfc.parse("MAB9307148T4"), name="MADERAS Y BARNICES", representative_rfc=PERSON.rfc)

Files = Mapping[str, bytes]


def good_files() -> dict[str, bytes]:
    """Three clients as offices keep them: a folder each, one folder for two, names that match or do not."""
    person, company, enye = an_efirma(), an_efirma(COMPANY), an_efirma(ENYE_AND_AMPERSAND)
    lines = [f"{PERSON.rfc},{PASSWORD}", f"{COMPANY.rfc},{PASSWORD}", f"{ENYE_AND_AMPERSAND.rfc},{PASSWORD}"]
    return {
        "Carlos/00001.cer": person.cer,
        "Carlos/Claveprivada_FIEL.key": person.key,
        "morales/kemper.cer": company.cer,
        "morales/kemper.key": company.key,
        "morales/ñandú.cer": enye.cer,
        "morales/ñandú.key": enye.key,
        "contraseñas.csv": "\r\n".join(["RFC,Contraseña", *lines]).encode("cp1252"),
    }


def packed(files: Files) -> bytes:
    box = io.BytesIO()
    with zipfile.ZipFile(box, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return box.getvalue()


async def send(who: Visitor, files: Files, *, load: bool = False) -> httpx2.Response:
    box = {"archivos": ("lote.zip", packed(files))}
    return await who.api.post(f"{API}/efirmas/lote", files=box, params={"ensayo": str(not load).lower()})


async def names(who: Visitor) -> list[str]:
    return [item["rfc"] for item in (await who.api.get(API)).json()["contribuyentes"] if item["efirma"]]


def told(answer: httpx2.Response) -> list[tuple[str, str, str | None]]:
    return [(row["rfc"] or row["quien"], row["resultado"], row["error"]) for row in answer.json()["renglones"]]


def all_bytes(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


class TestApi:
    async def test_a_trial_changes_nothing_and_the_load_keeps_its_word(self, alice: Visitor) -> None:
        tried = await send(alice, good_files())
        assert (tried.status_code, tried.json()["ensayo"], tried.json()["buenas"]) == (200, True, 3)
        assert (await alice.api.get(API)).json()["contribuyentes"] == []
        loaded = await send(alice, good_files(), load=True)
        assert (loaded.json()["ensayo"], loaded.json()["renglones"]) == (False, tried.json()["renglones"])
        rfcs = sorted(str(holder.rfc) for holder in (PERSON, COMPANY, ENYE_AND_AMPERSAND))
        assert sorted(await names(alice)) == rfcs

    async def test_half_good_keeps_the_good_and_names_each_fault(self, alice: Visitor, charlie: Visitor) -> None:
        files = good_files()
        csd, old, fourth = (
            a_csd(),
            an_expired_efirma(Holder(rfc=Rfc.parse("XIA190128J61"), name="XENON")),
            an_efirma(FOURTH),
        )
        owned = {"cer": ("x.cer", fourth.cer), "key": ("x.key", fourth.key)}
        await charlie.api.put(f"{API}/{FOURTH.rfc}/efirma", files=owned, data={"password": PASSWORD})
        files |= {"x/csd.cer": csd.cer, "x/csd.key": csd.key, "old.cer": old.cer, "old.key": old.key}
        files |= {"m/m.cer": fourth.cer, "m/m.key": fourth.key, "k/solo.cer": an_efirma(renewal=1).cer}
        files["contraseñas.csv"] = "\n".join(
            [
                "cer;key;contraseña",
                f"Carlos/00001.cer;;{PASSWORD}",
                "kemper.cer;;equivocada",
                f"csd;;{PASSWORD}",
                f"XIA190128J61;;{PASSWORD}",
                f"MAB9307148T4;;{PASSWORD}",
                f"solo;nada.key;{PASSWORD}",
                f"AAA010101AAA;;{PASSWORD}",
                f"cosc8001137na;;{PASSWORD}",
            ]
        ).encode()
        answer = await send(alice, files, load=True)
        assert told(answer) == [
            ("COSC8001137NA", "nueva", None),
            ("EKU9003173C9", "rechazada", "WRONG_KEY_PASSWORD"),
            ("COSC8001137NA", "rechazada", "CSD_INSTEAD_OF_EFIRMA"),
            ("XIA190128J61", "rechazada", "EFIRMA_EXPIRED"),
            ("MAB9307148T4", "rechazada", "CONTRIBUYENTE_OWNED_BY_ANOTHER"),
            ("COSC8001137NA", "rechazada", "BATCH_WITHOUT_KEY"),
            ("AAA010101AAA", "rechazada", "BATCH_WITHOUT_CERTIFICATE"),
            ("COSC8001137NA", "rechazada", "BATCH_LINE_REPEATED"),
            (str(ENYE_AND_AMPERSAND.rfc), "rechazada", "BATCH_WITHOUT_PASSWORD"),
        ]
        assert [row["renglon"] for row in answer.json()["renglones"]] == [2, 3, 4, 5, 6, 7, 8, 9, None]
        assert await names(alice) == [str(PERSON.rfc)]
        assert PASSWORD not in answer.text
        assert "equivocada" not in answer.text

    async def test_a_second_load_finds_them_in_use_and_a_renewal_replaces(self, alice: Visitor) -> None:
        await send(alice, good_files(), load=True)
        again = await send(alice, good_files(), load=True)
        assert {row["resultado"] for row in again.json()["renglones"]} == {"igual"}
        newer = an_efirma(renewal=1)
        files = good_files() | {"nueva/2026.cer": newer.cer, "nueva/2026.key": newer.key}
        assert told(await send(alice, files, load=True))[0] == (str(PERSON.rfc), "reemplaza", None)
        status = (await alice.api.get(f"{API}/{PERSON.rfc}/efirma")).json()
        assert status["numero_serie"] == newer.pair.certificate.number

    async def test_loose_files_do_as_well(self, alice: Visitor) -> None:
        sent = [("archivos", (name, content)) for name, content in good_files().items()]
        answer = await alice.api.post(f"{API}/efirmas/lote", files=sent, params={"ensayo": "false"})
        assert answer.json()["buenas"] == 3

    @pytest.mark.parametrize(
        ("files", "code"),
        [
            ({"a.cer": b"x"}, "PASSWORD_LIST_MISSING"),
            ({"a.csv": b"rfc,password\nA,b", "b.csv": b"rfc,password\nA,b"}, "PASSWORD_LIST_MISSING"),
            ({"a.csv": b"\n\n"}, "PASSWORD_LIST_UNREADABLE"),
            ({"a.csv": b"rfc,password\n"}, "PASSWORD_LIST_UNREADABLE"),
            ({"a.csv": b"x" * 300_000}, "BATCH_TOO_LARGE"),
            ({f"{number}.cer": bytes(250_000) for number in range(130)}, "BATCH_TOO_LARGE"),
            ({f"{number}.cer": b"" for number in range(2001)}, "BATCH_TOO_LARGE"),
        ],
    )
    async def test_a_batch_that_is_none_is_told_whole(self, alice: Visitor, files: Files, code: str) -> None:
        answer = await send(alice, files)
        assert answer.json()["error"] == code
        assert answer.status_code in {400, 413}

    async def test_a_broken_zip_and_a_locked_one_are_told(self, alice: Visitor) -> None:
        whole = packed(good_files())
        locked = bytearray(whole)
        at = locked.index(b"PK\x01\x02")
        locked[at + 8] |= 1
        locked[6] |= 1
        for content in (whole[:200] + b"\0" * 200 + whole[400:], whole[:300], bytes(locked)):
            box = {"archivos": ("lote.zip", content)}
            answer = await alice.api.post(f"{API}/efirmas/lote", files=box)
            assert (answer.status_code, answer.json()["error"]) == (400, "BATCH_UNREADABLE")

    async def test_more_than_memory_holds_unspooled_is_refused(self, alice: Visitor) -> None:
        box = {"archivos": ("lote.zip", b"0" * 1_000_001)}
        assert (await alice.api.post(f"{API}/efirmas/lote", files=box)).status_code == 413

    async def test_nothing_of_a_batch_is_left_in_clear(self, site: Site, alice: Visitor, tmp_path: Path) -> None:
        for load in (False, True):
            await send(alice, good_files(), load=load)
        stored = await dump(site.house.database)
        stored += all_bytes(tmp_path)
        secrets = (PASSWORD.encode(), PASSWORD.encode("cp1252"), an_efirma().pair.private_key.to_der()[300:360])
        for secret in (*secrets, an_efirma().key[100:160]):
            assert secret not in stored
            assert secret.hex().encode() not in stored
            assert base64.b64encode(secret) not in stored


class TestList:
    @pytest.mark.parametrize(
        "text",
        [
            "rfc,contraseña\nA, b ñ,",
            "RFC;CONTRASEÑA\r\nA; b ñ",
            "A\t b ñ",
            "\ufeffClave,otra,RFC\n b ñ,x,A",
            'A," b ñ"\n\n',
        ],
    )
    def test_every_usual_way_to_write_it(self, text: str) -> None:
        [line] = read_lines(text.encode())
        assert (line.who, line.password) == ("A", " b ñ")
        assert " b ñ" not in repr(line)

    def test_a_column_named_key_points_at_the_file(self) -> None:
        [line] = read_lines(b"cer,key,password\na.cer,b.key,x")
        assert (line.number, line.who, line.key) == (2, "a.cer", "b.key")

    def test_what_systems_leave_beside_the_files_is_passed_over(self) -> None:
        files = files_of(
            "x.zip", packed({"__MACOSX/._a.csv": b"x", ".oculto.csv": b"x", "a.csv": b"A,b", "b.doc": b""})
        )
        assert [line.who for line in batch_of(files).lines] == ["A"]

    def test_junk_is_no_batch(self) -> None:
        with pytest.raises(InvalidInput):
            batch_of(files_of("x.zip", b"PK\x03\x04" + b"\0" * 100))


class TestPage:
    async def test_look_then_load(self, alice: Visitor) -> None:
        assert "Cargar muchas e.firmas" in (await alice.browser.get(PAGE)).text
        box = {"archivos": ("lote.zip", packed(good_files()))}
        looked = await alice.browser.post(PAGE, files=box, data={"accion": "revisar"})
        assert "no se cargó nada todavía" in looked.text
        assert await names(alice) == []
        loaded = await alice.browser.post(PAGE, files=box, data={"accion": "cargar"}, headers={"HX-Request": "true"})
        assert loaded.text.startswith('<div id="resultado"')
        assert "Carga terminada" in loaded.text
        assert len(await names(alice)) == 3

    async def test_a_batch_without_a_list_is_told(self, alice: Visitor) -> None:
        answer = await alice.browser.post(PAGE, files={"archivos": ("a.cer", an_efirma().cer)})
        assert (answer.status_code, "PASSWORD_LIST_MISSING" in answer.text) == (400, True)
        assert (await alice.browser.post(PAGE)).status_code == 400


class TestCli:
    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        place = tmp_path / "lote"
        for name, content in good_files().items():
            path = place / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        return place

    async def test_a_folder_is_looked_at_then_loaded(
        self,
        service: ContribuyentesService,
        people: People,
        folder: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        desk = Desk(BatchLoads(service))
        await desk.run("import", str(folder), "--dry-run")
        assert desk.said == ["Revisión: 3 buenas, 0 rechazadas.", "No se cargó nada."]
        monkeypatch.setattr(sys, "stdin", io.StringIO("n\n"))
        await desk.run("import", str(folder))
        assert await service.visible_to(people.alice) == []
        await desk.run("import", str(folder), "--yes", "--owner", str(people.alice.id))
        assert desk.said[-1] == "Carga: 3 buenas, 0 rechazadas."
        assert len(await service.visible_to(people.alice)) == 3
        assert PASSWORD not in str(desk.shown)

    async def test_a_zip_does_as_well_and_a_missing_place_is_told(
        self, service: ContribuyentesService, tmp_path: Path
    ) -> None:
        desk = Desk(BatchLoads(service))
        (tmp_path / "x.zip").write_bytes(packed(good_files()))
        await desk.run("import", str(tmp_path / "x.zip"), "--yes")
        assert desk.said[-1] == "Carga: 3 buenas, 0 rechazadas."
        with pytest.raises(InvalidInput):
            await desk.run("import", str(tmp_path / "nada"), "--yes")
