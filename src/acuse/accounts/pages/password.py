"""The password: its forced change, its change by choice, and its rules told while one types."""

from typing import Annotated, Final

from fastapi import Form, Request, Response

from acuse.accounts.cookies import SessionCookie
from acuse.accounts.errors import CredentialsInvalid
from acuse.accounts.guards import (
    CHANGE_PATH,
    HOME_PATH,
    Caller,
    ClientIp,
    needs,
    page_router,
    user_agent,
    with_temporary_password,
)
from acuse.accounts.passwords import PersonalData
from acuse.accounts.rights import Identity, Right
from acuse.accounts.service import AccountsService, BrowserService, PasswordService, ProgramService
from acuse.kernel.errors import InvalidInput, TooMany
from acuse.webkit.pages import redirect, render
from acuse.webkit.services import provide

ACCOUNT_PATH: Final = "/app/cuenta"
PASSWORD_PATH: Final = "/app/cuenta/contrasena"  # noqa: S105 - an address
_MAX_FIELD_CHARS: Final = 1024

Accounts = Annotated[AccountsService, provide(AccountsService)]
Browsers = Annotated[BrowserService, provide(BrowserService)]
Cookie = Annotated[SessionCookie, provide(SessionCookie)]
Passwords = Annotated[PasswordService, provide(PasswordService)]
Programs = Annotated[ProgramService, provide(ProgramService)]
Secret = Annotated[str, Form(max_length=_MAX_FIELD_CHARS)]

router = page_router("/app")


@router.get("/cambiar-contrasena")
@needs(Right.ACCOUNT_SELF)
@with_temporary_password
async def forced_page(request: Request, caller: Caller, accounts: Accounts, passwords: Passwords) -> Response:
    """Show the form that replaces a temporary password."""
    if not caller.must_change_password:
        return redirect(request, PASSWORD_PATH)
    return await _form(request, caller, accounts, passwords)


@router.post("/cambiar-contrasena")
@needs(Right.ACCOUNT_SELF)
@with_temporary_password
async def forced_change(
    request: Request,
    caller: Caller,
    ip: ClientIp,
    accounts: Accounts,
    passwords: Passwords,
    programs: Programs,
    browsers: Browsers,
    cookie: Cookie,
    nueva: Secret = "",
    otra_vez: Secret = "",
) -> Response:
    """Replace a temporary password: this session, just opened with it, is the proof."""
    if not caller.must_change_password:
        return redirect(request, PASSWORD_PATH)
    user = await accounts.get(caller.user_id)
    try:
        require_equal(nueva, otra_vez)
        changed = await passwords.change(user.id, nueva, change_token=programs.change_token(user), ip=ip, field="nueva")
    except (InvalidInput, TooMany) as error:
        return await _form(request, caller, accounts, passwords, nueva=nueva, error=error)
    secret = await browsers.open(changed, ip=ip, agent=user_agent(request), after_change=True)
    response = redirect(request, HOME_PATH, note="Contraseña cambiada.")
    cookie.put(response, secret)
    return response


@router.get("/cuenta/contrasena")
@needs(Right.ACCOUNT_SELF)
async def own_page(request: Request, caller: Caller, accounts: Accounts, passwords: Passwords) -> Response:
    """Show the form that changes the password by choice."""
    return await _form(request, caller, accounts, passwords)


@router.post("/cuenta/contrasena")
@needs(Right.ACCOUNT_SELF)
async def own_change(
    request: Request,
    caller: Caller,
    ip: ClientIp,
    accounts: Accounts,
    passwords: Passwords,
    browsers: Browsers,
    cookie: Cookie,
    actual: Secret = "",
    nueva: Secret = "",
    otra_vez: Secret = "",
) -> Response:
    """Change the password; every session ends, and this browser gets a new one."""
    try:
        require_equal(nueva, otra_vez)
        changed = await passwords.change(caller.user_id, nueva, current=actual, identity=caller, ip=ip, field="nueva")
    except CredentialsInvalid:
        wrong = InvalidInput(fields={"actual": "La contraseña actual no es correcta."})
        return await _form(request, caller, accounts, passwords, nueva=nueva, error=wrong)
    except (InvalidInput, TooMany) as error:
        return await _form(request, caller, accounts, passwords, nueva=nueva, error=error)
    secret = await browsers.open(changed, ip=ip, agent=user_agent(request), after_change=True)
    response = redirect(request, ACCOUNT_PATH, note="Contraseña cambiada. Las demás sesiones se cerraron.")
    cookie.put(response, secret)
    return response


@router.post("/contrasena/reglas")
@needs(Right.ACCOUNT_SELF)
@with_temporary_password
async def rules(
    request: Request, caller: Caller, accounts: Accounts, passwords: Passwords, nueva: Secret = ""
) -> Response:
    """Answer the list of rules as they stand for what has been typed so far."""
    user = await accounts.get(caller.user_id)
    judged = passwords.rules(nueva, PersonalData(user.tax_id, user.mail, user.name))
    return render(request, "accounts/rules.html", rules=judged, asked=bool(nueva))


async def _form(
    request: Request,
    caller: Identity,
    accounts: AccountsService,
    passwords: PasswordService,
    *,
    nueva: str = "",
    error: InvalidInput | TooMany | None = None,
) -> Response:
    user = await accounts.get(caller.user_id)
    forced = caller.must_change_password
    return render(
        request,
        "accounts/password.html",
        status=200 if error is None else error.http_status,
        forced=forced,
        code_sent="",
        action=CHANGE_PATH if forced else PASSWORD_PATH,
        rules=passwords.rules(nueva, PersonalData(user.tax_id, user.mail, user.name)),
        asked=bool(nueva),
        errors=error.fields if isinstance(error, InvalidInput) else {},
        error="" if error is None else error.text,
        code="" if error is None else error.code,
    )


def require_equal(new: str, again: str) -> None:
    """Raise InvalidInput unless the new password was typed twice alike."""
    if new != again:
        raise InvalidInput(fields={"otra_vez": "Las dos contraseñas nuevas no son iguales."})
