"""What commands answer reaches the terminal whole, however narrow it is and whatever stands in it."""

from __future__ import annotations

import pytest

from acuse.cli.runner import HouseRunner

UUID = "8f812c14-581b-4497-b89d-70786c3d0be3"
ROW = {"id": UUID, "nombre": "GRUPO [ABC] DEL NORTE [/] Y ASOCIADOS", "partes": [UUID, UUID]}


@pytest.fixture(autouse=True)
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")


def test_rows_are_not_cut(capsys: pytest.CaptureFixture[str]) -> None:
    HouseRunner().show([ROW, ROW | {"nombre": None}])
    head, first, second = capsys.readouterr().out.splitlines()
    assert head.split() == ["id", "nombre", "partes"]
    assert first.startswith(f"{UUID}  {ROW['nombre']}  [")
    assert first.count(UUID) == 3
    assert "—" in second


def test_fields_are_not_broken(capsys: pytest.CaptureFixture[str]) -> None:
    HouseRunner().show(ROW)
    lines = capsys.readouterr().out.splitlines()
    assert lines == [f"id  {UUID}", f"nombre  {ROW['nombre']}", f'partes  ["{UUID}", "{UUID}"]']
