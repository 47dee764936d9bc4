"""What an operator may ask of the house: is it well, what is running, what failed, is the audit whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from prometheus_client import Gauge

from acuse.accounts import Identity
from acuse.kernel.audit import Actor, Audit
from acuse.kernel.database import Database
from acuse.kernel.errors import AppError
from acuse.kernel.feature import Alert, AlertSource, Check, Finding, HomePanel
from acuse.kernel.jobs import JobBoard, JobState
from acuse.kernel.vault import RotationReport, VaultRotation

_jobs = Gauge("acuse_jobs", "Jobs of the house in each state, whichever process does them", ["state"])


@dataclass(frozen=True)
class CheckResult:
    """One answered check, in the order the features declare them."""

    caption: str
    finding: Finding
    critical: bool


@dataclass(frozen=True)
class Glance:
    """How the house is doing, for its home page. `amiss` are the checks that did not answer ok."""

    counts: Mapping[JobState, int]
    amiss: Sequence[CheckResult]
    audit_verified_at: datetime | None


class OperationsService:
    """Answers how the house is doing. `board` shows and retries jobs; `panels` make the home page."""

    def __init__(
        self,
        *,
        board: JobBoard,
        checks: Sequence[Check],
        panels: Sequence[HomePanel],
        alerts: Sequence[AlertSource],
        database: Database,
        audit: Audit,
        rotation: VaultRotation,
    ) -> None:
        self.board = board
        self.panels = tuple(sorted(panels, key=lambda panel: panel.order))
        self._alerts = tuple(alerts)
        self._checks = tuple(checks)
        self._database = database
        self._audit = audit
        self._rotation = rotation

    async def alerts(self, identity: Identity) -> list[Alert]:
        """Answer what needs this person, failures first."""
        found = [
            alert for source in self._alerts if identity.may(source.right) for alert in await source.find(identity)
        ]
        return sorted(found, key=lambda alert: alert.state != "failed")

    async def glance(self) -> Glance:
        """Answer the few numbers an administrator wants first."""
        counts = await self.board.counts()
        async with self._database.transaction() as tx:
            verified_at = await self._audit.last_verified(tx)
        amiss = [result for result in await self.checkup() if result.finding.state != "ok"]
        return Glance(counts=counts, amiss=amiss, audit_verified_at=verified_at)

    async def checkup(self, *, critical_only: bool = False) -> list[CheckResult]:
        """Ask every check; one that fails to answer counts as missing, with the reason it gave."""
        return [
            CheckResult(check.caption, await _ask(check), check.critical)
            for check in self._checks
            if check.critical or not critical_only
        ]

    async def measure(self) -> None:
        """Bring the gauge of jobs up to date. Without the database it shows none, rather than how it once was."""
        try:
            counts = await self.board.counts()
        except AppError:
            _jobs.clear()
            return
        for state, count in counts.items():
            _jobs.labels(state=state.value).set(count)

    async def rotate_vault(self, *, actor: Actor) -> RotationReport:
        """Wrap every sealed value under the newest master key, while the house keeps working."""
        return await self._rotation.rotate(actor=actor)


async def _ask(check: Check) -> Finding:
    try:
        return await check.run()
    except AppError as error:
        return Finding("missing", str(error))
