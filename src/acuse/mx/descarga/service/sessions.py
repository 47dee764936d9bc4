"""Sessions with the SAT: an unlocked e.firma and a token, kept as short as possible and reused until then.

A token is sealed in the database, so that every process uses the same one, with a sealed copy in the
taxpayer's folder. The key stays in memory no longer than its token.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

from acuse.kernel.audit import Actor, Audit, AuditAction
from acuse.kernel.clock import Clock
from acuse.kernel.database import Database
from acuse.kernel.files import Files
from acuse.kernel.logs import get_logger
from acuse.kernel.vault import Vault
from acuse.mx.contribuyentes import AccessLevel, Contribuyente, ContribuyentesService, EfirmaMissing
from acuse.mx.contribuyentes.model import Caller, actor_of
from acuse.mx.descarga.store import SatClockStore, TokenStore
from acuse.mx.outside.sat_descarga.client import MAX_SKEW_S, SatDescargaClient, Token
from acuse.mx.outside.sat_descarga.codes import Familia
from acuse.mx.outside.sat_descarga.errors import SatClockSkew, SatTokenRejected, SatTrouble
from acuse.pki.keypair import KeyPair

R = TypeVar("R")
_TABLE, _COLUMN = "sat_tokens", "sealed_token"
_SPARE = timedelta(seconds=20)
"""What is left of a claim to write down what came of the call."""
_log = get_logger(__name__)


@dataclass(frozen=True)
class Session:
    """What a call to the SAT needs: who asks, the key it signs with, the token."""

    contribuyente: Contribuyente
    efirma: KeyPair = field(repr=False)
    token: Token


@dataclass(frozen=True)
class TokenTimes:
    """When a token was made, when it ends by the SAT's clock, when we renew it by ours. Never the token."""

    rfc: str
    familia: Familia
    created_at: datetime
    expires_at: datetime
    renew_at: datetime
    skew_s: float | None


class SatSessions:
    """Opens sessions, reuses tokens, renews them in time and once more when the SAT refuses one."""

    def __init__(
        self,
        *,
        database: Database,
        store: TokenStore,
        sat_clock: SatClockStore,
        vault: Vault,
        files: Files,
        client: SatDescargaClient,
        contribuyentes: ContribuyentesService,
        audit: Audit,
        clock: Clock,
    ) -> None:
        self._database = database
        self._store = store
        self._sat_clock = sat_clock
        self._vault = vault
        self._files = files
        self._client = client
        self._contribuyentes = contribuyentes
        self._audit = audit
        self._clock = clock
        self._open: dict[tuple[int, Familia], Session] = {}
        self._locks: defaultdict[tuple[int, Familia], asyncio.Lock] = defaultdict(asyncio.Lock)

    async def authenticate(self, caller: Caller, rfc: str, familia: Familia = Familia.CFDI) -> TokenTimes:
        """Ask the SAT a new token, keep it for reuse and answer its times."""
        contribuyente = await self._contribuyentes.require_access(caller, rfc, AccessLevel.OPERACION)
        actor = actor_of(caller)
        session = await self._renewed(contribuyente, familia, actor=actor, unlike=None, reason="token del SAT")
        async with self._database.transaction() as tx:
            await self._audit.record(
                tx,
                AuditAction.CREATE_TOKEN,
                actor=actor,
                target_type="contribuyente",
                target_id=str(contribuyente.rfc),
                after={"familia": familia.value, "vence": session.token.expires.isoformat()},
            )
        token = session.token
        return TokenTimes(str(contribuyente.rfc), familia, token.created, token.expires, token.renew_at, token.skew_s)

    async def call(
        self,
        contribuyente_id: int,
        familia: Familia,
        ask: Callable[[Session], Awaitable[R]],
        *,
        actor: Actor,
        reason: str,
        within: timedelta,
    ) -> R:
        """Make one call in a session. A refused token is renewed once and the call made once more.

        All of it ends before `within` has passed, so that a claim on a row outlives the call it was made for.
        Raises what the call, authentication and the e.firma raise; EfirmaMissing when there is none.
        """
        try:
            async with asyncio.timeout((within - _SPARE).total_seconds()):
                return await self._call(contribuyente_id, familia, ask, actor=actor, reason=reason)
        except TimeoutError as error:
            raise SatTrouble(sat_message="no respondió a tiempo") from error

    async def _call(
        self,
        contribuyente_id: int,
        familia: Familia,
        ask: Callable[[Session], Awaitable[R]],
        *,
        actor: Actor,
        reason: str,
    ) -> R:
        contribuyente = await self._contribuyentes.get(contribuyente_id)
        session = await self._session(contribuyente, familia, actor=actor, reason=reason)
        try:
            return await ask(session)
        except SatTokenRejected as error:
            _log.info("sat_token_rejected", rfc=str(contribuyente.rfc), familia=familia.value, code=error.code)
        renewed = await self._renewed(contribuyente, familia, actor=actor, unlike=session.token, reason=reason)
        return await ask(renewed)

    async def _session(self, contribuyente: Contribuyente, familia: Familia, *, actor: Actor, reason: str) -> Session:
        """Answer a session with a token that is still fresh: the open one, the stored one or a new one."""
        key = (contribuyente.id, familia)
        async with self._locks[key]:
            number = _efirma_number(contribuyente)
            known = self._open.get(key)
            if known and known.token.is_fresh(self._clock.now()) and known.efirma.certificate.number == number:
                return known
            self._open.pop(key, None)
            efirma = await self._contribuyentes.unlock(contribuyente.rfc, reason=reason, actor=actor)
            token = await self._stored(contribuyente.id, familia, number)
            if token is None:
                token = await self._new_token(contribuyente, familia, efirma)
            return self._keep(key, Session(contribuyente, efirma, token))

    async def _renewed(
        self, contribuyente: Contribuyente, familia: Familia, *, actor: Actor, unlike: Token | None, reason: str
    ) -> Session:
        """Answer a session with another token than `unlike`; one that somebody renewed meanwhile will do."""
        key = (contribuyente.id, familia)
        async with self._locks[key]:
            _efirma_number(contribuyente)
            known = self._open.get(key)
            if unlike is not None and known and known.token.value != unlike.value:
                return known
            efirma = await self._contribuyentes.unlock(contribuyente.rfc, reason=reason, actor=actor)
            token = await self._new_token(contribuyente, familia, efirma)
            return self._keep(key, Session(contribuyente, efirma, token))

    def _keep(self, key: tuple[int, Familia], session: Session) -> Session:
        """Hold a session in memory until its token is to be renewed, whether or not anything is asked by then."""
        self._open[key] = session
        left = session.token.renew_at - self._clock.now()
        asyncio.get_running_loop().call_later(left.total_seconds(), self._let_go, key, session)
        return session

    def _let_go(self, key: tuple[int, Familia], session: Session) -> None:
        if self._open.get(key) is session:
            del self._open[key]

    async def _stored(self, contribuyente_id: int, familia: Familia, efirma_number: str) -> Token | None:
        async with self._database.transaction() as tx:
            row = await self._store.get(tx, contribuyente_id, familia)
        if row is None or row.efirma_number != efirma_number or self._clock.now() >= row.renew_at:
            return None
        plain = self._vault.open(row.sealed_token, table=_TABLE, column=_COLUMN, row=str(row.id))
        return Token(value=plain.decode("ascii"), created=row.created_at, expires=row.expires_at, renew_at=row.renew_at)

    async def _new_token(self, contribuyente: Contribuyente, familia: Familia, efirma: KeyPair) -> Token:
        try:
            token = await self._client.authenticate(familia, efirma)
        except SatClockSkew as error:
            await self._measured(familia, error.signed_skew_s)
            raise
        await self._measured(familia, token.skew_s)
        now = self._clock.now()
        async with self._database.transaction() as tx:
            row_id = await self._store.row_id(tx, contribuyente.id, familia)
            sealed = self._vault.seal(token.value.encode("ascii"), table=_TABLE, column=_COLUMN, row=str(row_id))
            kept = await self._store.put(
                tx,
                row_id=row_id,
                contribuyente_id=contribuyente.id,
                familia=familia,
                sealed_token=bytes(sealed),
                efirma_number=efirma.certificate.number,
                obtained_at=now,
                created_at=token.created,
                expires_at=token.expires,
                renew_at=token.renew_at,
            )
        if kept:
            await self._files.put(token_key(str(contribuyente.rfc), familia), bytes(sealed))
        return token

    async def skew(self) -> float | None:
        """Answer by how many seconds our clock was last seen ahead of the SAT's (behind, when negative)."""
        async with self._database.transaction() as tx:
            measured = await self._sat_clock.all(tx)
        return max((one.skew_s for one in measured), key=abs, default=None)

    async def _measured(self, familia: Familia, skew_s: float | None) -> None:
        if skew_s is not None:
            async with self._database.transaction() as tx:
                await self._sat_clock.put(tx, familia, skew_s, now=self._clock.now())


def skew_text(skew_s: float | None) -> str | None:
    """Tell by how much our clock is wrong, when it matters to the SAT; None when it does not, or is not known."""
    if skew_s is None or abs(skew_s) <= MAX_SKEW_S:
        return None
    direction = "adelantado" if skew_s > 0 else "atrasado"
    return (
        f"El reloj de este equipo está {direction} {round(abs(skew_s))} segundos respecto al del SAT. El SAT "
        "rechaza las firmas con más de cinco minutos de diferencia: ajusta la fecha y la hora (por ejemplo con NTP)."
    )


def token_key(rfc: str, familia: Familia) -> str:
    """Answer where the sealed copy of a token stands in the storage."""
    return f"clientes/{rfc}/tokens/{familia.value.lower()}.token.sealed"


def _efirma_number(contribuyente: Contribuyente) -> str:
    if contribuyente.efirma is None:
        raise EfirmaMissing(rfc=str(contribuyente.rfc))
    return contribuyente.efirma.number
