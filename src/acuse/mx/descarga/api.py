"""Solicitudes and paquetes over HTTP."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Header, Query
from fastapi.responses import Response, StreamingResponse

from acuse.accounts.guards import Caller, api_router, needs
from acuse.accounts.rights import Right
from acuse.mx.contribuyentes.schemas import RfcPath
from acuse.mx.descarga.model.estado import Estado
from acuse.mx.descarga.schemas import (
    AnualIn,
    AnualOut,
    FolioIn,
    LoteAnualIn,
    LoteAnualLineOut,
    LoteAnualOut,
    PaqueteOut,
    PaquetesOut,
    RepetirOut,
    SincronizarIn,
    SincronizarOut,
    SolicitudDetailOut,
    SolicitudesOut,
    SolicitudIn,
    SolicitudOut,
    TokenOut,
    When,
)
from acuse.mx.descarga.service import (
    FetchingService,
    OfficeService,
    ReadingService,
    RepeatingService,
    SatSessions,
    SendingService,
    SyncService,
    VerifyingService,
)
from acuse.mx.descarga.store import Filtros
from acuse.mx.outside.sat_descarga.codes import Familia, Sentido, TipoSolicitud
from acuse.webkit.services import provide

router = api_router("/api/v1/sat", tags=["SAT · Descarga masiva"])

Sending = Annotated[SendingService, provide(SendingService)]
Office = Annotated[OfficeService, provide(OfficeService)]
Repeating = Annotated[RepeatingService, provide(RepeatingService)]
Verifying = Annotated[VerifyingService, provide(VerifyingService)]
Fetching = Annotated[FetchingService, provide(FetchingService)]
Reading = Annotated[ReadingService, provide(ReadingService)]
Sessions = Annotated[SatSessions, provide(SatSessions)]
Sync = Annotated[SyncService, provide(SyncService)]
RfcQuery = Annotated[str | None, Query(description="Sólo de este contribuyente.", max_length=40)]
Limit = Annotated[int | None, Query(description="Renglones por página, de 1 a 500; por omisión 50.")]
CursorQuery = Annotated[str | None, Query(description="El `siguiente` de la página anterior.", max_length=2000)]


@router.post("/contribuyentes/{rfc}/token", summary="Autenticarse ante el SAT")
@needs(Right.SAT_OPERATE)
async def authenticate(rfc: RfcPath, caller: Caller, sessions: Sessions, familia: Familia = Familia.CFDI) -> TokenOut:
    """Pide un token nuevo con la e.firma y lo guarda sellado para los pasos siguientes. El token no se muestra."""
    return TokenOut.of(await sessions.authenticate(caller, rfc, familia))


@router.post("/solicitudes", summary="Enviar una solicitud", status_code=201)
@needs(Right.SAT_OPERATE)
async def send(wanted: SolicitudIn, caller: Caller, sending: Sending) -> SolicitudOut:
    """Envía una solicitud y responde cómo quedó.

    Si ya existe una con los mismos parámetros responde 409 `SOLICITUD_DUPLICADA` con su `id` y no envía nada.
    Las fechas que el SAT rechazaría se rechazan aquí, sin gastar un intento.
    """
    return SolicitudOut.of(await sending.send(caller, wanted.rfc, wanted.parametros()))


@router.post("/solicitudes/anual/lote", summary="Enviar las 14 de varios contribuyentes")
@needs(Right.SAT_OPERATE)
async def send_years(wanted: LoteAnualIn, caller: Caller, office: Office) -> LoteAnualOut:
    """Envía las 14 de un año por cada RFC, emitidos y recibidos; el que no se puede enviar no detiene a los demás."""
    told = await office.send_years(caller, wanted.rfcs, wanted.year, wanted.tipo_comprobante, familia=wanted.familia)
    return LoteAnualOut(resultados=[LoteAnualLineOut.of(each) for each in told])


@router.post("/solicitudes/anual", summary="Enviar las 14 de un año", status_code=201)
@needs(Right.SAT_OPERATE)
async def send_year(wanted: AnualIn, caller: Caller, sending: Sending) -> AnualOut:
    """Crea 2 solicitudes de Metadata (semestres) y 12 de CFDI (meses) y responde las 14, nuevas o existentes.

    Los periodos cerrados se envían en seguida, el que corre hasta hace una hora, y los futuros quedan `programada`.
    """
    return AnualOut.of(
        await sending.send_year(caller, wanted.rfc, wanted.year, wanted.tipo_comprobante, familia=wanted.familia)
    )


@router.post("/solicitudes/folio", summary="Pedir un CFDI por su folio fiscal", status_code=201)
@needs(Right.SAT_OPERATE)
async def send_folio(wanted: FolioIn, caller: Caller, sending: Sending) -> SolicitudOut:
    """Pide el XML de un solo CFDI. Si está cancelado el SAT ya no lo entrega y termina `sin_xml`.

    Si el SAT responde que se alcanzó el límite del día (5011), se pide solo al día siguiente, hora de México.
    """
    return SolicitudOut.of(await sending.send_folio(caller, wanted.rfc, wanted.uuid, familia=wanted.familia))


@router.get("/solicitudes", summary="Solicitudes")
@needs(Right.SAT_READ)
async def list_solicitudes(
    caller: Caller,
    reading: Reading,
    rfc: RfcQuery = None,
    estado: Estado | None = None,
    tipo_solicitud: TipoSolicitud | None = None,
    tipo_comprobante: Sentido | None = None,
    familia: Familia | None = None,
    plan: UUID | None = None,
    padre: Annotated[UUID | None, Query(description="Sólo las partes de esta solicitud dividida.")] = None,
    desde: Annotated[When | None, Query(description="Con periodo que termine en o después.")] = None,
    hasta: Annotated[When | None, Query(description="Con periodo que empiece en o antes.")] = None,
    limit: Limit = None,
    cursor: CursorQuery = None,
) -> SolicitudesOut:
    """Las solicitudes de los contribuyentes que puedes ver, de la más nueva a la más antigua."""
    filtros = Filtros(
        estado=estado,
        tipo=tipo_solicitud,
        sentido=tipo_comprobante,
        familia=familia,
        plan_id=plan,
        parent_id=padre,
        desde=desde and desde.replace(tzinfo=None),
        hasta=hasta and hasta.replace(tzinfo=None),
    )
    page = await reading.solicitudes(caller, rfc=rfc, filtros=filtros, limit=limit, cursor=cursor)
    return SolicitudesOut(solicitudes=[SolicitudOut.of(row) for row in page.items], siguiente=page.next_cursor)


@router.get("/solicitudes/{id:uuid}", summary="Una solicitud con su historia, sus paquetes y sus partes")
@needs(Right.SAT_READ)
async def get_solicitud(id: UUID, caller: Caller, reading: Reading) -> SolicitudDetailOut:  # noqa: A002 - wire name
    """Todo lo que pasó con la solicitud: cuándo, qué dijo el SAT, quién lo pidió, qué trajo y en qué se dividió."""
    return SolicitudDetailOut.of_detail(await reading.solicitud(caller, id))


@router.post("/solicitudes/{id}/verificar", summary="Preguntar al SAT por una solicitud")
@needs(Right.SAT_OPERATE)
async def verify(id: UUID, caller: Caller, verifying: Verifying) -> SolicitudOut:  # noqa: A002 - wire name
    """Pregunta ahora al SAT y responde cómo quedó. Los paquetes que aparezcan se descargan solos."""
    return SolicitudOut.of(await verifying.verify(caller, id))


@router.get("/solicitudes/{id}/repetir", summary="Qué gastaría repetir una solicitud")
@needs(Right.SAT_OPERATE)
async def preview_repetition(id: UUID, caller: Caller, repeating: Repeating) -> RepetirOut:  # noqa: A002 - wire name
    """Dice qué se pediría y cuánto gasta de lo que el SAT permite de por vida. No pide nada."""
    return RepetirOut.of(await repeating.preview(caller, id))


@router.post("/solicitudes/{id}/repetir", summary="Repetir una solicitud", status_code=201)
@needs(Right.SAT_OPERATE)
async def repeat(id: UUID, caller: Caller, repeating: Repeating) -> SolicitudOut:  # noqa: A002 - wire name
    """Pide de nuevo la que falló, venció o lleva 72 horas sin terminar, y responde la nueva.

    Las de CFDI se piden con un segundo más de periodo, para que el SAT las cuente como otra.
    """
    return SolicitudOut.of(await repeating.repeat(caller, id))


@router.post("/sincronizar", summary="Hacer la descarga diaria y todo lo pendiente", status_code=202)
@needs(Right.SAT_OPERATE)
async def synchronize(
    caller: Caller,
    sync: Sync,
    wanted: SincronizarIn | None = None,
    idempotency_key: Annotated[str | None, Header(max_length=200)] = None,
) -> SincronizarOut:
    """Pone en marcha, en segundo plano, la descarga diaria y todo lo pendiente, y responde en seguida.

    Es lo que hace el horario de las 23:00; así la llama AWS EventBridge. Con la misma `Idempotency-Key` se responde
    otra vez lo de la primera y no se hace nada; con otra pregunta, 409 `SYNC_KEY_REUSED`.
    """
    rfc = wanted.rfc if wanted else None
    return SincronizarOut(contribuyentes=await sync.ask(caller, rfc=rfc, key=idempotency_key))


@router.get("/paquetes", summary="Paquetes")
@needs(Right.SAT_READ)
async def list_paquetes(
    caller: Caller,
    reading: Reading,
    rfc: RfcQuery = None,
    solicitud: UUID | None = None,
    limit: Limit = None,
    cursor: CursorQuery = None,
) -> PaquetesOut:
    """Los paquetes de los contribuyentes que puedes ver, del más nuevo al más antiguo."""
    page = await reading.paquetes(caller, rfc=rfc, solicitud_id=solicitud, limit=limit, cursor=cursor)
    return PaquetesOut(paquetes=[PaqueteOut.of(row) for row, _ in page.items], siguiente=page.next_cursor)


@router.post("/paquetes/{id}/descargar", summary="Descargar un paquete del SAT")
@needs(Right.SAT_OPERATE)
async def download(id: UUID, caller: Caller, fetching: Fetching) -> PaqueteOut:  # noqa: A002 - wire name
    """Trae el paquete si aún no está guardado. El SAT permite 2 descargas; uno ya guardado no gasta otra."""
    return PaqueteOut.of(await fetching.download(caller, id))


@router.get("/paquetes/{id}/archivo", summary="El ZIP como lo entregó el SAT", response_class=Response)
@needs(Right.SAT_READ)
async def paquete_file(id: UUID, caller: Caller, reading: Reading) -> Response:  # noqa: A002 - wire name
    """El archivo guardado, byte por byte."""
    paquete, content = await reading.paquete_file(caller, id)
    headers = {
        "Content-Disposition": f'attachment; filename="{paquete.id}.zip"',
        "Content-Length": str(paquete.size_bytes),
    }
    return StreamingResponse(content, media_type="application/zip", headers=headers)
