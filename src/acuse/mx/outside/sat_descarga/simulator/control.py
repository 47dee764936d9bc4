"""The switches over HTTP: clock, limits, faults, outcomes, quirks, and what the simulated SAT saw. JSON only."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from acuse.mx.outside.sat_descarga.simulator.documents import Change
from acuse.mx.outside.sat_descarga.simulator.faults import Fault, Outcome, SoapFault
from acuse.mx.outside.sat_descarga.simulator.quirks import MetadataQuirk, XmlQuirk
from acuse.mx.outside.sat_descarga.simulator.state import SatState, mexico_time

_SHOWN_ENTRIES = 200
Switch = Callable[[SatState, Any], None]


def control_routes(state: SatState) -> list[Route]:
    """Answer the routes of the switches over this state.

    GET `/` shows everything set; PUT `clock`, PATCH `limits`, POST `faults`, `outcomes`, `release`, `revoke`, `cancel`,
    `delay`, `reset`, PUT `quirks` change it and answer the same; DELETE `faults` puts all switches right; GET `ledger`.
    """
    changes: list[tuple[str, str, Switch]] = [
        ("/clock", "PUT", _set_clock),
        ("/limits", "PATCH", _set_limits),
        ("/faults", "POST", _add_faults),
        ("/faults", "DELETE", _clear_switches),
        ("/outcomes", "POST", _add_outcomes),
        ("/quirks", "PUT", _set_quirks),
        ("/release", "POST", _release),
        ("/revoke", "POST", _revoke),
        ("/cancel", "POST", _cancel),
        ("/delay", "POST", _delay),
        ("/reset", "POST", _reset),
    ]
    return [
        Route("/", _endpoint(state, _show), methods=["GET"]),
        Route("/ledger", _endpoint(state, _ledger), methods=["GET"]),
        *(Route(path, partial(_change, state, change), methods=[method]) for path, method, change in changes),
    ]


def _endpoint(state: SatState, show: Callable[[SatState], dict[str, Any]]) -> Callable[[Request], Awaitable[Response]]:
    async def answer(_: Request) -> Response:
        return JSONResponse(show(state))

    return answer


async def _change(state: SatState, change: Switch, request: Request) -> Response:
    body = await request.body()
    if body and request.headers.get("content-type", "").partition(";")[0] != "application/json":
        return _wrong("Envía el cuerpo como application/json.")
    try:
        change(state, json.loads(body or b"{}"))
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        return _wrong(str(error))
    return JSONResponse(_show(state))


def _wrong(problem: str) -> Response:
    details = {"problem": problem}
    body = {"error": "VALIDATION_ERROR", "message": f"No se pudo cambiar: {problem}", "details": details}
    return JSONResponse(body, status_code=400)


def _show(state: SatState) -> dict[str, Any]:
    return {
        "now": state.now().isoformat(),
        "limits": state.limits.as_dict(),
        "faults": [fault.as_dict() for fault in state.switches.faults],
        "stalled": state.switches.stalled,
        "outcomes": [outcome.as_dict() for outcome in state.switches.outcomes],
        "quirks": sorted(state.switches.xml_quirks | state.switches.metadata_quirks),
        "revoked": sorted(state.revoked),
        "taxpayers": state.taxpayers(),
    }


def _ledger(state: SatState) -> dict[str, Any]:
    answers: dict[str, Counter[str]] = {}
    for (operation, answer), count in state.ledger.answers.items():
        answers.setdefault(operation, Counter())[answer] = count
    now = state.now()
    return {
        "calls": dict(state.ledger.calls),
        "answers": answers,
        "solicitudes": [
            {
                "id": one.id,
                "family": one.family.value,
                "rfc": one.query.owner,
                "tipo": one.query.tipo,
                "operation": one.query.operation.label,
                "estado": int(one.standing(now).estado),
                "codigo": one.standing(now).codigo,
                "packages": [package.id for package in one.packages],
            }
            for one in state.solicitudes
        ],
        "packages": [
            {"id": one.id, "documents": len(one.documents), "downloads": one.downloads} for one in state.packages
        ],
        "entries": [entry.as_dict() for entry in list(state.ledger.entries)[-_SHOWN_ENTRIES:]],
    }


def _set_clock(state: SatState, body: Any) -> None:
    if "now" in body:
        instant = datetime.fromisoformat(body["now"])
        if instant.tzinfo is None:
            raise ValueError("now necesita zona horaria, como 2025-06-01T10:00:00Z")
        state.clock.set(instant)
    else:
        state.clock.move(seconds=float(body["move_s"]))


def _set_limits(state: SatState, body: Any) -> None:
    state.limits = replace(state.limits, **body)


def _add_faults(state: SatState, body: Any) -> None:
    faults = [Fault(**{**one, "fault": _soap_fault(one)}) for one in _listed(body)]
    state.switches.fail(*faults)


def _soap_fault(one: dict[str, Any]) -> SoapFault | None:
    return SoapFault(one["fault"]) if one.get("fault") else None


def _clear_switches(state: SatState, _: Any) -> None:
    state.switches.clear()


def _add_outcomes(state: SatState, body: Any) -> None:
    state.switches.end_next(*(Outcome(**one) for one in _listed(body)))


def _set_quirks(state: SatState, body: Any) -> None:
    state.switches.set_quirks(XmlQuirk(one) if one in set(XmlQuirk) else MetadataQuirk(one) for one in body)


def _release(state: SatState, _: Any) -> None:
    state.release()


def _revoke(state: SatState, body: Any) -> None:
    state.revoked.add(str(body["number"]))


def _cancel(state: SatState, body: Any) -> None:
    at = datetime.fromisoformat(body["at"]) if "at" in body else state.today()
    state.change(body["uuids"], Change(fecha_cancelacion=_local(at)))


def _delay(state: SatState, body: Any) -> None:
    state.change(body["uuids"], Change(appears=_local(datetime.fromisoformat(body["until"]))))


def _local(instant: datetime) -> datetime:
    """Answer Mexico City's wall clock to the second, whatever zone the instant was written in."""
    return (mexico_time(instant) if instant.tzinfo else instant).replace(microsecond=0)


def _reset(state: SatState, _: Any) -> None:
    state.reset()


def _listed(body: Any) -> list[dict[str, Any]]:
    return body if isinstance(body, list) else [body]
