"""What audited acts are about, as people say it."""

from __future__ import annotations

import re
from pathlib import Path

import acuse
from acuse.operations.pages.targets import TARGETS, target_text

_WRITTEN = re.compile(r"""(?:target_type|\bwhat)=\"([a-z_]+)\"""")


def test_everything_the_program_writes_has_a_word() -> None:
    sources = Path(acuse.__file__).parent.rglob("*.py")
    written = {name for source in sources for name in _WRITTEN.findall(source.read_text(encoding="utf-8"))}
    assert "users" in written
    assert written <= TARGETS.keys()


def test_the_word_stands_before_what_it_is_about() -> None:
    assert target_text("users", "2") == "Usuario 2"
    assert target_text("boveda") == "Bóveda"
    assert target_text("cosas", "7") == "cosas 7"
