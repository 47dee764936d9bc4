"""Tokens that must open nothing, tried on every operation there is."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx2
import jwt
import pytest
from fastapi import FastAPI

from acuse.accounts import AccountsService, Identity, PeopleService, Role
from acuse.accounts.model import User, UserChanges, UserStatus
from acuse.accounts.rights import scopes_for
from acuse.accounts.service import ApiTokenService, BrowserService, ProgramService, SessionService
from acuse.app import create_app
from acuse.features import open_features
from acuse.kernel.audit import SYSTEM
from acuse.kernel.clock import MovableClock
from acuse.kernel.feature import Services
from acuse.kernel.house import House
from tests.architecture.doors import PASSWORD, Door, calling, doors

ADMIN = Role.ADMINISTRADOR


@dataclass
class Bank:
    """An application, its secrets, and one administrator for each trick."""

    app: FastAPI
    services: Services
    clock: MovableClock
    secrets: Mapping[str, str]
    made: int = 0

    async def admin(self) -> User:
        self.made += 1
        return await self.services[AccountsService].create_user(
            actor=SYSTEM,
            tax_id=f"209{self.made:08}",
            name=f"Admin {self.made}",
            mail="",
            role=ADMIN,
            password=PASSWORD,
            must_change_password=False,
        )

    @property
    def programs(self) -> ProgramService:
        return self.services[ProgramService]

    async def access(self, user: User | None = None) -> str:
        return (await self.programs.open(user or await self.admin(), ip=None)).access

    async def forged(self, *, key: str = "", algorithm: str = "HS256", **changes: Any) -> str:
        """A token just like a good one but for this."""
        claims = jwt.decode(await self.access(), options={"verify_signature": False}) | changes
        kept = {name: value for name, value in claims.items() if value is not ...}
        return jwt.encode(kept, key or self.secrets["TOKEN_SECRET"], algorithm=algorithm)

    async def api_token(self, user: User, **options: Any) -> tuple[str, UUID]:
        scopes = [right.value for right in scopes_for(ADMIN)]
        made = await self.services[ApiTokenService].create(
            Identity.of(user), name="p", scopes=scopes, **({"expires_at": None} | options)
        )
        return made.secret, made.token.id


Trick = Callable[[Bank], Awaitable["str | list[tuple[str, str]]"]]
TRICKS: dict[str, Trick] = {}


def trick(make: Trick) -> Trick:
    """Keep a way to misuse tokens under its name."""
    TRICKS[make.__name__] = make
    return make


@trick
async def no_algorithm(bank: Bank) -> str:
    head, body, _ = (await bank.access()).split(".")
    assert head
    return f"eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.{body}."


@trick
async def another_algorithm_under_the_same_key(bank: Bank) -> str:
    return await bank.forged(algorithm="HS512")


@trick
async def signed_by_somebody_else(bank: Bank) -> str:
    return await bank.forged(key="x" * 64)


@trick
async def signed_with_the_refresh_secret(bank: Bank) -> str:
    return await bank.forged(key=bank.secrets["REFRESH_SECRET"])


@trick
async def altered_after_it_was_signed(bank: Bank) -> str:
    head, _, mark = (await bank.access()).split(".")
    _, body, _ = (await bank.access()).split(".")
    return f"{head}.{body}.{mark}"


@trick
async def expired(bank: Bank) -> str:
    return await bank.forged(exp=int((bank.clock.now() - timedelta(seconds=1)).timestamp()))


@trick
async def without_an_end(bank: Bank) -> str:
    return await bank.forged(exp=...)


@trick
async def not_yet_in_force(bank: Bank) -> str:
    return await bank.forged(nbf=int((bank.clock.now() + timedelta(hours=1)).timestamp()))


@trick
async def issued_in_the_future(bank: Bank) -> str:
    return await bank.forged(iat=int((bank.clock.now() + timedelta(hours=1)).timestamp()))


@trick
async def for_another_audience(bank: Bank) -> str:
    return await bank.forged(aud="otra-casa")


@trick
async def by_another_issuer(bank: Bank) -> str:
    return await bank.forged(iss="otra-casa")


@trick
async def of_an_unknown_kind(bank: Bank) -> str:
    return await bank.forged(token_type="todo")


@trick
async def of_a_session_that_never_was(bank: Bank) -> str:
    return await bank.forged(sid=str(uuid4()))


@trick
async def of_somebody_elses_session(bank: Bank) -> str:
    return await bank.forged(sub=str((await bank.admin()).id))


@trick
async def refresh_token_as_access(bank: Bank) -> str:
    return (await bank.programs.open(await bank.admin(), ip=None)).refresh


@trick
async def change_token_as_access(bank: Bank) -> str:
    return bank.programs.change_token(await bank.admin())


@trick
async def half_a_login_as_access(bank: Bank) -> str:
    return bank.programs.factor_token(await bank.admin())


@trick
async def cookie_secret_as_access(bank: Bank) -> str:
    return await bank.services[BrowserService].open(await bank.admin(), ip=None, agent="prueba")


@trick
async def logged_out(bank: Bank) -> str:
    token = await bank.access()
    await bank.programs.close(await bank.programs.identify(token, ip=None))
    return token


@trick
async def session_ended_from_elsewhere(bank: Bank) -> str:
    user = await bank.admin()
    token = await bank.access(user)
    other = await bank.programs.identify(await bank.access(user), ip=None)
    await bank.services[SessionService].end_others(other)
    return token


@trick
async def of_a_deleted_user(bank: Bank) -> str:
    user = await bank.admin()
    token = await bank.access(user)
    await bank.services[PeopleService].delete(user.id, actor=SYSTEM)
    return token


@trick
async def of_a_disabled_user(bank: Bank) -> str:
    user = await bank.admin()
    token = await bank.access(user)
    await bank.services[PeopleService].update(user.id, UserChanges(status=UserStatus.INACTIVE), actor=SYSTEM)
    return token


@trick
async def of_before_a_reset(bank: Bank) -> str:
    user = await bank.admin()
    token = await bank.access(user)
    await bank.services[AccountsService].reset_password(user.id, "Otra-Temporal.99!", actor=SYSTEM)
    return token


@trick
async def truncated(bank: Bank) -> str:
    return (await bank.access())[:-4]


@trick
async def too_long(bank: Bank) -> str:
    return await bank.access() + "A" * 5000


@trick
async def two_headers(bank: Bank) -> list[tuple[str, str]]:
    token = await bank.access()
    return [("Authorization", f"Bearer {token}"), ("Authorization", "Bearer otro")]


@trick
async def under_another_scheme(bank: Bank) -> list[tuple[str, str]]:
    return [("Authorization", f"Token {await bank.access()}")]


@trick
async def two_in_one_header(bank: Bank) -> list[tuple[str, str]]:
    token = await bank.access()
    return [("Authorization", f"Bearer {token}, Bearer {token}")]


@trick
async def in_a_cookie(bank: Bank) -> list[tuple[str, str]]:
    return [
        ("Sec-Fetch-Site", "same-origin"),
        ("Cookie", f"Authorization={await bank.access()}; acuse_sesion={await bank.access()}"),
    ]


@trick
async def in_the_query(bank: Bank) -> list[tuple[str, str]]:
    return [("x-query", await bank.access())]


@trick
async def api_token_revoked(bank: Bank) -> str:
    user = await bank.admin()
    secret, token_id = await bank.api_token(user)
    await bank.services[ApiTokenService].revoke(Identity.of(user), token_id)
    return secret


@trick
async def api_token_of_a_disabled_user(bank: Bank) -> str:
    user = await bank.admin()
    secret, _ = await bank.api_token(user)
    await bank.services[PeopleService].update(user.id, UserChanges(status=UserStatus.INACTIVE), actor=SYSTEM)
    return secret


@trick
async def api_token_with_one_letter_changed(bank: Bank) -> str:
    secret, _ = await bank.api_token(await bank.admin())
    return secret[:-1] + ("A" if secret[-1] != "A" else "B")


@pytest.fixture
def environment(environment: dict[str, str]) -> dict[str, str]:
    return environment | {"PASSWORD_HASH_MEMORY_KIB": "1024", "TAX_ID_CHECK": "warn"}


@pytest.fixture
async def bank(house: House, clock: MovableClock, environment: dict[str, str]) -> AsyncIterator[Bank]:
    async with open_features(house) as services:
        yield Bank(create_app(house, services), services, clock, environment)


async def knock(client: httpx2.AsyncClient, door: Door, shown: str | list[tuple[str, str]]) -> httpx2.Response:
    if isinstance(shown, str):
        return await client.request(door.method, door.url, headers={"Authorization": f"Bearer {shown}"})
    query = {"access_token": shown[0][1], "token": shown[0][1]} if shown[0][0] == "x-query" else {}
    return await client.request(door.method, door.url, headers=[] if query else shown, params=query)


@pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")
async def test_no_misused_token_opens_any_operation(bank: Bank) -> None:
    assert len(TRICKS) >= 20
    shown = {name: await make(bank) for name, make in TRICKS.items()}
    operations = [door for door in doors(bank.app) if not door.is_page and door.right is not None]
    async with calling(bank.app) as client:
        for door in operations:
            for name, token in shown.items():
                answer = await knock(client, door, token)
                assert answer.status_code == 401, f"{name}: {door.method} {door.path}"
                assert answer.headers["www-authenticate"].startswith("Bearer"), name


async def test_a_token_does_what_its_owner_may_do_now_and_not_when_it_was_made(bank: Bank) -> None:
    user = await bank.admin()
    await bank.admin()
    headers = {"Authorization": f"Bearer {await bank.access(user)}"}
    async with calling(bank.app, headers=headers) as client:
        assert (await client.get("/users")).status_code == 200
        await bank.services[PeopleService].update(user.id, UserChanges(role=Role.MAYORISTA), actor=SYSTEM)
        assert (await client.get("/users")).status_code == 403
        assert (await client.get("/downloads/limits")).status_code == 200


async def test_the_scheme_is_read_in_any_case(bank: Bank) -> None:
    token = await bank.access()
    async with calling(bank.app) as client:
        for scheme in ("bearer", "BEARER", "Bearer"):
            answer = await client.get("/users/me", headers={"Authorization": f"{scheme} {token}"})
            assert answer.status_code == 200, scheme
