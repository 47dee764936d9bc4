"""The switches common to all simulators: the shared clock and the list of each one's own switches."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route

from acuse.kernel.clock import MovableClock


def control_routes(clock: MovableClock, switches: Mapping[str, list[Route]]) -> list[BaseRoute]:
    """Answer the routes below `/control`: GET `/`, PUT `/clock`, and each simulator's own below its name."""
    mounts: list[BaseRoute] = [Mount(f"/{name}", routes=routes) for name, routes in switches.items()]
    return [
        Route("/", partial(_show, clock, list(switches)), methods=["GET"]),
        Route("/clock", partial(_move, clock), methods=["PUT"]),
        *mounts,
    ]


async def _show(clock: MovableClock, names: list[str], _: Request) -> Response:
    return JSONResponse({"now": clock.now().isoformat(), "simulators": names})


async def _move(clock: MovableClock, request: Request) -> Response:
    try:
        move_clock(clock, await request.json())
    except (ValueError, TypeError, KeyError) as error:
        details = {"problem": str(error)}
        text = 'No se pudo mover el reloj. Envía {"now": instante con zona} o {"move_s": segundos}.'
        return JSONResponse({"error": "VALIDATION_ERROR", "message": text, "details": details}, status_code=400)
    return JSONResponse({"now": clock.now().isoformat()})


def move_clock(clock: MovableClock, body: Mapping[str, Any]) -> None:
    """Set the clock to `now` (with zone) or move it by `move_s` seconds. Raises ValueError, TypeError or KeyError."""
    if "now" not in body:
        clock.move(seconds=float(body["move_s"]))
        return
    instant = datetime.fromisoformat(body["now"])
    if instant.tzinfo is None:
        raise ValueError("now sin zona")
    clock.set(instant)
