"""A small application that shows every component and the sample pages. For tests and for looking."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from fastapi import APIRouter, FastAPI, Request
from starlette.responses import Response

from acuse.kernel.clock import MovableClock
from acuse.kernel.errors import NotFound
from acuse.webkit import plots
from acuse.webkit.blocks import Step, Tab
from acuse.webkit.docs_page import description, docs_page
from acuse.webkit.formats import month_text
from acuse.webkit.frame import Frame, MenuItem, MenuSection, Surroundings
from acuse.webkit.install import install
from acuse.webkit.pages import Pages, redirect, render
from acuse.webkit.preferences import theme_switch
from acuse.webkit.routes import EnvelopeRoute, PageRoute, open_to_all

NOW = datetime(2026, 11, 21, 20, 5, tzinfo=UTC)
LOGIN = "/app/login"

MENU = (
    MenuSection(label="", items=(MenuItem(label="Inicio", path="/app", icon="home", current=True),)),
    MenuSection(
        label="México",
        items=(
            MenuItem(label="Contribuyentes", path="/app/contribuyentes", icon="users"),
            MenuItem(label="Descarga masiva", path="/app/gallery", icon="download"),
            MenuItem(label="CFDI", path="/app/cfdi", icon="document"),
            MenuItem(label="Facturación", path="/app/facturas", icon="receipt"),
        ),
    ),
    MenuSection(label="Ecuador", items=(MenuItem(label="Comprobantes", path="/app/sri", icon="globe"),)),
    MenuSection(label="Argentina", items=(MenuItem(label="Certificados CRS", path="/app/crs", icon="chip"),)),
    MenuSection(
        label="Administración",
        items=(
            MenuItem(label="Trabajos", path="/app/trabajos", icon="activity"),
            MenuItem(label="Bitácora", path="/app/bitacora", icon="book"),
            MenuItem(label="Usuarios", path="/app/usuarios", icon="user"),
            MenuItem(label="Ajustes", path="/app/ajustes", icon="settings"),
        ),
    ),
)

STEPS = (
    Step(
        at=datetime(2026, 11, 20, 5, 0, 1, tzinfo=UTC),
        title="Se envió la solicitud",
        who="Acuse",
        text="CFDI recibidos de octubre de 2026.",
        said="Solicitud Aceptada",
        code="5000",
    ),
    Step(
        at=datetime(2026, 11, 20, 5, 12, 40, tzinfo=UTC),
        title="El SAT la está preparando",
        state="working",
        said="Solicitud en proceso",
        code="2",
    ),
    Step(
        at=datetime(2026, 11, 20, 6, 2, 8, tzinfo=UTC),
        title="No se pudo verificar",
        state="failed",
        text="El SAT no respondió en 30 s. Se volvió a intentar a las 00:07.",
        code="SAT_UNAVAILABLE",
        said="Error no controlado",
    ),
    Step(
        at=datetime(2026, 11, 20, 6, 9, 55, tzinfo=UTC),
        title="Quedan dos días para descargar",
        state="attention",
        text="Los paquetes están listos; el SAT los guarda 72 horas.",
        href="#",
    ),
    Step(title="Descargar 2 paquetes", text="Hoy a las 23:00, o ahora con el botón de arriba."),
)

ROWS = [
    {
        "uuid": f"8f3a2b1c-4d5e-6f70-8192-a3b4c5d6e7f{i}",
        "name": name,
        "rfc": rfc,
        "at": NOW.replace(day=21 - i),
        "total": Decimal(total),
        "state": state,
        "word": word,
    }
    for i, (name, rfc, total, state, word) in enumerate(
        (
            ("Comercializadora Ñandú & Hijos, S.A. de C.V.", "CÑH010203AB1", "12345.60", "done", "Vigente"),
            ("María Fernanda Ibáñez Quiñones", "IAQM800101A12", "980.00", "working", "En proceso de cancelación"),
            ("Aceros del Norte", "ANO991231QX8", "1204998.05", "attention", "Sin XML"),
            ("Papelería La Esquina", "PES0505059K3", "0.50", "failed", "Cancelado"),
        )
    )
]
MONTHS = [month_text(datetime(2026, m, 1, tzinfo=UTC).date(), long=False) for m in range(1, 13)]
ISSUED = [310, 280, 344, 402, 390, 415, 377, 298, 431, 466, 212, 0]
RECEIVED = [120, 98, 133, 160, 151, 149, 170, 131, 155, 189, 77, 0]


def gallery_app(*, surroundings: Surroundings = "demo", visitor: bool = False) -> FastAPI:
    """Build the gallery."""
    app = FastAPI(title="Acuse", version="0.1.0", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.clock = MovableClock(NOW)

    def frame(request: Request) -> Frame:
        if visitor or request.url.path == LOGIN:
            return Frame(surroundings=surroundings)
        return Frame(
            user_name="Alicia Ruiz",
            role_name="Contribuyente",
            menu=MENU,
            surroundings=surroundings,
            search_path="/app/cfdi",
            search_label="Buscar CFDI, RFC, UUID",
        )

    app.state.frame = frame
    router = APIRouter(route_class=PageRoute)
    everybody = open_to_all("a gallery")

    @router.get("/app/gallery")
    async def gallery(request: Request) -> Response:
        return render(
            request,
            "gallery/gallery.html",
            rows=ROWS,
            steps=STEPS,
            tabs=TABS,
            figures=figures(),
            now=NOW,
            json_text='{\n  "rfc": "CÑH010203AB1",\n  "tipo_comprobante": "R"\n}',
        )

    @router.get("/app")
    async def home(request: Request) -> Response:
        return render(request, "gallery/home.html", steps=STEPS, figures=figures(), rows=ROWS)

    @router.get(LOGIN)
    async def login(request: Request, mal: bool = False) -> Response:
        return render(request, "gallery/login.html", failed=mal)

    @router.get("/app/nada")
    async def missing() -> Response:
        raise NotFound

    @router.get("/app/bug")
    async def bug() -> Response:
        raise RuntimeError("the secret is 1234")

    @router.post("/app/gallery/act")
    async def act(request: Request) -> Response:
        return redirect(request, "/app/gallery", note="La e.firma quedó guardada y sellada.")

    @router.get("/app/gallery/progress")
    async def progress(request: Request) -> Response:
        app.state.asked = getattr(app.state, "asked", 0) + 1
        return render(
            request, "gallery/progress.html", status=286 if app.state.asked > 1 else 200, value=12 + app.state.asked
        )

    theme_switch(router, everybody)
    docs_page(router, everybody)
    description(router, everybody)
    app.include_router(router)
    app.include_router(_sample_api())
    install(app, pages=Pages({"gallery": Path(__file__).parent / "templates"}))
    return app


TABS = (
    Tab(label="Solicitudes", href="#", current=True, count=14),
    Tab(label="Paquetes", href="#", count=1204),
    Tab(label="Completitud", href="#"),
)


def figures() -> list[plots.Plot]:
    """Answer one figure of each kind."""
    return [
        plots.bars(
            "CFDI por mes, 2026",
            MONTHS,
            [plots.Series("Emitidos", ISSUED), plots.Series("Recibidos", RECEIVED)],
            unit="CFDI",
        ),
        plots.state_bar(
            "Solicitudes de 2026",
            [
                plots.Part("Terminadas", 9, "done"),
                plots.Part("En proceso", 3, "working"),
                plots.Part("Por descargar", 1, "attention"),
                plots.Part("Rechazadas", 1, "failed"),
            ],
        ),
    ]


def _sample_api() -> APIRouter:
    router = APIRouter(prefix="/api/v1/sat", route_class=EnvelopeRoute, tags=["Descarga masiva"])

    @router.get("/solicitudes", summary="Listar solicitudes")
    async def solicitudes(rfc: str, limit: int = 50) -> dict[str, list[str]]:
        """Las solicitudes que el usuario puede ver, de la más reciente a la más antigua."""
        return {"solicitudes": [rfc] * min(limit, 1)}

    return router
