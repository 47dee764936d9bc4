"""What an answer of the SAT means for a solicitud: its next state, what to say, whether to ask again and when."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Final

from acuse.mx.descarga.model.estado import Estado
from acuse.mx.outside.sat_descarga.codes import CodEstatus, EstadoSolicitud, Step


class Wait(Enum):
    """How long until the next try."""

    NO = "no"
    BACKOFF = "backoff"
    """The next step of the list 1 → 2 → 5 → 10 → 30 minutes."""
    LONG = "long"
    """The last step of that list: a person or another solicitud has to move first."""
    TOMORROW = "tomorrow"


@dataclass(frozen=True)
class Outcome:
    """Where the solicitud goes; `problem` is a Spanish sentence for people, None when all is well."""

    estado: Estado
    wait: Wait = Wait.NO
    problem: str | None = None


TOO_MANY: Final = (
    "El periodo tiene más comprobantes de los que el SAT entrega en una solicitud "
    "(200,000 CFDI o 1,000,000 de filas de Metadata) y ya no se puede dividir más."
)
_REGISTERED: Final = (
    "El SAT ya tiene en curso una solicitud igual cuyo identificador no llegó a guardarse. "
    "Se volverá a pedir cuando aquella termine."
)
_UNKNOWN_ID: Final = "El SAT no reconoce el identificador de esta solicitud. Pídela de nuevo."
_NO_REASON: Final = "El SAT dejó la solicitud en estado {number}, «{words}», sin decir por qué. Pídela de nuevo."
_NO_PACKAGES_YET: Final = "El SAT dice que terminó pero todavía no entrega paquetes."
UNKNOWN_ID_TRIES: Final = 5
_FOLLOWED_BY_ID: Final = frozenset({Step.CONTINUE, Step.RETRY_LATER, Step.FOLLOW_EARLIER})
_OVER: Final = frozenset({EstadoSolicitud.TERMINADA, EstadoSolicitud.RECHAZADA})
_ENDS: Final = {
    EstadoSolicitud.ERROR: Estado.ERROR,
    EstadoSolicitud.RECHAZADA: Estado.RECHAZADA,
}


def after_request(number: int, mensaje: str, id_solicitud: str | None) -> Outcome:
    """Answer what becomes of a solicitud the SAT answered with this code when it was asked for.

    An id that comes with a refusal for trouble at the SAT is followed, since asking again could count twice.
    """
    code = CodEstatus.find(number)
    step = code.step if code else Step.STOP
    said = _said(number, mensaje)
    if id_solicitud and step in _FOLLOWED_BY_ID:
        return Outcome(Estado.EN_PROCESO, Wait.BACKOFF, said if step is Step.RETRY_LATER else None)
    ends = {
        Step.CONTINUE: _retry(said),
        Step.RETRY_LATER: _retry(said),
        Step.FOLLOW_EARLIER: _retry(_REGISTERED, Wait.LONG),
        Step.NEXT_DAY: _retry(said, Wait.TOMORROW),
        Step.FINISH_EMPTY: Outcome(Estado.SIN_CFDI),
        Step.SPLIT: Outcome(Estado.EXCEDIDA, problem=TOO_MANY),
        Step.RECORD_CANCELLED: Outcome(Estado.SIN_XML),
    }
    return ends.get(step, Outcome(Estado.RECHAZADA, problem=said))


def after_verification(
    present: Estado, *, number: int, mensaje: str, estado: int, codigo: int | None, packages: int, asked: int
) -> Outcome:
    """Answer what becomes of a solicitud after it was verified.

    `number` is the fate of the call, `estado` where the solicitud is, `codigo` why; `asked` counts the
    verifications so far. Code 5003 means too many results whatever else the answer says. The daily limit
    of a folio (5011) sends it again tomorrow.
    """
    call, reason = CodEstatus.find(number), CodEstatus.find(codigo or 0)
    has_reason = bool(codigo) and reason is not CodEstatus.ACEPTADA
    said = _said(codigo if codigo and has_reason else number, mensaje)
    if CodEstatus.TOPE_MAXIMO in {call, reason}:
        return Outcome(Estado.EXCEDIDA, problem=TOO_MANY)
    if call is CodEstatus.LIMITE_POR_FOLIO_POR_DIA:
        return _retry(said, Wait.TOMORROW)
    if call is not CodEstatus.ACEPTADA:
        return _after_refused_call(present, call, said, asked)
    return _after_standing(
        present, EstadoSolicitud.find(estado), estado, reason, said if has_reason else "", packages=packages
    )


def _after_standing(
    present: Estado,
    state: EstadoSolicitud | None,
    number: int,
    reason: CodEstatus | None,
    said: str,
    *,
    packages: int,
) -> Outcome:
    """Answer what becomes of a solicitud the SAT knows, by where it stands there and why; `said` may be empty."""
    if state in _OVER and reason in _REASONS:
        return _REASONS[reason](said)
    if state is EstadoSolicitud.TERMINADA:
        return Outcome(Estado.LISTA, Wait.LONG) if packages else Outcome(present, Wait.BACKOFF, _NO_PACKAGES_YET)
    if state is EstadoSolicitud.VENCIDA:
        return Outcome(Estado.VENCIDA, problem=Estado.VENCIDA.explanation)
    if state in _ENDS:
        return Outcome(_ENDS[state], problem=said or _NO_REASON.format(number=number, words=state.official))
    strange = state not in {EstadoSolicitud.ACEPTADA, EstadoSolicitud.EN_PROCESO}
    problem = f"El SAT respondió un estado inesperado ({number}). {said}".rstrip() if strange else None
    return Outcome(present, Wait.BACKOFF, problem)


def _after_refused_call(present: Estado, call: CodEstatus | None, said: str, asked: int) -> Outcome:
    if call is CodEstatus.SIN_INFORMACION:
        if asked < UNKNOWN_ID_TRIES:
            return Outcome(present, Wait.BACKOFF, said)
        return Outcome(Estado.ERROR, problem=_UNKNOWN_ID)
    if call is not None and call.step is Step.RETRY_LATER:
        return Outcome(present, Wait.BACKOFF, said)
    return Outcome(present, Wait.LONG, said)


def _retry(problem: str, wait: Wait = Wait.BACKOFF) -> Outcome:
    return Outcome(Estado.POR_ENVIAR, wait, problem)


def _said(number: int, mensaje: str) -> str:
    code = CodEstatus.find(number)
    words = mensaje or (code.official if code else "")
    return f"El SAT respondió {number}: {words}." if words else f"El SAT respondió con el código {number}."


_REASONS: Final[Mapping[CodEstatus | None, Callable[[str], Outcome]]] = {
    CodEstatus.SIN_INFORMACION: lambda _: Outcome(Estado.SIN_CFDI),
    CodEstatus.XML_CANCELADO: lambda _: Outcome(Estado.SIN_XML),
    CodEstatus.LIMITE_POR_FOLIO_POR_DIA: lambda said: _retry(said, Wait.TOMORROW),
}
