"""The error tree keeps its promises: one root, unique codes, Spanish sentences."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections import Counter

import pytest

import acuse
from acuse.kernel.errors import AppError, every_error

for _module in pkgutil.walk_packages(acuse.__path__, "acuse."):
    if "migrations" not in _module.name:
        importlib.import_module(_module.name)

CONTRACTS = {"Credenciales inválidas", "Debe cambiar su contraseña antes de continuar"}
"""Texts that clients compare letter for letter."""

OURS = {kind for kind in every_error() if kind.__module__.startswith("acuse.")}
ERRORS = sorted(OURS, key=lambda kind: kind.__qualname__)


def test_every_code_belongs_to_one_class() -> None:
    counted = Counter(kind.code for kind in ERRORS if "code" in vars(kind))
    assert [code for code, times in counted.items() if times > 1] == []


@pytest.mark.parametrize("kind", ERRORS, ids=lambda kind: kind.__name__)
class TestEachError:
    def test_its_code_is_upper_snake(self, kind: type[AppError]) -> None:
        assert re.fullmatch(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)*", kind.code)

    def test_its_message_is_a_sentence(self, kind: type[AppError]) -> None:
        assert kind.message[0].isupper() or kind.message[0] in "¿«{"
        assert kind.message in CONTRACTS or kind.message.rstrip()[-1] in ".:}»"

    def test_it_says_in_english_when_it_happens(self, kind: type[AppError]) -> None:
        assert kind.__doc__

    def test_it_can_be_told_without_details(self, kind: type[AppError]) -> None:
        error = kind()
        assert kind.code in str(error)
        assert "{" not in kind(unrelated=1).text
