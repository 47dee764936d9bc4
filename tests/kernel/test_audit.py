"""The audit: in the change's transaction, chained, refused to change, and telling where it was broken."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from acuse.kernel.audit import SYSTEM, Actor, Audit, AuditAction, AuditFault, AuditKeys, execute_and_take_head
from acuse.kernel.audit.chain import GENESIS, as_plain, canonical, link, only_changes
from acuse.kernel.clock import MovableClock
from acuse.kernel.database import Database, DatabaseUnavailable
from acuse.kernel.errors import Misconfigured
from acuse.kernel.keyring import KeyRing
from tests.support.jobs import AUDIT_KEYS, rows

ALICE = Actor(7, "Alice", "192.0.2.1")


@pytest.fixture
def audit(database: Database, clock: MovableClock) -> Audit:
    return Audit(database, clock, AUDIT_KEYS)


async def record(database: Database, audit: Audit, target_id: str = "1", **changes: Any) -> None:
    fields: dict[str, Any] = {"actor": ALICE, "target_type": "users", "target_id": target_id}
    async with database.transaction() as tx:
        await audit.record(tx, AuditAction.UPDATE_USER, **(fields | changes))


async def tamper(database: Database, *statements: str) -> None:
    """Do what the triggers refuse, as the owner of the table could."""
    async with database.transaction() as tx:
        await tx.execute(text("ALTER TABLE auditoria DISABLE TRIGGER USER"))
        for statement in statements:
            await tx.execute(text(statement))
        await tx.execute(text("ALTER TABLE auditoria ENABLE TRIGGER USER"))


class TestRecord:
    async def test_keeps_who_what_when_and_only_what_changed(self, database: Database, audit: Audit) -> None:
        before = {"mail": "a@x.mx", "name": "Alice", "limit": Decimal("1.50")}
        await record(database, audit, before=before, after=before | {"mail": "b@x.mx"})
        [row] = await rows(database, "SELECT * FROM auditoria")
        assert (row["seq"], row["accion"], row["actor_id"], row["actor_nombre"]) == (1, "UPDATE_USER", 7, "Alice")
        assert (row["ip"], row["objetivo_tipo"], row["objetivo_id"]) == ("192.0.2.1", "users", "1")
        assert (row["antes"], row["despues"]) == ({"mail": "a@x.mx"}, {"mail": "b@x.mx"})
        assert row["timestamp"] == datetime(2026, 3, 2, 18, 0, tzinfo=UTC)
        assert isinstance(row["id_auditoria"], UUID)

    async def test_goes_with_the_change_it_tells_of(self, database: Database, audit: Audit) -> None:
        async def change() -> None:
            async with database.transaction() as tx:
                await audit.record(tx, AuditAction.LOGIN, actor=SYSTEM, target_type="users", target_id="1")
                raise RuntimeError("the change failed")

        with pytest.raises(RuntimeError):
            await change()
        assert await rows(database, "SELECT * FROM auditoria") == []
        assert (await audit.verify()).is_intact

    async def test_a_secret_that_slips_in_is_dotted_out(self, database: Database, audit: Audit) -> None:
        after = {"password": "hunter2", "refresh_token": "abc", "nested": {"client_secret": "x"}, "name": "Bob"}
        await record(database, audit, after=after)
        [row] = await rows(database, "SELECT despues FROM auditoria")
        assert row["despues"] == {
            "password": "•••",
            "refresh_token": "•••",
            "nested": {"client_secret": "•••"},
            "name": "Bob",
        }

    async def test_what_postgresql_cannot_keep_does_not_stop_a_failed_login_from_being_told(
        self, database: Database, audit: Audit
    ) -> None:
        await record(database, audit, "a\x00b\ud800", after={"k\x00": "v\x00"})
        assert (await audit.verify()).is_intact

    async def test_writers_at_once_leave_no_gap(self, database: Database, audit: Audit) -> None:
        await asyncio.gather(*(record(database, audit, str(number)) for number in range(10)))
        assert [row["seq"] for row in await rows(database, "SELECT seq FROM auditoria ORDER BY seq")] == [*range(1, 11)]
        assert (await audit.verify()).checked == 10

    async def test_who_records_early_keeps_nobody_waiting(self, database: Database, audit: Audit) -> None:
        async with database.transaction() as tx:
            await audit.record(tx, AuditAction.LOGIN, actor=ALICE, target_type="users", target_id="slow")
            await tx.execute(text("SELECT 1"))
            await record(database, audit, "quick")
        acts = await rows(database, "SELECT objetivo_id FROM auditoria ORDER BY seq")
        assert [row["objetivo_id"] for row in acts] == ["quick", "slow"]
        assert (await audit.verify()).is_intact

    async def test_several_acts_of_one_change_stand_in_their_order(self, database: Database, audit: Audit) -> None:
        async with database.transaction() as tx:
            for number in range(3):
                await audit.record(tx, AuditAction.LOGIN, actor=ALICE, target_type="users", target_id=str(number))
        acts = await rows(database, "SELECT objetivo_id FROM auditoria ORDER BY seq")
        assert [row["objetivo_id"] for row in acts] == ["0", "1", "2"]
        assert (await audit.verify()).checked == 3

    async def test_a_row_that_cannot_be_written_undoes_the_change(self, database: Database, audit: Audit) -> None:
        async with database.transaction() as tx:
            await tx.execute(text("CREATE TABLE things AS SELECT 1 AS id"))
            await tx.execute(text("ALTER TABLE auditoria ADD CONSTRAINT refused CHECK (objetivo_id <> '7')"))

        async def change() -> None:
            async with database.transaction() as tx:
                await tx.execute(text("UPDATE things SET id = 2"))
                await audit.record(tx, AuditAction.LOGIN, actor=ALICE, target_type="users", target_id="7")

        for _ in range(8):  # as often as makes the driver prepare its statements
            with pytest.raises(psycopg.errors.CheckViolation):
                await change()
        assert await rows(database, "SELECT id FROM things") == [{"id": 1}]
        await record(database, audit)
        assert (await audit.verify()).checked == 1

    async def test_nothing_is_told_of_what_was_taken_back(self, database: Database, audit: Audit) -> None:
        async with database.transaction() as tx:
            await audit.record(tx, AuditAction.LOGIN, actor=ALICE, target_type="users", target_id="1")
            await tx.rollback()
        assert await rows(database, "SELECT * FROM auditoria") == []

    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE auditoria SET actor_nombre = 'Eve'",
            "DELETE FROM auditoria",
            "TRUNCATE auditoria",
            "DELETE FROM auditoria_cabeza",
            "TRUNCATE auditoria_cabeza",
        ],
    )
    async def test_the_table_refuses_every_change(self, database: Database, audit: Audit, statement: str) -> None:
        await record(database, audit)
        with pytest.raises(DBAPIError, match="append-only"):
            await rows(database, statement)


class TestHeadTakenEarly:
    """A statement and the head in one trip."""

    async def test_the_chain_goes_on_from_what_was_taken(self, database: Database, audit: Audit) -> None:
        async def change(number: int) -> None:
            async with database.transaction() as tx:
                answer = await execute_and_take_head(tx, "SELECT %(n)s::int AS n", {"n": number}, where="TRUE")
                assert answer == {"n": number}
                for _ in range(2):
                    await audit.record(tx, AuditAction.LOGIN, actor=ALICE, target_type="users", target_id=str(number))

        await asyncio.gather(*(change(number) for number in range(8)), *(record(database, audit) for _ in range(8)))
        report = await audit.verify()
        assert (report.is_intact, report.checked) == (True, 24)

    async def test_nobody_else_gets_it_until_the_commit(self, database: Database) -> None:
        free = "SELECT 1 FROM auditoria_cabeza FOR UPDATE SKIP LOCKED"
        async with database.transaction() as tx:
            await execute_and_take_head(tx, "SELECT 1", {}, where="TRUE")
            assert await rows(database, free) == []
        assert len(await rows(database, free)) == 1

    async def test_it_stays_free_when_the_condition_does_not_hold(self, database: Database, audit: Audit) -> None:
        async with database.transaction() as tx:
            await execute_and_take_head(tx, "SELECT 1", {}, where="FALSE")
            await audit.record(tx, AuditAction.LOGIN, actor=ALICE, target_type="users", target_id="slow")
            await record(database, audit, "quick")
        acts = await rows(database, "SELECT objetivo_id FROM auditoria ORDER BY seq")
        assert [row["objetivo_id"] for row in acts] == ["quick", "slow"]
        assert (await audit.verify()).is_intact

    @pytest.mark.parametrize(
        ("statement", "error"),
        [
            ("SELECT 1 / 0", psycopg.errors.DivisionByZero),
            ("SELECT pg_terminate_backend(pg_backend_pid())", DatabaseUnavailable),
        ],
    )
    async def test_a_statement_that_fails_takes_nothing(
        self, database: Database, audit: Audit, statement: str, error: type[Exception]
    ) -> None:
        async def change() -> None:
            async with database.transaction() as tx:
                await execute_and_take_head(tx, statement, {}, where="TRUE")

        for _ in range(8):  # as often as makes the driver prepare its statements
            with pytest.raises(error):
                await change()
        await record(database, audit)
        assert (await audit.verify()).checked == 1


class TestVerify:
    @pytest.fixture
    async def filled(self, database: Database, audit: Audit) -> None:
        for number in range(1, 7):
            await record(database, audit, str(number), after={"n": number, "ñ": "é", "at": datetime.now(UTC)})

    @pytest.mark.usefixtures("filled")
    async def test_an_untouched_chain_holds(self, audit: Audit) -> None:
        report = await audit.verify()
        assert (report.is_intact, report.checked, report.head_seq) == (True, 6, 6)
        assert "Registros verificados: 6." in report.text

    async def test_an_empty_chain_holds(self, audit: Audit) -> None:
        report = await audit.verify()
        assert (report.is_intact, report.head_hash) == (True, GENESIS.hex())

    @pytest.mark.parametrize(
        ("statements", "seq", "fault"),
        [
            (["UPDATE auditoria SET despues = '{\"n\": 9}' WHERE seq = 3"], 3, AuditFault.ALTERED),
            (["UPDATE auditoria SET actor_nombre = 'Eve' WHERE seq = 1"], 1, AuditFault.ALTERED),
            (["UPDATE auditoria SET timestamp = timestamp - interval '1 microsecond' WHERE seq = 6"], 6,
             AuditFault.ALTERED),
            (["DELETE FROM auditoria WHERE seq = 4"], 4, AuditFault.MISSING),
            (["DELETE FROM auditoria WHERE seq = 1"], 1, AuditFault.MISSING),
            (["DELETE FROM auditoria WHERE seq > 4"], 5, AuditFault.CUT),
            (["DELETE FROM auditoria"], 1, AuditFault.CUT),
            (["UPDATE auditoria SET seq = 99 WHERE seq = 2", "UPDATE auditoria SET seq = 2 WHERE seq = 3",
              "UPDATE auditoria SET seq = 3 WHERE seq = 99"], 2, AuditFault.REORDERED),
            (["UPDATE auditoria_cabeza SET seq = 4"], 5, AuditFault.ADDED),
            (["UPDATE auditoria_cabeza SET hash = decode(repeat('11', 32), 'hex')"], 6, AuditFault.HEAD_ALTERED),
            (["UPDATE auditoria SET key_id = 'otra' WHERE seq = 2"], 2, AuditFault.UNKNOWN_KEY),
        ],
    )  # fmt: skip
    @pytest.mark.usefixtures("filled")
    async def test_every_kind_of_tampering_is_found_and_named(
        self, database: Database, audit: Audit, statements: list[str], seq: int, fault: AuditFault
    ) -> None:
        await tamper(database, *statements)
        report = await audit.verify()
        assert (report.broken_seq, report.fault) == (seq, fault)
        assert str(seq) in report.text

    @pytest.mark.usefixtures("filled")
    async def test_a_rewritten_chain_without_the_key_is_found(
        self, database: Database, clock: MovableClock, audit: Audit
    ) -> None:
        forger = Audit(database, clock, KeyRing(current="prueba", keys={"prueba": b"e" * 32}))
        await tamper(
            database, "DELETE FROM auditoria WHERE seq = 6",
            "UPDATE auditoria_cabeza SET seq = 5, hash = (SELECT hash FROM auditoria WHERE seq = 5)",
        )  # fmt: skip
        await record(database, forger, "6")
        report = await audit.verify()
        assert (report.broken_seq, report.fault) == (6, AuditFault.ALTERED)

    @pytest.mark.usefixtures("filled")
    async def test_rows_of_an_older_key_still_verify(self, database: Database, clock: MovableClock) -> None:
        both = KeyRing(current="nueva", keys={"nueva": b"n" * 32, **AUDIT_KEYS.keys})
        newer = Audit(database, clock, both)
        await record(database, newer)
        assert (await newer.verify()).checked == 7


class TestCanonical:
    def test_is_the_one_way_to_write(self) -> None:
        event = {
            "b": datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
            "a": [Decimal("1.10"), None, True],
            "ñ": date(2026, 1, 2),
        }
        assert canonical(event).decode() == (
            '{"a":["1.10",null,true],"b":"2026-01-02T03:04:05.000000+00:00","ñ":"2026-01-02"}'
        )

    def test_a_float_or_a_naive_instant_has_no_single_form(self) -> None:
        for value in (1.5, datetime(2026, 1, 1), b"x"):  # noqa: DTZ001 - the naive one is the point
            with pytest.raises(TypeError):
                as_plain({"x": value})

    @given(
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(),
            lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
            max_leaves=8,
        )
    )
    def test_survives_the_way_through_json(self, value: Any) -> None:
        plain = as_plain({"x": value})
        assert as_plain(json.loads(json.dumps(plain))) == plain
        assert canonical({"x": value}) == canonical(plain)

    def test_each_place_has_its_own_link(self) -> None:
        key, event = b"k" * 32, canonical({"a": 1})
        links = {link(key, GENESIS, 1, event), link(key, GENESIS, 2, event), link(key, b"\1" * 32, 1, event)}
        assert len(links) == 3

    @pytest.mark.parametrize(
        ("before", "after", "expected"),
        [
            ({"a": 1, "b": 2}, {"a": 1, "b": 3}, ({"b": 2}, {"b": 3})),
            ({"a": 1}, {"b": None}, ({"a": 1}, {"b": None})),
            (None, {"a": 1}, (None, {"a": 1})),
            ({"a": 1}, None, ({"a": 1}, None)),
        ],
    )
    def test_only_changes_are_kept(
        self, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None, expected: tuple[Any, Any]
    ) -> None:
        assert only_changes(before, after) == expected


class TestKeys:
    def test_a_key_that_cannot_be_read_names_its_setting_and_not_itself(self) -> None:
        with pytest.raises(Misconfigured, match="AUDIT_KEY") as caught:
            AuditKeys.model_validate({"audit_key": "hunter2", "audit_signing_key": "x"}).ring()
        assert "hunter2" not in str(caught.value)

    def test_actions_have_a_spanish_caption_and_their_own_name_as_value(self) -> None:
        assert all(action.caption and action.value == action.name for action in AuditAction)
