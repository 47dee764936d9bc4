"""The switches over HTTP: cancel, cancel under way, listed issuers, faults. JSON only."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from acuse.mx.outside.sat_consulta.codes import EstatusCancelacion
from acuse.mx.outside.sat_consulta.simulator.state import ConsultaState, Fault

Change = Callable[[ConsultaState, Any], None]


def control_routes(state: ConsultaState) -> list[Route]:
    """Answer the routes of the switches: GET `/` shows them, POST changes them."""
    changes: dict[str, Change] = {
        "cancel": _cancel,
        "cancelling": _cancelling,
        "listed": _listed,
        "faults": _faults,
        "appears_after_s": _appears,
        "reset": lambda found, _: found.reset(),
    }

    async def show(_: Request) -> Response:
        return JSONResponse(_shown(state))

    return [
        Route("/", show, methods=["GET"]),
        *(Route(f"/{path}", partial(_change, state, change), methods=["POST"]) for path, change in changes.items()),
    ]


async def _change(state: ConsultaState, change: Change, request: Request) -> Response:
    try:
        change(state, await request.json() if await request.body() else {})
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        details = {"problem": str(error)}
        body = {"error": "VALIDATION_ERROR", "message": f"No se pudo cambiar: {error}", "details": details}
        return JSONResponse(body, status_code=400)
    return JSONResponse(_shown(state))


def _shown(state: ConsultaState) -> dict[str, Any]:
    return {
        "calls": state.calls,
        "cancelled": state.cancelled,
        "cancelling": state.cancelling,
        "listed": sorted(state.listed),
        "appears_after_s": state.appears_after_s,
        "faults": [fault.as_dict() for fault in state.faults],
    }


def _cancel(state: ConsultaState, body: Any) -> None:
    words = EstatusCancelacion(body.get("estatus", EstatusCancelacion.CANCELADO_SIN_ACEPTACION))
    state.cancelled[str(body["uuid"]).upper()] = words.value


def _cancelling(state: ConsultaState, body: Any) -> None:
    words = EstatusCancelacion(body.get("estatus", EstatusCancelacion.EN_PROCESO))
    state.cancelling[str(body["uuid"]).upper()] = words.value


def _listed(state: ConsultaState, body: Any) -> None:
    state.listed.add(str(body["rfc"]).upper())


def _appears(state: ConsultaState, body: Any) -> None:
    state.appears_after_s = float(body["seconds"])


def _faults(state: ConsultaState, body: Any) -> None:
    state.faults.extend(Fault(**one) for one in (body if isinstance(body, list) else [body]))
