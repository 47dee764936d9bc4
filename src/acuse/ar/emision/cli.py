"""`acuse crs issue`: ask ARCA for certificates on behalf of a user, and look after the credential."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated
from uuid import UUID

from cyclopts import App, Parameter

from acuse.accounts import AccountsService
from acuse.accounts.rights import Identity
from acuse.ar.controladores import ControladorId
from acuse.ar.emision.schemas import CredentialOut, EmisionOut, StandingOut
from acuse.ar.emision.service import CredentialService, IssuingService
from acuse.kernel.commands import Runner, read_file


def commands(run: Runner) -> App:
    """Answer what this feature adds to `acuse crs`."""
    crs = App(name="crs")
    app = App(name="issue", help="Certificados pedidos a ARCA: alta, renovación, baja y la credencial de la empresa.")
    crs.command(app)

    @app.command
    async def request(controlador: str, *, user: int, request: Path | None = None) -> None:
        """Pedir un certificado a cuenta del cupo de un usuario; un trabajo lo trae.

        Parameters
        ----------
        controlador
            El controlador, en cualquiera de sus formas.
        user
            Número del usuario a quien se le cuenta la descarga.
        request
            Archivo PKCS#10 del equipo, para el alta; sin él se renueva.
        """
        sent = None if request is None else read_file(request)
        async with run.service(AccountsService) as accounts, run.service(IssuingService) as service:
            caller = Identity.of(await accounts.get(user))
            told = await service.ask(caller, ControladorId.parse(controlador), request=sent)
        run.show(EmisionOut.of(told).model_dump(mode="json", exclude={"historia"}))

    @app.command
    async def discharge(controlador: str, *, user: int) -> None:
        """Dar de baja un controlador en ARCA, para siempre.

        Parameters
        ----------
        controlador
            El controlador, en cualquiera de sus formas.
        user
            Número del administrador que lo pide.
        """
        async with run.service(AccountsService) as accounts, run.service(IssuingService) as service:
            told = await service.discharge(Identity.of(await accounts.get(user)), ControladorId.parse(controlador))
        run.show(EmisionOut.of(told).model_dump(mode="json", exclude={"historia"}))

    @app.command
    async def show(emision: UUID, *, user: int) -> None:
        """Mostrar un pedido con su historia.

        Parameters
        ----------
        emision
            Identificador del pedido.
        user
            Número de quien lo pidió o de un administrador.
        """
        async with run.service(AccountsService) as accounts, run.service(IssuingService) as service:
            found = EmisionOut.of(await service.get(Identity.of(await accounts.get(user)), emision))
        run.show(found.model_dump(mode="json", exclude={"historia"}))
        run.show([line.model_dump(mode="json") for line in found.historia])

    @app.command
    async def state() -> None:
        """Mostrar si la emisión está encendida, con qué credencial, y si está en pausa y por qué."""
        async with run.service(IssuingService) as service:
            run.show(StandingOut.of(await service.standing()).plain())

    @app.command
    async def credential(
        certificate: Path, key: Path, *, password_file: Annotated[Path | None, Parameter(name="--password-file")] = None
    ) -> None:
        """Cargar la credencial de la empresa: se comprueba y la llave se sella en la bóveda.

        Parameters
        ----------
        certificate
            Certificado del servicio web (.crt).
        key
            Su llave privada (.key o .pfx).
        password_file
            Archivo con la contraseña de la llave, si tiene.
        """
        password = "" if password_file is None else read_file(password_file).decode().strip()
        async with run.service(CredentialService) as service:
            told = await service.put(run.actor, read_file(certificate), read_file(key), password)
        run.show(CredentialOut.of(told).model_dump(mode="json"))

    return crs
