"""The identity of a device in every form people type."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acuse.ar.controladores import ControladorId, InvalidControlador, search_key

PAIR = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", min_size=2, max_size=2)


@pytest.mark.parametrize(
    "typed",
    [
        "SESHIA0000001371",
        "seshia0000001371",
        "SESHIA-0000001371",
        "SESHIA001371",
        "SESHIA1371",
        "SE-SH-IA-1371",
        " SE SH IA 0000001371 ",
        "seshia_1371",
    ],
)
def test_every_typed_form_is_one_device(typed: str) -> None:
    assert str(ControladorId.parse(typed)) == "SESHIA0000001371"


def test_the_manuals_own_sample_is_read() -> None:
    device = ControladorId.parse("famamo2486597874")
    assert (device.homologation, device.numero_serie) == ("FAMAMO", "2486597874")


def test_parts_are_padded_and_raised() -> None:
    assert str(ControladorId.of("se", "sh", "ia", "1371")) == "SESHIA0000001371"


@pytest.mark.parametrize("parts", [("SE", "SH", "IA", ""), ("SE", "SH", "IA", "12345678901"), ("S", "SH", "IA", "1")])
def test_wrong_parts_are_refused(parts: tuple[str, str, str, str]) -> None:
    with pytest.raises(InvalidControlador):
        ControladorId.of(*parts)


@pytest.mark.parametrize("typed", ["", "1371", "SESHIA", "SESHIA00000013712", "SESHIA-13A1", "ÑESHIA0000001371"])
def test_what_names_no_device_is_refused(typed: str) -> None:
    with pytest.raises(InvalidControlador):
        ControladorId.parse(typed)


@given(PAIR, PAIR, PAIR, st.integers(0, 10**10 - 1))
def test_the_sixteen_characters_are_read_back(fabricante: str, marca: str, modelo: str, serial: int) -> None:
    device = ControladorId.of(fabricante, marca, modelo, str(serial))
    assert ControladorId.parse(str(device)) == device
    assert len(str(device)) == 16


@given(st.text(max_size=30))
def test_junk_never_crashes(typed: str) -> None:
    assert isinstance(search_key(typed), str)


def test_a_piece_of_an_id_is_searched_as_typed() -> None:
    assert search_key("sh-ia") == "SHIA"
    assert search_key("seshia-1371") == "SESHIA0000001371"
