from __future__ import annotations

import io
from pathlib import Path

import pytest

from acuse.cli import main


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("sat moths", "No hay una orden «moths». ¿Quisiste decir months?"),
        ("nada", "No hay una orden «nada». Hay: serve, worker"),
        ("sat months --nada", "No hay una opción --nada."),
        ("sat months --yea 3", "¿Quisiste decir --year?"),
        ("cfdi summary --year x", "--year: «x» no es un número entero."),
        ("cfdi list --efecto nada", "--efecto: «nada» no es uno de: ingreso, egreso"),
        ("efirma upload", "Falta --cer."),
        ("doctor uno", "Sobra «uno»."),
    ],
)
def test_a_line_that_cannot_be_read_is_told_in_spanish(
    line: str, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(line.split())
    said = " ".join(capsys.readouterr().err.split())
    assert ended.value.code == 2
    assert told in said
    assert "Ayuda: acuse" in said
    assert said.endswith("--help")


@pytest.mark.parametrize(
    ("line", "field"),
    [
        ("cfdi list --desde ayer", "fecha_inicio: Escribe la fecha"),
        (f"sat request {'X' * 41} cfdi emitidos 2025-01-01 2025-01-31", "rfc: Debe tener a lo más 40 caracteres."),
    ],
)
def test_a_value_that_only_the_product_can_judge_is_told_as_any_wrong_input(
    line: str, field: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(line.split())
    assert ended.value.code == 2
    assert field in capsys.readouterr().err


def test_a_question_that_nobody_answers_is_told(
    environment: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("sys.stdin", io.StringIO())
    with pytest.raises(SystemExit) as ended:
        main(["contribuyentes", "delete", "EKU9003173C9"])
    assert (ended.value.code, "ANSWER_MISSING" in capsys.readouterr().err) == (2, True)
