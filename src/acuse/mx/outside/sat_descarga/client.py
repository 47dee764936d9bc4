"""Calls the SAT's Descarga Masiva: authenticate, ask, verify, download.

Each call is the same four steps: build, send, see whether it was taken, read. Codes that say something
about the solicitud come back in the reply; what makes the call itself useless is raised.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http import HTTPStatus

from pydantic import Field

from acuse.kernel.clock import Clock
from acuse.kernel.http import HttpClients, HttpReply, Timeouts
from acuse.kernel.settings import Settings
from acuse.mx.outside.sat_descarga import wire
from acuse.mx.outside.sat_descarga.codes import (
    ACTION_NOT_SUPPORTED,
    INVALID_SECURITY,
    TOKEN_LIFE_S,
    CodEstatus,
    Familia,
)
from acuse.mx.outside.sat_descarga.errors import (
    SatClockSkew,
    SatOperationRetired,
    SatSecurityRejected,
    SatTokenRejected,
    SatTrouble,
)
from acuse.mx.outside.sat_descarga.wire import operations
from acuse.mx.outside.sat_descarga.wire.operations import Host, Operation
from acuse.pki.keypair import KeyPair

RENEW_BEFORE_S = 60
MAX_SKEW_S = 60
MAX_ANSWER_BYTES = 1 << 30
DOWNLOAD_TIMEOUTS = Timeouts(read_s=120, total_s=600)
"""A package may be hundreds of megabytes behind a slow line."""
_CALLED = "la Descarga masiva del SAT"


class SatUrls(Settings):
    """Where the SAT answers; another address puts a simulator in its place."""

    sat_cfdi_solicitud_url: str = Field(
        operations.OFFICIAL_HOSTS[Familia.CFDI, Host.SOLICITUD],
        description="SAT, CFDI: dirección de autenticación, solicitud y verificación.",
    )
    sat_cfdi_descarga_url: str = Field(
        operations.OFFICIAL_HOSTS[Familia.CFDI, Host.DESCARGA],
        description="SAT, CFDI: dirección de descarga de paquetes.",
    )
    sat_retenciones_solicitud_url: str = Field(
        operations.OFFICIAL_HOSTS[Familia.RETENCIONES, Host.SOLICITUD],
        description="SAT, Retenciones: dirección de autenticación, solicitud y verificación.",
    )
    sat_retenciones_descarga_url: str = Field(
        operations.OFFICIAL_HOSTS[Familia.RETENCIONES, Host.DESCARGA],
        description="SAT, Retenciones: dirección de descarga de paquetes.",
    )

    def url(self, familia: Familia, operation: Operation) -> str:
        """Answer where this operation of this family is asked."""
        base = {
            (Familia.CFDI, Host.SOLICITUD): self.sat_cfdi_solicitud_url,
            (Familia.CFDI, Host.DESCARGA): self.sat_cfdi_descarga_url,
            (Familia.RETENCIONES, Host.SOLICITUD): self.sat_retenciones_solicitud_url,
            (Familia.RETENCIONES, Host.DESCARGA): self.sat_retenciones_descarga_url,
        }[familia, operation.host]
        return base.rstrip("/") + operation.path


@dataclass(frozen=True)
class Token:
    """A token of one family: its text (a secret), its window by the SAT's clock, when to renew it by ours."""

    value: str = field(repr=False)
    created: datetime
    expires: datetime
    renew_at: datetime
    skew_s: float | None = None
    """Seconds by which our clock runs ahead of the SAT's; None when the SAT did not tell its time."""

    def is_fresh(self, now: datetime) -> bool:
        """Answer whether it may still be used at this instant."""
        return now < self.renew_at


class SatDescargaClient:
    """The service of both families. Holds no token and no key: they come with each call."""

    def __init__(self, http: HttpClients, clock: Clock, urls: SatUrls) -> None:
        self._calls = http.client(name="sat_descarga", called=_CALLED)
        self._downloads = http.client(
            name="sat_descarga", called=_CALLED, timeout=DOWNLOAD_TIMEOUTS, retries=0, max_body_bytes=MAX_ANSWER_BYTES
        )
        self._clock = clock
        self._urls = urls

    async def authenticate(self, familia: Familia, efirma: KeyPair) -> Token:
        """Ask a token for this e.firma.

        Raises SatClockSkew when the signature is refused and the clocks differ by more than a minute,
        SatSecurityRejected when they do not, and Unavailable.
        """
        asked_at = self._clock.now()
        body = wire.autentica(efirma, created=asked_at, token_id=f"uuid-{uuid.uuid4()}-1")
        reply = await self._send(familia, operations.AUTENTICA, body)
        token = wire.read_autentica(reply.body)
        life_s = min((token.expires - token.created).total_seconds(), TOKEN_LIFE_S)
        return Token(
            value=token.value,
            created=token.created,
            expires=token.expires,
            renew_at=asked_at + timedelta(seconds=life_s - RENEW_BEFORE_S),
            skew_s=self._skew(reply),
        )

    async def solicita(
        self, familia: Familia, consulta: wire.Consulta, efirma: KeyPair, token: Token
    ) -> wire.SolicitaReply:
        """Ask for the CFDIs or metadata of a period; the reply's code says what became of it.

        Raises SatTokenRejected (300, 401, 403, InvalidSecurity), Unavailable and SatUnreadable. This call
        is never repeated here: after Unavailable it may have been taken.
        """
        operation = consulta.operation
        reply = await self._send(familia, operation, wire.solicita(consulta, efirma), token)
        answer = wire.read_solicita(reply.body, operation)
        _check_token(answer.estatus)
        return answer

    async def verifica(
        self, familia: Familia, id_solicitud: str, rfc: str, efirma: KeyPair, token: Token
    ) -> wire.VerificaReply:
        """Ask where a solicitud stands. Raises as `solicita`."""
        body = wire.verifica(id_solicitud, rfc, efirma)
        reply = await self._send(familia, operations.VERIFICA, body, token)
        answer = wire.read_verifica(reply.body)
        _check_token(answer.estatus)
        return answer

    async def descarga(
        self, familia: Familia, id_paquete: str, rfc: str, efirma: KeyPair, token: Token
    ) -> wire.DescargaReply:
        """Fetch one package: spends one of its two downloads. Raises as `solicita`, never repeated here."""
        body = wire.descarga(id_paquete, rfc, efirma)
        reply = await self._send(familia, operations.DESCARGAR, body, token)
        answer = wire.read_descarga(reply.body)
        _check_token(answer.estatus)
        return answer

    async def _send(self, familia: Familia, operation: Operation, body: bytes, token: Token | None = None) -> HttpReply:
        headers = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": operation.action}
        if token is not None:
            headers["Authorization"] = f'WRAP access_token="{token.value}"'
        http = self._downloads if operation is operations.DESCARGAR else self._calls
        reply = await http.request("POST", self._urls.url(familia, operation), headers=headers, content=body)
        self._check(reply, operation)
        return reply

    def _check(self, reply: HttpReply, operation: Operation) -> None:
        """Let only a 200 pass; everything else becomes its error."""
        if reply.status == HTTPStatus.OK:
            return
        if reply.status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
            raise SatTokenRejected(http_status=reply.status)
        fault = wire.read_fault(reply.body)
        if fault is None:
            raise SatTrouble(http_status=reply.status, sat_message=f"HTTP {reply.status}")
        if fault.code == INVALID_SECURITY:
            raise self._security(reply, fault)
        if fault.code == ACTION_NOT_SUPPORTED:
            raise SatOperationRetired(operation=operation.name, sat_message=fault.text)
        raise SatTrouble(http_status=reply.status, fault=fault.code, sat_message=fault.text)

    def _security(self, reply: HttpReply, fault: wire.Fault) -> SatClockSkew | SatSecurityRejected:
        skew_s = self._skew(reply)
        if skew_s is not None and abs(skew_s) > MAX_SKEW_S:
            direction = "adelantado" if skew_s > 0 else "atrasado"
            return SatClockSkew(direction=direction, skew_s=round(abs(skew_s)), sat_message=fault.text)
        return SatSecurityRejected(fault=fault.code, sat_message=fault.text)

    def _skew(self, reply: HttpReply) -> float | None:
        return (self._clock.now() - reply.server_date).total_seconds() if reply.server_date else None


def _check_token(estatus: wire.Estatus) -> None:
    if estatus.known is CodEstatus.USUARIO_NO_VALIDO:
        raise wire.refusal(estatus)
