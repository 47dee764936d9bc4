"""A forgotten password: the same answer for everybody, a link good once, the mail by the outbox."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest

from acuse.accounts import PeopleService, RecoveryService
from acuse.accounts.events import PasswordForgotten
from acuse.accounts.model import UserStatus
from acuse.accounts.tokens import fingerprint
from acuse.notices.jobs import invitation_jobs
from acuse.notices.service import Invitations
from acuse.simulators.mailbox import Mailbox
from tests.accounts.conftest import PASSWORD, Build, Place, bearer
from tests.notices.conftest import PostOffice, mail_settings
from tests.support.jobs import Workshop

NEW = "Nuevo-Rumbo.2031!"
SAID = {"message": "Si hay una cuenta con ese identificador y tiene correo, en unos minutos recibirá un enlace."}
KNOWN, UNKNOWN = "20123456789", "27123456780"


@dataclass
class Mailroom:
    """What carries a forgotten password from the database to a mail server."""

    office: PostOffice
    workshop: Workshop
    mailbox: Mailbox

    async def work(self) -> None:
        await self.workshop.worker().drain()
        await self.office.work()

    def codes(self) -> list[str]:
        found = [re.search(r"codigo=([\w-]+)", mail.body("plain") or "") for mail in self.mailbox.mails]
        return [match[1] for match in found if match]


@pytest.fixture
async def mailbox() -> AsyncIterator[Mailbox]:
    async with Mailbox() as running:
        yield running


@pytest.fixture
def mailroom(place: Place, mailbox: Mailbox) -> Mailroom:
    """Hears what the place publishes from here on."""
    office = PostOffice(place.house.database, place.clock, mail_settings(mailbox.port))
    recovery = place.services[RecoveryService]
    invitations = Invitations(
        database=office.database,
        outbox=office.outbox,
        give=place.services[PeopleService].give_temporary,
        give_link=recovery.give_link,
        link_life_s=recovery.life_s,
        public_url="https://acuse.prueba.mx/",
    )
    jobs = invitation_jobs(invitations)
    place.house.events.subscribe(jobs)
    return Mailroom(office, Workshop(office.database, jobs), mailbox)


async def ask(client: httpx2.AsyncClient, cuit: str = KNOWN) -> httpx2.Response:
    return await client.post("/auth/forgot-password", json={"cuit": cuit})


async def recover(client: httpx2.AsyncClient, code: str, password: str = NEW) -> httpx2.Response:
    return await client.post("/auth/recover-password", json={"token": code, "newPassword": password})


class TestAsking:
    async def test_says_the_same_to_everybody_and_writes_only_to_who_can_read(
        self, place: Place, mailroom: Mailroom
    ) -> None:
        await place.create()
        await place.create(tax_id="30710955057", name="Sin Correo", mail="")
        kept_out = await place.create(tax_id="33693450239", name="Inactiva", mail="x@example.com")
        await place.set_status(kept_out, UserStatus.INACTIVE)
        async with place.client() as client:
            for cuit in (KNOWN, "20-12345678-9", UNKNOWN, "30710955057", "33693450239", "<nadie>", ""):
                answer = await ask(client, cuit)
                assert (answer.status_code, answer.json()) == (200, SAID), cuit
        await mailroom.work()
        assert [mail.recipients for mail in mailroom.mailbox.mails] == [("alicia@example.com",)] * 2

    async def test_does_the_same_work_whether_the_user_exists_or_not(self, place: Place) -> None:
        """The request only writes down what was asked; nobody is looked up before it is answered."""
        await place.create()
        before = len(await place.audited())
        async with place.client() as client:
            await ask(client, KNOWN)
            await ask(client, UNKNOWN)
        asked = await place.rows("SELECT account, user_id, token_hash FROM password_recoveries ORDER BY id")
        assert [row["account"] for row in asked] == [KNOWN, UNKNOWN]
        assert all(row["user_id"] is None and row["token_hash"] is None for row in asked)
        assert (await place.audited())[before:] == ["FORGOT_PASSWORD", "FORGOT_PASSWORD"]

    async def test_three_mails_an_hour_for_an_account_and_silence_after(self, place: Place, mailroom: Mailroom) -> None:
        await place.create()
        async with place.client() as client:
            for _ in range(5):
                assert (await ask(client)).json() == SAID
        await mailroom.work()
        assert len(mailroom.mailbox.mails) == 3
        place.clock.move(minutes=61)
        async with place.client() as client:
            await ask(client)
        await mailroom.work()
        assert len(mailroom.mailbox.mails) == 4

    async def test_five_a_minute_from_one_address(self, build: Build) -> None:
        place = build(PASSWORD_CHANGE_LIMIT_PER_MINUTE="5")
        async with place.client() as client:
            answers = [await ask(client, f"2712345678{n}") for n in range(6)]
        assert [answer.status_code for answer in answers] == [200] * 5 + [429]
        assert int(answers[-1].headers["retry-after"]) > 0

    async def test_a_second_delivery_of_the_event_sends_nothing_more(self, place: Place, mailroom: Mailroom) -> None:
        await place.create()
        async with place.client() as client:
            await ask(client)
        [row] = await place.rows("SELECT id FROM password_recoveries")
        await mailroom.workshop.publish(PasswordForgotten(row["id"]))
        await mailroom.work()
        assert len(mailroom.mailbox.mails) == 1


class TestTheLink:
    async def code(self, place: Place, mailroom: Mailroom) -> str:
        async with place.client() as client:
            await ask(client)
        await mailroom.work()
        return mailroom.codes()[-1]

    async def test_replaces_the_password_once_and_ends_every_session(self, place: Place, mailroom: Mailroom) -> None:
        user = await place.create()
        async with place.client() as client:
            tokens = await place.login(client, user)
            code = await self.code(place, mailroom)
            answer = await recover(client, code)
            assert (answer.status_code, answer.json()) == (200, {"message": "Contraseña cambiada correctamente"})
            assert (await client.get("/users/me", headers=bearer(tokens["accessToken"]))).status_code == 401
            again = await recover(client, code, "Otra-Distinta.77!")
            assert again.status_code == 400
            assert again.json()["message"].startswith("El enlace ya no sirve")
            assert "accessToken" in await place.login(client, user, NEW)
        assert "RECOVER_PASSWORD" in await place.audited()

    async def test_only_its_hash_is_kept_and_the_mail_is_blanked(self, place: Place, mailroom: Mailroom) -> None:
        await place.create()
        code = await self.code(place, mailroom)
        [row] = await place.rows("SELECT token_hash FROM password_recoveries")
        assert bytes(row["token_hash"]) == fingerprint(code)
        everything: list[Any] = [
            await place.rows(f"SELECT t::text AS line FROM {table} t")
            for table in ("password_recoveries", "notices_outbox", "auditoria", "procrastinate_jobs")
        ]
        assert code not in str(everything)

    async def test_ends_after_half_an_hour(self, place: Place, mailroom: Mailroom) -> None:
        await place.create()
        code = await self.code(place, mailroom)
        place.clock.move(minutes=30)
        async with place.client() as client:
            assert (await recover(client, code)).status_code == 400

    async def test_is_spent_by_any_other_change_of_the_account(self, place: Place, mailroom: Mailroom) -> None:
        user = await place.create()
        first, second = await self.code(place, mailroom), await self.code(place, mailroom)
        async with place.client() as client:
            assert (await recover(client, second)).status_code == 200
            assert (await recover(client, first)).status_code == 400
            third = await self.code(place, mailroom)
            await place.set_status(user, UserStatus.INACTIVE)
            assert (await recover(client, third)).status_code == 400

    async def test_outlives_a_password_that_misses_the_policy(self, place: Place, mailroom: Mailroom) -> None:
        await place.create()
        code = await self.code(place, mailroom)
        async with place.client() as client:
            weak = await recover(client, code, "corta")
            assert weak.status_code == 400
            assert weak.json()["errors"][0]["campo"] == "newPassword"
            same = await recover(client, code, PASSWORD)
            assert "distinta de la contraseña actual" in same.json()["message"]
            assert (await recover(client, code)).status_code == 200

    async def test_lifts_the_waits_of_failed_logins(self, place: Place, mailroom: Mailroom) -> None:
        user = await place.create()
        async with place.client() as client:
            for _ in range(6):
                held = await client.post("/auth/login", json={"cuit": user.tax_id, "password": "no"})
            assert held.status_code == 429
            await recover(client, await self.code(place, mailroom))
            await place.login(client, user, NEW)

    @pytest.mark.parametrize("code", ["", "nada", "ñ" * 100, "\x00", "x" * 5000])
    async def test_an_odd_code_is_told_and_does_not_break(self, place: Place, code: str) -> None:
        async with place.client() as client:
            assert (await recover(client, code)).status_code == 400


class TestPages:
    async def test_the_whole_errand_without_a_script(self, place: Place, mailroom: Mailroom) -> None:
        user = await place.create()
        async with place.client() as client:
            assert 'href="/app/olvide"' in (await client.get("/app/login")).text
            assert "Enviar enlace" in (await client.get("/app/olvide")).text
            asked = await client.post("/app/olvide", data={"cuit": KNOWN})
            nobody = await client.post("/app/olvide", data={"cuit": UNKNOWN})
            assert "Revisa tu correo" in asked.text
            assert asked.text == nobody.text
            await mailroom.work()
            [code] = mailroom.codes()
            page = await client.get("/app/recuperar", params={"codigo": code})
            assert "Contraseña nueva, otra vez" in page.text
            assert page.headers["cache-control"] == "no-store"
            sent = {"codigo": code, "nueva": NEW, "otra_vez": "no igual"}
            unequal = await client.post("/app/recuperar", data=sent)
            assert unequal.status_code == 400
            assert "no son iguales" in unequal.text
            done = await client.post("/app/recuperar", data=sent | {"otra_vez": NEW})
            assert (done.status_code, done.headers["location"]) == (303, "/app/login")
            await place.enter(client, user, NEW)

    async def test_a_link_that_is_no_good_offers_another(self, place: Place) -> None:
        async with place.client() as client:
            opened = await client.get("/app/recuperar", params={"codigo": "viejo"})
            sent = await client.post("/app/recuperar", data={"codigo": "viejo", "nueva": NEW, "otra_vez": NEW})
            bare = await client.get("/app/recuperar")
        assert (opened.status_code, sent.status_code, bare.status_code) == (400, 400, 200)
        for page in (opened, sent):
            assert "El enlace ya no sirve" in page.text
            assert "Enviar enlace" in page.text
        assert "ya no sirve" not in bare.text


async def test_what_was_asked_is_swept_up_after_a_day(place: Place) -> None:
    async with place.client() as client:
        await ask(client)
    place.clock.move(hours=25)
    for schedule in place.services.mounted["accounts"].schedules:
        await schedule.run()
    assert await place.rows("SELECT id FROM password_recoveries") == []
