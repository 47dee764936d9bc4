"""Users for administrators: the list, a new one, one's data, and what can be done with the account."""

from typing import Annotated, Any, Final

from fastapi import Form, Path, Query, Request, Response
from pydantic import ValidationError

from acuse.accounts.guards import Caller, needs, page_router
from acuse.accounts.model import (
    DEFAULT_LIMIT,
    Role,
    User,
    UserChanges,
    UserFilter,
    UserStatus,
    country_of,
    normal_tax_id,
)
from acuse.accounts.passwords import temporary_password
from acuse.accounts.rights import Right
from acuse.accounts.schemas.people import NewUserIn, UserPatchIn, user_filter
from acuse.accounts.service import AccountsService, PeopleService, SecondFactorService
from acuse.kernel.csv import CsvStyle
from acuse.kernel.errors import AppError, Conflict, InvalidInput
from acuse.webkit.lists import csv_answer
from acuse.webkit.pages import frame_of, redirect, render
from acuse.webkit.services import provide
from acuse.webkit.validation import as_invalid_input

USERS_PATH: Final = "/app/usuarios"
_SIZE: Final = 50
_FIELDS: Final = ("nombre", "cuit", "mail", "id_rol", "limite_descargas", "pais")
_ROLES: Final = [(str(int(role)), role.label) for role in Role]
_ANY: Final = ("", "Todos")
_STATUSES: Final = [("activo", "Activo"), ("inactivo", "Inactivo"), ("eliminado", "Eliminado")]
_COUNTRIES: Final = [("", "Según el identificador"), ("mx", "México"), ("ec", "Ecuador"), ("ar", "Argentina")]

Accounts = Annotated[AccountsService, provide(AccountsService)]
Factors = Annotated[SecondFactorService, provide(SecondFactorService)]
People = Annotated[PeopleService, provide(PeopleService)]
_MOST_DIGITS: Final = 18  # what a column of whole numbers holds
UserNumber = Annotated[int, Path(ge=1, le=2**63 - 1)]
Text = Annotated[str, Form(max_length=400)]

router = page_router(USERS_PATH)


@router.get("")
@needs(Right.USERS_MANAGE)
async def users_page(
    request: Request, people: People, page: Annotated[int, Query(ge=1, le=1_000_000_000)] = 1
) -> Response:
    """List users with search and filters."""
    asked = {name: request.query_params.get(name, "").strip()[:200] for name in ("search", "role", "status")}
    wanted, fault = UserFilter(), None
    try:
        wanted = user_filter(asked["role"], asked["status"], asked["search"])
    except InvalidInput as error:
        fault = error
    found, total = await people.page(wanted, number=page, size=_SIZE)
    return render(
        request,
        "accounts/users.html",
        status=400 if fault else 200,
        users=found,
        total=total,
        page=page,
        pages=-(-total // _SIZE),
        asked=asked,
        errors=fault.fields if fault else {},
        roles=[_ANY, *_ROLES],
        statuses=[_ANY, *_STATUSES],
        filtered=any(asked.values()),
    )


@router.get("/csv")
@needs(Right.USERS_MANAGE)
async def users_csv(request: Request, caller: Caller, people: People) -> Response:
    """Hand out the filtered list as a file."""
    asked = {name: request.query_params.get(name) for name in ("role", "status", "search")}
    day = request.app.state.clock.now().astimezone(frame_of(request).zone).date()
    return await csv_answer("usuarios", day, people.export(user_filter(**asked), CsvStyle(), actor=caller.actor))


@router.get("/nuevo")
@needs(Right.USERS_MANAGE)
async def new_page(request: Request) -> Response:
    """Show the form of a new user."""
    return _form(request, {"id_rol": "4", "limite_descargas": str(DEFAULT_LIMIT)})


@router.post("/nuevo")
@needs(Right.USERS_MANAGE)
async def create(
    request: Request,
    caller: Caller,
    accounts: Accounts,
    people: People,
    nombre: Text = "",
    cuit: Text = "",
    mail: Text = "",
    id_rol: Text = "",
    limite_descargas: Text = "",
    pais: Text = "",
    invitar: Text = "",
) -> Response:
    """Create a user with a temporary password: sent by mail, or shown this once."""
    sent = dict(zip(_FIELDS, (nombre, cuit, mail, id_rol, limite_descargas, pais), strict=True))
    password = temporary_password()
    try:
        _reachable(mail, invited=bool(invitar))
        body = NewUserIn.model_validate(_typed(sent) | {"password": password})
        user = await accounts.create_user(
            actor=caller.actor,
            tax_id=body.cuit,
            name=body.nombre,
            mail=body.mail,
            role=body.id_rol,
            password=password,
            country=body.pais or country_of(normal_tax_id(body.cuit), body.id_rol),
            limite_descargas=body.limite_descargas,
        )
    except ValidationError as error:
        return _form(request, sent, error=as_invalid_input(error.errors()))
    except (InvalidInput, Conflict) as error:
        return _form(request, sent, error=error)
    if invitar:
        await people.invite(user.id, actor=caller.actor)
        note = f"{user.name} recibirá por correo una contraseña temporal."
        return redirect(request, f"{USERS_PATH}/{user.id}", note=note)
    return _user(request, user, password=password)


@router.get("/{id_usuario}")
@needs(Right.USERS_MANAGE)
async def user_page(request: Request, id_usuario: UserNumber, accounts: Accounts) -> Response:
    """Show one user."""
    return _user(request, await accounts.get(id_usuario))


@router.post("/{id_usuario}")
@needs(Right.USERS_MANAGE)
async def change(
    request: Request,
    caller: Caller,
    id_usuario: UserNumber,
    accounts: Accounts,
    people: People,
    nombre: Text = "",
    cuit: Text = "",
    mail: Text = "",
    id_rol: Text = "",
    limite_descargas: Text = "",
    pais: Text = "",
) -> Response:
    """Change a user's data."""
    sent = dict(zip(_FIELDS, (nombre, cuit, mail, id_rol, limite_descargas, pais), strict=True))
    try:
        await people.update(id_usuario, UserPatchIn.model_validate(_typed(sent)).changes(), actor=caller.actor)
    except ValidationError as error:
        return _user(request, await accounts.get(id_usuario), sent=sent, error=as_invalid_input(error.errors()))
    except (InvalidInput, Conflict) as error:
        return _user(request, await accounts.get(id_usuario), sent=sent, error=error)
    return redirect(request, f"{USERS_PATH}/{id_usuario}", note="Cambios guardados.")


@router.post("/{id_usuario}/restablecer")
@needs(Right.USERS_MANAGE)
async def reset(
    request: Request,
    caller: Caller,
    id_usuario: UserNumber,
    accounts: Accounts,
    people: People,
    invitar: Text = "",
) -> Response:
    """Give somebody a temporary password: sent by mail, or shown this once."""
    password = temporary_password()
    await accounts.reset_password(id_usuario, password, actor=caller.actor)
    user = await accounts.get(id_usuario)
    if invitar and user.mail:
        await people.invite(id_usuario, actor=caller.actor)
        note = f"{user.name} recibirá por correo una contraseña temporal."
        return redirect(request, f"{USERS_PATH}/{id_usuario}", note=note)
    return _user(request, user, password=password)


@router.post("/{id_usuario}/desactivar")
@needs(Right.USERS_MANAGE)
async def disable(request: Request, caller: Caller, id_usuario: UserNumber, people: People) -> Response:
    """Keep somebody out."""
    await people.update(id_usuario, UserChanges(status=UserStatus.INACTIVE), actor=caller.actor)
    return redirect(request, f"{USERS_PATH}/{id_usuario}", note="El usuario ya no puede entrar.")


@router.post("/{id_usuario}/activar")
@needs(Right.USERS_MANAGE)
async def enable(request: Request, caller: Caller, id_usuario: UserNumber, people: People) -> Response:
    """Let somebody in again."""
    await people.update(id_usuario, UserChanges(status=UserStatus.ACTIVE), actor=caller.actor)
    return redirect(request, f"{USERS_PATH}/{id_usuario}", note="El usuario puede entrar de nuevo.")


@router.post("/{id_usuario}/desbloquear")
@needs(Right.USERS_MANAGE)
async def unlock(request: Request, caller: Caller, id_usuario: UserNumber, accounts: Accounts) -> Response:
    """Lift the waits of failed logins."""
    await accounts.unlock(id_usuario, actor=caller.actor)
    return redirect(request, f"{USERS_PATH}/{id_usuario}", note="El usuario puede intentarlo de inmediato.")


@router.post("/{id_usuario}/segundo-paso/quitar")
@needs(Right.USERS_MANAGE)
async def remove_factor(request: Request, caller: Caller, id_usuario: UserNumber, factors: Factors) -> Response:
    """Take away the second step of somebody who cannot pass it."""
    await factors.reset(id_usuario, actor=caller.actor)
    return redirect(request, f"{USERS_PATH}/{id_usuario}", note="El usuario entra sólo con su contraseña.")


@router.post("/{id_usuario}/eliminar")
@needs(Right.USERS_MANAGE)
async def delete(request: Request, caller: Caller, id_usuario: UserNumber, people: People) -> Response:
    """Take somebody out."""
    await people.delete(id_usuario, actor=caller.actor)
    return redirect(request, USERS_PATH, note="Usuario eliminado.")


def _reachable(mail: str, *, invited: bool) -> None:
    if invited and not mail.strip():
        raise InvalidInput(fields={"mail": "Para invitar por correo hace falta una dirección."})


def _typed(sent: dict[str, str]) -> dict[str, Any]:
    """Answer what a form sent as JSON would have it."""
    whole: dict[str, Any] = {name: value.strip() for name, value in sent.items() if value.strip() or name == "mail"}
    for name in ("limite_descargas", "id_rol"):
        if whole.get(name, "").isdecimal() and len(whole[name]) <= _MOST_DIGITS:
            whole[name] = int(whole[name])
    return whole


def _form(request: Request, sent: dict[str, str], *, error: AppError | None = None) -> Response:
    return render(
        request,
        "accounts/user_new.html",
        status=400 if error else 200,
        sent={name: sent.get(name, "") for name in _FIELDS},
        errors=error.details.get("fields", {}) if error else {},
        error=error.text if error else "",
        code=error.code if error else "",
        roles=_ROLES,
        countries=_COUNTRIES,
    )


def _user(
    request: Request,
    user: User,
    *,
    sent: dict[str, str] | None = None,
    error: AppError | None = None,
    password: str = "",
) -> Response:
    kept = (user.name, user.tax_id, user.mail, str(int(user.role)), str(user.limite_descargas), user.country)
    return render(
        request,
        "accounts/user.html",
        status=400 if error else 200,
        headers={"Cache-Control": "no-store"},
        user=user,
        sent=sent or dict(zip(_FIELDS, kept, strict=True)),
        errors=error.details.get("fields", {}) if error else {},
        error=error.text if error else "",
        code=error.code if error else "",
        roles=_ROLES,
        countries=_COUNTRIES[1:],
        password=password,
        own=request.state.identity.user_id == user.id,
    )
