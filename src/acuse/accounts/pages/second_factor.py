"""The second step of one's own login: set up, confirmed, its recovery codes, taken away."""

from collections.abc import Sequence
from typing import Annotated

import segno
from fastapi import Form, Request, Response
from markupsafe import Markup

from acuse.accounts.guards import FACTOR_PATH, Caller, needs, page_router, while_enrolling
from acuse.accounts.rights import Identity, Right
from acuse.accounts.service import AccountsService, SecondFactorService
from acuse.kernel.errors import AppError, Conflict, InvalidInput, NotFound, TooMany
from acuse.webkit.pages import redirect, render
from acuse.webkit.services import provide

Accounts = Annotated[AccountsService, provide(AccountsService)]
Factors = Annotated[SecondFactorService, provide(SecondFactorService)]
Secret = Annotated[str, Form(max_length=1024)]
Code = Annotated[str, Form(max_length=64)]

router = page_router(FACTOR_PATH)


@router.get("")
@needs(Right.ACCOUNT_SECURE)
@while_enrolling
async def factor_page(request: Request, caller: Caller, accounts: Accounts, factors: Factors) -> Response:
    """Show how it stands and what can be done."""
    return await _page(request, caller, accounts, factors)


@router.post("")
@needs(Right.ACCOUNT_SECURE)
@while_enrolling
async def begin(
    request: Request, caller: Caller, accounts: Accounts, factors: Factors, password: Secret = ""
) -> Response:
    """Make the secret and show it."""
    try:
        await factors.begin(caller, password)
    except (InvalidInput, Conflict, TooMany) as error:
        return await _page(request, caller, accounts, factors, error=error)
    return redirect(request, FACTOR_PATH)


@router.post("/confirmar")
@needs(Right.ACCOUNT_SECURE)
@while_enrolling
async def confirm(request: Request, caller: Caller, accounts: Accounts, factors: Factors, code: Code = "") -> Response:
    """Turn it on with its first code, and show the recovery codes this once."""
    try:
        codes = await factors.confirm(caller, code)
    except (InvalidInput, Conflict, NotFound, TooMany) as error:
        return await _page(request, caller, accounts, factors, error=error)
    return await _page(request, caller, accounts, factors, codes=codes)


@router.post("/codigos")
@needs(Right.ACCOUNT_SECURE)
async def renew_codes(
    request: Request,
    caller: Caller,
    accounts: Accounts,
    factors: Factors,
    password: Secret = "",
    code: Code = "",
) -> Response:
    """Make fresh recovery codes and show them this once."""
    try:
        codes = await factors.renew_codes(caller, password, code)
    except (InvalidInput, NotFound, TooMany) as error:
        return await _page(request, caller, accounts, factors, error=error)
    return await _page(request, caller, accounts, factors, codes=codes)


@router.post("/quitar")
@needs(Right.ACCOUNT_SECURE)
async def disable(
    request: Request,
    caller: Caller,
    accounts: Accounts,
    factors: Factors,
    password: Secret = "",
    code: Code = "",
) -> Response:
    """Take it away, with the password and a code."""
    try:
        await factors.disable(caller, password, code)
    except (InvalidInput, NotFound, TooMany) as error:
        return await _page(request, caller, accounts, factors, error=error)
    return redirect(request, FACTOR_PATH, note="Segundo paso desactivado.")


async def _page(
    request: Request,
    caller: Identity,
    accounts: AccountsService,
    factors: SecondFactorService,
    *,
    codes: Sequence[str] = (),
    error: AppError | None = None,
) -> Response:
    pending = await factors.pending(caller)
    return render(
        request,
        "accounts/second_factor.html",
        status=200 if error is None else error.http_status,
        headers={"Cache-Control": "no-store"},
        user=await accounts.get(caller.user_id),
        owed=caller.owes_second_factor and not codes,
        pending=pending,
        qr=_qr(pending.address) if pending else "",
        codes=codes,
        codes_left=await factors.codes_left(caller),
        error="" if error is None else error.text,
        errors=error.fields if isinstance(error, InvalidInput) else {},
        code="" if error is None else error.code,
    )


def _qr(address: str) -> Markup:
    """Draw an address as a QR code: black on white in any theme, for cameras."""
    drawn = segno.make(address, error="m", micro=False).svg_inline(
        scale=5, border=4, dark="#000", light="#fff", title="Código QR para la aplicación de autenticación"
    )
    return Markup(drawn)  # noqa: S704 - drawn by segno: paths and our title
