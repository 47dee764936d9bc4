"""Mi cuenta: one's data, open sessions and API tokens."""

from datetime import datetime, time, timedelta
from typing import Annotated, Final
from uuid import UUID

from fastapi import Form, Request, Response

from acuse.accounts.guards import Caller, needs, page_router
from acuse.accounts.rights import RIGHTS, Identity, Right, scopes_for
from acuse.accounts.service import AccountsService, ApiTokenService, NewApiToken, SessionService
from acuse.kernel.errors import AppError, InvalidInput
from acuse.webkit.pages import frame_of, redirect, render
from acuse.webkit.services import provide

ACCOUNT_PATH: Final = "/app/cuenta"

Accounts = Annotated[AccountsService, provide(AccountsService)]
ApiTokens = Annotated[ApiTokenService, provide(ApiTokenService)]
Sessions = Annotated[SessionService, provide(SessionService)]

router = page_router(ACCOUNT_PATH)


@router.get("")
@needs(Right.ACCOUNT_SELF)
async def account_page(
    request: Request, caller: Caller, accounts: Accounts, sessions: Sessions, api_tokens: ApiTokens
) -> Response:
    """Show everything about oneself on one page."""
    return await _page(request, caller, accounts, sessions, api_tokens)


@router.post("/sesiones/{session_id}/cerrar")
@needs(Right.ACCOUNT_SELF)
async def end_session(request: Request, caller: Caller, sessions: Sessions, session_id: UUID) -> Response:
    """End one session at once."""
    await sessions.end(caller, session_id)
    return redirect(request, ACCOUNT_PATH, note="Sesión cerrada.")


@router.post("/sesiones/cerrar-otras")
@needs(Right.ACCOUNT_SELF)
async def end_others(request: Request, caller: Caller, sessions: Sessions) -> Response:
    """End all sessions but this one."""
    ended = await sessions.end_others(caller)
    told = {0: "No había otras sesiones abiertas.", 1: "Se cerró 1 sesión."}.get(
        ended, f"Se cerraron {ended} sesiones."
    )
    return redirect(request, ACCOUNT_PATH, note=told)


@router.post("/tokens")
@needs(Right.TOKENS_SELF)
async def create_token(
    request: Request,
    caller: Caller,
    accounts: Accounts,
    sessions: Sessions,
    api_tokens: ApiTokens,
    name: Annotated[str, Form(max_length=200)] = "",
    scopes: Annotated[list[str] | None, Form()] = None,
    dias: Annotated[str, Form(max_length=5)] = "90",
) -> Response:
    """Make a token and show its secret, this once."""
    try:
        expires_at = _ends(request, dias)
        new = await api_tokens.create(caller, name=name, scopes=scopes or [], expires_at=expires_at)
    except InvalidInput as error:
        return await _page(request, caller, accounts, sessions, api_tokens, error=error, name=name, chosen=scopes)
    return await _page(request, caller, accounts, sessions, api_tokens, new=new)


@router.post("/tokens/{token_id}/revocar")
@needs(Right.TOKENS_SELF)
async def revoke_token(request: Request, caller: Caller, api_tokens: ApiTokens, token_id: UUID) -> Response:
    """Revoke a token at once."""
    await api_tokens.revoke(caller, token_id)
    return redirect(request, ACCOUNT_PATH, note="Token revocado.")


async def _page(
    request: Request,
    caller: Identity,
    accounts: AccountsService,
    sessions: SessionService,
    api_tokens: ApiTokenService,
    *,
    new: NewApiToken | None = None,
    error: AppError | None = None,
    name: str = "",
    chosen: list[str] | None = None,
) -> Response:
    errors = error.fields if isinstance(error, InvalidInput) else {}
    return render(
        request,
        "accounts/account.html",
        status=400 if error else 200,
        headers={"Cache-Control": "no-store"},
        user=await accounts.get(caller.user_id),
        sessions=await sessions.open_of(caller),
        present=caller.session_id,
        tokens=await api_tokens.of(caller),
        new=new,
        scopes=[(right.value, RIGHTS[right].text) for right in scopes_for(caller.role)],
        chosen=chosen or [],
        token_name=name,
        error="" if error is None else error.text,
        errors=errors,
        code="" if error is None else error.code,
    )


def _ends(request: Request, days: str) -> datetime | None:
    """Answer the end of the day that many days ahead, in the zone of the pages; None for zero, which is never."""
    if not days.isdecimal() or int(days) > 3650:  # noqa: PLR2004 - ten years
        raise InvalidInput(fields={"dias": "Elige una de las vigencias de la lista."})
    if int(days) == 0:
        return None
    zone = frame_of(request).zone
    last_day = request.app.state.clock.now().astimezone(zone).date() + timedelta(days=int(days))
    return datetime.combine(last_day, time(23, 59, 59), tzinfo=zone)
