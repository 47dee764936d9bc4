from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from acuse.kernel.clock import MovableClock
from acuse.mx.certificates.lookalike import SatLookalikeCa
from acuse.mx.outside.sat_descarga.simulator import Document, Limits, SatState
from acuse.pki.keypair import KeyPair
from tests.support.sat_by_hand import SatByHand

RFC = "H&E951128469"
NOON = datetime(2026, 3, 2, 18, 0, tzinfo=UTC)


def a_document(number: int = 1, **changes: object) -> Document:
    """A CFDI issued by our company on the day of this number in 2025, at ten."""
    issued = datetime.fromisoformat("2025-01-01T10:00:00") + timedelta(days=number - 1)
    values: dict[str, object] = {
        "uuid": f"{number:08X}-AAAA-4AAA-8AAA-AAAAAAAAAAAA",
        "rfc_emisor": RFC,
        "nombre_emisor": "HERRERÍA & ELECTRICOS",
        "rfc_receptor": "XAXX010101000",
        "nombre_receptor": "PÚBLICO EN GENERAL",
        "fecha": issued,
        "fecha_timbrado": issued + timedelta(minutes=5),
        "total": Decimal("116.00"),
        "efecto": "I",
        "xml": f"<documento numero='{number}'/>".encode,
    }
    return Document(**{**values, **changes})  # type: ignore[arg-type]


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock(NOON)


@pytest.fixture
def state(authority: SatLookalikeCa, clock: MovableClock) -> SatState:
    """A SAT whose clock stands still at noon of 2 March 2026, with ten CFDIs of ours issued in January 2025."""
    documents = [a_document(number) for number in range(1, 11)]
    return SatState(corpus_by_rfc={RFC: documents}, ca=authority.certificate, clock=clock, limits=Limits())


@pytest.fixture
async def sat(state: SatState, efirma: KeyPair) -> SatByHand:
    """Our company's caller, authenticated."""
    caller = SatByHand(state, efirma)
    await caller.authenticate()
    return caller
