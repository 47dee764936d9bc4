"""The client and the SAT agree: one flow, every refusal, every fault of the line."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from acuse.kernel.errors import AppError, Unavailable
from acuse.mx.outside.sat_descarga import errors
from acuse.mx.outside.sat_descarga.client import SatDescargaClient, SatUrls, Token
from acuse.mx.outside.sat_descarga.codes import (
    CodEstatus,
    EstadoComprobante,
    EstadoSolicitud,
    Familia,
    Sentido,
    TipoSolicitud,
)
from acuse.mx.outside.sat_descarga.simulator import Fault, Operation, Outcome, SoapFault
from acuse.mx.outside.sat_descarga.wire import Consulta, SolicitaReply, refusal
from tests.contracts.conftest import ORIGIN, RFC, Sat

JANUARY = Consulta(
    sentido=Sentido.EMITIDOS,
    rfc=RFC,
    tipo=TipoSolicitud.CFDI,
    fecha_inicial=datetime(2025, 1, 1),  # noqa: DTZ001 - Mexico City
    fecha_final=datetime(2025, 1, 31, 23, 59, 59),  # noqa: DTZ001
    estado=EstadoComprobante.TODOS,
)
METADATA = replace(JANUARY, tipo=TipoSolicitud.METADATA)


async def token_of(sat: Sat) -> Token:
    return await sat.client.authenticate(Familia.CFDI, sat.efirma)


async def asked(sat: Sat, consulta: Consulta = JANUARY) -> SolicitaReply:
    return await sat.client.solicita(Familia.CFDI, consulta, sat.efirma, await token_of(sat))


class TestAutentica:
    async def test_token_is_to_be_renewed_a_minute_before_it_ends(self, sat: Sat) -> None:
        token = await token_of(sat)
        assert token.expires - token.created == timedelta(minutes=5)
        assert token.renew_at == sat.clock.now() + timedelta(minutes=4)
        assert token.is_fresh(sat.clock.now())
        assert not token.is_fresh(token.renew_at)

    async def test_token_does_not_show_itself(self, sat: Sat) -> None:
        token = await token_of(sat)
        assert token.value not in repr(token)

    async def test_clock_that_runs_ahead_is_named_with_its_seconds(self, sat: Sat) -> None:
        sat.clock.move(minutes=20)
        with pytest.raises(errors.SatClockSkew) as caught:
            await token_of(sat)
        assert caught.value.details["skew_s"] == 1200
        assert "adelantado 1200 segundos" in caught.value.text

    async def test_clock_that_lags_behind_is_named_too(self, sat: Sat) -> None:
        sat.clock.move(minutes=-20)
        with pytest.raises(errors.SatClockSkew, match="atrasado 1200 segundos"):
            await token_of(sat)

    async def test_refused_signature_with_clocks_in_step_is_not_called_a_skew(self, sat: Sat) -> None:
        sat.state.switches.fail(Fault(operation="autentica", fault=SoapFault.INVALID_SECURITY))
        with pytest.raises(errors.SatSecurityRejected):
            await token_of(sat)


class TestOneFlow:
    async def test_from_request_to_package(self, sat: Sat) -> None:
        token = await token_of(sat)
        reply = await sat.client.solicita(Familia.CFDI, JANUARY, sat.efirma, token)
        assert reply.estatus.is_accepted
        assert reply.id_solicitud is not None
        first = await sat.client.verifica(Familia.CFDI, reply.id_solicitud, RFC, sat.efirma, token)
        assert first.known_estado is EstadoSolicitud.ACEPTADA
        assert first.ids_paquetes == ()
        sat.state.clock.move(minutes=3)
        ready = await sat.client.verifica(Familia.CFDI, reply.id_solicitud, RFC, sat.efirma, token)
        assert ready.known_estado is EstadoSolicitud.TERMINADA
        assert ready.numero_cfdis == 10
        assert len(ready.ids_paquetes) == 2
        names: set[str] = set()
        for id_paquete in ready.ids_paquetes:
            package = await sat.client.descarga(Familia.CFDI, id_paquete, RFC, sat.efirma, token)
            names |= set(zipfile.ZipFile(io.BytesIO(package.content)).namelist())
        assert len(names) == 10

    async def test_received_and_metadata_are_asked_as_the_service_wants_them(self, sat: Sat) -> None:
        received = replace(JANUARY, sentido=Sentido.RECIBIDOS, estado=EstadoComprobante.VIGENTE)
        assert (await asked(sat, received)).estatus.is_accepted
        assert (await asked(sat, METADATA)).estatus.is_accepted
        assert sat.state.ledger.count(Operation.RECIBIDOS) == 1

    async def test_retenciones_have_hosts_and_a_token_of_their_own(self, sat: Sat) -> None:
        token = await sat.client.authenticate(Familia.RETENCIONES, sat.efirma)
        reply = await sat.client.solicita(Familia.RETENCIONES, METADATA, sat.efirma, token)
        assert reply.estatus.is_accepted
        with pytest.raises(errors.SatTokenRejected):
            await sat.client.solicita(Familia.CFDI, METADATA, sat.efirma, token)

    async def test_large_package_arrives_gzipped_or_not(self, sat: Sat) -> None:
        sat.state.limits = replace(sat.state.limits, gzip="always", accepted_s=0, working_s=0)
        token = await token_of(sat)
        reply = await sat.client.solicita(Familia.CFDI, JANUARY, sat.efirma, token)
        ready = await sat.client.verifica(Familia.CFDI, reply.id_solicitud or "", RFC, sat.efirma, token)
        package = await sat.client.descarga(Familia.CFDI, ready.ids_paquetes[0], RFC, sat.efirma, token)
        assert package.content.startswith(b"PK")


class TestRefusals:
    async def test_expired_token_is_300(self, sat: Sat) -> None:
        token = await token_of(sat)
        sat.state.clock.move(minutes=6)
        with pytest.raises(errors.SatTokenRejected) as caught:
            await sat.client.verifica(Familia.CFDI, "x", RFC, sat.efirma, token)
        assert caught.value.details["sat_code"] == 300

    async def test_csd_is_305(self, sat: Sat) -> None:
        reply = await sat.client.solicita(Familia.CFDI, JANUARY, sat.csd, await token_of(sat))
        assert reply.estatus.known is CodEstatus.CERTIFICADO_INVALIDO

    async def test_signer_of_another_rfc_is_303(self, sat: Sat) -> None:
        token = await sat.client.authenticate(Familia.CFDI, sat.stranger)
        reply = await sat.client.solicita(Familia.CFDI, JANUARY, sat.stranger, token)
        assert reply.estatus.known is CodEstatus.SELLO_NO_CORRESPONDE

    async def test_revoked_certificate_is_304(self, sat: Sat) -> None:
        token = await token_of(sat)
        sat.state.revoked.add(sat.efirma.certificate.number)
        reply = await sat.client.solicita(Familia.CFDI, JANUARY, sat.efirma, token)
        assert reply.estatus.known is CodEstatus.CERTIFICADO_REVOCADO_O_CADUCO

    async def test_equal_bounds_are_301_with_the_sats_words(self, sat: Sat) -> None:
        reply = await asked(sat, replace(JANUARY, fecha_final=JANUARY.fecha_inicial))
        assert reply.estatus.known is CodEstatus.XML_MAL_FORMADO
        assert "fecha inicial es mayor o igual" in reply.estatus.mensaje

    async def test_same_live_solicitud_is_5005(self, sat: Sat) -> None:
        await asked(sat)
        assert (await asked(sat)).estatus.known is CodEstatus.YA_REGISTRADA

    async def test_third_equal_one_is_5002(self, sat: Sat) -> None:
        for _ in range(2):
            assert (await asked(sat)).estatus.is_accepted
            sat.state.clock.move(minutes=3)
            sat.clock.move(minutes=3)
        assert (await asked(sat)).estatus.known is CodEstatus.AGOTADAS_DE_POR_VIDA

    async def test_third_download_is_5008_and_a_late_one_5007(self, sat: Sat) -> None:
        reply = await asked(sat)
        sat.state.clock.move(minutes=3)
        sat.clock.move(minutes=3)
        token = await token_of(sat)
        ready = await sat.client.verifica(Familia.CFDI, reply.id_solicitud or "", RFC, sat.efirma, token)
        first, second = ready.ids_paquetes
        answers = [await sat.client.descarga(Familia.CFDI, first, RFC, sat.efirma, token) for _ in range(3)]
        assert [answer.estatus.number for answer in answers] == [5000, 5000, 5008]
        assert answers[2].content == b""
        for clock in (sat.state.clock, sat.clock):
            clock.move(hours=80)
        late = await sat.client.descarga(Familia.CFDI, second, RFC, sat.efirma, await token_of(sat))
        assert late.estatus.known is CodEstatus.NO_EXISTE_EL_PAQUETE

    @pytest.mark.parametrize("estado", [4, 5])
    async def test_too_many_results_is_code_5003_in_whatever_state(self, sat: Sat, estado: int) -> None:
        sat.state.switches.end_next(Outcome(estado=estado, codigo=5003))
        reply = await asked(sat)
        sat.state.clock.move(minutes=3)
        sat.clock.move(minutes=3)
        answer = await sat.client.verifica(Familia.CFDI, reply.id_solicitud or "", RFC, sat.efirma, await token_of(sat))
        assert (answer.estado, answer.codigo_estado) == (estado, 5003)

    @pytest.mark.parametrize("code", [code for code in CodEstatus if code is not CodEstatus.USUARIO_NO_VALIDO])
    async def test_every_code_is_read_and_has_its_error(self, sat: Sat, code: CodEstatus) -> None:
        token = await token_of(sat)
        sat.state.switches.fail(Fault(operation="emitidos", code=code.number))
        estatus = (await sat.client.solicita(Familia.CFDI, JANUARY, sat.efirma, token)).estatus
        assert estatus.known is code
        assert refusal(estatus).details["sat_code"] == code.number

    async def test_code_nobody_documented_is_kept(self, sat: Sat) -> None:
        token = await token_of(sat)
        sat.state.switches.fail(Fault(operation="emitidos", code=5999, message="Algo nuevo"))
        estatus = (await sat.client.solicita(Familia.CFDI, JANUARY, sat.efirma, token)).estatus
        assert estatus.known is None
        error = refusal(estatus)
        assert error.code == "SAT_REFUSED"
        assert "5999" in error.text
        assert "Algo nuevo" in error.text


class TestFaultsOfTheLine:
    @pytest.mark.parametrize(
        ("fault", "expected"),
        [
            (Fault(status=503), errors.SatTrouble),
            (Fault(status=401), errors.SatTokenRejected),
            (Fault(status=403), errors.SatTokenRejected),
            (Fault(garbage=True), errors.SatUnreadable),
            (Fault(fault=SoapFault.INTERNAL), errors.SatTrouble),
            (Fault(fault=SoapFault.ACTION_NOT_SUPPORTED), errors.SatOperationRetired),
            (Fault(fault=SoapFault.INVALID_SECURITY), errors.SatSecurityRejected),
        ],
    )
    async def test_each_has_its_own_error(self, sat: Sat, fault: Fault, expected: type[AppError]) -> None:
        token = await token_of(sat)
        sat.state.switches.fail(fault)
        with pytest.raises(expected) as caught:
            await sat.client.verifica(Familia.CFDI, "x", RFC, sat.efirma, token)
        assert caught.type is expected
        assert token.value not in str(caught.value.details)

    async def test_nobody_at_the_address_is_unavailable_and_provably_unsent(self, sat: Sat) -> None:
        nowhere = SatUrls(sat_cfdi_solicitud_url="http://127.0.0.1:1")
        client = SatDescargaClient(sat.http, sat.clock, nowhere)
        with pytest.raises(Unavailable) as caught:
            await client.authenticate(Familia.CFDI, sat.efirma)
        assert caught.value.details["sent"] is False


def test_the_official_addresses_are_the_default() -> None:
    urls = SatUrls()
    assert urls.sat_cfdi_descarga_url == "https://cfdidescargamasiva.clouda.sat.gob.mx"
    assert urls.sat_retenciones_solicitud_url == "https://retendescargamasivasolicitud.clouda.sat.gob.mx"
    assert ORIGIN not in urls.model_dump().values()
