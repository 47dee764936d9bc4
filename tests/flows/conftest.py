"""The simulated SAT of the run, and an installation that uses it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from tests.flows.site import Sat, Site, open_site, simulated_sat
from tests.support.nursery import Nursery, nursery


@pytest.fixture(scope="session")
def running_sat(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sat]:
    """The simulators, started once."""
    with simulated_sat(tmp_path_factory.mktemp("simuladores")) as sat:
        yield sat


@pytest.fixture(scope="session")
def nurse() -> Iterator[Nursery]:
    """Where workers come from quickly, to be killed."""
    with nursery() as running:
        yield running


@pytest.fixture
def sat(running_sat: Sat) -> Sat:
    """The simulated SAT, knowing nothing of earlier tests."""
    running_sat.begin()
    return running_sat


@pytest.fixture
def environment(environment: dict[str, str], sat: Sat) -> dict[str, str]:
    """The variables of an installation that speaks with the simulated SAT."""
    return environment | sat.environment


@pytest.fixture
async def site(environment: dict[str, str], sat: Sat) -> AsyncIterator[Site]:
    """A running installation with its worker."""
    async with open_site(environment, sat) as opened:
        yield opened
