from __future__ import annotations

from tests.mx.descarga.conftest import Office


async def test_rows_and_migration_agree(office: Office) -> None:
    assert await office.house.database.check() == []
