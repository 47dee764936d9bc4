"""Builds the services of accounts and declares what they add to the house."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from acuse.accounts import api, pages
from acuse.accounts.addresses import Proxies
from acuse.accounts.cli import commands
from acuse.accounts.cookies import SessionCookie
from acuse.accounts.errors import CountersUnavailable
from acuse.accounts.jobs import schedules
from acuse.accounts.passwords import Hasher, PasswordPolicy
from acuse.accounts.rights import Right
from acuse.accounts.service import (
    AccountsService,
    ApiTokenService,
    BrowserService,
    Gate,
    LoginService,
    PasswordService,
    PeopleImport,
    PeopleService,
    ProgramService,
    RecoveryService,
    SecondFactorService,
    SessionService,
)
from acuse.accounts.settings import AccountsSettings
from acuse.accounts.store import (
    ApiTokenStore,
    PostgresCounters,
    RecoveryStore,
    RedisCounters,
    RefreshStore,
    SecondFactorStore,
    SessionStore,
    UserStore,
)
from acuse.accounts.throttle import Counters
from acuse.accounts.tokens import TokenSigner
from acuse.kernel.csv import CsvExporter
from acuse.kernel.feature import Check, Feature, Finding, MenuEntry, Mounted, Services
from acuse.kernel.house import House


def build(house: House, _: Services) -> Mounted:
    """Put the services together from the house."""
    core, settings = house.settings.core, house.settings.read(AccountsSettings)
    users, api_tokens, refresh_tokens = UserStore(), ApiTokenStore(), RefreshStore()
    sessions = SessionStore(idle_s=settings.session_idle_s)
    hasher = Hasher(memory_kib=settings.password_hash_memory_kib, passes=settings.password_hash_passes)
    lenient = core.acuse_surroundings != "produccion"
    policy = PasswordPolicy(settings.password_policy, settings.password_blocklist or ("warn" if lenient else "enforce"))
    signer = TokenSigner(access_secret=settings.token_secret, refresh_secret=settings.refresh_secret)
    counters = _counters(house)
    gate = Gate(
        counters=counters,
        clock=house.clock,
        logins_per_minute=settings.login_limit_per_minute,
        changes_per_minute=settings.password_change_limit_per_minute,
        recoveries_per_hour=settings.password_recovery_limit_per_hour,
    )
    database, events, audit, clock = house.database, house.events, house.audit, house.clock
    login = LoginService(
        database=database, users=users, hasher=hasher, gate=gate, events=events, audit=audit, clock=clock
    )
    passwords = PasswordService(
        database=database,
        users=users,
        sessions=sessions,
        hasher=hasher,
        policy=policy,
        signer=signer,
        gate=gate,
        login=login,
        events=events,
        audit=audit,
        clock=clock,
    )
    recovery = RecoveryService(
        database=database,
        users=users,
        recoveries=RecoveryStore(),
        passwords=passwords,
        gate=gate,
        life_s=settings.password_recovery_life_s,
        events=events,
        audit=audit,
        clock=clock,
    )
    session_service = SessionService(
        database=database,
        sessions=sessions,
        api_tokens=api_tokens,
        recovery=recovery,
        gate=gate,
        audit=audit,
        clock=clock,
    )
    accounts = AccountsService(
        database=database,
        users=users,
        sessions=sessions,
        hasher=hasher,
        policy=policy,
        gate=gate,
        settings=settings,
        events=events,
        audit=audit,
        clock=clock,
    )
    return Mounted(
        services=(
            gate,
            login,
            session_service,
            accounts,
            PeopleService(
                database=database,
                users=users,
                sessions=sessions,
                accounts=accounts,
                hasher=hasher,
                temporary_life_s=settings.temporary_password_life_s,
                events=events,
                exporter=CsvExporter(database, audit),
                audit=audit,
                clock=clock,
            ),
            PeopleImport(users=users, accounts=accounts, hasher=hasher, audit=audit, clock=clock),
            passwords,
            recovery,
            SecondFactorService(
                database=database,
                users=users,
                sessions=sessions,
                factors=SecondFactorStore(),
                login=login,
                gate=gate,
                vault=house.vault,
                events=events,
                audit=audit,
                clock=clock,
            ),
            ProgramService(
                database=database,
                users=users,
                sessions=sessions,
                refresh_tokens=refresh_tokens,
                signer=signer,
                settings=settings,
                events=events,
                audit=audit,
                clock=clock,
            ),
            BrowserService(
                database=database,
                users=users,
                sessions=sessions,
                life_s=settings.session_life_s,
                strict=settings.admin_second_factor == "required",
                audit=audit,
                clock=clock,
            ),
            ApiTokenService(database=database, users=users, api_tokens=api_tokens, audit=audit, clock=clock),
            Proxies.parse(core.trusted_proxies),
            SessionCookie(secure=core.acuse_public_url.startswith("https://"), life_s=settings.session_life_s),
        ),
        menu=[
            MenuEntry(
                section="Administración",
                label="Usuarios",
                path="/app/usuarios",
                icon="users",
                right=Right.USERS_MANAGE,
                order=900,
            )
        ],
        api=api.routers,
        pages=pages.routers,
        schedules=schedules(session_service),
        checks=[] if core.redis_url is None else [Check(caption="Redis", run=partial(_check_redis, counters))],
        close=[gate.close],
        templates=Path(__file__).parent / "templates",
    )


def _counters(house: House) -> Counters:
    url = house.settings.core.redis_url
    if url is None:
        return PostgresCounters(house.database, house.clock)
    return RedisCounters(url.get_secret_value(), house.clock)


async def _check_redis(counters: Counters) -> Finding:
    """Not critical: without it nobody comes in, but who is in goes on working."""
    try:
        await counters.knows("doctor")
    except CountersUnavailable:
        return Finding("missing", "No responde, y mientras tanto nadie puede entrar: revisa REDIS_URL y su servidor.")
    return Finding("ok", "Responde; los intentos de entrar se cuentan ahí.")


FEATURE = Feature(
    name="accounts", caption="Usuarios y acceso", build=build, settings=[AccountsSettings], commands=commands
)
