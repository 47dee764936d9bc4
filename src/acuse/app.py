"""Composes the web application over built features."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from http import HTTPStatus

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.responses import RedirectResponse
from starlette.exceptions import HTTPException

from acuse import __version__
from acuse.accounts.frame import frame_parts
from acuse.accounts.guards import also_by_cookie, api_router, cookie_identity, needs, page_router, public
from acuse.accounts.rights import Right
from acuse.kernel.feature import Mounted, Services
from acuse.kernel.house import House
from acuse.webkit.answers import answer, wants_page
from acuse.webkit.docs_page import description, docs_page
from acuse.webkit.frame import Banner, Frame
from acuse.webkit.install import install
from acuse.webkit.pages import Pages
from acuse.webkit.routes import verbs_at

_ABOUT = """\
Todo lo que hacen las páginas se puede hacer por aquí. Las peticiones llevan `Authorization: Bearer <token>`:
el de acceso que da `POST /auth/login` (15 minutos) o un token de API creado en Mi cuenta.
Los errores tienen un código estable; los instantes van en UTC y las fechas del SAT en la hora de la Ciudad de México.
"""


def create_app(house: House, services: Services) -> FastAPI:
    """Make the application: every feature's routes and pages, dressed by the web kit.

    The worker is not part of it: `acuse serve` runs one beside it unless ACUSE_WORKERS says external.
    """
    app = FastAPI(
        title="Acuse",
        version=__version__,
        description=_ABOUT,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        lifespan=_lifespan(house),
    )
    mounted = services.mounted
    app.state.services = services
    app.state.clock = house.clock
    app.state.frame = _frame(house, list(mounted.values()))
    for each in mounted.values():
        for router in (*each.api, *each.pages):
            app.include_router(router)
    app.include_router(_own_pages())
    app.include_router(_own_api())
    core = house.settings.core
    install(
        app,
        pages=Pages({name: each.templates for name, each in mounted.items() if each.templates}),
        public_url=core.acuse_public_url,
        cors_origins=[origin.strip() for origin in core.cors_origins.split(",") if origin.strip()],
    )
    app.add_exception_handler(HTTPException, _not_a_route)
    return app


def _own_pages() -> APIRouter:
    router = page_router("")
    docs_page(router, needs(Right.ACCOUNT_SELF))

    @router.get("/", include_in_schema=False)
    @public("La raíz sólo lleva al inicio.")
    async def root() -> RedirectResponse:
        return RedirectResponse("/app")

    return router


def _own_api() -> APIRouter:
    router = api_router("", tags=["Descripción"])
    description(router, lambda endpoint: also_by_cookie(needs(Right.ACCOUNT_SELF)(endpoint)))
    return router


async def _not_a_route(request: Request, fault: Exception) -> Response:
    """Tell of an unknown path, or of a verb it does not take, in the frame of whoever is in."""
    if isinstance(fault, HTTPException) and fault.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        # Each route knows its own verbs only; a path may have several routes.
        fault.headers = {"Allow": ", ".join(verbs_at(request.app, request.url.path))}
    if wants_page(request):
        await cookie_identity(request)
    return answer(request, fault)


def _frame(house: House, mounted: Sequence[Mounted]) -> Callable[[Request], Frame]:
    surroundings = house.settings.core.acuse_surroundings
    menu = [entry for each in mounted for entry in each.menu]
    notices = [notice for each in mounted for notice in each.notices]
    search = next((each.search for each in mounted if each.search), None)

    def frame(request: Request) -> Frame:
        drawn = replace(frame_parts(request, menu=menu, surroundings=surroundings), notices_path="/app/avisos")
        if not drawn.menu:
            return drawn
        may = request.state.cookie_identity.may
        banners = tuple(Banner(text=notice.text) for notice in notices if may(notice.right))
        if search is None or not may(search.right):
            return replace(drawn, banners=banners)
        return replace(
            drawn,
            banners=banners,
            search_path=search.path,
            search_name=search.name,
            search_label=search.label,
            search_value=request.query_params.get(search.name, "") if request.url.path == search.path else "",
        )

    return frame


def _lifespan(house: House) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await house.cpu.warm_up()
        yield

    return lifespan
