"""What can go wrong with monthly statements."""

from __future__ import annotations

from acuse.kernel.errors import Conflict, InvalidInput, NotFound, Unreadable


class MonthInvalid(InvalidInput):
    """Not a month."""

    code = "MONTH_INVALID"
    message = "«{mes}» no es un mes. Escríbelo como 2026-10."


class MonthNotOver(Conflict):
    """The month still runs in Buenos Aires."""

    code = "MONTH_NOT_OVER"
    message = "El mes {mes} no ha terminado en Argentina y no se puede cerrar. Ciérralo desde el día 1 del siguiente."


class MonthClosed(Conflict):
    """It was closed before; statements never change."""

    code = "MONTH_CLOSED"
    message = "El mes {mes} ya está cerrado. Lo que cambie desde entonces sale en el resumen del mes siguiente."


class ResumenNotFound(NotFound):
    """No such statement, or another's."""

    code = "RESUMEN_NOT_FOUND"
    message = "No hay un resumen con ese identificador."


class ResumenAltered(Unreadable):
    """The stored file is not the one that was signed. It is not delivered."""

    code = "RESUMEN_ALTERED"
    message = "El archivo guardado no coincide con el que se firmó y no se entrega. Avisa a un administrador."
