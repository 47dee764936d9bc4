from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from acuse.kernel.clock import MovableClock
from acuse.mx.certificates.lookalike import SatLookalikeCa
from acuse.mx.outside.sat_descarga.simulator import Change, Journal, Limits, Outcome, SatState
from acuse.pki.keypair import KeyPair
from tests.mx.outside.sat_descarga.simulator.conftest import RFC, a_document
from tests.mx.outside.sat_descarga.simulator.test_verifica_y_descarga import finished
from tests.support.sat_by_hand import SatByHand


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "diario.jsonl"


@pytest.fixture
def state(authority: SatLookalikeCa, clock: MovableClock, path: Path) -> SatState:
    return again(authority, clock, path)


def again(authority: SatLookalikeCa, clock: MovableClock, path: Path) -> SatState:
    """Start the simulated SAT (anew) over the same corpus and journal."""
    return SatState(
        corpus_by_rfc={RFC: [a_document(number) for number in range(1, 11)]},
        ca=authority.certificate,
        clock=clock,
        limits=Limits(xml_per_package=6),
        journal=Journal(path),
    )


async def restarted(sat: SatByHand, authority: SatLookalikeCa, path: Path, efirma: KeyPair) -> SatByHand:
    assert isinstance(sat.state.clock, MovableClock)
    caller = SatByHand(again(authority, sat.state.clock, path), efirma)
    await caller.authenticate()
    return caller


async def test_solicitudes_packages_and_downloads_outlive_a_restart(
    sat: SatByHand, authority: SatLookalikeCa, path: Path, efirma: KeyPair
) -> None:
    identifier = await finished(sat)
    before = await sat.verifica(identifier)
    first = (await sat.descarga(before.packages[1])).paquete
    sat = await restarted(sat, authority, path, efirma)
    after = await sat.verifica(identifier)
    assert (after.body, len(after.packages)) == (before.body, 2)
    assert (await sat.descarga(before.packages[1])).paquete == first
    assert (await sat.descarga(before.packages[1])).code == "5008"


async def test_lifetime_is_counted_across_restarts(
    sat: SatByHand, authority: SatLookalikeCa, path: Path, efirma: KeyPair
) -> None:
    codes = []
    for _ in range(3):
        codes.append((await sat.emitidos("XAXX010101000")).code)
        await finished(sat, TipoSolicitud="Metadata")
        sat = await restarted(sat, authority, path, efirma)
    assert codes == ["5000", "5000", "5002"]


async def test_a_held_one_stays_held_and_a_released_one_goes_on(
    sat: SatByHand, authority: SatLookalikeCa, path: Path, efirma: KeyPair, clock: MovableClock
) -> None:
    sat.state.switches.end_next(Outcome(estado=1))
    identifier = await finished(sat)
    sat = await restarted(sat, authority, path, efirma)
    assert (await sat.verifica(identifier)).result["EstadoSolicitud"] == "1"
    sat.state.release()
    sat = await restarted(sat, authority, path, efirma)
    clock.move(seconds=10)
    assert (await sat.verifica(identifier)).result["EstadoSolicitud"] == "3"


async def test_a_folio_and_a_half_written_line_do_no_harm(
    sat: SatByHand, authority: SatLookalikeCa, path: Path, efirma: KeyPair
) -> None:
    identifier = (await sat.folio(a_document(1).uuid)).result["IdSolicitud"]
    with path.open("a", encoding="utf-8") as file:
        file.write('{"solicitud": "4E80')
    sat = await restarted(sat, authority, path, efirma)
    assert (await sat.verifica(identifier)).code == "5000"


async def test_reset_forgets_for_good(sat: SatByHand, authority: SatLookalikeCa, path: Path, efirma: KeyPair) -> None:
    identifier = await finished(sat)
    sat.state.reset()
    sat = await restarted(sat, authority, path, efirma)
    assert (await sat.verifica(identifier)).code == "5004"


async def test_what_was_cancelled_or_delayed_stays_so(
    sat: SatByHand, authority: SatLookalikeCa, path: Path, efirma: KeyPair
) -> None:
    now = sat.state.today()
    sat.state.change([a_document(1).uuid], Change(fecha_cancelacion=now))
    sat.state.change([a_document(2).uuid], Change(appears=now + timedelta(days=9)))
    sat = await restarted(sat, authority, path, efirma)
    identifier = await finished(sat)
    assert (await sat.verifica(identifier)).result["NumeroCFDIs"] == "8"
