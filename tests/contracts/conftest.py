"""The real client in front of the simulated SAT, both on one movable clock."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from acuse.kernel.clock import MovableClock
from acuse.kernel.http import HttpClients
from acuse.mx.certificates.lookalike import Holder, SatLookalikeCa
from acuse.mx.outside.sat_descarga.client import SatDescargaClient, SatUrls
from acuse.mx.outside.sat_descarga.simulator import Document, Limits, SatState, create_app
from acuse.mx.rfc import Rfc
from acuse.pki.keypair import KeyPair

ORIGIN = "https://sat.test"
URLS = SatUrls(
    sat_cfdi_solicitud_url=f"{ORIGIN}/cfdi",
    sat_cfdi_descarga_url=f"{ORIGIN}/cfdi/",
    sat_retenciones_solicitud_url=f"{ORIGIN}/retenciones",
    sat_retenciones_descarga_url=f"{ORIGIN}/retenciones",
)
RFC = "Ñ&O120726RX3"
MADE = datetime(2024, 1, 1, tzinfo=UTC)


@dataclass
class Sat:
    """The simulated SAT, the real client, an e.firma and a CSD of ours."""

    state: SatState
    client: SatDescargaClient
    http: HttpClients
    clock: MovableClock
    efirma: KeyPair
    csd: KeyPair
    stranger: KeyPair


@pytest.fixture(scope="session")
def authority() -> SatLookalikeCa:
    return SatLookalikeCa.create(at=MADE)


@pytest.fixture(scope="session")
def pairs(authority: SatLookalikeCa) -> tuple[KeyPair, KeyPair, KeyPair]:
    holder = Holder(rfc=Rfc.parse(RFC), name='ÑANDÚ & "OTOÑO" <SA>')
    stranger = Holder(rfc=Rfc.parse("COSC8001137NA"), name="CARLOS ORTIZ")
    return (
        authority.issue_efirma(holder, not_before=MADE).pair,
        authority.issue_csd(holder, not_before=MADE).pair,
        authority.issue_efirma(stranger, not_before=MADE).pair,
    )


@pytest.fixture
async def sat(authority: SatLookalikeCa, pairs: tuple[KeyPair, KeyPair, KeyPair]) -> AsyncIterator[Sat]:
    clock = MovableClock(datetime(2026, 3, 2, 18, 0, tzinfo=UTC))
    state = SatState(
        corpus_by_rfc={RFC: [a_document(number) for number in range(1, 11)]},
        ca=authority.certificate,
        clock=MovableClock(clock.now()),
        limits=Limits(accepted_s=60, working_s=60, xml_per_package=6, strict=True),
    )
    async with HttpClients(clock) as http:
        http.mount(ORIGIN, create_app(state))
        yield Sat(state, SatDescargaClient(http, clock, URLS), http, clock, *pairs)


def a_document(number: int) -> Document:
    """A CFDI we issued at ten on the day of this number in January 2025."""
    issued = datetime(2025, 1, number, 10)  # noqa: DTZ001 - Mexico City
    return Document(
        uuid=f"{number:08X}-AAAA-4AAA-8AAA-AAAAAAAAAAAA",
        rfc_emisor=RFC,
        nombre_emisor="ÑANDÚ & OTOÑO",
        rfc_receptor="XAXX010101000",
        nombre_receptor="PÚBLICO EN GENERAL",
        fecha=issued,
        fecha_timbrado=issued + timedelta(minutes=5),
        total=Decimal("116.00"),
        efecto="I",
        xml=f"<documento numero='{number}'/>".encode,
    )
