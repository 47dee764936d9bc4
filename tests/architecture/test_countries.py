"""ACUSE_COUNTRIES: what belongs to a country that is not active is neither shown, nor answered, nor done."""

from __future__ import annotations

from pathlib import Path

import httpx2
import pytest

from acuse.accounts import AccountsService, Role
from acuse.accounts.cookies import SessionCookie
from acuse.accounts.service import BrowserService
from acuse.app import create_app
from acuse.ar.crs.service import QuotaService
from acuse.features import FEATURES, open_features
from acuse.kernel.audit import SYSTEM
from acuse.kernel.errors import Misconfigured
from acuse.kernel.feature import FeatureOff
from acuse.kernel.house import open_house
from acuse.kernel.jobs import JobBoard
from acuse.kernel.settings import CoreSettings, SettingsReader
from acuse.mx.contribuyentes import ContribuyentesService
from acuse.operations import OperationsService
from tests.flows.site import acuse

OF_MEXICO, OF_ARGENTINA = ("/api/v1/sat/cfdis", "/app/cfdi"), ("/downloads", "/app/crs")


@pytest.mark.parametrize(
    ("active", "there", "gone", "off"),
    [("mx", OF_MEXICO, OF_ARGENTINA, QuotaService), (" ar, ec", OF_ARGENTINA, OF_MEXICO, ContribuyentesService)],
)
async def test_only_what_is_active_is_here(
    environment: dict[str, str],
    active: str,
    there: tuple[str, str],
    gone: tuple[str, str],
    off: type[object],
) -> None:
    reader = SettingsReader(environment | {"ACUSE_COUNTRIES": active}, None)
    async with open_house(reader) as house, open_features(house) as services:
        user = await services[AccountsService].create_user(
            tax_id="20123456786",
            name="Alicia",
            mail="alicia@example.test",
            role=Role.ADMINISTRADOR,
            password="Una.Clave.Larga.1",
            must_change_password=False,
            actor=SYSTEM,
        )
        cookie = await services[BrowserService].open(user, ip=None, agent="prueba")
        transport = httpx2.ASGITransport(app=create_app(house, services))
        async with httpx2.AsyncClient(
            transport=transport, base_url="http://acuse.test", cookies={services[SessionCookie].name: cookie}
        ) as client:
            home = (await client.get("/app")).text
            paths = (await client.get("/openapi.json")).json()["paths"]
            assert (there[0] in paths, gone[0] in paths) == (True, False)
            assert (f'href="{there[1]}"' in home, f'href="{gone[1]}"' in home) == (True, False)
            assert (await client.get(there[1])).status_code == 200
            assert (await client.get(gone[1])).status_code == 404
        board: JobBoard = services[OperationsService].board
        done = {schedule.name.partition(":")[0] for schedule in await board.schedules()}
        assert not done & {feature.name for feature in FEATURES if feature.country not in {"", *active.split(",")}}
        with pytest.raises(FeatureOff):
            services[off]


async def test_a_command_of_another_country_says_so(environment: dict[str, str], tmp_path: Path) -> None:
    code, _, err = await acuse(environment | {"ACUSE_COUNTRIES": "mx"}, tmp_path, "crs", "metrics")
    assert (code, "ACUSE_COUNTRIES" in err) == (FeatureOff.exit_code, True), err


@pytest.mark.parametrize("wrong", ["pe", "mx;ar", "mx,,ar", ","])
def test_an_unknown_country_stops_the_start(environment: dict[str, str], wrong: str) -> None:
    with pytest.raises(Misconfigured, match="ACUSE_COUNTRIES"):
        SettingsReader(environment | {"ACUSE_COUNTRIES": wrong}, None).read(CoreSettings)


def test_every_feature_of_a_country_says_which() -> None:
    for feature in FEATURES:
        package = (feature.build.__module__ or "").split(".")[1]
        assert feature.country == (package if package in {"mx", "ec", "ar"} else "")
