"""Taxpayers and their e.firmas over HTTP."""

from __future__ import annotations

from typing import Annotated

from fastapi import File, Form, Query, Response, UploadFile

from acuse.accounts.guards import Caller, api_router, needs
from acuse.accounts.rights import Right
from acuse.kernel.paging import MAX_LIMIT
from acuse.mx.contribuyentes.model import BATCH_LIMIT_BYTES, FORM_LIMIT_BYTES, EfirmaState
from acuse.mx.contribuyentes.schemas import (
    AccesoIn,
    AccesoOut,
    AccesosOut,
    ClienteOut,
    ContribuyenteChange,
    ContribuyenteIn,
    ContribuyenteOut,
    ContribuyentesOut,
    EfirmaOut,
    EliminadoOut,
    LoteOut,
    PemIn,
    PemOut,
    RfcPath,
)
from acuse.mx.contribuyentes.service import (
    SORTS,
    BatchLoads,
    ClientFilter,
    ClientsService,
    ContribuyentesService,
    Departures,
    PemExports,
    batch_of,
    files_of,
)
from acuse.webkit.limits import takes
from acuse.webkit.services import provide

router = api_router("/api/v1/sat/contribuyentes", tags=["SAT · Contribuyentes"])
Service = Annotated[ContribuyentesService, provide(ContribuyentesService)]
Loads = Annotated[BatchLoads, provide(BatchLoads)]
Clients = Annotated[ClientsService, provide(ClientsService)]
Leaving = Annotated[Departures, provide(Departures)]
Exports = Annotated[PemExports, provide(PemExports)]


@router.get("", summary="Contribuyentes a los que tienes acceso")
@needs(Right.SAT_READ)
async def list_contribuyentes(
    caller: Caller,
    clients: Clients,
    texto: Annotated[str, Query(max_length=200, description="Parte del RFC o del nombre.")] = "",
    estado: Annotated[EfirmaState | None, Query(description="Sólo con la e.firma en este estado.")] = None,
    descarga_diaria: Annotated[bool | None, Query(description="Sólo con la descarga diaria así.")] = None,
    orden: Annotated[
        str, Query(max_length=40, description=f"Una de {', '.join(SORTS)}; con `-` delante, al revés.")
    ] = "",
    limite: Annotated[int, Query(description="Renglones por página, de 1 a 500.")] = MAX_LIMIT,
    cursor: Annotated[str | None, Query(max_length=2000, description="El `siguiente` de la página anterior.")] = None,
) -> ContribuyentesOut:
    """Los RFC que puedes ver, con tu nivel de acceso, el estado de su e.firma y lo que se ha descargado."""
    wanted = ClientFilter(text=texto, state=estado, daily_download=descarga_diaria)
    return ContribuyentesOut.of(await clients.page(caller, wanted, sort=orden, cursor=cursor, limit=limite))


@router.post("", summary="Dar de alta un contribuyente", status_code=201)
@needs(Right.SAT_OWN)
async def add_contribuyente(wanted: ContribuyenteIn, caller: Caller, service: Service) -> ContribuyenteOut:
    """Da de alta a un cliente antes de tener su e.firma; quien lo da de alta queda como dueño.

    Mientras no haya habido e.firma nadie ha probado ser su dueño: si otra persona carga una válida, el RFC pasa a ella
    y los accesos anteriores terminan.
    """
    found = await service.add(
        caller,
        wanted.rfc,
        name=wanted.nombre,
        daily_download=wanted.descarga_diaria,
        daily_retenciones=wanted.retenciones_diarias,
    )
    return ContribuyenteOut.of(found)


@router.post("/efirmas/lote", summary="Cargar muchas e.firmas")
@needs(Right.SAT_OWN)
@takes(BATCH_LIMIT_BYTES)
async def load_batch(
    caller: Caller,
    loads: Loads,
    archivos: Annotated[
        list[UploadFile], File(description="Un ZIP, o los `.cer`, `.key` y el CSV de contraseñas sueltos.")
    ],
    *,
    ensayo: Annotated[bool, Query(description="Sólo revisar; con `false` se cargan las buenas.")] = True,
) -> LoteOut:
    """Revisa, y con `ensayo=false` carga, las e.firmas de un ZIP o de archivos sueltos con su lista de contraseñas.

    La lista es un CSV con las columnas `rfc` (o `cer`, el nombre del archivo), `contraseña` y, si hace falta, `key`.
    Cada renglón se cuenta aparte: los que fallan no detienen a los buenos. Nada del lote se guarda en claro.
    """
    files = [file for sent in archivos for file in files_of(sent.filename or "", await sent.read())]
    return LoteOut.of(await loads.run(caller, batch_of(files), trial=ensayo))


@router.get("/{rfc}", summary="Un contribuyente")
@needs(Right.SAT_READ)
async def get_contribuyente(rfc: RfcPath, caller: Caller, clients: Clients) -> ClienteOut:
    """Un RFC con tu nivel de acceso, el estado de su e.firma y lo que se ha descargado."""
    return ClienteOut.of_client(await clients.one(caller, rfc))


@router.patch("/{rfc}", summary="Cambiar un contribuyente")
@needs(Right.SAT_OPERATE)
async def change_contribuyente(
    rfc: RfcPath, wanted: ContribuyenteChange, caller: Caller, service: Service
) -> ContribuyenteOut:
    """Cambia el nombre con que lo conoce el despacho, o enciende y apaga su descarga diaria y la de sus retenciones.

    Pide `operacion`.
    """
    found = await service.change(
        caller,
        rfc,
        name=wanted.nombre,
        daily_download=wanted.descarga_diaria,
        daily_retenciones=wanted.retenciones_diarias,
    )
    return ContribuyenteOut.of(found)


@router.delete("/{rfc}", summary="Eliminar un contribuyente")
@needs(Right.SAT_OWN)
async def remove_contribuyente(rfc: RfcPath, caller: Caller, departures: Leaving) -> EliminadoOut:
    """Elimina al contribuyente con su e.firma, accesos, solicitudes, paquetes, CFDI y archivos. Sólo su dueño.

    Si hay algo guardado pide antes una exportación completa y reciente (409 `EXPORT_MISSING`). La bitácora se conserva.
    El ZIP de esa exportación sigue en las exportaciones de quien la pidió hasta `exportacion_hasta`.
    """
    return EliminadoOut.of(rfc, await departures.remove(caller, rfc))


@router.put("/{rfc}/efirma", summary="Cargar o reemplazar la e.firma")
@needs(Right.SAT_OWN)
@takes(FORM_LIMIT_BYTES)
async def upload_efirma(
    rfc: RfcPath,
    caller: Caller,
    service: Service,
    cer: Annotated[UploadFile, File(description="Certificado `.cer`, en DER, PEM o base64.")],
    key: Annotated[UploadFile, File(description="Llave privada `.key`, en PKCS#8, PKCS#1, PEM o PKCS#12.")],
    password: Annotated[str, Form(description="Contraseña de la llave privada.")] = "",
) -> ContribuyenteOut:
    """Comprueba el par, sella la llave y la pone en uso en lugar de la anterior.

    El primero en cargar una e.firma válida queda como dueño del RFC; después sólo un dueño puede reemplazarla.
    Los archivos no se guardan en claro y la contraseña no se guarda.
    """
    found = await service.upload_efirma(caller, await cer.read(), await key.read(), password, rfc=rfc)
    return ContribuyenteOut.of(found)


@router.get("/{rfc}/efirma", summary="Estado de la e.firma")
@needs(Right.SAT_READ)
async def get_efirma(rfc: RfcPath, caller: Caller, service: Service) -> EfirmaOut:
    """Número de serie, vigencia y días restantes de la e.firma en uso."""
    return EfirmaOut.of(await service.efirma(caller, rfc))


@router.delete("/{rfc}/efirma", summary="Eliminar la e.firma", status_code=204)
@needs(Right.SAT_OWN)
async def delete_efirma(rfc: RfcPath, caller: Caller, service: Service) -> None:
    """Destruye la llave sellada. El certificado, que es público, queda en el historial."""
    await service.delete_efirma(caller, rfc)


@router.post("/{rfc}/efirma/pem", summary="Exportar la e.firma en PEM")
@needs(Right.SAT_OWN)
async def export_pem(rfc: RfcPath, wanted: PemIn, caller: Caller, exports: Exports, response: Response) -> PemOut:
    """Entrega el certificado y la llave en PEM; la llave, sólo cifrada (PKCS#8) con la contraseña que des ahora.

    Sólo para el dueño del RFC, que además confirma la contraseña de su cuenta. Cada exportación queda en la bitácora.
    """
    response.headers["Cache-Control"] = "no-store"
    found = await exports.export(
        caller,
        rfc,
        account_password=wanted.password_cuenta.get_secret_value(),
        password=wanted.password_pem.get_secret_value(),
    )
    return PemOut.of(found)


@router.get("/{rfc}/accesos", summary="Quién tiene acceso")
@needs(Right.SAT_OWN)
async def list_accesos(rfc: RfcPath, caller: Caller, service: Service) -> AccesosOut:
    """Los usuarios que pueden ver este RFC o actuar por él."""
    return AccesosOut(accesos=[AccesoOut.of(item) for item in await service.accesos(caller, rfc)])


@router.get("/{rfc}/accesos/{id_usuario}", summary="El acceso de un usuario")
@needs(Right.SAT_READ)
async def get_access(rfc: RfcPath, id_usuario: int, caller: Caller, service: Service) -> AccesoOut:
    """El nivel de acceso de un usuario. Un dueño puede ver el de todos; los demás, el suyo."""
    return AccesoOut.of(await service.acceso(caller, rfc, id_usuario))


@router.put("/{rfc}/accesos/{id_usuario}", summary="Dar acceso", status_code=204)
@needs(Right.SAT_OWN)
async def grant_access(rfc: RfcPath, id_usuario: int, wanted: AccesoIn, caller: Caller, service: Service) -> None:
    """Da a un usuario este nivel de acceso, en lugar del que tuviera."""
    await service.grant_access(caller, rfc, id_usuario, wanted.nivel)


@router.delete("/{rfc}/accesos/{id_usuario}", summary="Quitar acceso", status_code=204)
@needs(Right.SAT_OWN)
async def revoke_access(rfc: RfcPath, id_usuario: int, caller: Caller, service: Service) -> None:
    """Quita el acceso de un usuario; cada quien puede quitarse el suyo. El último dueño no se puede quitar."""
    await service.revoke_access(caller, rfc, id_usuario)
