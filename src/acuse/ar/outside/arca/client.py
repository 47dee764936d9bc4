"""Calls ARCA: a ticket of WSAA, and alta, renovar and baja of ARBCCF. Holds no ticket and no key."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from pydantic import Field

from acuse.ar.controladores import ControladorId
from acuse.ar.outside.arca import wire
from acuse.ar.outside.arca.codes import ARBCCF_PATH, SERVICE, WSAA_PATH, Ambiente
from acuse.ar.outside.arca.errors import ArcaTrouble, ArcaUnreadable
from acuse.kernel.clock import Clock
from acuse.kernel.errors import Outside
from acuse.kernel.http import HttpClients, HttpReply, Timeouts
from acuse.kernel.settings import Settings
from acuse.pki.keypair import KeyPair

_MOST_BYTES: Final = 1 << 20


class ArcaSettings(Settings):
    """Servicios web de ARCA (WSAA y ARBCCF)."""

    arca_environment: Ambiente = Field(
        Ambiente.PRUEBAS, description="Ambiente de ARCA: `pruebas` (homologación) o `produccion`."
    )
    arca_wsaa_url: str = Field("", description="Dirección de WSAA; vacía es la oficial del ambiente.")
    arca_arbccf_url: str = Field("", description="Dirección de ARBCCF; vacía es la oficial del ambiente.")
    arca_wsaa_service: str = Field(SERVICE, description="Nombre del servicio por el que se pide el ticket a WSAA.")
    arca_wsaa_destination: str = Field(
        "", description="Nombre distinguido de WSAA que lleva el pedido de ticket; vacío no se manda."
    )
    arca_arbccf_action: str = Field("", description="Cabecera SOAPAction de ARBCCF; el manual no la nombra.")
    arca_timeout_s: float = Field(
        90,
        gt=0,
        le=600,
        description="Espera máxima de una llamada: ARBCCF tarda a veces 40 s.",
        json_schema_extra={"unit": "s"},
    )

    @property
    def wsaa_url(self) -> str:
        """Answer where tickets are asked."""
        return self.arca_wsaa_url or self.arca_environment.origin + WSAA_PATH

    @property
    def arbccf_url(self) -> str:
        """Answer where certificates are asked."""
        return self.arca_arbccf_url or self.arca_environment.origin + ARBCCF_PATH


class ArcaClient:
    """The two services. Tickets come and go with each call; no call is repeated here once it was sent."""

    def __init__(self, http: HttpClients, clock: Clock, settings: ArcaSettings) -> None:
        limits = Timeouts(connect_s=10, read_s=settings.arca_timeout_s, total_s=settings.arca_timeout_s)
        self._wsaa = http.client(name="arca_wsaa", called="ARCA (WSAA)", timeout=limits, max_body_bytes=_MOST_BYTES)
        self._arbccf = http.client(
            name="arca_arbccf", called="ARCA (ARBCCF)", timeout=limits, max_body_bytes=_MOST_BYTES
        )
        self._clock = clock
        self._settings = settings

    async def login(self, pair: KeyPair) -> wire.Ticket:
        """Ask a ticket for the company of this certificate.

        Raises ArcaTicketHeld when one is valid already, ArcaCredentialRefused, Unavailable and ArcaUnreadable.
        """
        now, settings = self._clock.now(), self._settings
        asked = wire.login_request(settings.arca_wsaa_service, at=now, destination=settings.arca_wsaa_destination)
        body = wire.login_envelope(wire.sign_cms(asked, pair, at=now))
        headers = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": '""'}
        reply = await self._wsaa.request("POST", settings.wsaa_url, headers=headers, content=body)
        if reply.status == HTTPStatus.OK:
            return wire.read_ticket(reply.body)
        fault = wire.read_fault(reply.body)
        raise _http_error(reply) if fault is None else wire.login_refusal(fault)

    async def alta(self, controlador: ControladorId, request: bytes, *, cuit: str, ticket: wire.Ticket) -> wire.Issued:
        """Ask the first certificate of a device for its PKCS#10 (DER). Raises what a fault becomes (`wire.refusal`)."""
        sent = wire.call(wire.ALTA, controlador, cuit=cuit, ticket=ticket, request=request)
        return wire.read_issued(await self._ask(sent, controlador))

    async def renovar(self, controlador: ControladorId, *, cuit: str, ticket: wire.Ticket) -> wire.Issued:
        """Ask another certificate of the device's key. Raises as `alta`."""
        sent = wire.call(wire.RENOVAR, controlador, cuit=cuit, ticket=ticket)
        return wire.read_issued(await self._ask(sent, controlador))

    async def baja(self, controlador: ControladorId, *, cuit: str, ticket: wire.Ticket) -> None:
        """End a device's certificates for ever. Raises as `alta`."""
        wire.read_discharge(await self._ask(wire.call(wire.BAJA, controlador, cuit=cuit, ticket=ticket), controlador))

    async def _ask(self, body: bytes, controlador: ControladorId) -> bytes:
        headers = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": f'"{self._settings.arca_arbccf_action}"'}
        reply = await self._arbccf.request("POST", self._settings.arbccf_url, headers=headers, content=body)
        if reply.status == HTTPStatus.OK:
            return reply.body
        fault = wire.read_fault(reply.body)
        raise _http_error(reply) if fault is None else wire.refusal(fault, str(controlador))


def _http_error(reply: HttpReply) -> Outside:
    """Tell an outage, which is worth another try, from an address that is none of the service."""
    if reply.status in {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.REQUEST_TIMEOUT} or (
        reply.status >= HTTPStatus.INTERNAL_SERVER_ERROR
    ):
        return ArcaTrouble(fault="", arca_message=f"HTTP {reply.status}", http_status=reply.status)
    return ArcaUnreadable(problem=f"HTTP {reply.status}")
