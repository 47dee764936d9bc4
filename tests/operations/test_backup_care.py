"""Backups taken by themselves: asked for in one setting, looked after by the doctor."""

from __future__ import annotations

from pathlib import Path

from acuse.features import open_features
from acuse.kernel.clock import MovableClock
from acuse.kernel.house import open_house
from acuse.kernel.settings import SettingsReader
from acuse.operations.service import OperationsService


async def said(environment: dict[str, str], clock: MovableClock, *, back_up: bool = False) -> tuple[str, str]:
    """Answer what the doctor says of backups, after the night's one if wanted."""
    async with open_house(SettingsReader(environment, None), clock=clock) as house, open_features(house) as services:
        if back_up:
            schedules = services.mounted["operations"].schedules
            await next(each for each in schedules if each.name == "operations:backup").run()
        results = await services[OperationsService].checkup()
        finding = next(each.finding for each in results if each.caption == "Respaldos")
        return finding.state, finding.text


async def test_the_doctor_says_how_old_the_newest_backup_is(
    environment: dict[str, str], tmp_path: Path, clock: MovableClock
) -> None:
    environment["BACKUP_TO"] = (tmp_path / "disco").as_uri()
    assert (await said(environment, clock))[0] == "warning"
    assert await said(environment, clock, back_up=True) == ("ok", "El último es de hace un momento.")
    clock.move(hours=20)
    assert await said(environment, clock) == ("ok", "El último es de hace 20 horas.")
    clock.move(hours=20)
    state, text = await said(environment, clock)
    assert state == "warning"
    assert "40 horas" in text


async def test_without_a_place_nothing_is_planned_and_the_doctor_says_so(
    environment: dict[str, str], clock: MovableClock
) -> None:
    state, text = await said(environment, clock)
    assert state == "warning"
    assert "BACKUP_TO" in text
    async with open_house(SettingsReader(environment, None), clock=clock) as house, open_features(house) as services:
        assert "operations:backup" not in {each.name for each in services.mounted["operations"].schedules}
