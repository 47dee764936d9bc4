"""Commands over users. Passwords are asked for or read from standard input, never arguments."""

import sys
from collections.abc import Sequence
from getpass import getpass
from typing import Any

from cyclopts import App

from acuse.accounts.model import Country, Role, User, UserChanges, UserStatus
from acuse.accounts.passwords import temporary_password
from acuse.accounts.service import AccountsService, PeopleService, SecondFactorService
from acuse.kernel.commands import Runner
from acuse.kernel.errors import InvalidInput

_COLUMNS = ("id", "cuit", "nombre", "mail", "rol", "estado", "ultimo_acceso")


def commands(run: Runner) -> Sequence[App]:
    """Make the commands over a runner."""
    app = App(name="users", help="Usuarios: crear, listar, restablecer contraseñas, desactivar, desbloquear.")

    @app.command(name="create")
    async def create(
        tax_id: str,
        *,
        name: str,
        mail: str = "",
        role: Role = Role.CONTRIBUYENTE,
        country: Country = "mx",
        keep_password: bool = False,
        temporary: bool = False,
        password_stdin: bool = False,
    ) -> None:
        """Crear un usuario. La contraseña se pregunta.

        Parameters
        ----------
        tax_id
            CUIT, RFC o RUC, con el que inicia sesión.
        name
            Nombre de la persona.
        mail
            Correo para los avisos.
        role
            Rol del usuario.
        country
            País del usuario.
        keep_password
            No pedir que la cambie en su primer acceso.
        temporary
            Generar una contraseña temporal y mostrarla una vez.
        password_stdin
            Leer la contraseña de la entrada estándar.
        """
        password = _password(temporary=temporary, from_stdin=password_stdin)
        async with run.service(AccountsService) as service:
            user = await service.create_user(
                actor=run.actor,
                tax_id=tax_id,
                name=name,
                mail=mail,
                role=role,
                password=password,
                country=country,
                must_change_password=temporary or not keep_password,
            )
            run.show(_shown(user) | ({"password": password} if temporary else {}))

    @app.command(name="list")
    async def list_users(*, role: Role | None = None, above: int = 0, limit: int = 50) -> None:
        """Listar usuarios.

        Parameters
        ----------
        role
            Sólo los de un rol.
        above
            Sólo los de un número mayor que este, para seguir una lista larga.
        limit
            Cuántos a lo más.
        """
        async with run.service(AccountsService) as service:
            found = await service.list_users(above=above, limit=limit, role=role)
            run.show([_shown(user) for user in found], columns=_COLUMNS)

    _add_access(app, run)
    return [app]


def _add_access(app: App, run: Runner) -> None:
    """Add the commands over who gets in, and how."""

    @app.command(name="reset-password")
    async def reset_password(tax_id: str, *, temporary: bool = False, password_stdin: bool = False) -> None:
        """Dar a un usuario una contraseña temporal y cerrar todas sus sesiones.

        Parameters
        ----------
        tax_id
            CUIT, RFC o RUC del usuario.
        temporary
            Generar la contraseña y mostrarla una vez.
        password_stdin
            Leer la contraseña de la entrada estándar.
        """
        password = _password(temporary=temporary, from_stdin=password_stdin)
        async with run.service(AccountsService) as service:
            user = await service.find(tax_id)
            await service.reset_password(user.id, password, actor=run.actor)
        run.say(f"Contraseña restablecida: {user.name} debe cambiarla al entrar.")
        if temporary:
            run.show({"cuit": user.tax_id, "password": password})

    @app.command(name="disable")
    async def disable(tax_id: str) -> None:
        """Impedir la entrada a un usuario y cerrar todas sus sesiones."""
        async with run.service(AccountsService) as service, run.service(PeopleService) as people:
            user = await service.find(tax_id)
            await people.update(user.id, UserChanges(status=UserStatus.INACTIVE), actor=run.actor)
            run.say(f"{user.name} ya no puede entrar.")

    @app.command(name="enable")
    async def enable(tax_id: str) -> None:
        """Permitir de nuevo la entrada a un usuario."""
        async with run.service(AccountsService) as service, run.service(PeopleService) as people:
            user = await service.find(tax_id)
            await people.update(user.id, UserChanges(status=UserStatus.ACTIVE), actor=run.actor)
            run.say(f"{user.name} puede entrar de nuevo.")

    @app.command(name="unlock")
    async def unlock(tax_id: str) -> None:
        """Quitar las esperas que dejaron los intentos fallidos."""
        async with run.service(AccountsService) as service:
            user = await service.find(tax_id)
            await service.unlock(user.id, actor=run.actor)
            run.say(f"{user.name} puede intentarlo de inmediato.")

    @app.command(name="remove-second-factor")
    async def remove_second_factor(tax_id: str) -> None:
        """Quitar el segundo paso de quien perdió su aplicación y sus códigos, y cerrar todas sus sesiones."""
        async with run.service(AccountsService) as service, run.service(SecondFactorService) as factors:
            user = await service.find(tax_id)
            await factors.reset(user.id, actor=run.actor)
            run.say(f"{user.name} entra sólo con su contraseña.")

    @app.command(name="first-admin")
    async def first_admin() -> None:
        """Crear el primer administrador, si aún no hay usuarios, y mostrar su contraseña temporal una vez."""
        async with run.service(AccountsService) as service:
            first = await service.first_admin()
            run.show({"cuit": first.cuit, "password": first.password})
            run.say("Se muestra sólo esta vez; al entrar se pide cambiarla.")


def _shown(user: User) -> dict[str, Any]:
    return {
        "id": user.id,
        "cuit": user.tax_id,
        "nombre": user.name,
        "mail": user.mail,
        "rol": user.role.label,
        "estado": user.status.value,
        "pais": user.country,
        "debe_cambiar_contrasena": user.must_change_password,
        "creado": user.created_at,
        "ultimo_acceso": user.last_login_at,
    }


def _password(*, temporary: bool, from_stdin: bool) -> str:
    """Answer a made password, the first line of standard input, or what a person types twice."""
    if temporary:
        return temporary_password()
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    password = getpass("Contraseña: ")
    if getpass("Otra vez: ") != password:
        raise InvalidInput(fields={"password": "Las dos contraseñas no son iguales."})
    return password
