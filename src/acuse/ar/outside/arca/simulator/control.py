"""The switches over HTTP: faults, changed keys, companies, devices. JSON only."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from acuse.ar.certificates.lookalike import device_key
from acuse.ar.outside.arca.simulator.faults import Fault, Place
from acuse.ar.outside.arca.simulator.state import ArcaState

Change = Callable[[ArcaState, Any], None]


def control_routes(state: ArcaState) -> list[Route]:
    """Answer the routes of the switches: GET `/` shows everything, POST to a name changes it and answers the same."""
    changes: dict[str, Change] = {
        "faults": _faults,
        "place": _place,
        "changed_keys": _changed_keys,
        "cuits": _cuits,
        "homologated": _homologated,
        "devices": _devices,
        "forget_tickets": lambda found, _: found.tickets.clear(),
        "put_right": lambda found, _: found.put_right(),
        "reset": lambda found, _: found.reset(),
    }

    async def show(_: Request) -> Response:
        return JSONResponse(state.as_dict())

    return [
        Route("/", show, methods=["GET"]),
        *(Route(f"/{path}", partial(_change, state, change), methods=["POST"]) for path, change in changes.items()),
    ]


async def _change(state: ArcaState, change: Change, request: Request) -> Response:
    try:
        change(state, await request.json() if await request.body() else {})
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        details = {"problem": str(error)}
        body = {"error": "VALIDATION_ERROR", "message": f"No se pudo cambiar: {error}", "details": details}
        return JSONResponse(body, status_code=400)
    state.remember()
    return JSONResponse(state.as_dict())


def _faults(state: ArcaState, body: Any) -> None:
    state.fail(*(Fault(**one) for one in (body if isinstance(body, list) else [body])))


def _place(state: ArcaState, body: Any) -> None:
    state.place = Place(body["place"])


def _changed_keys(state: ArcaState, body: Any) -> None:
    state.changed_keys = int(body["times"])


def _cuits(state: ArcaState, body: Any) -> None:
    (state.cuits.add if body.get("delegated", True) else state.cuits.discard)(str(body["cuit"]))


def _homologated(state: ArcaState, body: Any) -> None:
    (state.homologated.add if body.get("homologated", True) else state.homologated.discard)(str(body["letters"]))


def _devices(state: ArcaState, body: Any) -> None:
    """Let a device have had its alta, as one sold before has."""
    controlador = str(body["controlador"]).upper()
    if controlador not in state.devices:
        state.enrol(controlador, device_key().public_key)
