"""The simulated SAT as an ASGI application: the same under uvicorn and in process."""

from __future__ import annotations

from functools import partial

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route

from acuse.mx.outside.sat_descarga.simulator.answers import Answer, soap_fault
from acuse.mx.outside.sat_descarga.simulator.control import control_routes
from acuse.mx.outside.sat_descarga.simulator.desk import answer_call
from acuse.mx.outside.sat_descarga.simulator.faults import SoapFault
from acuse.mx.outside.sat_descarga.simulator.ledger import Entry
from acuse.mx.outside.sat_descarga.simulator.names import SERVICES, Family, find_operation
from acuse.mx.outside.sat_descarga.simulator.sending import replacement, send
from acuse.mx.outside.sat_descarga.simulator.state import SatState

_MOST_BYTES = 1 << 20


def create_app(state: SatState) -> Starlette:
    """Build the application over a state.

    Services answer under `/cfdi/` and `/retenciones/`, and at the root by host as at the SAT (a host `reten…` is
    the Retenciones family), so that a client which fixes the SAT's addresses can be led here. Switches: `/control`.
    """
    services = [
        Route(f"{prefix}/{path}", partial(_answer, state, family, path), methods=["POST"])
        for prefix, family in (("", None), *((f"/{family.value}", family) for family in Family))
        for path in SERVICES
    ]
    return Starlette(routes=[*services, Mount("/control", routes=control_routes(state))])


async def _answer(state: SatState, family: Family | None, path: str, request: Request) -> Response:
    if family is None:
        family = Family.RETENCIONES if (request.url.hostname or "").startswith("reten") else Family.CFDI
    body = await _read(request)
    if body is None:
        return Response(status_code=413)
    action = request.headers.get("soapaction", "")
    operation = find_operation(path, action)
    if operation is None:
        state.ledger.write(Entry(at=state.now(), family=family, operation="desconocida", answer="ActionNotSupported"))
        return send(state, request, soap_fault(SoapFault.ACTION_NOT_SUPPORTED, action.strip('"')), None)
    fault = state.switches.take_fault(operation)
    if fault is not None and fault.delay_s:
        await state.clock.sleep(fault.delay_s)
    if fault is not None and fault.stall and not fault.after:
        await state.switches.stall()
    answer: Answer | None = None
    if fault is None or fault.after or not fault.replaces_answer:
        answer = await answer_call(state, family, operation, request.headers.get("authorization", ""), body)
    if fault is not None and fault.stall and fault.after:
        await state.switches.stall()
    if answer is None or (fault is not None and fault.replaces_answer):
        answer = replacement(fault, operation, answer)
    state.ledger.write(
        Entry(
            at=state.now(),
            family=family,
            operation=operation.label,
            rfc=answer.rfc,
            id=answer.id,
            answer=answer.code,
        )
    )
    return send(state, request, answer, fault)


async def _read(request: Request) -> bytes | None:
    """Answer the body, chunked or not, or None when it is larger than any call can be."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > _MOST_BYTES:
            return None
    return bytes(body)
