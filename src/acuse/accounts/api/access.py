"""JSON: login and its tokens, the caller, API tokens."""

from typing import Annotated
from uuid import UUID

from fastapi import Request, Response

from acuse.accounts.guards import Caller, CallerIfAny, ClientIp, api_router, needs, public, user_agent, while_enrolling
from acuse.accounts.rights import Right
from acuse.accounts.schemas.access import (
    FORGOTTEN,
    ChangePasswordIn,
    ForgotIn,
    LoggedInOut,
    LoginIn,
    MeOut,
    MessageOut,
    MustChangeOut,
    NewTokenIn,
    NewTokenOut,
    RecoverIn,
    RefreshedOut,
    RefreshIn,
    SecondStepOut,
    TokenOut,
    TokensOut,
)
from acuse.accounts.service import (
    AccountsService,
    ApiTokenService,
    LoginService,
    PasswordService,
    ProgramService,
    RecoveryService,
)
from acuse.webkit.routes import CRS_ENVELOPE
from acuse.webkit.services import provide

Accounts = Annotated[AccountsService, provide(AccountsService)]
ApiTokens = Annotated[ApiTokenService, provide(ApiTokenService)]
Login = Annotated[LoginService, provide(LoginService)]
Passwords = Annotated[PasswordService, provide(PasswordService)]
Programs = Annotated[ProgramService, provide(ProgramService)]
Recovery = Annotated[RecoveryService, provide(RecoveryService)]

auth = api_router("/auth", envelope=CRS_ENVELOPE, tags=["Autenticación"])
older = api_router("/tokens", envelope=CRS_ENVELOPE, tags=["Autenticación"])
own = api_router("/users", envelope=CRS_ENVELOPE, tags=["Usuarios"])
tokens = api_router("/api/v1/tokens", tags=["Tokens de API"])


@auth.post("/login", summary="Iniciar sesión con CUIT, RFC o RUC y contraseña")
@public("Es la entrada.")
async def login(
    request: Request, body: LoginIn, ip: ClientIp, check: Login, programs: Programs
) -> LoggedInOut | MustChangeOut | SecondStepOut:
    """Answer the tokens, or that the password must be changed first, or that a code is asked for (second step).

    401 `Credenciales inválidas` for every pair that opens nothing; 429 with `Retry-After` after too many tries.
    """
    user = await check.check(body.cuit, body.password, ip=ip)
    if user.must_change_password:
        return MustChangeOut(id_usuario=user.id, changeToken=programs.change_token(user))
    if user.has_second_factor:
        return SecondStepOut(id_usuario=user.id, factorToken=programs.factor_token(user))
    return LoggedInOut.of(await programs.open(user, ip=ip, agent=user_agent(request)))


@auth.post("/change-password", summary="Cambiar la contraseña propia")
@public("Quien debe cambiar su contraseña aún no tiene sesión: prueba quién es con ella o con changeToken.")
async def change_password(
    body: ChangePasswordIn, ip: ClientIp, caller: CallerIfAny, passwords: Passwords
) -> MessageOut:
    """Change the password of the user who proves to be `id_usuario`; all their sessions end.

    One proof of three: a bearer token of theirs with `currentPassword`; `changeToken` from the login; the temporary
    password as `currentPassword` while it must be changed. Otherwise 401.
    """
    await passwords.change(
        body.id_usuario,
        body.newPassword,
        current=body.currentPassword,
        identity=caller,
        change_token=body.changeToken,
        ip=ip,
    )
    return MessageOut(message="Contraseña cambiada correctamente")


@auth.post("/forgot-password", summary="Pedir un enlace para la contraseña olvidada")
@public("Quien olvidó su contraseña no puede iniciar sesión.")
async def forgot_password(body: ForgotIn, ip: ClientIp, recovery: Recovery) -> MessageOut:
    """Send a link by mail to the user's address. The answer is the same whether or not there is such a user."""
    await recovery.ask(body.cuit, ip=ip)
    return MessageOut(message=FORGOTTEN)


@auth.post("/recover-password", summary="Elegir otra contraseña con el código del correo")
@public("El código del correo es la prueba.")
async def recover_password(body: RecoverIn, ip: ClientIp, recovery: Recovery) -> MessageOut:
    """Replace the password with the code of the mail, once; all sessions of the user end."""
    await recovery.recover(body.token, body.newPassword, ip=ip)
    return MessageOut(message="Contraseña cambiada correctamente")


async def _refresh(body: RefreshIn, ip: ClientIp, programs: Programs) -> RefreshedOut:
    """Answer both new tokens for a refresh token, which is used up.

    A second use within 30 seconds is forgiven up to three times; later it ends the session and tells its owner.
    """
    pair = await programs.refresh(body.refreshToken, ip=ip)
    return RefreshedOut(accessToken=pair.access, refreshToken=pair.refresh)


_why = public("El token de renovación es la prueba.")
auth.post("/refresh", summary="Renovar los tokens")(_why(_refresh))
older.post("/refresh", summary="Renovar los tokens (nombre anterior)", deprecated=True)(_why(_refresh))


@auth.post("/logout", summary="Cerrar la sesión")
@needs(Right.ACCOUNT_SELF)
@while_enrolling
async def logout(caller: Caller, programs: Programs) -> MessageOut:
    """End the session of this access token, with all its tokens."""
    await programs.close(caller)
    return MessageOut(message="Sesión cerrada correctamente")


@own.get("/me", summary="Quién soy")
@needs(Right.ACCOUNT_SELF)
@while_enrolling
async def me(caller: Caller, accounts: Accounts) -> MeOut:
    """Answer the caller's own data."""
    return MeOut.of(await accounts.get(caller.user_id), caller)


@tokens.post("", status_code=201, summary="Crear un token de API")
@needs(Right.TOKENS_SELF)
async def create_token(body: NewTokenIn, caller: Caller, api_tokens: ApiTokens) -> NewTokenOut:
    """Issue a token for a program. The secret is answered once and kept only as a hash."""
    return NewTokenOut.made(
        await api_tokens.create(
            caller, name=body.name, scopes=body.scopes, expires_at=body.expires_at, user_id=body.id_usuario
        )
    )


@tokens.get("", summary="Listar los tokens de API propios")
@needs(Right.TOKENS_SELF)
async def list_tokens(caller: Caller, api_tokens: ApiTokens) -> TokensOut:
    """Answer the caller's tokens, and those they issued for others."""
    return TokensOut(tokens=[TokenOut.of(token) for token in await api_tokens.of(caller)])


@tokens.delete("/{token_id}", status_code=204, summary="Revocar un token de API")
@needs(Right.TOKENS_SELF)
async def revoke_token(token_id: UUID, caller: Caller, api_tokens: ApiTokens) -> Response:
    """Revoke a token at once; 404 for another's."""
    await api_tokens.revoke(caller, token_id)
    return Response(status_code=204)
