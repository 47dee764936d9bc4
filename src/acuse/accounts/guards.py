"""Who may call which route: checked before a byte of the body is read. For everybody's routes.

Every endpoint says `@needs(Right.X)` or `@public("why")`; a route without either cannot be made.
JSON routes take a bearer token (access or API token) and never the cookie; pages take the cookie and nothing else.
"""

import re
from collections.abc import Callable, Sequence
from enum import Enum
from typing import Annotated, Any, Final, TypeVar, cast
from urllib.parse import quote

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from acuse.accounts.addresses import Proxies
from acuse.accounts.cookies import SessionCookie
from acuse.accounts.errors import MustChangePassword, SecondFactorRequired, TokenRejected
from acuse.accounts.rights import Identity as Identity
from acuse.accounts.rights import Right
from acuse.accounts.service import AccountsService, ApiTokenService, BrowserService, ProgramService
from acuse.accounts.tokens import API_TOKEN_PREFIX
from acuse.kernel.errors import NotAllowed, NotAuthenticated
from acuse.webkit.pages import redirect, safe_return
from acuse.webkit.routes import SAT_ENVELOPE, Envelope, EnvelopeRoute, PageRoute, is_open, open_to_all

F = TypeVar("F", bound=Callable[..., Any])
LOGIN_PATH: Final = "/app/login"
CHANGE_PATH: Final = "/app/cambiar-contrasena"
FACTOR_PATH: Final = "/app/cuenta/segundo-paso"
HOME_PATH: Final = "/app"
_RIGHT: Final = "acuse_right"
_TEMPORARY: Final = "acuse_with_temporary_password"
_ENROLLING: Final = "acuse_while_enrolling"
_BY_COOKIE: Final = "acuse_also_by_cookie"


def needs(right: Right) -> Callable[[F], F]:
    """Mark an endpoint as open to those who have this right."""

    def mark(endpoint: F) -> F:
        setattr(endpoint, _RIGHT, right)
        return endpoint

    return mark


def public(reason: str) -> Callable[[F], F]:
    """Mark an endpoint as needing no login, and say why."""
    return open_to_all(reason)


def with_temporary_password(endpoint: F) -> F:
    """Let somebody who must change the password reach this page all the same."""
    setattr(endpoint, _TEMPORARY, True)
    return endpoint


def while_enrolling(endpoint: F) -> F:
    """Let an administrator who still owes a second step reach this all the same."""
    setattr(endpoint, _ENROLLING, True)
    return endpoint


def also_by_cookie(endpoint: F) -> F:
    """Let a browser's session read this JSON too. For reading only: nothing here guards against other sites."""
    setattr(endpoint, _BY_COOKIE, True)
    return endpoint


def right_of(endpoint: Callable[..., Any]) -> Right | None:
    """Answer the right an endpoint needs; None for a public one."""
    return cast("Right | None", getattr(endpoint, _RIGHT, None))


def client_ip(request: Request) -> str | None:
    """Answer the caller's address, past our own proxies."""
    proxies = request.app.state.services[Proxies]
    peer = request.client.host if request.client else None
    return cast("str | None", proxies.client(peer, request.headers.getlist("x-forwarded-for")))


def user_agent(request: Request) -> str:
    """Answer what the caller's program calls itself."""
    return request.headers.get("user-agent", "")


async def bearer_identity(request: Request) -> Identity | None:
    """Answer whose bearer token the request carries, None without one; raises TokenRejected for a bad one."""
    sent = request.headers.getlist("authorization")
    scheme, _, token = (sent[0] if sent else "").partition(" ")
    token = token.strip()
    if not scheme:
        return None
    if scheme.lower() != "bearer" or not token or len(sent) > 1:
        raise TokenRejected
    services = request.app.state.services
    door = services[ApiTokenService] if token.startswith(API_TOKEN_PREFIX) else services[ProgramService]
    return cast("Identity", await door.identify(token, ip=client_ip(request)))


async def cookie_identity(request: Request) -> Identity | None:
    """Answer whose cookie the request carries; None without a good one. Asked once per request."""
    if not hasattr(request.state, "cookie_identity"):
        services = request.app.state.services
        secret = services[SessionCookie].read(request)
        identity = None
        if secret:
            try:
                identity = await services[BrowserService].identify(secret, ip=client_ip(request))
            except TokenRejected:
                identity = None
        request.state.cookie_identity = identity
    return cast("Identity | None", request.state.cookie_identity)


class _Marked:
    """A route whose endpoint says who may call it."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        if right_of(endpoint) is None and not is_open(endpoint):
            raise TypeError(f"{path}: {endpoint.__qualname__} says neither @needs(...) nor @public(...)")
        # A mixin: the next class in line is a route, which takes these; object, which mypy sees, does not.
        super().__init__(path, endpoint, **options)  # type: ignore[call-arg]


class ApiRoute(_Marked, EnvelopeRoute):
    """A JSON route behind a bearer token."""

    async def authorize(self, request: Request, endpoint: Callable[..., Any]) -> None:
        """Refuse callers without a good token (401) or without the right (403)."""
        right = right_of(endpoint)
        if right is None:
            return
        identity = await bearer_identity(request)
        if identity is None and getattr(endpoint, _BY_COOKIE, False):
            identity = await cookie_identity(request)
        if identity is None:
            raise NotAuthenticated
        await _require(request, identity, right)
        _require_factor(identity, endpoint)
        request.state.identity = identity


class PageForPeople(_Marked, PageRoute):
    """A page behind the session cookie."""

    async def authorize(self, request: Request, endpoint: Callable[..., Any]) -> None:
        """Refuse visitors (sent to the login), those who must change the password, those without the right."""
        identity = await cookie_identity(request)
        right = right_of(endpoint)
        if right is None:
            return
        if identity is None:
            raise NotAuthenticated
        request.state.identity = identity
        if identity.must_change_password and not getattr(endpoint, _TEMPORARY, False):
            raise MustChangePassword
        _require_factor(identity, endpoint)
        await _require(request, identity, right)

    async def tell(self, request: Request, fault: Exception) -> Response:
        """Send visitors to the login and temporary passwords to their change; tell the rest as a page."""
        if isinstance(fault, NotAuthenticated):
            return redirect(request, login_path_for(request))
        if isinstance(fault, MustChangePassword):
            return redirect(request, CHANGE_PATH)
        if isinstance(fault, SecondFactorRequired):
            return redirect(request, FACTOR_PATH)
        return await super().tell(request, fault)


def api_router(
    prefix: str, *, envelope: Envelope = SAT_ENVELOPE, tags: Sequence[str | Enum] | None = None
) -> APIRouter:
    """Answer a router of JSON endpoints, each guarded, each fault told in this envelope."""
    return APIRouter(prefix=prefix, tags=list(tags or ()), route_class=ApiRoute.using(envelope))


def page_router(prefix: str) -> APIRouter:
    """Answer a router of pages for people, each guarded."""
    return APIRouter(prefix=prefix, route_class=PageForPeople, include_in_schema=False)


def login_path_for(request: Request) -> str:
    """Answer the login's address with the way back to the page one looks at: for htmx that in the address bar."""
    if request.method != "GET":
        return LOGIN_PATH
    shown = request.headers.get("hx-current-url", "") if "hx-request" in request.headers else str(request.url)
    place = re.sub(r"^[a-z]+://[^/?#]*|#.*$", "", shown)
    return LOGIN_PATH if place in {"", HOME_PATH} else f"{LOGIN_PATH}?next={quote(place, safe='/')}"


def safe_next(path: str) -> str:
    """Answer where to go after a login: a page of ours, never another site's."""
    inside = safe_return(path, HOME_PATH)
    return inside if inside == HOME_PATH or inside.startswith(("/app/", "/app?", "/docs")) else HOME_PATH


async def _require(request: Request, identity: Identity, right: Right) -> None:
    if not identity.may(right):
        await request.app.state.services[AccountsService].deny(identity.actor, right)
        raise NotAllowed(right=right.value)


def _require_factor(identity: Identity, endpoint: Callable[..., Any]) -> None:
    """Keep an administrator who owes a second step to the endpoints that set it up; API tokens owe none."""
    if identity.owes_second_factor and not identity.must_change_password and not getattr(endpoint, _ENROLLING, False):
        raise SecondFactorRequired


def _caller(request: Request) -> Identity:
    identity = getattr(request.state, "identity", None)
    if identity is None:
        raise NotAuthenticated
    return cast("Identity", identity)


async def _caller_if_any(request: Request) -> Identity | None:
    try:
        return await bearer_identity(request)
    except TokenRejected:
        return None


Caller = Annotated[Identity, Depends(_caller)]
"""Who calls a guarded endpoint, or looks at a guarded page."""

CallerIfAny = Annotated[Identity | None, Depends(_caller_if_any)]
"""Who calls a public JSON endpoint, when they show a good token."""

ClientIp = Annotated[str | None, Depends(client_ip)]
"""The caller's address, past our own proxies."""
