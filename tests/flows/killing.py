"""Kills workers of a running installation at chosen moments: calls stall at the simulated SAT, rows in the database."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from itertools import count
from typing import Any

from sqlalchemy import text

from tests.flows.site import Site, until

_GATE = 4_711
_STALL = f"""
    create or replace function stall() returns trigger language plpgsql as $$ begin
        if current_setting('stall.came', true) is distinct from 'yes' then
            perform set_config('stall.came', 'yes', true);
            if nextval('stalls') % 4 > 0 then perform pg_advisory_xact_lock_shared({_GATE}); end if;
        end if;
        return new;
    end $$
"""
"""Three transactions are held, the fourth goes through: what is killed again and again gets on all the same."""
_WAITING = f"select count(*) from pg_locks where locktype = 'advisory' and objid = {_GATE} and not granted"
# What waits for its time is due at once, and a worker is told as the engine tells it: nobody sits out a wait.
_DUE = "update procrastinate_jobs set scheduled_at = null where status = 'todo' and scheduled_at > now()"
_WAKE = """
    select pg_notify('procrastinate_any_queue_v1', '{"type": "job_inserted", "job_id": 0}')
     where exists (select from procrastinate_jobs where status = 'todo')
"""
Look = Callable[[], Awaitable[bool]]
Open = Callable[[Site], AbstractAsyncContextManager[Look]]


@dataclass(frozen=True)
class Moment:
    """A moment of the way, by a name for people; how to hold who comes to it, and to look whether one stands there."""

    name: str
    open: Open
    fresh: bool = False
    """Only a process that has no token yet comes to it."""


def at_the_sat(name: str, operation: str, *, after: bool = False, fresh: bool = False, spent: str = "") -> Moment:
    """While the SAT stands: before it has done what it was asked, or with `after` before it says so.

    What the SAT allows twice only is killed once: a call that is made for such a row, told by `spent`, is let through.
    """
    calls = count()

    @asynccontextmanager
    async def hold(site: Site) -> AsyncIterator[Look]:
        def arm() -> None:
            if not fresh and not spent and next(calls) % 4 == 3:
                site.sat.ask("POST", "faults", {"operation": operation})
            site.sat.ask("POST", "faults", {"operation": operation, "stall": True, "after": after})

        async def stands() -> bool:
            if not site.sat.ask("GET", "")["stalled"]:
                return False
            if not spent or not await number(site, f"select count(*) from {spent}"):
                return True
            site.sat.ask("DELETE", "faults")
            arm()
            return False

        arm()
        try:
            yield stands
        finally:
            site.sat.ask("DELETE", "faults")

    return Moment(name, hold, fresh)


def in_the_database(name: str, event: str, table: str, condition: str) -> Moment:
    """While a row is written, inside the worker's transaction."""

    @asynccontextmanager
    async def hold(site: Site) -> AsyncIterator[Look]:
        async def stands() -> bool:
            return await number(site, _WAITING) > 0

        trigger = f"create trigger stall before {event} on {table} for each row when ({condition})"
        await change(site, "create sequence if not exists stalls", _STALL, f"{trigger} execute function stall()")
        try:
            async with site.house.database.transaction() as tx:
                await tx.execute(text(f"select pg_advisory_xact_lock({_GATE})"))
                yield stands
        finally:
            await change(site, f"drop trigger stall on {table}")

    return Moment(name, hold)


_SENT = "solicitudes where sends > 1 and id_solicitud is null"
_DOWNLOADED = "paquetes where downloads > 1 and stored_at is null"
MOMENTS = (
    at_the_sat("before the SAT takes the solicitud", "emitidos", spent=_SENT),
    at_the_sat("before the SAT answers the solicitud", "emitidos", after=True, spent=_SENT),
    in_the_database(
        "between the SAT's answer and its record",
        "update",
        "solicitudes",
        "old.id_solicitud is null and new.id_solicitud is not null and new.sends < 2",
    ),
    at_the_sat("while the SAT is asked how it goes", "verifica"),
    in_the_database("in the split", "insert", "solicitudes", "new.parent_id is not null"),
    at_the_sat("while it authenticates", "autentica", fresh=True),
    at_the_sat("between the SAT's handing out and the storage", "descargar", after=True, spent=_DOWNLOADED),
    in_the_database("between the storage and its record", "update", "paquetes", "new.stored_at is not null"),
    in_the_database("between the storage and the index", "insert", "indexed_paquetes", "true"),
    in_the_database("in the merge of the metadata", "insert", "cfdi", "new.xml_paquete_id is null"),
    in_the_database("in the merge of the XML", "insert", "cfdi", "new.xml_paquete_id is not null"),
    in_the_database(
        "between the index and its record",
        "update",
        "paquetes",
        "old.indexed_at is null and new.indexed_at is not null",
    ),
)


async def rows(site: Site, sql: str) -> list[dict[str, Any]]:
    """Look into the database."""
    async with site.house.database.transaction() as tx:
        return [dict(row) for row in (await tx.execute(text(sql))).mappings()]


async def number(site: Site, sql: str) -> int:
    """Answer one number of the database."""
    ((value,),) = [row.values() for row in await rows(site, sql)]
    return int(value)


async def change(site: Site, *statements: str) -> None:
    """Change the database by hand."""
    async with site.house.database.transaction() as tx:
        for statement in statements:
            await tx.execute(text(statement))


async def begin_anew(site: Site) -> None:
    """Forget every solicitud, package and CFDI, here and at the SAT."""
    await change(
        site,
        "truncate solicitudes, paquetes, solicitud_history, sat_lifetime, sat_tokens, cfdi, contrapartes,"
        " indexed_paquetes, procrastinate_jobs cascade",
    )
    site.sat.begin()


async def be_missed(site: Site) -> None:
    """Let the dead be dead long enough to be noticed, and not so often that their work is given up."""
    await change(
        site,
        "update procrastinate_workers set last_heartbeat = last_heartbeat - interval '1 minute'",
        "update procrastinate_jobs set attempts = 0 where status = 'doing'",
    )


async def hurry(site: Site) -> None:
    """Let what waits for its time be due: how long is waited is not what is proven here. Claims are left alone."""
    await change(site, _DUE, _WAKE)


async def comes(site: Site, look: Look, is_over: Look) -> bool:
    """Wait until somebody stands where we look; False when all is over before anybody did."""

    async def seen() -> str:
        await hurry(site)
        if await look():
            return "stands"
        return "over" if await is_over() else ""

    return await until(seen) == "stands"


async def have_ended(site: Site) -> bool:
    """Tell whether every solicitud has ended."""
    return await number(site, "select count(*) from solicitudes where finished_at is null") == 0


async def all_have_ended(site: Site) -> None:
    """Wait until every solicitud has ended, and see that they ended well."""
    await comes(site, lambda: have_ended(site), lambda: have_ended(site))
    ends = {row["estado"] for row in await rows(site, "select estado from solicitudes")}
    assert ends <= {"completa", "sin_cfdi"}, ends


async def whole_and_once(site: Site) -> None:
    """Nothing lost, nothing twice, nothing asked a third time: what the SAT knows against what stands here."""
    assert set(site.sat.downloads().values()) <= {0, 1, 2}
    assert await number(site, "select count(*) from paquetes where downloads > 2 or lost") == 0
    documents = site.sat.documents()
    paquetes = await rows(site, "select id_paquete, cfdis, stored_at, indexed_at from paquetes")
    assert all(each["stored_at"] and each["indexed_at"] for each in paquetes)
    assert all(documents[each["id_paquete"]] == each["cfdis"] for each in paquetes)

    indexed = await rows(site, "select paquete_key, kind, read, new, refused from indexed_paquetes")
    assert len(indexed) == len({each["paquete_key"] for each in indexed}) == len(paquetes)
    assert sum(each["refused"] for each in indexed) == 0
    told = sum(each["read"] for each in indexed if each["kind"] == "metadata")
    brought = sum(each["read"] for each in indexed if each["kind"] == "xml")
    assert told > 0
    assert await number(site, "select count(*) from cfdi where estado is not null") == told
    assert await number(site, "select count(*) from cfdi where xml_paquete_id is not null") == brought
    assert await number(site, "select count(*) from cfdi") == max(told, brought)
