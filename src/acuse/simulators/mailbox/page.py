"""The page of the mailbox: the list, one message as text and as HTML in a closed frame, and JSON for programs."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from acuse.simulators.mailbox.sink import Mail, Mailbox

_HERE: Final = Path(__file__).resolve().parent
_PAGE_POLICY: Final = (
    "default-src 'none'; style-src 'self'; img-src data:; frame-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
# The e-mail itself: its own style, no script, no form, nothing fetched from anywhere.
_MAIL_POLICY: Final = (
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'self'"
)


def create_page(mailbox: Mailbox) -> Starlette:
    """Answer the application over a mailbox; it may be mounted at any path."""
    environment = Environment(
        loader=FileSystemLoader(_HERE / "templates"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )

    def page(request: Request, template: str, **context: Any) -> Response:
        root = request.scope.get("root_path", "")
        return _closed(HTMLResponse(environment.get_template(template).render(root=root, **context)), _PAGE_POLICY)

    def mail_of(request: Request) -> Mail:
        mail = mailbox.get(request.path_params["mail_id"])
        if mail is None:
            raise HTTPException(404)
        return mail

    async def index(request: Request) -> Response:
        return page(request, "list.html", mails=list(reversed(mailbox.mails)))

    async def one(request: Request) -> Response:
        mail = mail_of(request)
        return page(request, "mail.html", mail=mail, text=mail.body("plain"), has_html=mail.body("html") is not None)

    async def html(request: Request) -> Response:
        return _closed(HTMLResponse(mail_of(request).body("html") or ""), _MAIL_POLICY)

    async def as_json(_: Request) -> Response:
        return JSONResponse([mail.as_dict() for mail in reversed(mailbox.mails)])

    async def style(_: Request) -> Response:
        return Response((_HERE / "static" / "mailbox.css").read_bytes(), media_type="text/css; charset=utf-8")

    async def not_found(request: Request, _: Exception) -> Response:
        answer = page(request, "missing.html")
        answer.status_code = 404
        return answer

    return Starlette(
        routes=[
            Route("/", index),
            Route("/mensajes.json", as_json),
            Route("/mensajes/{mail_id:int}", one),
            Route("/mensajes/{mail_id:int}/html", html),
            Route("/mailbox.css", style),
        ],
        exception_handlers={404: not_found},
    )


def _closed(response: Response, policy: str) -> Response:
    response.headers.update(
        {
            "Content-Security-Policy": policy,
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
            "Cache-Control": "no-store",
        }
    )
    return response
