"""The list as published, and everything else."""

from __future__ import annotations

import io
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acuse.mx.outside.sat_listas.errors import ListaUnreadable
from acuse.mx.outside.sat_listas.simulator import ListaState
from acuse.mx.outside.sat_listas.wire import open_list, publication


def test_the_published_form_is_read_whole() -> None:
    state = ListaState(date(2026, 7, 31), {"ÑAÑ010101AB1": ('PEÑA "LA BUENA", S.A.\nDE C.V.', "Presunto")})
    found = open_list(io.BytesIO(state.file()))
    rows = list(found.rows)
    assert found.as_of == date(2026, 7, 31)
    assert (rows[0].rfc, rows[0].nombre) == ("ÑAÑ010101AB1", 'PEÑA "LA BUENA", S.A. DE C.V.')
    assert (rows[0].situacion, len(rows[0].notices), len(rows)) == ("Presunto", 16, 204)
    assert sum(row.is_suppressed for row in rows) == 3


@given(st.binary(max_size=400))
def test_junk_is_unreadable_and_nothing_worse(data: bytes) -> None:
    with pytest.raises(ListaUnreadable):
        list(open_list(io.BytesIO(data)).rows)


@given(st.dates(date(2014, 1, 1), date(2099, 12, 31)))
def test_every_date_is_read(day: date) -> None:
    assert open_list(io.BytesIO(ListaState(day).file())).as_of == day


def test_a_cut_row_is_refused() -> None:
    data = ListaState(date(2026, 7, 31)).file() + b"9,AAA010101AAA,NADIE\r\n"
    with pytest.raises(ListaUnreadable):
        list(open_list(io.BytesIO(data)).rows)


def test_a_situation_was_published_when_the_columns_of_its_own_stage_say() -> None:
    texts = [f"{kind} {stage}" for stage in range(4) for kind in ("oficio", "SAT", "oficio DOF", "DOF")]
    texts[9], texts[11] = "28/09/2018", "13 de noviembre de 2018"
    assert publication("Definitivo", texts) == (date(2018, 9, 28), date(2018, 11, 13))
    assert publication("Presunto", texts) == (None, None)
    assert publication("Otra", texts) == (None, None)
    assert publication("Definitivo", []) == (None, None)
