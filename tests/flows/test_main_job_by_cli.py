"""The whole errand at a terminal: every command in a process of its own, a worker beside them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.flows.site import Sat, acuse, start_acuse, until


@contextmanager
def working(environment: dict[str, str], folder: Path) -> Iterator[None]:
    """Have a worker run in a process of its own, and see it leave in peace."""
    with start_acuse(environment, folder, "worker") as process:
        try:
            yield
        finally:
            process.terminate()
            out, err = process.communicate(timeout=30)
            assert process.returncode == 0, err.decode()
            assert "en marcha" in out.decode()


async def test_a_year_of_cfdis_comes_down(environment: dict[str, str], sat: Sat, tmp_path: Path) -> None:
    told = sat.told
    (tmp_path / "clave.txt").write_text(told.efirma["password"] + "\n")

    async def told_by(*words: str) -> Any:
        code, out, err = await acuse(environment, tmp_path, "--json", *words)
        assert code == 0, f"{words}: {err}"
        return json.loads(out)

    loaded = await told_by(
        "efirma", "upload", told.efirma["cer"], told.efirma["key"], "--password-file", str(tmp_path / "clave.txt")
    )
    assert loaded["rfc"] == told.rfc
    assert (await told_by("efirma", "list"))[0]["estado"] == "vigente"

    with working(environment, tmp_path):
        sent = await told_by("sat", "year", told.rfc, str(told.year))
        assert len(sent) == 14

        async def look() -> list[dict[str, Any]]:
            rows: list[dict[str, Any]] = await told_by("sat", "list", "--rfc", told.rfc)
            return rows

        rows = await until(look, lambda rows: all(row["estado"] in {"completa", "sin_cfdi"} for row in rows))

    paquetes = await told_by("sat", "packages", "--rfc", told.rfc)
    assert {paquete["descargas"] for paquete in paquetes} == {1}
    announced = sum(row["numero_cfdis"] or 0 for row in rows if row["tipo_solicitud"] == "CFDI")
    found = await told_by("cfdi", "list", "--rfc", told.rfc, "--limite", "500")
    assert len([row for row in found if row["con_xml"]]) == announced

    output = tmp_path / "uno.xml"
    code, _, err = await acuse(environment, tmp_path, "cfdi", "xml", found[0]["uuid"], "--output", str(output))
    assert code == 0, err
    assert found[0]["uuid"].lower() in output.read_text(encoding="utf-8").lower()

    months = await told_by("cfdi", "summary", "--rfc", told.rfc)
    assert sum(month["cfdi"] for month in months) == len(found)
    report = await told_by("audit", "verify")
    assert report["registros"] > 0
    assert report["integra"] is True


async def test_mistakes_are_told_with_their_code_and_their_own_exit(
    environment: dict[str, str], sat: Sat, tmp_path: Path
) -> None:
    csd = sat.told.csd
    wrong = await acuse(
        environment,
        tmp_path,
        "--json",
        "efirma",
        "upload",
        csd["cer"],
        csd["key"],
        "--password-stdin",
        say="12345678a\n",
    )
    assert (wrong[0] != 0, wrong[1]) == (True, "")
    assert json.loads(wrong[2])["error"] == "CSD_INSTEAD_OF_EFIRMA"
    for words in (["sat", "year", sat.told.rfc, "2025"], ["cfdi", "xml", "no-es-un-folio"], ["efirma", "status", "X"]):
        code, out, err = await acuse(environment, tmp_path, *words)
        assert (code != 0, out) == (True, ""), words
        assert err.startswith("✗ "), words
        assert "Traceback" not in err, words
