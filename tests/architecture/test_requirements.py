"""The requirement files: hashed, without addresses, and what runs is what is tested."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "requirements"
PIN = re.compile(r"^([a-z0-9._-]+)(?:\[[^\]]*\])?==([^ ;\\]+)", re.MULTILINE | re.IGNORECASE)


def pins(name: str) -> dict[str, str]:
    return dict(PIN.findall((FOLDER / name).read_text(encoding="utf-8")))


def test_run_time_and_tests_stand_on_the_same_versions() -> None:
    run, test = pins("run.txt"), pins("test.txt")
    assert len(run) > 40
    assert {name: version for name, version in run.items() if test.get(name) != version} == {}


@pytest.mark.parametrize("name", ["run.txt", "test.txt"])
def test_every_pin_has_a_hash_and_no_line_an_address(name: str) -> None:
    text = (FOLDER / name).read_text(encoding="utf-8")
    blocks = re.split(r"\n(?=[a-z])", text.strip(), flags=re.IGNORECASE)
    assert [block for block in blocks if PIN.match(block) and "--hash=sha256:" not in block] == []
    assert re.findall(r"^-|://", text, re.MULTILINE) == []


def test_everything_asked_for_is_pinned() -> None:
    asked = (FOLDER / "run.in").read_text(encoding="utf-8")
    names = {
        re.split(r"[\[<>=; ]", line)[0].lower().replace("_", "-") for line in asked.splitlines() if line[:1].isalpha()
    }
    assert names - {name.lower().replace("_", "-") for name in pins("run.txt")} == set()
