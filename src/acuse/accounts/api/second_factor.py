"""JSON: the second step of the login, its set-up by its owner, its removal by an administrator."""

from typing import Annotated

from fastapi import Path, Request

from acuse.accounts.errors import SecondFactorRefused, TokenRejected
from acuse.accounts.guards import Caller, ClientIp, api_router, needs, public, user_agent, while_enrolling
from acuse.accounts.rights import Right
from acuse.accounts.schemas.access import LoggedInOut, MessageOut, SecondStepIn
from acuse.accounts.schemas.second_factor import (
    BeginIn,
    CodeIn,
    EnrolmentOut,
    ProofIn,
    RecoveryCodesOut,
    SecondFactorOut,
)
from acuse.accounts.service import AccountsService, ProgramService, SecondFactorService
from acuse.webkit.routes import CRS_ENVELOPE
from acuse.webkit.services import provide

Accounts = Annotated[AccountsService, provide(AccountsService)]
Factors = Annotated[SecondFactorService, provide(SecondFactorService)]
Programs = Annotated[ProgramService, provide(ProgramService)]

entrance = api_router("/auth", envelope=CRS_ENVELOPE, tags=["Autenticación"])
own = api_router("/users/me/second-factor", envelope=CRS_ENVELOPE, tags=["Segundo paso"])
others = api_router("/users", envelope=CRS_ENVELOPE, tags=["Segundo paso"])


@entrance.post("/second-factor", summary="Segundo paso del inicio de sesión")
@public("Es la entrada: la contraseña ya se comprobó y factorToken lo prueba.")
async def second_step(
    request: Request, body: SecondStepIn, ip: ClientIp, factors: Factors, programs: Programs
) -> LoggedInOut:
    """Answer the tokens for the login's `factorToken` and a code. Each code is good once; 429 after too many tries."""
    try:
        user = await programs.halfway(body.factorToken)
    except TokenRejected as error:
        raise SecondFactorRefused from error
    await factors.check(user, body.code, ip=ip)
    return LoggedInOut.of(await programs.open(user, ip=ip, agent=user_agent(request)))


@own.get("", summary="Ver mi segundo paso")
@needs(Right.ACCOUNT_SECURE)
@while_enrolling
async def state(caller: Caller, accounts: Accounts, factors: Factors) -> SecondFactorOut:
    """Answer whether it is on, since when, and how many recovery codes are left."""
    user = await accounts.get(caller.user_id)
    return SecondFactorOut(
        activo=user.has_second_factor, desde=user.second_factor_at, codigos_restantes=await factors.codes_left(caller)
    )


@own.post("", summary="Configurar mi segundo paso")
@needs(Right.ACCOUNT_SECURE)
@while_enrolling
async def begin(body: BeginIn, caller: Caller, factors: Factors) -> EnrolmentOut:
    """Make a secret for an authenticator (TOTP, RFC 6238). Nothing changes until its first code is confirmed."""
    made = await factors.begin(caller, body.password)
    return EnrolmentOut(secret=made.secret, otpauth=made.address)


@own.post("/confirm", summary="Activar mi segundo paso")
@needs(Right.ACCOUNT_SECURE)
@while_enrolling
async def confirm(body: CodeIn, caller: Caller, factors: Factors) -> RecoveryCodesOut:
    """Turn it on with the first code. Answers the recovery codes, this once; all other sessions end."""
    return RecoveryCodesOut(codigos=await factors.confirm(caller, body.code))


@own.post("/recovery-codes", summary="Renovar mis códigos de recuperación")
@needs(Right.ACCOUNT_SECURE)
async def renew_codes(body: ProofIn, caller: Caller, factors: Factors) -> RecoveryCodesOut:
    """Answer fresh recovery codes; those before are good for nothing."""
    return RecoveryCodesOut(codigos=await factors.renew_codes(caller, body.password, body.code))


@own.post("/disable", summary="Quitar mi segundo paso")
@needs(Right.ACCOUNT_SECURE)
async def disable(body: ProofIn, caller: Caller, factors: Factors) -> MessageOut:
    """Take it away, with the password and a code."""
    await factors.disable(caller, body.password, body.code)
    return MessageOut(message="Segundo paso desactivado")


@others.delete("/{id_usuario}/second-factor", summary="Quitar el segundo paso de otro usuario")
@needs(Right.USERS_MANAGE)
async def reset(id_usuario: Annotated[int, Path(ge=1, le=2**63 - 1)], caller: Caller, factors: Factors) -> MessageOut:
    """Take it away from somebody who lost authenticator and recovery codes; all their sessions end."""
    await factors.reset(id_usuario, actor=caller.actor)
    return MessageOut(message="Segundo paso retirado")
