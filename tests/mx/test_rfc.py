from __future__ import annotations

import contextlib
import string
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.mx import rfc as oracle

from acuse.mx.rfc import FOREIGN, PUBLIC, InvalidRfc, Rfc, check_digit

LETTERS = string.ascii_uppercase + "&Ñ"


@st.composite
def rfcs(draw: st.DrawFn) -> str:
    letters = draw(st.text(LETTERS, min_size=3, max_size=4))
    date = draw(st.dates()).strftime("%m%d")
    year = draw(st.integers(0, 99))
    homoclave = draw(st.text(string.ascii_uppercase + string.digits, min_size=2, max_size=2))
    return f"{letters}{year:02d}{date}{homoclave}{draw(st.sampled_from('0123456789A'))}"


class TestForm:
    @given(rfcs())
    def test_every_rfc_of_right_form_is_read_as_it_stands(self, text: str) -> None:
        rfc = Rfc.parse(text)
        assert str(rfc) == text
        assert rfc.is_person == (len(text) == 13)

    @pytest.mark.parametrize("text", ["  cosc-800113-7na ", "COSC 800113 7NA", "cosc8001137na"])
    def test_case_spaces_and_hyphens_are_forgiven(self, text: str) -> None:
        assert Rfc.parse(text) == Rfc("COSC8001137NA")

    def test_a_decomposed_enye_is_composed(self) -> None:
        assert Rfc.parse(unicodedata.normalize("NFD", "zuñ920208kl4")) == Rfc("ZUÑ920208KL4")

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "EKU9003173C",
            "EKU9003173C99X",
            "EKU9013173C9",
            "EKU9003323C9",
            "EKU9003173CB",
            "E.U9003173C9",
            "日本語",
            "EKU９003173C9",
            "EKU9003173C9\x00",
        ],
    )
    def test_anything_else_is_refused_with_its_code(self, text: str) -> None:
        with pytest.raises(InvalidRfc) as refused:
            Rfc.parse(text)
        assert refused.value.code == "INVALID_RFC_FORM"

    @given(st.text(max_size=20))
    def test_junk_never_crashes(self, text: str) -> None:
        with contextlib.suppress(InvalidRfc):
            assert len(Rfc.parse(text).text) in {12, 13}

    def test_it_is_safe_in_a_path(self) -> None:
        assert Rfc.parse("H&E951128469").path_segment == "H%26E951128469"
        assert Rfc.parse("ZUÑ920208KL4").path_segment == "ZU%C3%91920208KL4"


class TestCheckDigit:
    @pytest.mark.parametrize("text", ["EKU9003173C9", "COSC8001137NA", "H&E951128469", "OÑO120726RX3", "SAT970701NN3"])
    def test_known_ones_hold(self, text: str) -> None:
        assert check_digit(text[:-1]) == text[-1]

    @given(rfcs())
    def test_it_agrees_with_an_independent_implementation(self, text: str) -> None:
        assert check_digit(text[:-1]) == oracle.calc_check_digit(text[:-1])

    def test_one_letter_changed_is_noticed(self) -> None:
        assert check_digit("EKU9003173C") != "8"


class TestGeneric:
    def test_the_generic_ones_are_known(self) -> None:
        assert all(rfc.is_generic for rfc in (PUBLIC, FOREIGN))
        assert not Rfc.parse("EKU9003173C9").is_generic
