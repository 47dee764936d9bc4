"""The simulated ARCA as an ASGI application: the same under uvicorn and in process."""

from __future__ import annotations

from functools import partial
from typing import Final
from xml.sax.saxutils import escape

from lxml import etree
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from acuse.ar.outside.arca.codes import ArbccfFault, WsaaFault
from acuse.ar.outside.arca.simulator import arbccf, wsaa
from acuse.ar.outside.arca.simulator.faults import LOGIN, OPERATIONS, Fault, Place, take
from acuse.ar.outside.arca.simulator.refusals import SimulatedArcaRefusal
from acuse.ar.outside.arca.simulator.state import ArcaState, Call

_SOAP: Final = "http://schemas.xmlsoap.org/soap/envelope/"
_ARBCCF: Final = "http://dvadac.desein.afip.gov/"
_MOST_BYTES: Final = 256_000
_ENVELOPE: Final = f'<soapenv:Envelope xmlns:soapenv="{_SOAP}"><soapenv:Body>{{body}}</soapenv:Body></soapenv:Envelope>'
_FAULT: Final = "<soapenv:Fault><faultcode>{code}</faultcode><faultstring>{text}</faultstring>{detail}</soapenv:Fault>"
_LOGGED_IN: Final = (
    '<loginCmsResponse xmlns="http://wsaa.view.sua.dvadac.desein.afip.gov"><loginCmsReturn>{ticket}</loginCmsReturn>'
    "</loginCmsResponse>"
)
_DONE: Final = (
    f'<ns2:{{operation}}Response xmlns:ns2="{_ARBCCF}"><return>{{answer}}</return></ns2:{{operation}}Response>'
)
_NAMED: Final = f'<detail><ns2:{{name}} xmlns:ns2="{_ARBCCF}"><message>{{text}}</message></ns2:{{name}}></detail>'


def create_app(state: ArcaState) -> Starlette:
    """Build the application over a state. Paths are ARCA's own."""
    return Starlette(
        routes=[
            Route("/ws/services/LoginCms", partial(_login, state), methods=["POST"]),
            Route(
                "/controladores-fiscales-ws/CertificadosService/CertificadosBean",
                partial(_certificates, state),
                methods=["POST"],
            ),
        ]
    )


async def _login(state: ArcaState, request: Request) -> Response:
    root = await _read(request)
    fault = await _fault(state, LOGIN)
    answer: Response | None = None
    if fault is None or fault.after or not fault.replaces_answer:
        try:
            answer = _xml(_LOGGED_IN.format(ticket=escape(wsaa.login(state, root))))
            told = "ok"
        except SimulatedArcaRefusal as no:
            told, answer = no.name, _wsaa_fault(no.name, no.words)
        state.calls.append(Call(LOGIN, "", told))
    return _replaced(state, fault, answer)


async def _certificates(state: ArcaState, request: Request) -> Response:
    root = await _read(request)
    body = None if root is None else root.find(f"{{{_SOAP}}}Body")
    element = None if body is None else next(iter(body), None)
    names = {f"{{{_ARBCCF}}}{name}": name for name in OPERATIONS}
    if element is None or element.tag not in names:
        return _xml(_FAULT.format(code="soapenv:Client", text="Cannot find dispatch method", detail=""), 500)
    operation = names[str(element.tag)]
    fault = await _fault(state, operation)
    answer: Response | None = None
    if fault is None or fault.after or not fault.replaces_answer:
        try:
            answer = _xml(_DONE.format(operation=operation, answer=arbccf.carry_out(state, element)))
            told = "ok"
        except SimulatedArcaRefusal as no:
            told, answer = no.name, _arbccf_fault(state, no.name, no.words)
        state.calls.append(Call(operation, arbccf.named(element), told))
    return _replaced(state, fault, answer)


async def _fault(state: ArcaState, operation: str) -> Fault | None:
    fault = take(state.faults, operation)
    if fault is not None and fault.delay_s:
        await state.clock.sleep(fault.delay_s)
    return fault


def _replaced(state: ArcaState, fault: Fault | None, answer: Response | None) -> Response:
    """Answer what is true, or what a switch puts in its place."""
    if fault is None or not fault.replaces_answer:
        assert answer is not None
        return answer
    if fault.garbage:
        return Response("<html>Mantenimiento", media_type="text/html")
    if fault.status is not None:
        return Response("<html>Error</html>", status_code=fault.status, media_type="text/html")
    known = next(each for each in (*ArbccfFault, *WsaaFault) if each.value == fault.fault)
    words = fault.words or known.words
    if isinstance(known, ArbccfFault):
        return _arbccf_fault(state, known.value, words)
    return _wsaa_fault(known.value, words)


def _wsaa_fault(name: str, words: str) -> Response:
    return _xml(_FAULT.format(code=f"ns1:{name}", text=escape(words), detail=""), 500)


def _arbccf_fault(state: ArcaState, name: str, words: str) -> Response:
    text, code, detail = escape(words), "soapenv:Server", ""
    if state.place is Place.DETAIL:
        detail = _NAMED.format(name=name, text=text)
    elif state.place is Place.CODE:
        code = f"ns1:{name}"
    else:
        text = f"{name}: {text}"
    return _xml(_FAULT.format(code=code, text=text, detail=detail), 500)


async def _read(request: Request) -> etree._Element | None:
    """Answer the envelope, or None for what is too large or none."""
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > _MOST_BYTES:
            return None
    try:
        root = etree.fromstring(bytes(body), etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False))
    except (etree.XMLSyntaxError, ValueError):
        return None
    return root if root.tag == f"{{{_SOAP}}}Envelope" else None


def _xml(body: str, status: int = 200) -> Response:
    return Response(_ENVELOPE.format(body=body).encode(), status_code=status, media_type="text/xml; charset=utf-8")
