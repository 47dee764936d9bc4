"""Puts operations together from what all other features mounted. Stands last in the list of features."""

from __future__ import annotations

from pathlib import Path

from acuse.accounts import AccountsService
from acuse.accounts.rights import Right
from acuse.kernel.audit import AuditArchive, AuditKeys, Checkpoints
from acuse.kernel.backups import Backups, BackupSettings
from acuse.kernel.csv import CsvExporter
from acuse.kernel.feature import Alert, AlertSource, Feature, HomePanel, MenuEntry, Mounted, Services
from acuse.kernel.house import House
from acuse.kernel.jobs import JobBoard, JobState
from acuse.kernel.vault import VaultRotation
from acuse.notices import Outbox
from acuse.operations import api, cli, pages
from acuse.operations.jobs import jobs, schedules
from acuse.operations.service import AuditDesk, FailureLetters, HouseChecks, OperationsService


def build(house: House, services: Services) -> Mounted:
    """Make the service over every job, check and panel mounted so far."""
    mounted = list(services.mounted.values())
    board = JobBoard(
        database=house.database,
        clock=house.clock,
        audit=house.audit,
        jobs=[job for each in mounted for job in each.jobs],
        schedules=[schedule for each in mounted for schedule in each.schedules],
        subjects=[subject for each in mounted for subject in each.subjects],
    )

    async def failed_jobs(_: object) -> list[Alert]:
        failed = (await board.counts())[JobState.FAILED]
        told = "Un trabajo falló." if failed == 1 else f"{failed} trabajos fallaron."
        return [Alert(text=told, path="/app/trabajos?estado=failed", state="failed")] if failed else []

    backups = Backups(house)
    checks = [*HouseChecks(house, board, backups).all(), *(check for each in mounted for check in each.checks)]
    service = OperationsService(
        board=board,
        checks=checks,
        panels=[
            HomePanel(right=Right.SETTINGS_READ, render=pages.home_panel, order=90),
            *(panel for each in mounted for panel in each.home),
        ],
        alerts=[AlertSource(right=Right.JOBS_MANAGE, find=failed_jobs), *(a for each in mounted for a in each.alerts)],
        database=house.database,
        audit=house.audit,
        rotation=VaultRotation(database=house.database, vault=house.vault, audit=house.audit, events=house.events),
    )

    keys = house.settings.read(AuditKeys)
    archive = AuditArchive(database=house.database, files=house.files, clock=house.clock, audit=house.audit, keys=keys)
    desk = AuditDesk(
        database=house.database,
        audit=house.audit,
        checkpoints=Checkpoints(
            database=house.database, clock=house.clock, audit=house.audit, keys=keys, archive=archive
        ),
        archive=archive,
        keep_days=keys.audit_keep_days,
        exporter=CsvExporter(house.database, house.audit),
        outbox=services[Outbox],
        public_url=house.settings.core.acuse_public_url,
    )

    def entry(label: str, path: str, icon: str, right: Right, order: int) -> MenuEntry:
        return MenuEntry(section="Administración", label=label, path=path, icon=icon, right=right, order=order)

    telling = FailureLetters(
        database=house.database,
        clock=house.clock,
        board=board,
        accounts=services[AccountsService],
        outbox=services[Outbox],
        public_url=house.settings.core.acuse_public_url,
    )
    own_jobs, own_schedules = jobs(telling), schedules(desk, backups, house.settings.read(BackupSettings))
    board.add(own_jobs, own_schedules)
    return Mounted(
        services=(service, desk),
        jobs=own_jobs,
        schedules=own_schedules,
        api=api.routers,
        pages=pages.routers,
        menu=(
            MenuEntry(section="", label="Inicio", path="/app", icon="home", right=Right.ACCOUNT_SELF, order=0),
            entry("Auditoría", "/app/auditoria", "book", Right.AUDIT_READ, 905),
            entry("Trabajos", "/app/trabajos", "activity", Right.JOBS_MANAGE, 910),
            entry("Salud", "/app/salud", "shield", Right.SETTINGS_READ, 920),
        ),
        templates=Path(__file__).parent / "templates",
    )


FEATURE = Feature(name="operations", caption="Operación", build=build, commands=cli.commands)
