"""What is old leaves the database for signed files, and the audit still tells the truth."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import httpx2
import pytest
from pydantic import ValidationError
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from acuse.accounts import AccountsService
from acuse.accounts.cookies import SessionCookie
from acuse.accounts.service import BrowserService
from acuse.kernel.audit import SYSTEM, AuditArchive, AuditBroken, AuditKeptTooShort, AuditKeys, Part
from acuse.kernel.clock import MovableClock
from acuse.operations.cli import commands
from acuse.operations.service import AuditDesk
from tests.operations.conftest import Place
from tests.operations.test_audit import api as api
from tests.operations.test_audit import environment as environment
from tests.operations.test_audit import record, tamper
from tests.support.terminal import Terminal

YEAR_AND_MORE = 400


@pytest.fixture
def desk(place: Place) -> AuditDesk:
    return place.services[AuditDesk]


@pytest.fixture
async def parts(place: Place, clock: MovableClock) -> list[Part]:
    """Two years of acts, of which the older year was put away in files of four rows."""
    house = place.house
    archive = AuditArchive(
        database=house.database,
        files=house.files,
        clock=house.clock,
        audit=house.audit,
        keys=house.settings.read(AuditKeys),
        part_rows=4,
    )
    for number in range(9):
        await record(place, number, after={"importe": "10.50", "nombre": "Ñandú", "token": "x"})
    await place.services[AuditDesk].checkpoint_now()
    clock.move(days=YEAR_AND_MORE)
    for number in range(3):
        await record(place, number)
    return list(await archive.put_away(days=366, actor=SYSTEM))


async def seqs(place: Place) -> list[int]:
    async with place.house.database.transaction() as tx:
        return list((await tx.execute(text("SELECT seq FROM auditoria ORDER BY seq"))).scalars())


class TestPuttingAway:
    async def test_old_rows_leave_and_all_of_them_still_verify(
        self, place: Place, desk: AuditDesk, parts: list[Part]
    ) -> None:
        old = parts[-1].last
        assert [(part.first, part.last) for part in parts] == [
            (first, min(first + 3, old)) for first in range(1, old + 1, 4)
        ]
        here = await seqs(place)
        assert here == list(range(old + 1, here[-1] + 1))
        report = await desk.verify(actor=SYSTEM)
        assert (report.is_intact, report.checked, report.archived, report.unread) == (True, here[-1], old, 0)
        assert report.checkpoints == 1  # the one before they left

    async def test_the_files_hold_the_rows_here_and_outside(
        self, place: Place, parts: list[Part], tmp_path: Path
    ) -> None:
        kept = [await place.house.files.get(part.file) for part in parts]
        rows = [json.loads(line) for each in kept for line in gzip.decompress(each).splitlines()]
        assert [row["seq"] for row in rows] == list(range(1, parts[-1].last + 1))
        assert rows[-1]["despues"] == {"importe": "10.50", "nombre": "Ñandú", "token": "•••"}
        assert rows[-1]["hash"] == parts[-1].head
        outside = tmp_path / "fuera"
        assert [(outside / part.file).read_bytes() for part in parts] == kept
        assert [(outside / f"{part.file}.json").read_text().strip() for part in parts] == [
            part.document for part in parts
        ]

    async def test_the_lists_go_on_with_what_is_here(
        self, place: Place, api: httpx2.AsyncClient, parts: list[Part]
    ) -> None:
        here = (await seqs(place))[::-1]
        told = (await api.get("/audit")).json()
        assert [entry["seq"] for entry in told["auditorias"]] == here
        assert told["pagination"]["total"] == len(here)
        second = (await api.get("/audit", params={"limit": 2, "page": 2})).json()
        assert [entry["seq"] for entry in second["auditorias"]] == here[2:4]
        body = (await api.post("/audit/verify")).json()
        assert (body["integra"], body["archivados"], body["sin_leer"]) == (True, parts[-1].last, 0)
        assert f"{parts[-1].last} de ellos en archivo" in body["message"]
        alice = await place.services[AccountsService].find("20123456786")
        cookie = await place.services[BrowserService].open(alice, ip=None, agent="prueba")
        place.alice.cookies.set(place.services[SessionCookie].name, cookie)
        assert "archivos firmados" in (await place.alice.get("/app/auditoria")).text

    async def test_each_file_is_an_act(self, api: httpx2.AsyncClient, parts: list[Part]) -> None:
        told = (await api.get("/audit", params={"accion": "ARCHIVE_AUDIT"})).json()["auditorias"]
        assert [entry["despues"]["sha256"] for entry in told] == [part.sha256 for part in reversed(parts)]

    async def test_again_there_is_nothing(self, desk: AuditDesk, parts: list[Part]) -> None:
        assert await desk.archive(days=366, actor=SYSTEM) == []
        assert await desk.archived() == parts

    @pytest.mark.parametrize("where", ["seq = 1", "seq > 0"])
    async def test_the_database_lets_nothing_else_go(self, place: Place, parts: list[Part], where: str) -> None:
        with pytest.raises(DBAPIError, match="append-only"):
            async with place.house.database.transaction() as tx:
                await tx.execute(text(f"DELETE FROM auditoria WHERE {where.replace('1', str(parts[-1].last + 1))}"))
        with pytest.raises(DBAPIError, match="append-only"):
            async with place.house.database.transaction() as tx:
                await tx.execute(text("DELETE FROM auditoria_archivos"))

    async def test_a_broken_chain_stays_where_it_is(self, place: Place, desk: AuditDesk, clock: MovableClock) -> None:
        clock.move(days=YEAR_AND_MORE)
        await tamper(place, "UPDATE auditoria SET actor_nombre = 'Eva' WHERE seq = 1")
        before = await seqs(place)
        with pytest.raises(AuditBroken):
            await desk.archive(days=366, actor=SYSTEM)
        assert await seqs(place) == before


class TestTampering:
    async def test_files_kept_elsewhere_are_told_to_be_unread(
        self, place: Place, desk: AuditDesk, parts: list[Part]
    ) -> None:
        for part in parts:
            await place.house.files.delete(part.file)
        report = await desk.verify(actor=SYSTEM)
        assert (report.is_intact, report.unread) == (True, parts[-1].last)
        assert "no están aquí" in report.text

    @pytest.mark.parametrize("harm", ["cut", "other", "junk"])
    async def test_an_altered_file_is_seen(self, place: Place, desk: AuditDesk, parts: list[Part], harm: str) -> None:
        file = parts[1].file
        held = await place.house.files.get(file)
        lines = gzip.decompress(held).splitlines(keepends=True)
        harmed = {
            "cut": gzip.compress(b"".join(lines[:-1])),
            "other": gzip.compress(held and b"".join(lines).replace(b"Carla", b"Clara")),
            "junk": b"nada",
        }
        await place.house.files.put(file, harmed[harm])
        report = await desk.verify(actor=SYSTEM)
        assert report.fault == {"cut": "archive_altered", "other": "altered", "junk": "archive_altered"}[harm]
        assert parts[1].first <= (report.broken_seq or 0) <= parts[1].last + 1

    @pytest.mark.parametrize(
        ("statement", "fault"),
        [
            (
                "UPDATE auditoria_archivos SET document = replace(document, 'archivo/', 'archiva/')",
                "archive_forged",
            ),
            ("DELETE FROM auditoria_archivos", "missing"),
            ("DELETE FROM auditoria_archivos WHERE seq = 4", "missing"),
            ("DELETE FROM auditoria WHERE seq = (SELECT min(seq) FROM auditoria)", "missing"),
        ],
        ids=["line-altered", "lines-gone", "one-line-gone", "row-behind-gone"],
    )
    @pytest.mark.usefixtures("parts")
    async def test_a_line_or_a_row_that_is_wrong_or_gone_is_seen(
        self, place: Place, desk: AuditDesk, statement: str, fault: str
    ) -> None:
        await tamper(place, statement)
        assert (await desk.verify(actor=SYSTEM)).fault == fault


class TestCommand:
    async def test_puts_away_and_lists(self, place: Place, clock: MovableClock) -> None:
        terminal = Terminal(place.services, lambda run: commands(run)[1])
        await terminal.run("archive", "--days", "366")
        assert terminal.said == ["Nada en la bitácora es tan antiguo."]
        clock.move(days=YEAR_AND_MORE)
        await terminal.run("archive", "--days", "366")
        await terminal.run("archives")
        assert terminal.shown[0] == terminal.shown[1]
        assert terminal.shown[0][0]["desde"] == 1
        await terminal.run("verify")
        assert terminal.shown[2]["integra"] is True

    @pytest.mark.parametrize("days", ["0", "365"])
    async def test_a_year_stays_whatever_is_asked(self, place: Place, days: str) -> None:
        with pytest.raises(AuditKeptTooShort):
            await Terminal(place.services, lambda run: commands(run)[1]).run("archive", "--days", days)

    async def test_without_the_setting_nothing_leaves(self, place: Place, desk: AuditDesk, clock: MovableClock) -> None:
        clock.move(days=YEAR_AND_MORE)
        before = await seqs(place)
        await desk.archive_due()
        assert await seqs(place) == before
        with pytest.raises(ValidationError):
            AuditKeys(audit_keep_days=30)
