"""Builds the outbox and declares what it adds to the house."""

from __future__ import annotations

from acuse.accounts import AccountsService, PeopleService, RecoveryService, Right
from acuse.kernel.feature import Check, Feature, Finding, Mounted, Services, StandingNotice
from acuse.kernel.house import House
from acuse.notices.cli import commands
from acuse.notices.jobs import account_jobs, invitation_jobs, jobs, schedules
from acuse.notices.model import NoticeState
from acuse.notices.service import AccountLetters, Invitations, Letters, MailSettings, Outbox, SmtpPostman


def build(house: House, services: Services) -> Mounted:
    """Put the outbox together from the house, and let it write to the people of `accounts`."""
    outbox = Outbox(
        database=house.database,
        clock=house.clock,
        events=house.events,
        audit=house.audit,
        postman=SmtpPostman(house.settings.read(MailSettings)),
        letters=Letters(),
    )
    letters = AccountLetters(
        database=house.database,
        clock=house.clock,
        outbox=outbox,
        user_of=services[AccountsService].get,
        public_url=house.settings.core.acuse_public_url,
    )

    invitations = Invitations(
        database=house.database,
        outbox=outbox,
        give=services[PeopleService].give_temporary,
        give_link=services[RecoveryService].give_link,
        link_life_s=services[RecoveryService].life_s,
        public_url=house.settings.core.acuse_public_url,
    )

    async def mail() -> Finding:
        reason = outbox.waiting_reason()
        if reason:
            return Finding("warning", reason)
        failed = (await outbox.counts())[NoticeState.FAILED]
        if failed:
            return Finding("warning", f"{failed} correos quedaron en Error: míralos con `acuse notices list`.")
        return Finding("ok", "Los correos salen.")

    waiting = outbox.waiting_reason()
    return Mounted(
        services=[outbox],
        jobs=[*jobs(outbox), *account_jobs(letters), *invitation_jobs(invitations)],
        schedules=schedules(outbox),
        checks=[Check(caption="Correo", run=mail)],
        notices=[StandingNotice(right=Right.SETTINGS_READ, text=waiting)] if waiting else [],
    )


FEATURE = Feature(name="notices", caption="Correos", build=build, settings=[MailSettings], commands=commands)
