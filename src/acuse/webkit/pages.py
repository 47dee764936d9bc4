"""Renders templates: one environment for the house, each feature's templates under its own name."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlencode

from isal import igzip
from jinja2 import BaseLoader, ChoiceLoader, Environment, FileSystemLoader, PrefixLoader, StrictUndefined
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from acuse.webkit import draw, formats
from acuse.webkit.assets import asset, takes_gzip
from acuse.webkit.blocks import Column
from acuse.webkit.frame import Frame, Theme

THEME_COOKIE = "acuse_tema"
NOTE_COOKIE = "acuse_aviso"
_HERE = Path(__file__).parent
_THEMES: frozenset[Theme] = frozenset({"light", "dark", "system"})
_NOTE_SECONDS = 60
_WORTH_PACKING_BYTES = 2_000
_SEE_OTHER = 303


@dataclass(frozen=True)
class Note:
    """A short message that survives one redirect and is then shown as a toast."""

    text: str
    state: str = "done"


class Pages:
    """The house's templates. `folders` maps a feature's short name to its folder of templates."""

    def __init__(self, folders: Mapping[str, Path] | None = None) -> None:
        loaders: dict[str, BaseLoader] = {
            "webkit": ChoiceLoader([FileSystemLoader(_HERE / "templates"), _components()])
        }
        loaders |= {name: FileSystemLoader(folder) for name, folder in (folders or {}).items()}
        self.environment = Environment(
            loader=PrefixLoader(loaders),
            autoescape=True,
            undefined=StrictUndefined,
            auto_reload=False,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self.environment.filters.update(
            money=formats.money,
            number=formats.number,
            bytes=formats.bytes_text,
            plural=formats.plural,
            count=formats.count_words,
            date=formats.date_text,
            when=formats.when,
        )
        self.environment.globals.update(
            asset=asset, draw=draw, here=here, has_query=has_query, bare_path=bare_path, col=Column
        )
        self.environment.globals["ui"] = self.environment.get_template("webkit/ui.html").module

    def draw(self, name: str, frame: Frame, view: formats.Viewing, **context: Any) -> str:
        """Draw a template to text for this frame and viewer."""
        with formats.viewing(view):
            return self.environment.get_template(name).render(frame=frame, view=view, **context)


def _components() -> PrefixLoader:
    return PrefixLoader({"components": FileSystemLoader(_HERE / "components")})


def render(
    request: Request, name: str, *, status: int = 200, headers: Mapping[str, str] | None = None, **context: Any
) -> HTMLResponse:
    """Answer a page (or a partial for htmx: a template without `extends`) drawn for this request.

    Reads `app.state.pages`, `app.state.frame(request)` and `app.state.clock` when it is there. A note left by
    `redirect` is shown once. Templates get `frame`, `note`, `request_path` and what is passed here.
    """
    frame = frame_of(request)
    note = _note(request)
    text = request.app.state.pages.draw(
        name, frame, _view(request, frame), note=note, request_path=request.url.path, **context
    )
    content = text.encode()
    packed = len(content) > _WORTH_PACKING_BYTES and takes_gzip(request)
    response = HTMLResponse(igzip.compress(content, 1) if packed else content, status, headers=dict(headers or {}))
    response.headers["Vary"] = "Cookie, HX-Request, Accept-Encoding"
    if packed:
        response.headers["Content-Encoding"] = "gzip"
    if note is not None:
        response.delete_cookie(NOTE_COOKIE, path="/")
    return response


def fragment(request: Request, name: str, **context: Any) -> Markup:
    """Draw a template that extends nothing, to be put into another page, as in a panel of the home page."""
    frame = frame_of(request)
    text = request.app.state.pages.draw(name, frame, _view(request, frame), request_path=request.url.path, **context)
    return Markup(text)  # noqa: S704 - autoescaped by the environment


def redirect(request: Request, path: str, *, note: str = "", state: str = "done") -> Response:
    """Send the browser on after a form (303), optionally with a note shown as a toast there; htmx moves the page."""
    response: Response = RedirectResponse(path, _SEE_OTHER)
    if "hx-request" in request.headers:
        response = Response(status_code=200, headers={"HX-Redirect": path})
    if note:
        packed = base64.urlsafe_b64encode(json.dumps([state, note]).encode()).decode()
        response.set_cookie(
            NOTE_COOKIE,
            packed,
            max_age=_NOTE_SECONDS,
            path="/",
            secure=request.url.scheme == "https",
            httponly=True,
            samesite="lax",
        )
    return response


def safe_return(path: str, default: str) -> str:
    """Answer `path` if it stays on this site, else `default`."""
    inside = path.startswith("/") and not path.startswith(("//", "/\\")) and not any(c in path for c in "\\\r\n\t")
    return path if inside else default


def frame_of(request: Request) -> Frame:
    """Answer the frame for this request, in the theme of the account or else of the cookie. Made once a request."""
    if not hasattr(request.state, "frame"):
        request.state.frame = _new_frame(request)
    return cast("Frame", request.state.frame)


def _new_frame(request: Request) -> Frame:
    maker = getattr(request.app.state, "frame", None)
    frame: Frame = maker(request) if maker is not None else Frame()
    if frame.theme is None:
        chosen = request.cookies.get(THEME_COOKIE, "system")
        frame = frame.with_theme(next((theme for theme in _THEMES if theme == chosen), "system"))
    return frame


def here(**changes: str | int | None) -> str:
    """Answer the present address with some query fields changed; None takes a field out.

    Values are escaped. Used by sorted columns, filters and pagers: `here(cursor=page.next_cursor)`.
    """
    view = formats.current_view()
    kept = [(name, value) for name, value in view.query if name not in changes]
    added = [(name, str(value)) for name, value in changes.items() if value is not None]
    query = urlencode([*kept, *added])
    return f"{view.path}?{query}" if query else view.path


def has_query(name: str = "") -> bool:
    """Tell whether the address asked for carries this query field, or any."""
    query = formats.current_view().query
    return any(name in {key, ""} and value for key, value in query)


def bare_path() -> str:
    """Answer the address asked for without its query."""
    return formats.current_view().path


def _view(request: Request, frame: Frame) -> formats.Viewing:
    clock = getattr(request.app.state, "clock", None)
    now = clock.now() if clock is not None else datetime.now(UTC)
    return formats.Viewing(
        zone=frame.zone, now=now, path=request.url.path, query=tuple(request.query_params.multi_items())
    )


def _note(request: Request) -> Note | None:
    packed = request.cookies.get(NOTE_COOKIE)
    if not packed:
        return None
    try:
        state, text = json.loads(base64.urlsafe_b64decode(packed))
        return Note(str(text)[:500], str(state))
    except (ValueError, TypeError, binascii.Error):
        return None
