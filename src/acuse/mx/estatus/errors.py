"""The faults of asking for the state of CFDIs.

NotFound
└── LoteNotFound
InvalidInput
└── LoteEmpty
Conflict
└── LoteFinished
"""

from __future__ import annotations

from acuse.kernel.errors import Conflict, InvalidInput, NotFound


class LoteNotFound(NotFound):
    """No such batch, or another's."""

    code = "ESTATUS_LOTE_NOT_FOUND"
    message = "No hay una consulta en lote con ese identificador entre las que puedes ver."


class LoteEmpty(InvalidInput):
    """The filter finds nothing to ask about."""

    code = "ESTATUS_LOTE_EMPTY"
    message = "Ningún CFDI guardado cumple esos filtros: no hay nada que consultar. Amplía las fechas o quita filtros."


class LoteFinished(Conflict):
    """A batch that ended is not taken up again."""

    code = "ESTATUS_LOTE_FINISHED"
    message = "Esta consulta en lote ya terminó. Crea otra para preguntar de nuevo."
