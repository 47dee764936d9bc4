"""Coming in, going out, and how the pages look."""

from typing import Annotated, Final

from fastapi import Form, Query, Request, Response

from acuse.accounts.cookies import SessionCookie
from acuse.accounts.errors import CredentialsInvalid, SecondFactorRefused, TokenRejected
from acuse.accounts.guards import (
    CHANGE_PATH,
    LOGIN_PATH,
    Caller,
    ClientIp,
    cookie_identity,
    needs,
    page_router,
    public,
    safe_next,
    user_agent,
    while_enrolling,
    with_temporary_password,
)
from acuse.accounts.model import User
from acuse.accounts.rights import Right
from acuse.accounts.service import AccountsService, BrowserService, LoginService, ProgramService, SecondFactorService
from acuse.kernel.errors import AppError, TooMany
from acuse.webkit.frame import Theme
from acuse.webkit.pages import redirect, render
from acuse.webkit.preferences import theme_switch
from acuse.webkit.services import provide

_MAX_FIELD_CHARS: Final = 1024

Browsers = Annotated[BrowserService, provide(BrowserService)]
Cookie = Annotated[SessionCookie, provide(SessionCookie)]
Factors = Annotated[SecondFactorService, provide(SecondFactorService)]
Login = Annotated[LoginService, provide(LoginService)]
Programs = Annotated[ProgramService, provide(ProgramService)]
Text = Annotated[str, Form(max_length=_MAX_FIELD_CHARS)]

router = page_router("/app")
appearance = page_router("")


@router.get("/login")
@public("Es la entrada.")
async def login_page(request: Request, next_path: Annotated[str, Query(alias="next")] = "") -> Response:
    """Show the form, or go on for somebody who is in already."""
    if await cookie_identity(request) is not None:
        return redirect(request, safe_next(next_path))
    return _form(request, next_path)


@router.post("/login")
@public("Es la entrada.")
async def log_in(
    request: Request,
    ip: ClientIp,
    login: Login,
    programs: Programs,
    browsers: Browsers,
    cookie: Cookie,
    cuit: Text = "",
    password: Text = "",
    next_path: Annotated[str, Form(alias="next", max_length=2000)] = "",
) -> Response:
    """Check the pair, set the cookie and go on to what was asked for."""
    try:
        user = await login.check(cuit, password, ip=ip)
    except (CredentialsInvalid, TooMany) as error:
        return _form(request, next_path, cuit=cuit, error=error)
    if user.has_second_factor:
        return _code_form(request, next_path, programs.factor_token(user))
    return await _enter(request, user, ip, browsers, cookie, next_path)


@router.post("/login/codigo")
@public("Es la entrada: la contraseña ya se comprobó, y lo prueba lo que trae el formulario.")
async def second_step(
    request: Request,
    ip: ClientIp,
    programs: Programs,
    factors: Factors,
    browsers: Browsers,
    cookie: Cookie,
    paso: Annotated[str, Form(max_length=4096)] = "",
    codigo: Text = "",
    next_path: Annotated[str, Form(alias="next", max_length=2000)] = "",
) -> Response:
    """Check the code, set the cookie and go on; too late, the login begins again."""
    try:
        user = await programs.halfway(paso)
        await factors.check(user, codigo, ip=ip)
    except TokenRejected:
        return redirect(request, LOGIN_PATH, note="Pasó demasiado tiempo. Inicia sesión otra vez.", state="attention")
    except (SecondFactorRefused, TooMany) as error:
        return _code_form(request, next_path, paso, error=error)
    return await _enter(request, user, ip, browsers, cookie, next_path)


@router.post("/logout")
@needs(Right.ACCOUNT_SELF)
@with_temporary_password
@while_enrolling
async def log_out(request: Request, caller: Caller, browsers: Browsers, cookie: Cookie) -> Response:
    """End this browser's session."""
    await browsers.close(caller)
    response = redirect(request, LOGIN_PATH, note="Sesión cerrada.")
    cookie.drop(response)
    return response


async def _remember_theme(request: Request, theme: Theme) -> None:
    """Keep the theme in the account of whoever is in."""
    identity = await cookie_identity(request)
    if identity is not None:
        await request.app.state.services[AccountsService].choose_theme(identity.user_id, theme)


theme_switch(
    appearance,
    public("Elegir los colores no necesita cuenta; con cuenta, se recuerda en ella."),
    remember=_remember_theme,
)


async def _enter(
    request: Request, user: User, ip: str | None, browsers: BrowserService, cookie: SessionCookie, next_path: str
) -> Response:
    """Open a session for somebody who proved everything, and go on to what was asked for."""
    secret = await browsers.open(user, ip=ip, agent=user_agent(request))
    response = redirect(request, CHANGE_PATH if user.must_change_password else safe_next(next_path))
    cookie.put(response, secret)
    return response


def _code_form(request: Request, next_path: str, step: str, *, error: AppError | None = None) -> Response:
    return render(
        request,
        "accounts/login_code.html",
        status=200 if error is None else error.http_status,
        headers=patience(error),
        next_path=next_path,
        step=step,
        error="" if error is None else error.text,
        code=error.code if error else "",
    )


def patience(error: AppError | None) -> dict[str, str]:
    """Answer the header that tells how long to wait, when there is a wait."""
    if error is None or error.retry_after_s is None:
        return {}
    return {"Retry-After": str(max(1, round(error.retry_after_s)))}


def _form(request: Request, next_path: str, *, cuit: str = "", error: AppError | None = None) -> Response:
    told = "" if error is None else error.text
    if isinstance(error, CredentialsInvalid):
        told = "El identificador o la contraseña no son correctos. Revísalos y vuelve a intentarlo."
    return render(
        request,
        "accounts/login.html",
        status=200 if error is None else error.http_status,
        headers=patience(error),
        next_path=next_path,
        cuit=cuit,
        error=told,
        code=error.code if error else "",
    )
