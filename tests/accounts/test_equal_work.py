"""Whether a user exists cannot be told from how long the answer takes: the same work is done, counted and not timed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from argon2 import extract_parameters
from sqlalchemy import Engine, event

from acuse.accounts import CredentialsInvalid
from acuse.accounts.model import UserStatus
from acuse.accounts.passwords import Hasher
from acuse.accounts.service import Gate, LoginService
from acuse.accounts.store import UserStore
from tests.accounts.conftest import PASSWORD, Place


class CountingHasher(Hasher):
    """A real hasher that notes what each verification cost: parameters, and bytes of the password."""

    def __init__(self) -> None:
        super().__init__(memory_kib=1024, passes=1)
        self.work: list[tuple[Any, ...]] = []

    def _verify(self, encoded: str, password: bytes) -> bool:
        told = extract_parameters(encoded)
        self.work.append((told.type, told.memory_cost, told.time_cost, told.parallelism, told.hash_len, len(password)))
        return super()._verify(encoded, password)


@contextmanager
def statements() -> Iterator[list[str]]:
    """Note every statement the database is sent."""
    seen: list[str] = []

    def note(_: Any, __: Any, statement: str, *___: Any) -> None:
        seen.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(Engine, "before_cursor_execute", note)


@pytest.fixture
def hasher() -> CountingHasher:
    return CountingHasher()


@pytest.fixture
def login(place: Place, hasher: CountingHasher) -> LoginService:
    house = place.house
    return LoginService(
        database=house.database,
        users=UserStore(),
        hasher=hasher,
        gate=place.services[Gate],
        events=house.events,
        audit=house.audit,
        clock=house.clock,
    )


async def test_unknown_wrong_inactive_and_expired_cost_the_same(
    place: Place, login: LoginService, hasher: CountingHasher
) -> None:
    await place.create()
    inactive = await place.create(tax_id="27123456780", name="Inactiva", mail="")
    await place.set_status(inactive, UserStatus.INACTIVE)
    await place.create(tax_id="30710955057", name="Vencida", mail="", must_change_password=True)
    place.clock.move(hours=73)
    tries = {
        "wrong": ("20123456789", "x" * len(PASSWORD)),
        "unknown": ("20120940288", "x" * len(PASSWORD)),
        "no tax id at all": ("<nadie>", "x" * len(PASSWORD)),
        "inactive with the right password": ("27123456780", PASSWORD),
        "temporary password that ran out": ("30710955057", PASSWORD),
    }
    costs, questions = {}, {}
    for what, (tax_id, password) in tries.items():
        hasher.work.clear()
        with statements() as seen, pytest.raises(CredentialsInvalid):
            await login.check(tax_id, password, ip="198.51.100.7")
        costs[what], questions[what] = list(hasher.work), list(seen)
    assert len(costs["wrong"]) == 1
    assert all(cost == costs["wrong"] for cost in costs.values()), costs
    assert len(questions["wrong"]) > 3
    assert all(asked == questions["wrong"] for asked in questions.values())


async def test_the_hash_checked_for_nobody_has_todays_parameters(place: Place, hasher: CountingHasher) -> None:
    real = await hasher.hash(PASSWORD)
    await hasher.verify(real, "no")
    await hasher.verify(None, "no")
    assert hasher.work[0] == hasher.work[1]
    assert not await hasher.verify(None, "")
