"""The queries of accounts, and the two homes of the counters."""

from acuse.accounts.store.api_tokens import ApiTokenStore
from acuse.accounts.store.counters import PostgresCounters
from acuse.accounts.store.recoveries import RecoveryStore
from acuse.accounts.store.redis_counters import RedisCounters
from acuse.accounts.store.refresh_tokens import RefreshStore
from acuse.accounts.store.second_factors import SecondFactorStore
from acuse.accounts.store.sessions import SessionStore
from acuse.accounts.store.users import UserStore

__all__ = [
    "ApiTokenStore",
    "PostgresCounters",
    "RecoveryStore",
    "RedisCounters",
    "RefreshStore",
    "SecondFactorStore",
    "SessionStore",
    "UserStore",
]
