"""Alerts: once per crossing, to every administrator with an address, and never a flood."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from acuse.accounts.model import Role
from acuse.ar.crs.errors import DownloadBlocked
from acuse.ar.crs.model import EstadoDescarga
from acuse.ar.crs.service import Alerts, BillingService, DownloadService, QuotaService, Radar
from acuse.kernel.audit import SYSTEM
from acuse.kernel.clock import MovableClock
from acuse.notices.model import Notice
from acuse.notices.service import Outbox
from tests.support.crs import Site, Visitor, a_cuit


async def start(site: Site, who: Visitor, certificate: UUID, times: int = 1) -> list[UUID]:
    downloads = site.services[DownloadService]
    return [(await downloads.start(who.identity, certificate)).id for _ in range(times)]


async def try_blocked(site: Site, who: Visitor, certificate: UUID) -> None:
    with pytest.raises(DownloadBlocked):
        await site.services[DownloadService].start(who.identity, certificate)


async def bill(site: Site, ids: list[UUID], estado: EstadoDescarga = EstadoDescarga.FACTURADO) -> None:
    await site.services[BillingService].set_states(ids, estado, actor=SYSTEM)


async def kinds(site: Site) -> list[str]:
    return [alert.kind.value for alert in await site.alerts()]


async def letters(site: Site) -> list[Notice]:
    """Do what the job does, twice, and answer the e-mails about quotas."""
    for _ in range(2):
        for alert in await site.alerts():
            await site.services[Alerts].write_letters(alert.id)
    found = await site.services[Outbox].list(limit=500)
    return [notice for notice in found.items if notice.template.startswith("crs_")]


class TestCrossings:
    async def test_eighty_and_a_hundred_are_told_once_each(
        self, site: Site, bob: Visitor, certificate: UUID, clock: MovableClock
    ) -> None:
        for _ in range(10):
            await start(site, bob, certificate)
            clock.move(seconds=1)
        assert [(alert.kind.value, alert.pending) for alert in await site.alerts()] == [("80", 8), ("100", 10)]

    async def test_a_small_limit_skips_to_the_most_advanced(
        self, site: Site, charlie: Visitor, certificate: UUID
    ) -> None:
        await start(site, charlie, certificate, 3)
        assert await kinds(site) == ["100"]

    async def test_falling_back_arms_again(
        self, site: Site, bob: Visitor, certificate: UUID, clock: MovableClock
    ) -> None:
        ids = await start(site, bob, certificate, 10)
        clock.move(seconds=1)
        await bill(site, ids[:1])  # 9: armed for 100
        await start(site, bob, certificate)
        clock.move(seconds=1)
        await bill(site, ids[1:5])  # 6: armed for both
        await start(site, bob, certificate, 2)
        found = [alert.kind.value for alert in await site.alerts()]
        assert sorted(found[:2]) == ["100", "80"]
        assert found[2:] == ["100", "80"]

    async def test_a_revert_and_a_lower_limit_cross_too(
        self, site: Site, bob: Visitor, charlie: Visitor, certificate: UUID
    ) -> None:
        ids = await start(site, charlie, certificate, 2)
        await bill(site, ids)
        ids += await start(site, charlie, certificate, 1)
        await bill(site, ids[:2], EstadoDescarga.PENDIENTE)
        assert await kinds(site) == ["100"]
        await start(site, bob, certificate, 4)
        await site.services[QuotaService].set_limit(bob.user.id, 5, actor=SYSTEM)
        assert sorted(await kinds(site)) == ["100", "80"]

    @settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(moves=st.lists(st.sampled_from(["start", "start", "bill", "revert", "lower", "raise"]), max_size=25))
    async def test_any_story_gives_the_alerts_of_the_model(
        self, site: Site, certificate: UUID, moves: list[str]
    ) -> None:
        person = await _someone(site)
        limit, pending, told = 5, 0, 0
        ids: list[UUID] = []
        billed: list[UUID] = []

        def level(use: int, most: int) -> int:
            return 0 if use == 0 or use * 100 < most * 80 else 2 if use >= most else 1

        for move in moves:
            before = level(pending, limit)
            if move == "start" and pending < limit:
                ids += await start(site, person, certificate)
                pending += 1
            elif move == "bill" and ids:
                billed.append(ids.pop())
                await bill(site, billed[-1:])
                pending -= 1
            elif move == "revert" and billed:
                ids.append(billed.pop())
                await bill(site, ids[-1:], EstadoDescarga.PENDIENTE)
                pending += 1
            elif move in {"lower", "raise"}:
                limit = max(0, limit + (1 if move == "raise" else -1))
                await site.services[QuotaService].set_limit(person.user.id, limit, actor=SYSTEM)
            told += level(pending, limit) > before
        mine = [alert for alert in await site.alerts() if alert.user_id == person.user.id]
        assert len(mine) == told
        quota = await site.services[QuotaService].of(person.user.id)
        assert (quota.pending, quota.limite) == (pending, limit)


_numbers = iter(range(1, 10**6))


async def _someone(site: Site) -> Visitor:
    return await site.person("Dora", a_cuit(next(_numbers)), limit=5)


class TestBlocked:
    async def test_every_attempt_is_audited_and_one_an_hour_is_told(
        self, site: Site, charlie: Visitor, certificate: UUID, clock: MovableClock
    ) -> None:
        await start(site, charlie, certificate, 3)
        for _ in range(5):
            await try_blocked(site, charlie, certificate)
        clock.move(minutes=61)
        await try_blocked(site, charlie, certificate)
        blocked = [alert for alert in await site.alerts() if alert.kind == "bloqueo"]
        assert [alert.attempts for alert in blocked] == [1, 6]
        assert len(await site.audited("DOWNLOAD_BLOCKED")) == 6

    async def test_a_new_episode_is_told_at_once(self, site: Site, charlie: Visitor, certificate: UUID) -> None:
        ids = await start(site, charlie, certificate, 3)
        await try_blocked(site, charlie, certificate)
        await bill(site, ids[:1])
        await start(site, charlie, certificate)
        await try_blocked(site, charlie, certificate)
        assert sorted(await kinds(site)) == ["100", "100", "bloqueo", "bloqueo"]


class TestLetters:
    @pytest.mark.usefixtures("admin")
    async def test_each_administrator_gets_each_alert_once(self, site: Site, bob: Visitor, certificate: UUID) -> None:
        await site.person("Berta", "20120940288", Role.ADMINISTRADOR)
        await start(site, bob, certificate, 10)
        await try_blocked(site, bob, certificate)
        told = sorted((notice.recipient, notice.subject) for notice in await letters(site))
        subjects = [
            "Bob alcanzó su límite de descargas",
            "Bob intenta descargar con el límite alcanzado",
            "Bob llegó al 80 % de su límite de descargas",
        ]
        assert told == [(mail, subject) for mail in ("ana@example.org", "berta@example.org") for subject in subjects]
        assert all("20-12345678-6" in notice.text for notice in await letters(site))


class TestRadar:
    @pytest.mark.usefixtures("admin")
    async def test_each_distance_is_told_once_in_one_digest(self, site: Site, clock: MovableClock) -> None:
        for number in (1, 2):
            await site.certificate(f"SESHIA000000000{number}", age_days=731 - 50)
        radar = site.services[Radar]
        assert await radar.digest() == 2
        assert await radar.digest() == 0
        clock.move(days=21)  # 29 days left
        assert await radar.digest() == 2
        clock.move(days=23)  # 6 days left: 15 was skipped
        assert await radar.digest() == 2
        found = await letters(site)
        assert len(found) == 3
        assert {notice.subject for notice in found} == {"Certificados de controladores por vencer: 2"}

    async def test_a_replaced_certificate_is_not_told_of(self, site: Site) -> None:
        await site.certificate(age_days=731 - 5)
        await site.certificate(age_days=1)
        assert await site.services[Radar].digest() == 0
