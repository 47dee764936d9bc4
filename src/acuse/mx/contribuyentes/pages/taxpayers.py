"""Pages over the clients of an office: the list, one of them, adding and changing them."""

from __future__ import annotations

from typing import Annotated

from fastapi import Form, Query, Request
from fastapi.responses import Response

from acuse.accounts.guards import Caller, needs, page_router
from acuse.accounts.rights import Right
from acuse.kernel.errors import Conflict, InvalidInput
from acuse.mx.contribuyentes.model import EfirmaState
from acuse.mx.contribuyentes.pages.addresses import HOME, address
from acuse.mx.contribuyentes.pages.detail import draw_detail
from acuse.mx.contribuyentes.service import ClientFilter, ClientsService, ContribuyentesService, Departures
from acuse.webkit.pages import redirect, render
from acuse.webkit.services import provide

router = page_router(HOME)
Service = Annotated[ContribuyentesService, provide(ContribuyentesService)]
Clients = Annotated[ClientsService, provide(ClientsService)]
Leaving = Annotated[Departures, provide(Departures)]
Text = Annotated[str, Form(max_length=1000)]


@router.get("")
@needs(Right.SAT_READ)
async def list_page(
    request: Request,
    caller: Caller,
    clients: Clients,
    texto: Annotated[str, Query(max_length=200)] = "",
    estado: str = "",
    diaria: str = "",
    sort: Annotated[str, Query(max_length=40)] = "",
    cursor: Annotated[str | None, Query(max_length=2000)] = None,
    todos: str = "",
) -> Response:
    """Show the clients, filtered and sorted, with what may be done for those chosen."""
    wanted = ClientFilter(
        text=texto,
        state=next((state for state in EfirmaState if state == estado), None),
        daily_download={"si": True, "no": False}.get(diaria),
    )
    return render(
        request,
        "contribuyentes/list.html",
        page=await clients.page(caller, wanted, sort=sort, cursor=cursor),
        sort=sort or "rfc",
        chosen={"texto": texto, "estado": estado, "diaria": diaria},
        all=bool(todos),
        actions=[action for action in clients.actions if caller.may(action.right)],
    )


@router.get("/nuevo")
@needs(Right.SAT_OWN)
async def add_page(request: Request) -> Response:
    """Show the form that writes a client down before the e.firma is here."""
    return _add_form(request, {})


@router.post("/nuevo")
@needs(Right.SAT_OWN)
async def add(
    request: Request,
    caller: Caller,
    service: Service,
    rfc: Text = "",
    nombre: Text = "",
    descarga_diaria: Text = "",
    retenciones_diarias: Text = "",
) -> Response:
    """Write a client down and go to it."""
    switches = {"descarga_diaria": descarga_diaria, "retenciones_diarias": retenciones_diarias}
    try:
        found = await service.add(
            caller,
            rfc,
            name=nombre,
            daily_download=bool(descarga_diaria),
            daily_retenciones=bool(retenciones_diarias),
        )
    except (InvalidInput, Conflict) as fault:
        return _add_form(request, {"rfc": rfc, "nombre": nombre, **switches}, fault)
    return redirect(request, address(found.rfc), note=f"{found.rfc} quedó dado de alta. Falta su e.firma.")


@router.get("/{rfc}")
@needs(Right.SAT_READ)
async def detail_page(request: Request, rfc: str, caller: Caller, service: Service) -> Response:
    """Show one taxpayer, its e.firma and who may act for it."""
    return await draw_detail(request, rfc, caller, service)


@router.post("/{rfc}/datos")
@needs(Right.SAT_OPERATE)
async def change(
    request: Request,
    rfc: str,
    caller: Caller,
    service: Service,
    nombre: Text = "",
    descarga_diaria: Text = "",
    retenciones_diarias: Text = "",
) -> Response:
    """Take the name the office uses and the switches of the daily download."""
    try:
        await service.change(
            caller,
            rfc,
            name=nombre,
            daily_download=bool(descarga_diaria),
            daily_retenciones=bool(retenciones_diarias),
        )
    except InvalidInput as fault:
        return await draw_detail(request, rfc, caller, service, fault=fault)
    return redirect(request, address(rfc), note="Los datos quedaron guardados.")


@router.post("/{rfc}/eliminar")
@needs(Right.SAT_OWN)
async def remove(request: Request, rfc: str, caller: Caller, service: Service, departures: Leaving) -> Response:
    """Remove a taxpayer and go back to the list."""
    try:
        kept = await departures.remove(caller, rfc)
    except Conflict as fault:
        return await draw_detail(request, rfc, caller, service, fault=fault)
    note = "El contribuyente se eliminó. Sus archivos se están borrando."
    return redirect(request, HOME, note=f"{note} {kept.told}" if kept else note)


def _add_form(request: Request, values: dict[str, str], fault: InvalidInput | Conflict | None = None) -> Response:
    errors = dict(fault.fields) if isinstance(fault, InvalidInput) else {}
    if fault is not None and not errors:
        errors = {"rfc": fault.text}
    status = 200 if fault is None else fault.http_status
    return render(request, "contribuyentes/new.html", status=status, values=values, fault=fault, errors=errors)
