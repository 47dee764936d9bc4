"""Background work: send what is due, sweep up what waited, write to people about their accounts."""

from __future__ import annotations

from collections.abc import Sequence

from acuse.accounts.events import (
    AccountLocked,
    PasswordChanged,
    PasswordForgotten,
    RefreshTokenReused,
    SecondFactorChanged,
    UserCreated,
    UserInvited,
)
from acuse.kernel.jobs import Job, Schedule
from acuse.notices.events import NoticeDue
from acuse.notices.service import AccountLetters, Invitations, Outbox


def jobs(outbox: Outbox) -> Sequence[Job]:
    """Answer the job that sends one e-mail."""

    async def send(event: NoticeDue) -> None:
        await outbox.send(event.notice_id)

    return [Job(name="notices:send", run=send, on=NoticeDue, caption="Enviar un correo")]


def account_jobs(letters: AccountLetters) -> Sequence[Job]:
    """Answer the jobs that write to the owner of an account."""

    async def welcome(event: UserCreated) -> None:
        await letters.welcome(event.user_id)

    async def password_changed(event: PasswordChanged) -> None:
        await letters.password_changed(event.user_id)

    async def token_reused(event: RefreshTokenReused) -> None:
        await letters.token_reused(event.user_id)

    async def locked(event: AccountLocked) -> None:
        await letters.locked(event.user_id)

    async def second_factor(event: SecondFactorChanged) -> None:
        await letters.second_factor_changed(event.user_id, enabled=event.enabled)

    return [
        Job(name="notices:welcome", run=welcome, on=UserCreated, caption="Avisar de la cuenta nueva"),
        Job(
            name="notices:password-changed",
            run=password_changed,
            on=PasswordChanged,
            caption="Avisar del cambio de contraseña",
        ),
        Job(
            name="notices:token-reused",
            run=token_reused,
            on=RefreshTokenReused,
            caption="Avisar de una sesión cerrada por seguridad",
        ),
        Job(
            name="notices:second-factor",
            run=second_factor,
            on=SecondFactorChanged,
            caption="Avisar de un cambio en el segundo paso",
        ),
        Job(name="notices:locked", run=locked, on=AccountLocked, caption="Avisar de intentos fallidos de entrar"),
    ]


def schedules(outbox: Outbox) -> Sequence[Schedule]:
    """Answer the sweep, every five minutes."""
    return [
        Schedule(
            name="notices:sweep",
            cron="*/5 * * * *",
            zone="UTC",
            run=outbox.sweep,
            caption="Revisar correos pendientes",
        )
    ]


def invitation_jobs(invitations: Invitations) -> Sequence[Job]:
    """Answer the jobs that send a temporary password and the code for a forgotten one."""

    async def invite(event: UserInvited) -> None:
        await invitations.write(event.user_id, event.version)

    async def recover(event: PasswordForgotten) -> None:
        await invitations.write_recovery(event.recovery_id)

    return [
        Job(
            name="notices:invite", run=invite, on=UserInvited, caption="Enviar una contraseña temporal", max_attempts=5
        ),
        Job(
            name="notices:recover",
            run=recover,
            on=PasswordForgotten,
            caption="Enviar el enlace de una contraseña olvidada",
            max_attempts=5,
        ),
    ]
