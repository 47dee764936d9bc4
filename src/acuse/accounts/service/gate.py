"""The gate before every guess: so many requests from one address, growing waits after failures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from acuse.accounts.addresses import household
from acuse.accounts.errors import LoginThrottled, TooManyRequestsFromAddress
from acuse.accounts.throttle import BY_ACCOUNT, BY_PAIR, Attempt, Counters, wait_text
from acuse.kernel.clock import Clock

_MINUTE_S: Final = 60
_HOUR_S: Final = 3600
_KNOWN_S: Final = 30 * 86_400


@dataclass(frozen=True)
class Try:
    """One try that was let through, counted as failed until `passed` says otherwise."""

    account: str
    ip: str | None
    by_pair: Attempt
    by_account: Attempt | None

    @property
    def locks_pair(self) -> bool:
        """Answer whether this try, if it failed, is the one that makes its address wait."""
        return self.by_pair.failures == BY_PAIR.free

    @property
    def locks_account(self) -> bool:
        """Answer whether this try, if it failed, is the one that makes the whole account wait."""
        return self.by_account is not None and self.by_account.failures == BY_ACCOUNT.free


class Gate:
    """Counts before anything is checked, so that tries made at the same time are all counted.

    An address from which the account's owner has come in lately is never held up by what others fail:
    nobody can lock somebody else out.
    """

    def __init__(
        self,
        *,
        counters: Counters,
        clock: Clock,
        logins_per_minute: int,
        changes_per_minute: int,
        recoveries_per_hour: int,
    ) -> None:
        self._counters = counters
        self._clock = clock
        self._limits = {"login": logins_per_minute, "change": changes_per_minute, "forgot": changes_per_minute}
        self._recoveries = recoveries_per_hour

    async def limit(self, what: str, ip: str | None) -> None:
        """Count one request of this kind from an address; raises TooManyRequestsFromAddress past the limit."""
        limit = self._limits[what]
        if not limit:
            return
        count, ends = await self._counters.hit(f"rate:{what}:{household(ip)}", _MINUTE_S)
        if count > limit:
            wait = max(1.0, (ends - self._clock.now()).total_seconds())
            raise TooManyRequestsFromAddress(retry_after_s=wait, wait=wait_text(wait))

    async def may_recover(self, account: str) -> bool:
        """Count one forgotten password; answer whether this account, which need not exist, has mails left this hour."""
        count, _ = await self._counters.hit(f"recover:{account}", _HOUR_S)
        return count <= self._recoveries

    async def enter(self, account: str, ip: str | None) -> Try:
        """Let one guess at this account through, or raise LoginThrottled."""
        by_pair = await self._counters.attempt(_pair(account, ip), BY_PAIR)
        self._refuse_if_waiting(by_pair)
        if await self._counters.knows(_known(account, ip)):
            return Try(account, ip, by_pair, None)
        by_account = await self._counters.attempt(_account(account), BY_ACCOUNT)
        self._refuse_if_waiting(by_account)
        return Try(account, ip, by_pair, by_account)

    async def passed(self, guess: Try) -> None:
        """Forget the failures of this account and address, and remember that its owner comes from here."""
        await self._counters.clear(_pair(guess.account, guess.ip), _account(guess.account))
        await self._counters.remember(_known(guess.account, guess.ip), _KNOWN_S)

    async def unlock(self, account: str) -> None:
        """Forget all failures of an account, of either step, from everywhere."""
        for each in (account, second_step(account)):
            await self._counters.clear(_account(each))
            await self._counters.clear_under(f"pair:{each}:")

    async def prune(self) -> int:
        """Throw away counters that have run out; answer how many."""
        return await self._counters.prune()

    async def close(self) -> None:
        """Let go of the counters' connections, when they have their own."""
        await self._counters.close()

    def _refuse_if_waiting(self, attempt: Attempt) -> None:
        if not attempt.allowed:
            until = attempt.wait_until or self._clock.now()
            wait = max(1.0, (until - self._clock.now()).total_seconds())
            raise LoginThrottled(retry_after_s=wait, wait=wait_text(wait))


def second_step(account: str) -> str:
    """Answer the name under which guesses at an account's codes are counted, apart from those at its password."""
    return f"{account}#codigo"


def _pair(account: str, ip: str | None) -> str:
    return f"pair:{account}:{household(ip)}"


def _account(account: str) -> str:
    return f"account:{account}"


def _known(account: str, ip: str | None) -> str:
    return f"known:{account}:{household(ip)}"
