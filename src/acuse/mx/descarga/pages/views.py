"""How states and stories look on a page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from acuse.mx.descarga.model.estado import Estado
from acuse.mx.descarga.model.suceso import Suceso
from acuse.mx.descarga.service import SolicitudDetail
from acuse.mx.descarga.tables import HistoryRow
from acuse.webkit.blocks import State, Step

TONES: Final[Mapping[Estado, State]] = {
    Estado.PROGRAMADA: "neutral",
    Estado.POR_ENVIAR: "working",
    Estado.EN_PROCESO: "working",
    Estado.LISTA: "working",
    Estado.DIVIDIDA: "working",
    Estado.COMPLETA: "done",
    Estado.SIN_XML: "done",
    Estado.SIN_CFDI: "done",
    Estado.EXCEDIDA: "attention",
    Estado.RECHAZADA: "failed",
    Estado.VENCIDA: "failed",
    Estado.ERROR: "failed",
}

_TITLES: Final[Mapping[Suceso, str]] = {
    Suceso.CREADA: "Solicitud creada",
    Suceso.PROGRAMADA: "Solicitud programada",
    Suceso.ENVIO: "Enviada al SAT",
    Suceso.REENVIO: "Enviada de nuevo al SAT",
    Suceso.ACEPTADA: "El SAT la aceptó",
    Suceso.ESPERA: "En espera",
    Suceso.VERIFICADA: "Se preguntó al SAT",
    Suceso.PAQUETES: "Paquetes listos en el SAT",
    Suceso.DESCARGA: "Descarga pedida al SAT",
    Suceso.GUARDADO: "Paquete guardado",
    Suceso.RECUPERADO: "Paquete recuperado del almacenamiento",
    Suceso.INDEXADO: "CFDI en el archivo",
    Suceso.DIVISION: "Dividida en partes",
    Suceso.REPETIDA: "Pedida de nuevo",
    Suceso.PROBLEMA: "Problema",
    Suceso.TERMINO: "Terminó",
}
_BY_THE_SAT: Final = {Suceso.ACEPTADA, Suceso.VERIFICADA}


def steps_of(detail: SolicitudDetail) -> list[Step]:
    """Answer the story of a solicitud as the timeline draws it, with what comes next at its end."""
    estado = detail.solicitud.estado
    steps = [_step(line, estado) for line in detail.history]
    if not estado.is_final:
        steps.append(Step(title=estado.caption, state=TONES[estado], text=estado.explanation))
    return steps


def _step(line: HistoryRow, estado: Estado) -> Step:
    said = line.mensaje if line.suceso in _BY_THE_SAT else ""
    state: State = "done"
    if line.suceso is Suceso.PROBLEMA:
        state = "attention"
    elif line.suceso is Suceso.TERMINO:
        state = TONES[estado]
    return Step(
        title=_TITLES[line.suceso],
        at=line.at,
        state=state,
        text="" if said else line.mensaje,
        said=said,
        code="" if line.codigo is None else str(line.codigo),
        who=line.who,
    )
