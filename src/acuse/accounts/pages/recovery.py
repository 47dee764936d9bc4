"""A forgotten password: ask for the link, then choose another password with it. All without a session."""

from typing import Annotated, Final

from fastapi import Form, Query, Request, Response

from acuse.accounts.errors import RecoveryLinkInvalid
from acuse.accounts.guards import LOGIN_PATH, ClientIp, page_router, public
from acuse.accounts.pages.entrance import patience
from acuse.accounts.pages.password import require_equal
from acuse.accounts.passwords import PersonalData
from acuse.accounts.schemas.access import FORGOTTEN
from acuse.accounts.service import PasswordService, RecoveryService
from acuse.kernel.errors import AppError, InvalidInput, TooMany
from acuse.webkit.pages import redirect, render
from acuse.webkit.services import provide

RECOVER_PATH: Final = "/app/recuperar"
_NO_SESSION: Final = "Quien olvidó su contraseña no puede iniciar sesión."

Passwords = Annotated[PasswordService, provide(PasswordService)]
Recovery = Annotated[RecoveryService, provide(RecoveryService)]
Secret = Annotated[str, Form(max_length=1024)]
Code = Annotated[str, Form(max_length=200)]

router = page_router("/app")


@router.get("/olvide")
@public(_NO_SESSION)
async def forgot_page(request: Request) -> Response:
    """Show the form that asks who forgot the password."""
    return _ask(request)


@router.post("/olvide")
@public(_NO_SESSION)
async def forgot(
    request: Request, ip: ClientIp, recovery: Recovery, cuit: Annotated[str, Form(max_length=64)] = ""
) -> Response:
    """Have the link sent, and say the same to everybody."""
    try:
        await recovery.ask(cuit, ip=ip)
    except TooMany as error:
        return _ask(request, cuit=cuit, error=error)
    return _ask(request, asked=True)


@router.get("/recuperar")
@public(_NO_SESSION)
async def recover_page(
    request: Request,
    recovery: Recovery,
    passwords: Passwords,
    codigo: Annotated[str, Query(max_length=200)] = "",
) -> Response:
    """Show the form for the new password; without a code, or with one that is no good, ask for another."""
    try:
        return await _form(request, recovery, passwords, codigo)
    except RecoveryLinkInvalid as error:
        return _ask(request, error=error if codigo else None)


@router.post("/recuperar")
@public(_NO_SESSION)
async def recover(
    request: Request,
    ip: ClientIp,
    recovery: Recovery,
    passwords: Passwords,
    codigo: Code = "",
    nueva: Secret = "",
    otra_vez: Secret = "",
) -> Response:
    """Replace the password and lead to the login."""
    try:
        require_equal(nueva, otra_vez)
        await recovery.recover(codigo, nueva, ip=ip, field="nueva")
    except RecoveryLinkInvalid as error:
        return _ask(request, error=error)
    except (InvalidInput, TooMany) as error:
        try:
            return await _form(request, recovery, passwords, codigo, nueva=nueva, error=error)
        except RecoveryLinkInvalid as gone:
            return _ask(request, error=gone)
    return redirect(request, LOGIN_PATH, note="Contraseña cambiada. Todas tus sesiones se cerraron: inicia sesión.")


async def _form(
    request: Request,
    recovery: RecoveryService,
    passwords: PasswordService,
    code: str,
    *,
    nueva: str = "",
    error: AppError | None = None,
) -> Response:
    """Draw the form for the owner of this code; raises RecoveryLinkInvalid."""
    user = await recovery.owner_of(code)
    rules = passwords.rules(nueva, PersonalData(user.tax_id, user.mail, user.name))
    return _told(
        request, "accounts/recover.html", error, action=RECOVER_PATH, code_sent=code, rules=rules, asked=bool(nueva)
    )


def _ask(request: Request, *, cuit: str = "", asked: bool = False, error: AppError | None = None) -> Response:
    """Draw the form that asks who forgot the password, or what is said once it was sent."""
    return _told(request, "accounts/forgot.html", error, cuit=cuit, asked=asked, said=FORGOTTEN)


def _told(request: Request, template: str, error: AppError | None, **context: object) -> Response:
    """Draw a form, with what was wrong with what it sent."""
    return render(
        request,
        template,
        status=200 if error is None else error.http_status,
        headers=patience(error),
        error="" if error is None else error.text,
        errors=error.fields if isinstance(error, InvalidInput) else {},
        code="" if error is None else error.code,
        **context,
    )
