"""Every route of the real application: who may call it, how it refuses, and what it says of itself."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

from acuse.accounts import AccountsService, Role
from acuse.accounts.cookies import SessionCookie
from acuse.accounts.guards import ApiRoute, PageForPeople, right_of
from acuse.accounts.rights import RIGHTS, Identity, scopes_for
from acuse.accounts.service import ApiTokenService, BrowserService
from acuse.app import create_app
from acuse.features import open_features
from acuse.kernel.audit import SYSTEM
from acuse.kernel.feature import Services
from acuse.kernel.house import House
from acuse.webkit.headers import CONTENT_SECURITY_POLICY
from acuse.webkit.routes import every_route, is_open
from tests.architecture.doors import DESCRIPTION, FRAMEWORK, PASSWORD, TAX_IDS, Door, calling, doors, knock


@dataclass(frozen=True)
class Built:
    """The application and one person of each role."""

    app: FastAPI
    services: Services
    bearer: dict[Role, str]
    cookie: dict[Role, dict[str, str]]


@pytest.fixture
def environment(environment: dict[str, str]) -> dict[str, str]:
    """Passwords are made quickly, and nobody tries them too often."""
    return environment | {"PASSWORD_HASH_MEMORY_KIB": "1024"}


@pytest.fixture
async def built(house: House) -> AsyncIterator[Built]:
    """The real application in process, with a person of each role."""
    async with open_features(house) as services:
        bearer, cookie = {}, {}
        for place, role in enumerate(Role, 1):
            user = await services[AccountsService].create_user(
                actor=SYSTEM,
                tax_id=TAX_IDS[place - 1],
                name=role.label,
                mail=f"{role.name.lower()}@example.org",
                role=role,
                password=PASSWORD,
                must_change_password=False,
            )
            scopes = [right.value for right in scopes_for(role)]
            token = await services[ApiTokenService].create(
                Identity.of(user), name="todo", scopes=scopes, expires_at=None
            )
            bearer[role] = token.secret
            secret = await services[BrowserService].open(user, ip=None, agent="prueba")
            cookie[role] = {services[SessionCookie].name: secret}
        yield Built(create_app(house, services), services, bearer, cookie)


async def test_no_two_jobs_or_schedules_bear_the_same_name(built: Built) -> None:
    mounted = built.services.mounted.values()
    names = [job.name for one in mounted for job in one.jobs] + [each.name for one in mounted for each in one.schedules]
    assert sorted(names) == sorted(set(names))


class TestTheDescription:
    async def test_every_text_in_a_path_has_its_form_told(self, built: Built) -> None:
        formless = {
            f"{path} {each['name']}"
            for path, item in built.app.openapi()["paths"].items()
            for operation in item.values()
            for each in operation.get("parameters", ())
            if each["in"] == "path" and each["schema"]["type"] == "string"
            if not {"pattern", "format", "enum"} & set(each["schema"])
        }
        assert formless == set()

    async def test_is_read_with_a_token_and_in_a_session(self, built: Built) -> None:
        role = Role.CONTRIBUYENTE
        bearer = {"Authorization": f"Bearer {built.bearer[role]}"}
        async with (
            calling(built.app, cookies=built.cookie[role]) as browser,
            calling(built.app, headers=bearer) as program,
        ):
            assert (await browser.get(DESCRIPTION)).json() == (await program.get(DESCRIPTION)).json()


class TestEveryRoute:
    async def test_has_a_right_or_says_why_it_is_public(self, built: Built) -> None:
        found = list(doors(built.app))
        assert len(found) > 40
        for route in every_route(built.app):
            if route.path_format in FRAMEWORK or route.endpoint is None:
                continue
            assert isinstance(route.route, ApiRoute | PageForPeople), route.path_format
            assert (right_of(route.endpoint) is None) == is_open(route.endpoint), route.path_format

    async def test_public_ones_are_these(self, built: Built) -> None:
        assert {f"{door.method} {door.path}" for door in doors(built.app) if door.right is None} == {
            "GET /",
            "GET /app/login",
            "POST /app/login",
            "POST /app/login/codigo",
            "POST /auth/second-factor",
            "POST /app/apariencia",
            "GET /health/live",
            "GET /health/metrics",
            "GET /health/ready",
            "POST /auth/login",
            "POST /auth/change-password",
            "POST /auth/forgot-password",
            "POST /auth/recover-password",
            "GET /app/olvide",
            "POST /app/olvide",
            "GET /app/recuperar",
            "POST /app/recuperar",
            "POST /auth/refresh",
            "POST /tokens/refresh",
        }

    async def test_programs_without_a_token_are_told_so_before_their_body_is_read(self, built: Built) -> None:
        for door in doors(built.app):
            if door.is_page or door.right is None:
                continue
            status, headers, body_was_read = await _call_watching_the_body(built.app, door)
            assert (status, body_was_read) == (401, False), f"{door.method} {door.path}"
            assert headers["www-authenticate"].startswith("Bearer"), door.path

    async def test_refusals_come_in_the_envelope_of_their_family(self, built: Built) -> None:
        async with calling(built.app) as client:
            for door in doors(built.app):
                if door.is_page or door.right is None:
                    continue
                body = (await knock(client, door)).json()
                ours = door.path.startswith("/api/") or door.path == DESCRIPTION
                assert set(body) == ({"error", "message", "details"} if ours else {"error", "message"}), door.path

    async def test_visitors_of_pages_are_sent_to_the_login(self, built: Built) -> None:
        async with calling(built.app) as client:
            for door in doors(built.app):
                if not door.is_page or door.right is None:
                    continue
                answer = await knock(client, door)
                assert answer.status_code == 303, f"{door.method} {door.path}"
                assert answer.headers["location"].startswith("/app/login"), door.path

    async def test_programs_do_not_get_in_with_a_cookie_nor_browsers_with_a_token(self, built: Built) -> None:
        role = Role.ADMINISTRADOR
        bearer = {"Authorization": f"Bearer {built.bearer[role]}"}
        async with (
            calling(built.app, cookies=built.cookie[role]) as browser,
            calling(built.app, headers=bearer) as program,
        ):
            for door in doors(built.app):
                if door.right is None:
                    continue
                if door.path == DESCRIPTION:
                    continue  # read by both, so that the page of the API can offer it
                answer = await knock(program if door.is_page else browser, door)
                assert answer.status_code == (303 if door.is_page else 401), f"{door.method} {door.path}"

    async def test_a_strange_body_is_400_in_the_envelope_and_never_422(self, built: Built) -> None:
        bearer = {"Authorization": f"Bearer {built.bearer[Role.ADMINISTRADOR]}"}
        strange = {"content-type": "application/json"}
        async with calling(built.app, headers=bearer) as client:
            for door in doors(built.app):
                if door.is_page or door.method == "GET" or door.path.endswith("logout"):
                    continue
                for content in (b"[[[", b"[1, 2]", b'{"rfc": {"a": []}}', b"\xff\xfe"):
                    answer = await client.request(door.method, door.url, content=content, headers=strange)
                    assert answer.status_code not in {422, 500}, f"{door.method} {door.path}: {answer.text}"
                    if answer.status_code == 400:
                        assert answer.json()["message"], door.path

    async def test_strange_questions_are_400_and_never_422(self, built: Built) -> None:
        bearer = {"Authorization": f"Bearer {built.bearer[Role.ADMINISTRADOR]}"}
        odd = {"limit": "x", "limite": "-1", "cursor": "WyJ4Il0", "plan": "x", "estado": "x", "fecha_inicio": "ayer"}
        async with calling(built.app, headers=bearer) as client:
            for door in doors(built.app):
                if door.is_page or door.method != "GET":
                    continue
                answer = await client.get(door.url, params=odd)
                assert answer.status_code not in {422, 500}, f"{door.path}: {answer.text}"
                if answer.status_code == 400:
                    assert answer.json()["message"], door.path

    async def test_strange_ids_in_the_path_are_told_as_such(self, built: Built) -> None:
        bearer = {"Authorization": f"Bearer {built.bearer[Role.ADMINISTRADOR]}"}
        async with calling(built.app, headers=bearer) as client:
            for door in doors(built.app):
                for_people = door.right is not None and not RIGHTS[door.right].for_tokens
                if door.is_page or "{" not in door.path or for_people:
                    continue
                answer = await client.request(door.method, re.sub(r"\{[^}]+\}", "%C3%91%26'%22", door.path))
                assert answer.status_code in {400, 404}, f"{door.method} {door.path}: {answer.status_code}"


class TestRights:
    @pytest.mark.parametrize("role", Role, ids=lambda role: role.name)
    async def test_programs_of_a_role_may_what_the_table_says(self, built: Built, role: Role) -> None:
        async with calling(built.app, headers={"Authorization": f"Bearer {built.bearer[role]}"}) as client:
            for door in doors(built.app):
                if door.is_page or door.right is None or door.path.endswith("logout"):
                    continue
                grant = RIGHTS[door.right]
                may = role in grant.roles and grant.for_tokens
                answer = await knock(client, door)
                where = f"{role.name} {door.method} {door.path}: {answer.status_code}"
                if may:
                    assert answer.status_code in {200, 201, 202, 204, 400, 404}, where
                else:
                    assert answer.status_code == 403, where

    @pytest.mark.parametrize("role", Role, ids=lambda role: role.name)
    async def test_people_of_a_role_may_what_the_table_says(self, built: Built, role: Role) -> None:
        async with calling(built.app, cookies=built.cookie[role]) as client:
            for door in doors(built.app):
                if not door.is_page or door.right is None or door.path.endswith("logout"):
                    continue
                answer = await knock(client, door)
                where = f"{role.name} {door.method} {door.path}: {answer.status_code}"
                if role in RIGHTS[door.right].roles:
                    assert answer.status_code in {200, 303, 400, 404}, where
                    assert not answer.headers.get("location", "").startswith("/app/login"), where
                else:
                    assert answer.status_code == 403, where
                    assert "<h1>Sin permiso</h1>" in answer.text, where

    @pytest.mark.parametrize("role", Role, ids=lambda role: role.name)
    async def test_menu_leads_only_where_the_role_may_go(self, built: Built, role: Role) -> None:
        async with calling(built.app, cookies=built.cookie[role]) as client:
            home = (await client.get("/app")).text
            rail = re.search(r'<nav class="rail".*?</nav>', home, re.DOTALL)
            assert rail is not None
            paths = re.findall(r'href="([^"#]+)"', re.sub(r"<use.*?>", "", rail[0]))
            assert "/app" in paths
            for path in paths:
                assert (await client.get(path)).status_code == 200, path
            pages = {door.path: door.right for door in doors(built.app) if door.is_page}
            assert {RIGHTS[right].roles >= {role} for path in paths if (right := pages[path])} == {True}


class TestOpenApi:
    async def test_it_is_valid_and_says_the_truth(self, built: Built) -> None:
        schema = built.app.openapi()
        assert schema["openapi"].startswith("3.1")
        assert not [path for path in schema["paths"] if path.startswith("/app")]
        for path, operations in schema["paths"].items():
            for method, operation in operations.items():
                where = f"{method} {path}"
                assert operation["summary"], where
                assert operation["tags"], where
                assert {"400", "404", "429", "503"} <= set(operation["responses"]), where
                assert "HTTPValidationError" not in str(operation["responses"]), where
        described = {f"{m.upper()} {path}" for path, operations in schema["paths"].items() for m in operations}
        assert described == {f"{door.method} {door.path}" for door in doors(built.app) if not door.is_page}
        for door in doors(built.app):
            if not door.is_page:
                operation = schema["paths"][door.path][door.method.lower()]
                assert (operation.get("security") == []) == (door.right is None), door.path

    async def test_every_reference_leads_somewhere_and_every_id_is_one(self, built: Built) -> None:
        schema = built.app.openapi()
        for place in _references(schema):
            found: Any = schema
            for step in place.removeprefix("#/").split("/"):
                found = found[step]
        ids = [o["operationId"] for operations in schema["paths"].values() for o in operations.values()]
        assert len(ids) == len(set(ids))


class TestWhatIsNotThere:
    @pytest.mark.parametrize(
        ("method", "path", "status"),
        [
            ("GET", "/no-existe", 404),
            ("GET", "/api/v1/no-existe", 404),
            ("GET", "/app/no-existe", 404),
            ("PATCH", "/auth/login", 405),
            ("DELETE", "/api/v1/sat/solicitudes", 405),
            ("GET", "/static/abc/no-existe.css", 404),
            ("POST", "/app/login", 403),
        ],
    )
    async def test_refusals_have_all_security_headers(self, built: Built, method: str, path: str, status: int) -> None:
        async with calling(built.app) as client:
            answer = await client.request(method, path)
        assert answer.status_code == status
        assert answer.headers["content-security-policy"] == CONTENT_SECURITY_POLICY
        for name in ("x-content-type-options", "x-frame-options", "referrer-policy", "x-request-id"):
            assert answer.headers[name], name
        assert answer.headers["cache-control"] == "no-store"

    async def test_a_bug_is_500_with_all_security_headers_and_tells_nothing(self, built: Built) -> None:
        async def broken() -> None:
            raise RuntimeError("clave-secreta-123")

        built.app.add_api_route("/se-rompe", broken)
        async with calling(built.app) as client:
            answer = await client.get("/se-rompe")
        assert answer.status_code == 500
        assert answer.json()["error"] == "INTERNAL_ERROR"
        assert "secreta" not in answer.text
        assert answer.headers["content-security-policy"] == CONTENT_SECURITY_POLICY


async def _call_watching_the_body(app: ASGIApp, door: Door) -> tuple[int, dict[str, str], bool]:
    """Call a door with a large body announced; tell whether a byte of it was asked for."""
    read = False
    told: dict[str, Any] = {}

    async def receive() -> dict[str, Any]:
        nonlocal read
        read = True
        return {"type": "http.request", "body": b"x" * 1000, "more_body": True}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            told.update(message)

    scope: Scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": door.method,
        "path": door.url,
        "raw_path": door.url.encode(),
        "root_path": "",
        "scheme": "http",
        "query_string": b"",
        "headers": [(b"host", b"acuse.test"), (b"content-length", b"1000")],
        "client": ("127.0.0.1", 1),
        "server": ("acuse.test", 80),
        "state": {},
    }
    receiving: Receive = receive
    sending: Send = send
    await app(scope, receiving, sending)
    headers = {name.decode().lower(): value.decode() for name, value in told["headers"]}
    return int(told["status"]), headers, read


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for value in node.values():
            yield from _references(value)
    elif isinstance(node, list):
        for value in node:
            yield from _references(value)
