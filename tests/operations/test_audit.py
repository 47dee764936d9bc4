"""The audit as administrators read it, take it out, and hold it against its checkpoints."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest
from sqlalchemy import text

from acuse.accounts import AccountsService, Role
from acuse.accounts.rights import Identity, scopes_for
from acuse.accounts.service import ApiTokenService
from acuse.kernel.audit import SYSTEM, Actor, AuditAction
from acuse.kernel.audit.chain import AuditKeys, canonical, link
from acuse.kernel.clock import MovableClock
from acuse.kernel.files import Files
from acuse.operations.service import AuditDesk
from tests.operations.conftest import Place

FIELDS = {
    "id_auditoria", "actor_id", "actor_nombre", "accion", "objetivo_tipo", "objetivo_id", "timestamp", "ip", "antes",
    "despues",
}  # fmt: skip


@pytest.fixture
def environment(environment: dict[str, str], tmp_path: Path) -> dict[str, str]:
    outside = (tmp_path / "fuera").as_uri()
    return environment | {"PASSWORD_HASH_MEMORY_KIB": "1024", "AUDIT_CHECKPOINT_TO": f"{outside}, jefa@example.org"}


@pytest.fixture
async def api(place: Place) -> httpx2.AsyncClient:
    """A program of Alice's."""
    alice = await place.services[AccountsService].find("20123456786")
    scopes = [right.value for right in scopes_for(Role.ADMINISTRADOR)]
    token = await place.services[ApiTokenService].create(
        Identity.of(alice), name="todo", scopes=scopes, expires_at=None
    )
    place.visitor.headers["Authorization"] = f"Bearer {token.secret}"
    return place.visitor


async def record(place: Place, number: int, *, action: AuditAction = AuditAction.UPDATE_USER, **changes: Any) -> None:
    fields: dict[str, Any] = {"actor": Actor(7, "Carla", "192.0.2.1"), "target_type": "cosas", "target_id": str(number)}
    async with place.house.database.transaction() as tx:
        await place.house.audit.record(tx, action, **(fields | changes))


async def tamper(place: Place, *statements: str) -> None:
    """Do what the triggers refuse, as the owner of the tables could."""
    async with place.house.database.transaction() as tx:
        for table in ("auditoria", "auditoria_cabeza", "auditoria_puntos", "auditoria_archivos"):
            await tx.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
        for statement in statements:
            await tx.execute(text(statement))
        for table in ("auditoria", "auditoria_cabeza", "auditoria_puntos", "auditoria_archivos"):
            await tx.execute(text(f"ALTER TABLE {table} ENABLE TRIGGER USER"))


class TestList:
    async def test_has_the_documented_fields_newest_first(self, place: Place, api: httpx2.AsyncClient) -> None:
        await record(place, 1, action=AuditAction.CREATE_USER, after={"nombre": "Juan", "rol": 2})
        body = (await api.get("/audit")).json()
        newest = body["auditorias"][0]
        assert set(newest) >= FIELDS
        assert (newest["accion"], newest["objetivo_id"], newest["antes"]) == ("CREATE_USER", "1", None)
        assert newest["despues"] == {"nombre": "Juan", "rol": 2}
        assert newest["timestamp"].endswith("Z")
        assert set(body["pagination"]) == {"page", "limit", "total", "pages"}

    async def test_filters_by_all_and_counts_what_they_leave(self, place: Place, api: httpx2.AsyncClient) -> None:
        for number in range(5):
            await record(place, number)
        await record(place, 9, actor=Actor(8, "Dora"), action=AuditAction.LOGIN)

        async def found(**query: Any) -> list[str]:
            body = (await api.get("/audit", params=query)).json()
            assert body["pagination"]["total"] == len(body["auditorias"])
            return [entry["objetivo_id"] for entry in body["auditorias"]]

        assert await found(accion="UPDATE_USER", objetivo_tipo="cosas") == ["4", "3", "2", "1", "0"]
        assert await found(actor_id=8) == ["9"]
        assert await found(objetivo_tipo="cosas", objetivo_id="3") == ["3"]
        assert await found(actor_id=7, desde="2026-03-02", hasta="2026-03-02") == ["4", "3", "2", "1", "0"]
        assert await found(actor_id=7, desde="2026-03-03") == await found(actor_id=7, hasta="2026-03-01") == []

    async def test_days_end_at_midnight_in_buenos_aires(
        self, place: Place, api: httpx2.AsyncClient, clock: MovableClock
    ) -> None:
        clock.move(hours=8, minutes=59)  # 02:59 UTC is 23:59 of the same day there
        await record(place, 1)
        clock.move(minutes=1)
        await record(place, 2)
        answer = await api.get("/audit", params={"hasta": "2026-03-02", "objetivo_tipo": "cosas"})
        assert [entry["objetivo_id"] for entry in answer.json()["auditorias"]] == ["1"]

    @pytest.mark.parametrize("filtered", [False, True])
    async def test_pages_and_cursor_walk_the_same_way(
        self, place: Place, api: httpx2.AsyncClient, *, filtered: bool
    ) -> None:
        for number in range(7):
            await record(place, number)
        query: dict[str, Any] = {"limit": 3} | ({"objetivo_tipo": "cosas"} if filtered else {})
        total = (await api.get("/audit", params=query)).json()["pagination"]["total"]
        by_page, by_cursor, cursor = [], [], None
        for page in range(1, -(-total // 3) + 1):
            by_page += [e["seq"] for e in (await api.get("/audit", params=query | {"page": page})).json()["auditorias"]]
        while True:
            body = (await api.get("/audit", params=query | ({"cursor": cursor} if cursor else {}))).json()
            by_cursor += [entry["seq"] for entry in body["auditorias"]]
            cursor = body["cursor"]
            if cursor is None:
                break
        assert by_page == by_cursor == sorted(by_page, reverse=True)
        assert len(by_page) == total
        assert (await api.get("/audit", params=query | {"page": 99})).json()["auditorias"] == []

    @pytest.mark.parametrize(
        "query",
        [
            {"accion": "NADA"}, {"actor_id": "x"}, {"actor_id": str(2**63)}, {"desde": "2026-02-30"}, {"hasta": "ayer"},
            {"hasta": "20260302"}, {"page": 0}, {"limit": 201},
        ],
    )  # fmt: skip
    async def test_what_cannot_be_is_400_and_named(self, api: httpx2.AsyncClient, query: dict[str, Any]) -> None:
        answer = await api.get("/audit", params=query)
        assert answer.status_code == 400
        assert [error["campo"] for error in answer.json()["errors"]] == list(query)

    async def test_reversed_days_and_strange_cursors_are_400(self, api: httpx2.AsyncClient) -> None:
        days = {"desde": "2026-03-02", "hasta": "2026-03-01"}
        assert (await api.get("/audit", params=days)).status_code == 400
        assert (await api.get("/audit", params={"cursor": "~"})).status_code == 400


class TestReport:
    async def test_holds_all_of_the_filter_oldest_first(self, place: Place, api: httpx2.AsyncClient) -> None:
        for number in range(60):
            await record(place, number, before={"a": 1}, after={"a": 2})
        answer = await api.get("/reportes/auditoria/csv", params={"objetivo_tipo": "cosas"})
        rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))
        assert list(rows[0]) == [
            "seq", "timestamp", "actor_id", "actor_nombre", "accion", "objetivo_tipo", "objetivo_id", "ip", "antes",
            "despues", "hash",
        ]  # fmt: skip
        assert [row["objetivo_id"] for row in rows] == [str(number) for number in range(60)]
        assert (json.loads(rows[0]["antes"]), rows[0]["timestamp"]) == ({"a": 1}, "2026-03-02T18:00:00Z")
        told = (await api.get("/audit", params={"accion": "EXPORT_CSV"})).json()["auditorias"][0]["despues"]
        assert told == {"filas": 60, "filtros": {"objetivo_tipo": "cosas"}, "completo": True}


class TestVerify:
    async def test_answers_the_state_and_leaves_word(self, place: Place, api: httpx2.AsyncClient) -> None:
        await record(place, 1)
        body = (await api.post("/audit/verify")).json()
        assert (body["integra"], body["roto_en"]) == (True, None)
        await tamper(place, "UPDATE auditoria SET actor_nombre = 'Eva' WHERE seq = 2")
        body = (await api.post("/audit/verify", json={})).json()
        assert (body["integra"], body["roto_en"], body["falla"]) == (False, 2, "altered")
        assert "AUDIT_VERIFIED" in (await api.get("/audit")).text


class TestCheckpoints:
    async def test_leave_the_machine_by_mail_and_to_storage(self, place: Place, tmp_path: Path) -> None:
        point = await place.services[AuditDesk].checkpoint_now()
        assert point is not None
        assert (tmp_path / "fuera" / point.name).read_text().strip() == point.document
        async with place.house.database.transaction() as tx:
            sent = (await tx.execute(text("SELECT recipient, text FROM notices_outbox"))).all()
        assert [row[0] for row in sent if point.document in row[1]] == ["jefa@example.org"]
        assert await place.services[AuditDesk].checkpoint_now() is None

    async def test_are_due_after_an_hour_or_after_many_acts(self, place: Place, clock: MovableClock) -> None:
        desk = place.services[AuditDesk]

        async def count() -> int:
            async with place.house.database.transaction() as tx:
                return int((await tx.execute(text("SELECT count(*) FROM auditoria_puntos"))).scalar_one())

        await desk.checkpoint()
        assert await count() == 0
        clock.move(minutes=61)
        await desk.checkpoint()
        await desk.checkpoint()
        assert await count() == 1

    @pytest.mark.parametrize(
        ("statements", "fault"),
        [
            (
                [
                    "DELETE FROM auditoria WHERE seq > 5",
                    "UPDATE auditoria_cabeza SET seq = 5, hash = (SELECT hash FROM auditoria WHERE seq = 5)",
                ],
                "behind_checkpoint",
            ),
            (
                [
                    "DELETE FROM auditoria WHERE seq > 5",
                    "UPDATE auditoria_cabeza SET seq = 5, hash = (SELECT hash FROM auditoria WHERE seq = 5)",
                    "DELETE FROM auditoria_puntos",
                ],
                "behind_checkpoint",
            ),
            (["DELETE FROM auditoria_puntos"], "checkpoint_missing"),
            (["UPDATE auditoria_puntos SET document = replace(document, 'seq', 'sec')"], "checkpoint_forged"),
        ],
        ids=["tail-cut", "tail-and-checkpoints-cut", "checkpoints-cut", "checkpoint-altered"],
    )
    async def test_see_what_a_chain_alone_does_not(self, place: Place, statements: list[str], fault: str) -> None:
        desk = place.services[AuditDesk]
        for number in range(8):
            await record(place, number)
        await desk.checkpoint_now()
        assert (await desk.verify(actor=SYSTEM)).is_intact
        await tamper(place, *statements)
        report = await desk.verify(actor=SYSTEM)
        assert (report.is_intact, report.fault) == (False, fault)

    async def test_see_a_chain_written_anew_with_its_own_stolen_key(self, place: Place) -> None:
        desk = place.services[AuditDesk]
        for number in range(4):
            await record(place, number)
        await desk.checkpoint_now()
        await _write_anew(place, lambda event: event | {"actor_nombre": "Eva"})
        assert (await place.house.audit.verify()).is_intact
        report = await desk.verify(actor=SYSTEM)
        assert report.fault == "rewritten"

    async def test_one_kept_by_a_person_is_enough(self, place: Place, tmp_path: Path) -> None:
        desk = place.services[AuditDesk]
        await record(place, 1)
        point = await desk.checkpoint_now()
        assert point is not None
        await Files.from_url((tmp_path / "fuera").as_uri()).delete(point.name)
        await tamper(place, "DELETE FROM auditoria_puntos", "DELETE FROM auditoria WHERE seq > 1", _HEAD)
        assert (await desk.verify(actor=SYSTEM)).is_intact
        report = await desk.verify(actor=SYSTEM, given=[point.document])
        assert not report.is_intact
        forged = point.document.replace('"seq":', '"seq":9')
        assert (await desk.verify(actor=SYSTEM, given=[forged])).fault == "checkpoint_forged"


_HEAD = (
    "UPDATE auditoria_cabeza SET seq = (SELECT max(seq) FROM auditoria), "
    "hash = (SELECT hash FROM auditoria ORDER BY seq DESC LIMIT 1)"
)


async def _write_anew(place: Place, change: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    """Rewrite the whole chain as somebody could who has the database and AUDIT_KEY."""
    ring = place.house.settings.read(AuditKeys).ring()
    async with place.house.database.transaction() as tx:
        rows = [dict(row) for row in (await tx.execute(text("SELECT * FROM auditoria ORDER BY seq"))).mappings()]
    last, statements = bytes(32), []
    for row in rows:
        event = change({name: value for name, value in row.items() if name not in {"seq", "prev_hash", "hash"}})
        digest = link(ring.current_key, last, row["seq"], canonical(event))
        statements.append(
            f"UPDATE auditoria SET actor_nombre = '{event['actor_nombre']}', "
            f"prev_hash = '\\x{last.hex()}', hash = '\\x{digest.hex()}' WHERE seq = {row['seq']}"
        )
        last = digest
    await tamper(place, *statements, _HEAD)


class TestPages:
    async def test_an_administrator_browses_opens_exports_and_verifies(self, place: Place) -> None:
        await record(place, 3, before={"mail": "a@x.mx"}, after={"mail": "<b>@x.mx"})
        page = (await place.alice.get("/app/auditoria?objetivo_tipo=cosas")).text
        assert "Cambió un usuario" in page
        async with place.house.database.transaction() as tx:
            number = (await tx.execute(text("SELECT id_auditoria FROM auditoria WHERE objetivo_id = '3'"))).scalar_one()
        entry = (await place.alice.get(f"/app/auditoria/{number}")).text
        assert "a@x.mx" in entry
        assert "&lt;b&gt;@x.mx" in entry
        told = await place.alice.get("/app/auditoria/csv?objetivo_tipo=cosas")
        assert len(told.text.splitlines()) == 2
        done = await place.alice.post("/app/auditoria/verificar")
        assert (done.status_code, done.headers["location"]) == (303, "/app/auditoria")
        assert "verificados" in (await place.alice.get("/app/auditoria")).text
        wrong = await place.alice.get("/app/auditoria?desde=ayer")
        assert wrong.status_code == 400

    async def test_nobody_else_does(self, place: Place) -> None:
        assert (await place.bob.get("/app/auditoria")).status_code == 403
