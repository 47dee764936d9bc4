from __future__ import annotations

from acuse.kernel.clock import MovableClock
from acuse.kernel.house import House, open_house
from acuse.kernel.settings import SettingsReader


async def test_a_house_opens_over_a_fresh_installation_with_every_part_working(
    house: House, clock: MovableClock
) -> None:
    await house.database.ping()
    await house.files.put("a/b", b"x")
    sealed = house.vault.seal(b"secret", table="t", column="c", row="1")
    assert house.vault.open(sealed, table="t", column="c", row="1") == b"secret"
    assert (await house.audit.verify()).is_intact
    assert await house.cpu.run(pow, 2, 5) == 32
    assert house.clock is clock


async def test_two_houses_over_one_database_start_together(settings: SettingsReader, house: House) -> None:
    async with open_house(settings) as other:
        await other.database.ping()
        await house.database.ping()
