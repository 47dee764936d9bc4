"""A worker that exports a few rows at a time."""

from __future__ import annotations

from typing import Final

from acuse.features import open_features
from acuse.kernel.house import open_house
from acuse.kernel.settings import SettingsReader
from acuse.mx.exportaciones import Maker
from acuse.worker import create_worker

STRETCH: Final = 40


async def main() -> None:
    """Work until killed."""
    async with open_house(SettingsReader()) as house, open_features(house) as services:
        services[Maker].stretch = STRETCH
        await create_worker(house, services).run()
