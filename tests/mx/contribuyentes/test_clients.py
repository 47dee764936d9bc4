"""The table of clients: filters, order, pages, figures of other features, what is offered for several."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acuse.accounts.rights import Right
from acuse.mx.certificates.lookalike import Holder
from acuse.mx.contribuyentes.service import BulkAction, ClientsService, Figures
from acuse.mx.contribuyentes.service.clients import _compare
from acuse.mx.rfc import Rfc
from tests.mx.contribuyentes.site import Site, Visitor
from tests.support.efirmas import NOW, PASSWORD, a_key, lookalike_ca

API = "/api/v1/sat/contribuyentes"
PAGE = "/app/contribuyentes"
NAMES = {
    "AAA010101AAA": "Zapatería Ñandú",
    "BBB010101AAA": "abarrotes óscar",
    "CCC010101AAA": "",
    "DDD010101AAA": "Muebles",
}


@pytest.fixture
async def office(site: Site, alice: Visitor) -> Visitor:
    """Four clients: one with a good e.firma, one whose e.firma ends soon, two without."""
    for rfc, name in NAMES.items():
        await alice.api.post(API, json={"rfc": rfc, "nombre": name, "descarga_diaria": rfc.startswith("D")})
    await load(alice, "AAA010101AAA", timedelta(days=900))
    await load(alice, "BBB010101AAA", timedelta(days=20))
    return alice


async def load(who: Visitor, rfc: str, left: timedelta) -> None:
    holder = Holder(rfc=Rfc.parse(rfc), name=f"TITULAR {rfc}")
    made = lookalike_ca().issue_efirma(
        holder,
        not_before=NOW - timedelta(days=100),
        validity=left + timedelta(days=100),
        password=PASSWORD,
        key=a_key(),
    )
    files = {"cer": ("x.cer", made.cer), "key": ("x.key", made.key)}
    assert (await who.api.put(f"{API}/{rfc}/efirma", files=files, data={"password": PASSWORD})).status_code == 200


async def listed(who: Visitor, **query: Any) -> str:
    """The first letters of the RFCs a list holds, in its order, all its pages read."""
    letters, cursor = "", None
    while True:
        answer = await who.api.get(API, params=query | ({"cursor": cursor} if cursor else {}))
        assert answer.status_code == 200, answer.text
        letters += "".join(item["rfc"][0] for item in answer.json()["contribuyentes"])
        cursor = answer.json()["siguiente"]
        if cursor is None:
            return letters


def tell(site: Site, figures: Mapping[str, Figures]) -> None:
    """Let a feature above know figures by RFC."""

    async def source(ids: Sequence[int]) -> Mapping[int, Figures]:
        return dict(zip(ids, (figures.get(letter, Figures()) for letter in "ABCD"), strict=False))

    site.services[ClientsService].add_figures(source)


class TestFilters:
    async def test_by_state(self, office: Visitor) -> None:
        assert await listed(office, estado="vigente") == "A"
        assert await listed(office, estado="por_vencer") == "B"
        assert await listed(office, estado="sin_efirma") == "CD"
        assert await listed(office, estado="vencida") == ""
        assert (await office.api.get(API, params={"estado": "rota"})).status_code == 400

    @pytest.mark.parametrize(("text", "found"), [("nandu", "A"), ("ÓSCAR", "B"), ("010101", "ABCD"), ("ddd", "D")])
    async def test_by_a_part_of_rfc_or_name_without_accents(self, office: Visitor, text: str, found: str) -> None:
        assert await listed(office, texto=text) == found

    async def test_by_the_daily_download(self, office: Visitor) -> None:
        assert await listed(office, descarga_diaria="true") == "D"
        assert await listed(office, descarga_diaria="false") == "ABC"


class TestOrder:
    @pytest.mark.parametrize("limite", [1, 2, 3, 500])
    async def test_every_order_both_ways_whatever_the_page(self, site: Site, office: Visitor, limite: int) -> None:
        day = datetime(2026, 2, 1, tzinfo=UTC)
        tell(site, {"A": Figures(last_download=day, missing=5), "D": Figures(last_download=NOW, missing=0)})
        tell(site, {"B": Figures(missing=100)})
        expected = {
            "": "ABCD",
            "-rfc": "DCBA",
            "nombre": "BDAC",
            "-nombre": "ADBC",
            "vence": "BACD",
            "-vence": "ABCD",
            "descarga": "ADBC",
            "-descarga": "DABC",
            "faltantes": "DABC",
            "-faltantes": "BADC",
        }
        for order, letters in expected.items():
            assert await listed(office, orden=order, limite=limite) == letters, order

    @pytest.mark.parametrize(
        ("query", "code"),
        [({"orden": "color"}, "SORT_UNKNOWN"), ({"cursor": "x"}, "CURSOR_INVALID"), ({"limite": 501}, "LIMIT_INVALID")],
    )
    async def test_what_makes_no_sense_is_told(self, office: Visitor, query: dict[str, Any], code: str) -> None:
        answer = await office.api.get(API, params=query)
        assert (answer.status_code, answer.json()["error"]) == (400, code)

    @given(
        st.lists(st.tuples(st.none() | st.integers(-3, 3), st.text("AB", max_size=2)), min_size=3, max_size=3),
        st.booleans(),
    )
    def test_the_order_is_one(self, keys: list[tuple[int | None, str]], falling: bool) -> None:
        a, b, c = keys
        assert _compare(a, b, falling=falling) == -_compare(b, a, falling=falling)
        if _compare(a, b, falling=falling) <= 0 and _compare(b, c, falling=falling) <= 0:
            assert _compare(a, c, falling=falling) <= 0


class TestFigures:
    async def test_several_sources_make_one_row(self, site: Site, office: Visitor) -> None:
        tell(site, {"A": Figures(last_download=NOW)})
        tell(site, {"A": Figures(missing=7)})
        told = (await office.api.get(f"{API}/AAA010101AAA")).json()
        assert (told["faltantes"], told["ultima_descarga"]) == (7, "2026-03-02T18:00:00Z")


class TestPage:
    async def test_it_shows_sorts_and_filters(self, site: Site, office: Visitor) -> None:
        tell(site, {"A": Figures(last_download=NOW, missing=1234)})
        page = (await office.browser.get(PAGE, params={"sort": "-faltantes"})).text
        assert "1,234" in page
        assert page.index("AAA010101AAA") < page.index("BBB010101AAA")
        assert 'aria-sort="descending"' in page
        none = (await office.browser.get(PAGE, params={"texto": "nadie"})).text
        assert "Nada con esos filtros" in none

    async def test_what_is_offered_for_several_gets_the_chosen_rfcs(self, site: Site, office: Visitor) -> None:
        assert 'type="checkbox"' not in (await office.browser.get(PAGE)).text
        site.services[ClientsService].offer(
            BulkAction(label="Hacer algo", path="/app/algo", icon="send", right=Right.SAT_OPERATE.value)
        )
        page = (await office.browser.get(PAGE)).text
        assert page.count('name="rfc"') == 4
        assert 'formaction="/app/algo"' in page
        assert " checked" not in page
        assert (await office.browser.get(PAGE, params={"todos": "1"})).text.count(" checked") == 4

    @pytest.mark.usefixtures("office")
    async def test_to_charlie_it_is_empty(self, charlie: Visitor) -> None:
        assert await listed(charlie) == ""
        assert "AAA010101AAA" not in (await charlie.browser.get(PAGE)).text
