from __future__ import annotations

import pytest

from acuse.accounts.model import Role
from acuse.accounts.rights import RIGHTS, Identity, Right, rights_markdown, scopes_for


def who(role: Role, scopes: frozenset[str] | None = None) -> Identity:
    return Identity(user_id=1, name="Alicia", role=role, tax_id="20123456789", scopes=scopes)


def test_every_right_stands_in_the_table() -> None:
    assert set(RIGHTS) == set(Right)


def test_an_administrator_has_every_right() -> None:
    assert all(who(Role.ADMINISTRADOR).may(right) for right in Right)


@pytest.mark.parametrize("role", [Role.MAYORISTA, Role.DISTRIBUIDOR])
def test_a_reseller_sees_nothing_of_the_sat(role: Role) -> None:
    fiscal = (Right.SAT_READ, Right.SAT_OPERATE, Right.SAT_OWN, Right.CFDI_READ)
    assert not any(who(role).may(right) for right in fiscal)


def test_a_token_does_no_more_than_its_scopes() -> None:
    token = who(Role.CONTRIBUYENTE, frozenset({"sat:read"}))
    assert token.may(Right.SAT_READ)
    assert not token.may(Right.SAT_OPERATE)


def test_a_token_does_no_more_than_its_owner_even_when_scopes_say_so() -> None:
    assert not who(Role.MAYORISTA, frozenset({"sat:read"})).may(Right.SAT_READ)


def test_a_token_never_makes_tokens() -> None:
    assert not who(Role.ADMINISTRADOR, frozenset({"tokens:self"})).may(Right.TOKENS_SELF)
    assert Right.TOKENS_SELF not in scopes_for(Role.ADMINISTRADOR)


def test_an_unknown_right_is_nobodys() -> None:
    assert not who(Role.ADMINISTRADOR).may("todo:todo")


def test_the_documentation_has_a_line_for_each_right() -> None:
    lines = rights_markdown().splitlines()
    assert len(lines) == 2 + len(Right)
    assert lines[0] == (
        "| Derecho | Qué permite | Administrador | Mayorista | Distribuidor | Contribuyente | Token de API |"
    )
    assert "| `sat:read` | Ver contribuyentes, solicitudes y paquetes del SAT | sí | — | — | sí | sí |" in lines
