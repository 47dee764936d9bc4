"""Builds the outbox and declares what it adds to the house."""

from __future__ import annotations

from acuse.kernel.feature import Feature, Mounted, Services
from acuse.kernel.house import House
from acuse.notices.cli import commands
from acuse.notices.jobs import jobs, schedules
from acuse.notices.service import Letters, MailSettings, Outbox, SmtpPostman


def build(house: House, _: Services) -> Mounted:
    """Put the outbox together from the house."""
    outbox = Outbox(
        database=house.database,
        clock=house.clock,
        events=house.events,
        audit=house.audit,
        postman=SmtpPostman(house.settings.read(MailSettings)),
        letters=Letters(),
    )
    return Mounted(services=[outbox], jobs=jobs(outbox), schedules=schedules(outbox))


FEATURE = Feature(name="notices", caption="Correos", build=build, settings=[MailSettings], commands=commands)
