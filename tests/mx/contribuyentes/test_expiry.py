"""Letters before an e.firma ends: once per threshold, by the calendar of Mexico City."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import text

from acuse.kernel.clock import MovableClock
from acuse.mx.contribuyentes.feature import FEATURE, ContribuyentesSettings
from acuse.mx.contribuyentes.model import MEXICO_CITY, notice_due
from acuse.mx.contribuyentes.service import ExpiryLetters
from tests.mx.contribuyentes.site import Site, Visitor
from tests.support.efirmas import PASSWORD, PERSON, an_efirma

API = f"/api/v1/sat/contribuyentes/{PERSON.rfc}"
LAST_DAY = an_efirma().pair.certificate.not_after.astimezone(MEXICO_CITY).date()


async def load(who: Visitor, renewal: int = 0) -> None:
    files = {"cer": ("x.cer", an_efirma(renewal=renewal).cer), "key": ("x.key", an_efirma(renewal=renewal).key)}
    assert (await who.api.put(f"{API}/efirma", files=files, data={"password": PASSWORD})).status_code == 200


async def run_at(site: Site, clock: MovableClock, days_before: int, hour: int = 8) -> list[tuple[str, str]]:
    """Move to that many days before the last one, at an hour of Mexico City, run, and answer the new letters."""
    day = LAST_DAY - timedelta(days=days_before)
    clock.set(datetime(day.year, day.month, day.day, hour, tzinfo=MEXICO_CITY))
    async with site.house.database.transaction() as tx:
        newest = (await tx.execute(text("select coalesce(max(id), 0) from notices_outbox"))).scalar_one()
    await site.services[ExpiryLetters].write()
    async with site.house.database.transaction() as tx:
        query = "select recipient, subject from notices_outbox where id > :newest order by id"
        return [tuple(row) for row in await tx.execute(text(query), {"newest": newest})]


async def test_one_letter_at_each_threshold_and_none_between(site: Site, alice: Visitor, clock: MovableClock) -> None:
    await load(alice)
    told: dict[int, list[str]] = {}
    for days in (61, 60, 59, 31, 30, 29, 16, 15, 14, 8, 7, 6, 1, 0):
        for _ in range(2):
            subjects = [subject for _, subject in await run_at(site, clock, days)]
            if subjects:
                told[days] = told.get(days, []) + subjects
    assert {days: len(subjects) for days, subjects in told.items()} == {60: 1, 30: 1, 15: 1, 7: 1}
    assert told[15] == [f"La e.firma de {PERSON.rfc} vence en 15 días"]


async def test_late_in_the_evening_it_is_still_that_day_in_mexico_city(
    site: Site, alice: Visitor, clock: MovableClock
) -> None:
    await load(alice)
    assert await run_at(site, clock, 61, hour=23) == []
    assert clock.now().date() == LAST_DAY - timedelta(days=60)
    assert len(await run_at(site, clock, 60, hour=0)) == 1


async def test_a_missed_day_is_made_up_for_by_one_letter(site: Site, alice: Visitor, clock: MovableClock) -> None:
    await load(alice)
    assert [subject for _, subject in await run_at(site, clock, 12)] == [f"La e.firma de {PERSON.rfc} vence en 12 días"]
    assert await run_at(site, clock, 11) == []


async def test_owners_and_operators_hear_and_readers_and_the_disabled_do_not(
    site: Site, alice: Visitor, bob: Visitor, charlie: Visitor, clock: MovableClock
) -> None:
    await load(alice)
    dora = await site.person("Dora", "MAB9307148T4")
    for who, level in ((bob, "operacion"), (charlie, "lectura"), (dora, "dueño")):
        await alice.api.put(f"{API}/accesos/{who.user.id}", json={"nivel": level})
    async with site.house.database.transaction() as tx:
        await tx.execute(text("update users set status = 'inactivo' where id = :id"), {"id": dora.user.id})
    heard = [recipient for recipient, _ in await run_at(site, clock, 60)]
    assert heard == ["alice@example.org", "bob@example.org"]


async def test_a_renewed_or_removed_efirma_is_left_in_peace(site: Site, alice: Visitor, clock: MovableClock) -> None:
    await load(alice)
    assert len(await run_at(site, clock, 60)) == 1
    await alice.api.delete(f"{API}/efirma")
    assert await run_at(site, clock, 30) == []


@pytest.mark.parametrize(("days", "threshold"), [(61, None), (60, 60), (31, 60), (30, 30), (15, 15), (7, 7), (0, 7)])
def test_the_most_urgent_threshold_counts(days: int, threshold: int | None) -> None:
    assert notice_due(days) == threshold


async def test_it_runs_by_the_clock_of_mexico_city(site: Site) -> None:
    [schedule] = site.services.mounted[FEATURE.name].schedules
    assert (schedule.zone, schedule.cron) == ("America/Mexico_City", ContribuyentesSettings().schedule_efirma_notices)
