from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acuse.mx.descarga.errors import ReceivedOnlyVigente, TooManyCounterparts
from acuse.mx.descarga.model.consulta import Parametros
from acuse.mx.descarga.model.estado import Estado
from acuse.mx.descarga.model.outcome import UNKNOWN_ID_TRIES, Outcome, Wait, after_request, after_verification
from acuse.mx.descarga.model.periodo import months
from acuse.mx.descarga.model.schedule import Backoff
from acuse.mx.outside.sat_descarga.codes import CodEstatus, EstadoComprobante, Sentido, TipoSolicitud
from acuse.mx.rfc import InvalidRfc

ID = "be2a3e76-684f-416a-afdf-0f9378c346be"
NOW = datetime(2026, 3, 2, 18, tzinfo=UTC)


def verified(
    estado: int, codigo: int | None = 5000, *, number: int = 5000, packages: int = 0, asked: int = 1
) -> Outcome:
    return after_verification(
        Estado.EN_PROCESO, number=number, mensaje="", estado=estado, codigo=codigo, packages=packages, asked=asked
    )


class TestAfterRequest:
    @pytest.mark.parametrize(
        ("code", "estado", "wait"),
        [
            (5000, Estado.EN_PROCESO, Wait.BACKOFF),
            (5004, Estado.SIN_CFDI, Wait.NO),
            (5003, Estado.EXCEDIDA, Wait.NO),
            (301, Estado.RECHAZADA, Wait.NO),
            (305, Estado.RECHAZADA, Wait.NO),
            (5001, Estado.RECHAZADA, Wait.NO),
        ],
    )
    def test_codes_lead_where_they_should(self, code: int, estado: Estado, wait: Wait) -> None:
        outcome = after_request(code, "", ID if code == 5000 else None)
        assert (outcome.estado, outcome.wait) == (estado, wait)

    def test_trouble_at_the_sat_is_tried_again_but_an_id_is_followed(self) -> None:
        assert after_request(404, "Error no controlado.", None).estado is Estado.POR_ENVIAR
        followed = after_request(404, "Error no controlado.", ID)
        assert followed.estado is Estado.EN_PROCESO
        assert "404" in (followed.problem or "")

    def test_one_that_is_registered_already_waits_and_says_so(self) -> None:
        outcome = after_request(5005, "", None)
        assert outcome.estado is Estado.POR_ENVIAR
        assert outcome.wait is Wait.LONG
        assert "ya tiene en curso" in (outcome.problem or "")

    def test_spent_lifetime_ends_with_the_sats_words(self) -> None:
        outcome = after_request(5002, "Se han agotado las solicitudes de por vida", ID)
        assert outcome.estado is Estado.RECHAZADA
        assert "agotado" in (outcome.problem or "")

    def test_daily_limit_comes_back_tomorrow(self) -> None:
        assert after_request(5011, "", None).wait is Wait.TOMORROW

    @given(number=st.integers(0, 99_999), mensaje=st.text(max_size=50), with_id=st.booleans())
    def test_no_answer_leaves_the_solicitud_nowhere(self, number: int, mensaje: str, with_id: bool) -> None:
        outcome = after_request(number, mensaje, ID if with_id else None)
        assert Estado.POR_ENVIAR.can_become(outcome.estado)
        assert outcome.estado.is_final == (outcome.wait is Wait.NO)
        assert not outcome.estado.is_failure or outcome.problem


class TestAfterVerification:
    @pytest.mark.parametrize("estado", [1, 2])
    def test_waiting_goes_on(self, estado: int) -> None:
        assert verified(estado) == Outcome(Estado.EN_PROCESO, Wait.BACKOFF)

    def test_finished_with_packages_is_ready(self) -> None:
        assert verified(3, packages=2).estado is Estado.LISTA

    def test_an_undocumented_reason_does_not_spoil_a_finished_one(self) -> None:
        assert verified(3, CodEstatus.TERMINADA_SIN_DOCUMENTAR.number, packages=1).estado is Estado.LISTA

    def test_finished_without_packages_is_asked_again(self) -> None:
        assert verified(3) == Outcome(Estado.EN_PROCESO, Wait.BACKOFF, verified(3).problem)

    def test_nothing_found_is_a_good_end(self) -> None:
        assert verified(5, 5004) == Outcome(Estado.SIN_CFDI)

    @pytest.mark.parametrize("estado", [0, 1, 2, 3, 4, 5, 6])
    def test_too_many_results_hold_whatever_the_state(self, estado: int) -> None:
        outcome = verified(estado, 5003, packages=estado // 3)
        assert outcome.estado is Estado.EXCEDIDA
        assert "200,000" in (outcome.problem or "")
        assert verified(estado, None, number=5003).estado is Estado.EXCEDIDA

    def test_error_rejection_and_expiry_end_with_a_reason(self) -> None:
        ends = [verified(4), verified(5, 5002), verified(6)]
        assert [(end.problem or "").partition(".")[0] for end in ends] == [
            "El SAT dejó la solicitud en estado 4, «Error», sin decir por qué",
            "El SAT respondió 5002: Se han agotado las solicitudes de por vida",
            "El SAT ya no tiene los paquetes: los guarda 72 horas",
        ]
        assert [end.estado for end in ends] == [Estado.ERROR, Estado.RECHAZADA, Estado.VENCIDA]

    def test_an_unknown_id_is_given_a_few_tries(self) -> None:
        assert verified(0, None, number=5004, asked=1).estado is Estado.EN_PROCESO
        assert verified(0, None, number=5004, asked=UNKNOWN_ID_TRIES).estado is Estado.ERROR

    def test_a_refused_certificate_waits_for_a_person(self) -> None:
        outcome = verified(0, None, number=304)
        assert outcome.wait is Wait.LONG
        assert "304" in (outcome.problem or "")

    @given(
        number=st.sampled_from([code.number for code in CodEstatus]) | st.integers(0, 9999),
        estado=st.integers(0, 9),
        codigo=st.none() | st.sampled_from([code.number for code in CodEstatus]) | st.integers(0, 9999),
        packages=st.integers(0, 3),
        asked=st.integers(1, 9),
    )
    def test_no_answer_leaves_the_solicitud_nowhere(
        self, number: int, estado: int, codigo: int | None, packages: int, asked: int
    ) -> None:
        outcome = verified(estado, codigo, number=number, packages=packages, asked=asked)
        assert Estado.EN_PROCESO.can_become(outcome.estado)
        assert outcome.estado.is_final == (outcome.wait is Wait.NO)
        assert not outcome.estado.is_failure or outcome.problem


class TestEstado:
    def test_final_states_go_nowhere(self) -> None:
        for estado in Estado:
            steps = [other for other in Estado if other is not estado and estado.can_become(other)]
            assert bool(steps) != estado.is_final

    def test_each_question_has_its_states(self) -> None:
        assert {estado for estado in Estado if estado.can_verify} == {Estado.EN_PROCESO, Estado.LISTA}
        assert {estado for estado in Estado if estado.is_success} == {
            Estado.COMPLETA,
            Estado.SIN_CFDI,
            Estado.SIN_XML,
        }
        assert Estado.EXCEDIDA.is_failure


class TestBackoff:
    def test_steps_grow_and_the_last_one_stays(self) -> None:
        backoff = Backoff()
        waits = [backoff.next_try(Wait.BACKOFF, tries, NOW) - NOW for tries in range(7)]
        assert waits == [timedelta(minutes=minutes) for minutes in (1, 2, 5, 10, 30, 30, 30)]

    def test_tomorrow_is_tomorrow_in_mexico(self) -> None:
        assert Backoff().next_try(Wait.TOMORROW, 0, NOW) == datetime(2026, 3, 3, 6, 5, tzinfo=UTC)


class TestParametros:
    def test_received_xml_are_asked_as_vigente(self) -> None:
        asked = Parametros.ask(tipo=TipoSolicitud.CFDI, sentido=Sentido.RECIBIDOS, periodo=months(2025, 1, 1))
        assert asked.estado_comprobante is EstadoComprobante.VIGENTE

    @pytest.mark.parametrize("estado", [EstadoComprobante.TODOS, EstadoComprobante.CANCELADO])
    def test_received_xml_of_cancelled_ones_are_refused_before_anything_is_spent(
        self, estado: EstadoComprobante
    ) -> None:
        with pytest.raises(ReceivedOnlyVigente):
            Parametros.ask(
                tipo=TipoSolicitud.CFDI,
                sentido=Sentido.RECIBIDOS,
                periodo=months(2025, 1, 1),
                estado_comprobante=estado,
            )

    def test_counterparts_are_counted_sorted_and_told_apart(self) -> None:
        rfcs = ["xaxx010101000", "EKU9003173C9", "EKU-900317-3C9"]
        asked = Parametros.ask(
            tipo=TipoSolicitud.CFDI, sentido=Sentido.EMITIDOS, periodo=months(2025, 1, 1), counterparts=rfcs
        )
        assert asked.counterparts == ("EKU9003173C9", "XAXX010101000")
        with pytest.raises(TooManyCounterparts):
            Parametros.ask(
                tipo=TipoSolicitud.METADATA, sentido=Sentido.RECIBIDOS, periodo=months(2025, 1, 1), counterparts=rfcs
            )

    def test_a_counterpart_that_is_no_rfc_is_refused(self) -> None:
        with pytest.raises(InvalidRfc):
            Parametros.ask(
                tipo=TipoSolicitud.CFDI, sentido=Sentido.EMITIDOS, periodo=months(2025, 1, 1), counterparts=["x"]
            )
