"""The simulated consulta service: the same under uvicorn and in process."""

from __future__ import annotations

from decimal import Decimal
from functools import partial
from xml.sax.saxutils import escape

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from acuse.mx.outside.sat_consulta.codes import CodigoEstatus, EsCancelable, Estado, EstatusCancelacion
from acuse.mx.outside.sat_consulta.simulator.reading import Expression, read_expression, read_printed
from acuse.mx.outside.sat_consulta.simulator.state import ConsultaState, Fault, Known

PATH = "/ConsultaCFDIService.svc"
_ACTION = "http://tempuri.org/IConsultaCFDIService/Consulta"
_MOST_BYTES = 64_000
_FREE_BELOW = Decimal(1_000)
"""Up to this total an ingreso is cancelled without the receiver's consent (rule 2.7.1.35)."""
_CENT = Decimal("0.01")

_ENVELOPE = (
    '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>'
    '<ConsultaResponse xmlns="http://tempuri.org/"><ConsultaResult '
    'xmlns:a="http://schemas.datacontract.org/2004/07/Sat.Cfdi.Negocio.ConsultaCfdi.Servicio" '
    'xmlns:i="http://www.w3.org/2001/XMLSchema-instance">{fields}</ConsultaResult></ConsultaResponse>'
    "</s:Body></s:Envelope>"
)
_FAULT = (
    '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><s:Fault>'
    "<faultcode>{code}</faultcode><faultstring>{text}</faultstring></s:Fault></s:Body></s:Envelope>"
)


def create_app(state: ConsultaState) -> Starlette:
    """Build the application over a state."""
    return Starlette(routes=[Route(PATH, partial(_consulta, state), methods=["POST"])])


async def _consulta(state: ConsultaState, request: Request) -> Response:
    state.calls += 1
    fault = state.take_fault()
    if fault is not None and fault.delay_s:
        await state.clock.sleep(fault.delay_s)
    body = await request.body()
    if len(body) > _MOST_BYTES:
        return Response(status_code=413)
    if fault is not None and (wrong := _wrong(fault)) is not None:
        return wrong
    if request.headers.get("soapaction", "").strip('"') != _ACTION:
        return _xml(
            _FAULT.format(code="a:ActionNotSupported", text="ContractFilter mismatch at the EndpointDispatcher"), 500
        )
    printed = read_printed(body)
    if printed is None:
        return _xml(_FAULT.format(code="s:Client", text="The creator of this fault did not specify a Reason."), 500)
    return _xml(answer(state, read_expression(printed)))


def answer(state: ConsultaState, asked: Expression | None) -> str:
    """Answer the envelope for an expression; None is one of wrong form."""
    if asked is None:
        return _told(CodigoEstatus.EXPRESION_INVALIDA.official, Estado.NO_ENCONTRADO)
    known = state.find(asked.uuid)
    if known is None or not _is_of(asked, known):
        return _told(CodigoEstatus.NO_ENCONTRADO.official, Estado.NO_ENCONTRADO)
    efos = "100" if known.emisor in state.listed else "200"
    done = CodigoEstatus.OBTENIDO.official
    if (words := _cancellation(state, known)) is not None:
        return _told(done, Estado.CANCELADO, _cancelable(known), words, efos)
    return _told(done, Estado.VIGENTE, _cancelable(known), state.cancelling.get(known.uuid.upper(), ""), efos)


def _is_of(asked: Expression, known: Known) -> bool:
    same = (asked.emisor, asked.receptor) == (known.emisor, known.receptor) and abs(asked.total - known.total) < _CENT
    if not same or not asked.seal_end:
        return same
    seal = known.seal_end()
    return seal is None or seal.endswith(asked.seal_end)


def _cancellation(state: ConsultaState, known: Known) -> str | None:
    switched = state.cancelled.get(known.uuid.upper())
    if switched is not None:
        return switched
    if known.cancelled is None or known.cancelled > state.today():
        return None
    free = _cancelable(known) is EsCancelable.SIN_ACEPTACION
    return EstatusCancelacion.CANCELADO_SIN_ACEPTACION if free else EstatusCancelacion.CANCELADO_CON_ACEPTACION


def _cancelable(known: Known) -> EsCancelable:
    asks_nobody = known.efecto in {"E", "N", "T", "P"} or known.total <= _FREE_BELOW
    return EsCancelable.SIN_ACEPTACION if asks_nobody else EsCancelable.CON_ACEPTACION


def _told(code: str, estado: str, cancelable: str = "", cancelacion: str = "", efos: str = "") -> str:
    values = {
        "CodigoEstatus": code,
        "EsCancelable": cancelable,
        "Estado": estado,
        "EstatusCancelacion": cancelacion,
        "ValidacionEFOS": efos,
    }
    fields = "".join(
        f"<a:{name}>{escape(text)}</a:{name}>" if text else f"<a:{name}/>" for name, text in values.items()
    )
    return _ENVELOPE.format(fields=fields)


def _wrong(fault: Fault) -> Response | None:
    if fault.garbage:
        return Response("<html>Servicio no disponible", media_type="text/html")
    if fault.status is not None:
        return Response("<html>Error</html>", status_code=fault.status, media_type="text/html")
    if fault.code:
        code = next(each for each in CodigoEstatus if each.value == fault.code)
        return _xml(_told(code.official, Estado.NO_ENCONTRADO))
    return None


def _xml(text: str, status: int = 200) -> Response:
    return Response(text.encode(), status_code=status, media_type="text/xml; charset=utf-8")
