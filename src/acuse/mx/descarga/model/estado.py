"""Where a solicitud stands with us. The SAT's own three codes are kept beside it, never mixed with it."""

from __future__ import annotations

from enum import StrEnum
from typing import Self


class Estado(StrEnum):
    """Our state of a solicitud; `caption` is shown to people, `explanation` says what comes next."""

    caption: str
    explanation: str

    def __new__(cls, value: str, caption: str, explanation: str) -> Self:
        """Keep the Spanish texts beside the stored value."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.caption = caption
        member.explanation = explanation
        return member

    PROGRAMADA = "programada", "Programada", "Se enviará al SAT cuando su periodo haya terminado."
    POR_ENVIAR = "por_enviar", "Por enviar", "Se enviará al SAT en cuanto sea posible."
    EN_PROCESO = "en_proceso", "En proceso", "El SAT está preparando los paquetes; se le pregunta solo."
    LISTA = "lista", "Lista", "El SAT ya tiene los paquetes; se están descargando y guardando."
    DIVIDIDA = "dividida", "Dividida", "El periodo se dividió en partes; termina cuando terminan todas."
    COMPLETA = "completa", "Completa", "Todos los paquetes están guardados y sus CFDI, en el archivo."
    SIN_CFDI = "sin_cfdi", "Sin CFDI", "El SAT no tiene comprobantes en este periodo."
    SIN_XML = "sin_xml", "Sin XML", "El CFDI está cancelado y el SAT ya no entrega su XML; se conservan sus metadatos."
    EXCEDIDA = "excedida", "Excedida", "Hay más comprobantes de los que el SAT entrega y ya no se pueden dividir."
    RECHAZADA = "rechazada", "Rechazada", "El SAT no aceptó la solicitud."
    VENCIDA = "vencida", "Vencida", "El SAT ya no tiene los paquetes: los guarda 72 horas."
    ERROR = "error", "Con error", "El SAT o un paquete falló sin remedio: hay que pedirla de nuevo."

    @property
    def is_final(self) -> bool:
        """Answer whether nothing more will happen by itself."""
        return self in _FINAL

    @property
    def is_success(self) -> bool:
        """Answer whether it ended as hoped; an empty period is a result too."""
        return self in {Estado.COMPLETA, Estado.SIN_CFDI, Estado.SIN_XML}

    @property
    def is_failure(self) -> bool:
        """Answer whether it ended in a way somebody must look at."""
        return self.is_final and not self.is_success

    @property
    def can_send(self) -> bool:
        """Answer whether the SAT has not taken it yet."""
        return self in {Estado.PROGRAMADA, Estado.POR_ENVIAR}

    @property
    def can_verify(self) -> bool:
        """Answer whether the SAT may be asked how it goes."""
        return self in {Estado.EN_PROCESO, Estado.LISTA}

    @property
    def can_repeat(self) -> bool:
        """Answer whether it ended without what was asked for, so that asking again makes sense."""
        return self in {Estado.RECHAZADA, Estado.VENCIDA, Estado.ERROR, Estado.EXCEDIDA}

    def can_become(self, other: Estado) -> bool:
        """Answer whether this step exists; staying where one is always does."""
        return other is self or other in _STEPS[self]


_FINAL = frozenset(
    {
        Estado.COMPLETA,
        Estado.SIN_CFDI,
        Estado.SIN_XML,
        Estado.EXCEDIDA,
        Estado.RECHAZADA,
        Estado.VENCIDA,
        Estado.ERROR,
    }
)
_ENDS_WITHOUT_PACKAGES = {Estado.SIN_CFDI, Estado.SIN_XML, Estado.EXCEDIDA, Estado.RECHAZADA, Estado.DIVIDIDA}
_STEPS: dict[Estado, frozenset[Estado]] = {
    Estado.PROGRAMADA: frozenset({Estado.POR_ENVIAR}),
    Estado.POR_ENVIAR: frozenset({Estado.EN_PROCESO, *_ENDS_WITHOUT_PACKAGES}),
    Estado.EN_PROCESO: frozenset(
        {Estado.LISTA, Estado.POR_ENVIAR, Estado.VENCIDA, Estado.ERROR, *_ENDS_WITHOUT_PACKAGES}
    ),
    Estado.LISTA: frozenset({Estado.COMPLETA, Estado.VENCIDA, Estado.ERROR}),
    Estado.DIVIDIDA: frozenset({Estado.COMPLETA, Estado.SIN_CFDI}),
    **{final: frozenset() for final in _FINAL},
}
