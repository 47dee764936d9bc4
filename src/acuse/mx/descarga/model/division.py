"""How a solicitud with too many results is divided: by month, in halves, by kind, by counterpart.

Source: SAT, "WS Verificación" v1.5 (May 2025), code 5003.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from acuse.mx.descarga.model.consulta import Parametros
from acuse.mx.descarga.model.periodo import SHORTEST_S, Periodo
from acuse.mx.outside.sat_descarga.codes import Efecto, Familia


def divide(asked: Parametros, *, oldest: datetime, counterparts: Sequence[str] = ()) -> tuple[Parametros, ...]:
    """Answer smaller questions that together ask the same; empty when there are none.

    Several months are cut into months, anything longer than two seconds into halves. Two seconds are asked kind by
    kind, each with another start, since the SAT does not tell equal dates apart by kind; one kind by counterpart,
    of the `counterparts` that are known. Parts may overlap by seconds: documents are told apart by UUID.
    """
    periodo = asked.periodo
    parts = periodo.months()
    if len(parts) == 1:
        parts = periodo.halves()
    if len(parts) > 1:
        return tuple(asked.over(part) for part in parts)
    if asked.efecto is None and asked.familia is Familia.CFDI:
        return tuple(
            asked.over(periodo.widened(more, oldest=oldest)).of(efecto=efecto)
            for more, efecto in enumerate(Efecto, start=1)
        )
    return _by_counterpart(asked, counterparts)


def cut_by_count(periodo: Periodo, cuts: Sequence[datetime]) -> tuple[Periodo, ...]:
    """Answer the parts of a period that begin at these moments; empty when that would make nothing smaller."""
    if periodo.seconds <= 2 * SHORTEST_S:
        return ()
    inside = sorted({cut for cut in cuts if periodo.inicio < cut <= periodo.fin})
    return periodo.cut_before(inside) if inside else ()


def _by_counterpart(asked: Parametros, known: Sequence[str]) -> tuple[Parametros, ...]:
    rfcs = sorted(set(asked.counterparts or known))
    if asked.counterparts and len(rfcs) <= 1:
        return ()
    size = min(asked.max_counterparts, max(1, (len(rfcs) + 1) // 2))
    return tuple(asked.of(counterparts=rfcs[start : start + size]) for start in range(0, len(rfcs), size))
