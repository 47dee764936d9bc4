"""JSON for administrators: users, their list as CSV, the reset of somebody's password."""

from typing import Annotated, Final
from zoneinfo import ZoneInfo

from fastapi import Path, Query, Request, Response

from acuse.accounts.guards import Caller, api_router, needs
from acuse.accounts.model import Role, country_of, normal_tax_id
from acuse.accounts.rights import Right
from acuse.accounts.schemas.access import MessageOut
from acuse.accounts.schemas.people import (
    AdminResetIn,
    CreatedUserOut,
    NewUserIn,
    RoleOut,
    UserOut,
    UserPatchIn,
    UsersOut,
    user_filter,
)
from acuse.accounts.service import AccountsService, PeopleService
from acuse.webkit.lists import PageNumber, PageSize, Pagination, Style, csv_answer
from acuse.webkit.routes import CRS_ENVELOPE
from acuse.webkit.services import provide

BUENOS_AIRES: Final = ZoneInfo("America/Argentina/Buenos_Aires")

Accounts = Annotated[AccountsService, provide(AccountsService)]
People = Annotated[PeopleService, provide(PeopleService)]
UserNumber = Annotated[int, Path(ge=1, le=2**63 - 1)]
RoleFilter = Annotated[str | None, Query(max_length=40, description="Filtrar por rol: número o nombre.")]
StatusFilter = Annotated[
    str | None, Query(max_length=20, description="Filtrar por estado: activo, inactivo, eliminado.")
]
Search = Annotated[str | None, Query(max_length=200, description="Nombre, correo o CUIT, o una parte.")]

users = api_router("/users", envelope=CRS_ENVELOPE, tags=["Usuarios"])
reset = api_router("/auth/admin", envelope=CRS_ENVELOPE, tags=["Autenticación"])
reports = api_router("/reportes", envelope=CRS_ENVELOPE, tags=["Reportes"])


@users.get("", summary="Listar todos los usuarios")
@needs(Right.USERS_MANAGE)
async def list_users(
    people: People,
    page: PageNumber = 1,
    limit: PageSize = 50,
    role: RoleFilter = None,
    status: StatusFilter = None,
    search: Search = None,
) -> UsersOut:
    """Answer one page of users in the order they were created. Past the end the list is empty."""
    found, total = await people.page(user_filter(role, status, search), number=page, size=limit)
    return UsersOut(usuarios=[UserOut.of(user) for user in found], pagination=Pagination.of(page, limit, total))


@users.post("", status_code=201, summary="Crear nuevo usuario")
@needs(Right.USERS_MANAGE)
async def create_user(body: NewUserIn, caller: Caller, accounts: Accounts) -> CreatedUserOut:
    """Create a user. The password given is temporary: it runs out in 72 hours and must be changed at first login."""
    user = await accounts.create_user(
        actor=caller.actor,
        tax_id=body.cuit,
        name=body.nombre,
        mail=body.mail,
        role=body.id_rol,
        password=body.password,
        country=body.pais or country_of(normal_tax_id(body.cuit), body.id_rol),
        limite_descargas=body.limite_descargas,
    )
    return CreatedUserOut(id_usuario=user.id)


@users.get("/roles", summary="Listar roles disponibles")
@needs(Right.USERS_MANAGE)
async def list_roles() -> list[RoleOut]:
    """Answer every role."""
    return [RoleOut(id_rol=int(role), rol=role.label) for role in Role]


@users.get("/{id_usuario:int}", summary="Ver un usuario")
@needs(Right.USERS_MANAGE)
async def get_user(id_usuario: UserNumber, accounts: Accounts) -> UserOut:
    """Answer one user; 404 for a deleted one."""
    return UserOut.of(await accounts.get(id_usuario))


@users.put("/{id_usuario:int}", summary="Editar usuario existente")
@needs(Right.USERS_MANAGE)
async def update_user(id_usuario: UserNumber, body: UserPatchIn, caller: Caller, people: People) -> MessageOut:
    """Change what is given and leave the rest. `status: inactivo` ends all sessions of the user at once."""
    await people.update(id_usuario, body.changes(), actor=caller.actor)
    return MessageOut(message="Usuario actualizado correctamente")


@users.delete("/{id_usuario:int}", summary="Eliminar usuario (soft delete)")
@needs(Right.USERS_MANAGE)
async def delete_user(id_usuario: UserNumber, caller: Caller, people: People) -> MessageOut:
    """Take a user out. What they did stays; their sessions and tokens end at once."""
    await people.delete(id_usuario, actor=caller.actor)
    return MessageOut(message="Usuario eliminado correctamente")


@reset.post("/reset-password", summary="Resetear la contraseña de un usuario")
@needs(Right.USERS_MANAGE)
async def reset_password(body: AdminResetIn, caller: Caller, accounts: Accounts) -> MessageOut:
    """Give somebody else a temporary password. It must be changed at the next login; all their sessions end."""
    await accounts.reset_password(body.id_usuario, body.nuevaPassword, actor=caller.actor)
    return MessageOut(message="Contraseña reseteada correctamente")


@reports.get("/usuarios/csv", summary="Exportar listado de usuarios en CSV", response_class=Response)
@needs(Right.USERS_MANAGE)
async def users_csv(
    request: Request,
    caller: Caller,
    people: People,
    style: Style,
    role: RoleFilter = None,
    status: StatusFilter = None,
    search: Search = None,
) -> Response:
    """Answer all users of the list, not one page, as a file. The export is audited with its filters and rows."""
    pieces = people.export(user_filter(role, status, search), style, actor=caller.actor)
    day = request.app.state.clock.now().astimezone(BUENOS_AIRES).date()
    return await csv_answer("usuarios", day, pieces)
