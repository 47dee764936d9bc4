"""Sends answers as the SAT's servers do: headers, gzip, packages as a stream of base64, and what switches spoil."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Iterator
from dataclasses import replace
from email.utils import format_datetime

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from acuse.mx.outside.sat_descarga.codes import CodEstatus
from acuse.mx.outside.sat_descarga.simulator.answers import Answer, refusal, soap_fault
from acuse.mx.outside.sat_descarga.simulator.faults import Fault, SoapFault
from acuse.mx.outside.sat_descarga.simulator.names import Operation
from acuse.mx.outside.sat_descarga.simulator.state import SatState

_CHUNK = 3 * 65_536  # a multiple of three: base64 of the parts is the base64 of the whole
_GZIP_FROM = 256
_HTML = b"<html><head><title>Service Unavailable</title></head><body>The service is unavailable.</body></html>"


def replacement(fault: Fault | None, operation: Operation, true: Answer | None) -> Answer:
    """Answer what a switch puts in the place of the true answer (None when the call was never carried out)."""
    if fault is None:
        raise AssertionError("only a switch replaces an answer")
    rfc, identifier = (true.rfc, true.id) if true else ("", "")
    if fault.fault is not None:
        answer = soap_fault(fault.fault, operation.action)
    elif fault.status is not None:
        answer = Answer(head=_HTML, status=fault.status, code=f"HTTP {fault.status}")
    elif fault.garbage:
        answer = Answer(head=b"\x00\xff<html>", code="garbage")
    elif operation is Operation.AUTENTICA or fault.code is None:
        answer = soap_fault(SoapFault.INVALID_SECURITY)
    else:
        known = CodEstatus.find(fault.code)
        message = fault.message or (known.sent if known else "")
        answer = refusal(operation, fault.code, message, identifier=identifier)
    return replace(answer, rfc=rfc, id=identifier)


def send(state: SatState, request: Request, answer: Answer, fault: Fault | None) -> Response:
    """Make the response of an answer, spoiled as the switch says.

    A truncated one announces its whole length and sends half: over a socket the connection breaks, in process the
    body ends early.
    """
    if fault is not None and fault.broken_zip and answer.package:
        answer = replace(answer, package=answer.package[: len(answer.package) // 2])
    headers = {
        "Date": format_datetime(state.now(), usegmt=True),
        "Server": "Microsoft-IIS/10.0",
        "X-AspNet-Version": "4.0.30319",
        "Cache-Control": "private",
        "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
        "Content-Type": "text/html" if answer.head is _HTML else "text/xml; charset=utf-8",
    }
    length = _length(answer)
    chunks = _chunks(answer)
    if fault is not None and fault.truncate:
        headers["Content-Length"] = str(length)
        chunks = _cut(chunks, length // 2)
    elif _compresses(state, request, length, forced=fault is not None and fault.gzip):
        headers |= {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
        chunks = _gzip(chunks)
    else:
        headers["Content-Length"] = str(length)
    if not answer.package:
        return _whole(b"".join(chunks), answer.status, headers)
    return StreamingResponse(chunks, status_code=answer.status, headers=headers)


def _whole(body: bytes, status: int, headers: dict[str, str]) -> Response:
    response = Response(body, status_code=status)
    response.init_headers({"Content-Length": str(len(body)), **headers})
    return response


def _compresses(state: SatState, request: Request, length: int, *, forced: bool) -> bool:
    asked = "gzip" in request.headers.get("accept-encoding", "") and length >= _GZIP_FROM
    return forced or state.limits.gzip == "always" or (state.limits.gzip == "asked" and asked)


def _length(answer: Answer) -> int:
    return len(answer.head) + (len(answer.package) + 2) // 3 * 4 + len(answer.tail)


def _chunks(answer: Answer) -> Iterator[bytes]:
    yield answer.head
    view = memoryview(answer.package)
    for start in range(0, len(view), _CHUNK):
        yield base64.b64encode(view[start : start + _CHUNK])
    yield answer.tail


def _cut(chunks: Iterator[bytes], length: int) -> Iterator[bytes]:
    for chunk in chunks:
        yield chunk[:length]
        length -= len(chunk)
        if length <= 0:
            return


def _gzip(chunks: Iterator[bytes]) -> Iterator[bytes]:
    packer = zlib.compressobj(level=1, wbits=31)
    for chunk in chunks:
        if packed := packer.compress(chunk):
            yield packed
    yield packer.flush()
