from __future__ import annotations

import re

import pytest

from acuse.accounts.guards import api_router, needs, page_router, public, right_of
from acuse.accounts.rights import Right
from acuse.webkit.routes import every_route, is_open
from tests.accounts.conftest import Place

_NAMED = re.compile(r"\{(\w+)\}")
_SOME = "00000000-0000-4000-8000-000000000000"
_NAMES = {"token_id": _SOME, "session_id": _SOME, "id_usuario": "7"}


@pytest.mark.parametrize("make", [api_router, page_router])
def test_a_route_that_does_not_say_who_may_call_it_cannot_be_made(make: type) -> None:
    async def forgotten() -> None: ...

    with pytest.raises(TypeError, match="forgotten"):
        make("/x").get("")(forgotten)


def test_a_marked_endpoint_says_its_right_or_that_it_is_open() -> None:
    @needs(Right.SAT_READ)
    async def guarded() -> None: ...

    @public("porque sí")
    async def opened() -> None: ...

    assert right_of(guarded) is Right.SAT_READ
    assert not is_open(guarded)
    assert right_of(opened) is None
    assert is_open(opened)


async def test_every_route_of_accounts_refuses_a_stranger_or_is_open_on_purpose(place: Place) -> None:
    open_paths = set()
    async with place.client() as client:
        for route in every_route(place.app):
            if route.endpoint is None or not (route.path_format or "").startswith(
                ("/app", "/auth", "/users", "/tokens", "/api")
            ):
                continue
            if is_open(route.endpoint):
                open_paths.add(route.path_format)
                continue
            path = _NAMED.sub(lambda found: _NAMES.get(found[1], found[0]), route.path_format or "")
            for method in route.methods or ():
                answer = await client.request(method, path)
                assert answer.status_code in {401, 303}, (method, path)
                if answer.status_code == 303:
                    assert answer.headers["location"].startswith("/app/login")
    assert open_paths == {
        "/auth/login",
        "/auth/change-password",
        "/auth/second-factor",
        "/app/login/codigo",
        "/auth/forgot-password",
        "/auth/recover-password",
        "/app/olvide",
        "/app/recuperar",
        "/auth/refresh",
        "/tokens/refresh",
        "/app/login",
        "/app/apariencia",
    }
