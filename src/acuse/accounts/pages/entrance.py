"""Coming in, going out, and how the pages look."""

from typing import Annotated, Final

from fastapi import Form, Query, Request, Response

from acuse.accounts.cookies import SessionCookie
from acuse.accounts.errors import CredentialsInvalid
from acuse.accounts.guards import (
    CHANGE_PATH,
    LOGIN_PATH,
    ClientIp,
    PageCaller,
    cookie_identity,
    needs,
    page_router,
    public,
    safe_next,
    user_agent,
    with_temporary_password,
)
from acuse.accounts.rights import Right
from acuse.accounts.service import AccountsService, BrowserService, LoginService
from acuse.kernel.errors import AppError, TooMany
from acuse.webkit.frame import Theme
from acuse.webkit.pages import redirect, render
from acuse.webkit.preferences import theme_switch
from acuse.webkit.services import provide

_MAX_FIELD_CHARS: Final = 1024

Browsers = Annotated[BrowserService, provide(BrowserService)]
Cookie = Annotated[SessionCookie, provide(SessionCookie)]
Login = Annotated[LoginService, provide(LoginService)]
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
    secret = await browsers.open(user, ip=ip, agent=user_agent(request))
    response = redirect(request, CHANGE_PATH if user.must_change_password else safe_next(next_path))
    cookie.put(response, secret)
    return response


@router.post("/logout")
@needs(Right.ACCOUNT_SELF)
@with_temporary_password
async def log_out(request: Request, caller: PageCaller, browsers: Browsers, cookie: Cookie) -> Response:
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


def _form(request: Request, next_path: str, *, cuit: str = "", error: AppError | None = None) -> Response:
    told = "" if error is None else error.text
    if isinstance(error, CredentialsInvalid):
        told = "El identificador o la contraseña no son correctos. Revísalos y vuelve a intentarlo."
    headers = {}
    if error is not None and error.retry_after_s is not None:
        headers["Retry-After"] = str(max(1, round(error.retry_after_s)))
    return render(
        request,
        "accounts/login.html",
        status=200 if error is None else error.http_status,
        headers=headers,
        next_path=next_path,
        cuit=cuit,
        error=told,
        code=error.code if error else "",
    )
