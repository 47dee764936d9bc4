"""Issuances over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import File, Form, Query, UploadFile

from acuse.accounts.guards import Caller, api_router, needs
from acuse.accounts.rights import Right
from acuse.ar.controladores import ControladorId
from acuse.ar.crs.schemas import MessageOut, PageQuery, PaginationOut
from acuse.ar.emision.schemas import BajaIn, CredentialOut, EmisionesOut, EmisionIn, EmisionOut, StandingOut
from acuse.ar.emision.service import CredentialService, IssuingService
from acuse.webkit.services import provide

router = api_router("/api/v1/crs/emisiones", tags=["CRS · Emisión por ARCA"])
Issuing = Annotated[IssuingService, provide(IssuingService)]
Credentials = Annotated[CredentialService, provide(CredentialService)]


@router.post("", summary="Pedir un certificado a ARCA", status_code=202)
@needs(Right.CRS_DOWNLOAD)
async def ask(body: EmisionIn, caller: Caller, service: Issuing) -> EmisionOut:
    """Reserva un lugar del cupo y pide el certificado en segundo plano: `GET /api/v1/crs/emisiones/{id}` dice cómo va.

    Sólo se cobra si llega un certificado. Con `request` se hace el alta del equipo; sin él se renueva.
    """
    sent = None if body.request is None else body.request.encode()
    return EmisionOut.of(await service.ask(caller, ControladorId.parse(body.controlador_id), request=sent))


@router.get("", summary="Los certificados pedidos a ARCA")
@needs(Right.CRS_DOWNLOAD)
async def list_(query: Annotated[PageQuery, Query()], caller: Caller, service: Issuing) -> EmisionesOut:
    """Los propios, o todos para un administrador; los más recientes primero."""
    found, total = await service.page(caller, page=query.page, limit=query.limit)
    return EmisionesOut(
        emisiones=[EmisionOut.of(one) for one in found],
        pagination=PaginationOut.of(page=query.page, limit=query.limit, total=total, cursor=None),
    )


@router.get("/arca", summary="Cómo está la emisión por ARCA")
@needs(Right.CRS_MANAGE)
async def standing(_: Caller, service: Issuing) -> StandingOut:
    """Si está encendida, con qué credencial, y si está en pausa y por qué."""
    return StandingOut.of(await service.standing())


@router.post("/baja", summary="Dar de baja un controlador en ARCA", status_code=202)
@needs(Right.CRS_MANAGE)
async def discharge(body: BajaIn, caller: Caller, service: Issuing) -> EmisionOut:
    """Para siempre: el equipo no vuelve a tener certificado. No se cobra."""
    return EmisionOut.of(await service.discharge(caller, ControladorId.parse(body.controlador_id)))


@router.put("/credencial", summary="Cargar la credencial de la empresa")
@needs(Right.CRS_MANAGE)
async def put_credential(
    caller: Caller,
    service: Credentials,
    certificate: Annotated[UploadFile, File(description="Certificado del servicio web (.crt).")],
    key: Annotated[UploadFile, File(description="Su llave privada (.key o .pfx).")],
    password: Annotated[str, Form(max_length=200, description="Contraseña de la llave, si tiene.")] = "",
) -> CredentialOut:
    """Se comprueba que certificado y llave sean pareja, y la llave se guarda sellada en la bóveda."""
    return CredentialOut.of(await service.put(caller.actor, await certificate.read(), await key.read(), password))


@router.delete("/credencial", summary="Quitar la credencial de la empresa")
@needs(Right.CRS_MANAGE)
async def remove_credential(caller: Caller, service: Credentials) -> MessageOut:
    """Borra el certificado, su llave y los tickets de acceso."""
    await service.remove(caller.actor)
    return MessageOut(message="La credencial se quitó")


@router.get("/{emision_id:uuid}", summary="Un certificado pedido a ARCA")
@needs(Right.CRS_DOWNLOAD)
async def show(emision_id: UUID, caller: Caller, service: Issuing) -> EmisionOut:
    """Estado, motivo e historia. Lo que pidió otro no existe."""
    return EmisionOut.of(await service.get(caller, emision_id))


@router.post("/{emision_id}/cancelar", summary="Cancelar antes de llamar a ARCA")
@needs(Right.CRS_DOWNLOAD)
async def cancel(emision_id: UUID, caller: Caller, service: Issuing) -> EmisionOut:
    """Suelta el lugar reservado. Lo que ya se llamó no se cancela: 409."""
    return EmisionOut.of(await service.cancel(caller, emision_id))
