"""What the simulated ARCA knows: companies, devices, tickets, and what it shall do wrong."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key

from acuse.ar.certificates.lookalike import AfipLookalikeCa
from acuse.ar.outside.arca.simulator.faults import Fault, Place
from acuse.kernel.clock import MovableClock
from acuse.kernel.home import write_whole
from acuse.pki.certificate import Certificate

HOMOLOGATED: Final = frozenset({"SESHIA", "SESHRA", "HSHSAB", "EPEPAA", "PVCRAA"})
TICKET_LIFE: Final = timedelta(hours=12)


@dataclass
class Device:
    """A device with its alta: the key given then (SubjectPublicKeyInfo in base64), and how it stands."""

    key: str
    issued: int = 0
    discharged: bool = False

    @property
    def public_key(self) -> RSAPublicKey:
        """Answer the key."""
        loaded = load_der_public_key(base64.b64decode(self.key))
        assert isinstance(loaded, RSAPublicKey)
        return loaded


@dataclass(frozen=True)
class Granted:
    """A ticket given out: to whom (subject and CUIT), for what, until when."""

    subject: str
    cuit: str
    service: str
    token: str
    sign: str
    expires: str

    def is_valid_at(self, at: datetime) -> bool:
        """Tell whether it has not ended."""
        return at < datetime.fromisoformat(self.expires)


@dataclass(frozen=True)
class Call:
    """One call as it was seen, and the official name of what was answered."""

    operation: str
    controlador: str
    answer: str


@dataclass
class ArcaState:
    """The memory of both services. With `journal` devices and tickets outlive the process."""

    ca: AfipLookalikeCa
    trusted: Certificate
    """The authority that issues the companies' certificates."""
    clock: MovableClock
    cuits: set[str] = field(default_factory=set)
    """Companies with the service delegated."""
    homologated: set[str] = field(default_factory=lambda: set(HOMOLOGATED))
    services: frozenset[str] = frozenset({"arbccf"})
    least_bits: int = 1024
    journal: Path | None = None
    devices: dict[str, Device] = field(default_factory=dict)
    tickets: list[Granted] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    place: Place = Place.DETAIL
    changed_keys: int = 0
    """So many renewals certify another key than the one of the alta."""
    calls: list[Call] = field(default_factory=list)

    def __post_init__(self) -> None:
        if self.journal is None or not self.journal.exists():
            return
        told = json.loads(self.journal.read_text())
        self.devices = {name: Device(**values) for name, values in told["devices"].items()}
        self.tickets = [Granted(**values) for values in told["tickets"]]

    def now(self) -> datetime:
        """Answer the time by ARCA's clock."""
        return self.clock.now()

    def enrol(self, controlador: str, key: RSAPublicKey) -> Device:
        """Let a device have its alta."""
        info = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        self.devices[controlador] = Device(base64.b64encode(info).decode())
        self.remember()
        return self.devices[controlador]

    def remember(self) -> None:
        """Write devices and tickets down, if they shall outlive the process."""
        if self.journal is None:
            return
        told = {
            "devices": {name: asdict(device) for name, device in self.devices.items()},
            "tickets": [asdict(ticket) for ticket in self.tickets],
        }
        write_whole(self.journal, json.dumps(told).encode())

    def fail(self, *faults: Fault) -> None:
        """Set faults."""
        self.faults.extend(faults)

    def asked(self, operation: str) -> Sequence[Call]:
        """Answer the calls of an operation, oldest first."""
        return [call for call in self.calls if call.operation == operation]

    def put_right(self) -> None:
        """Clear every switch; what was done stays done."""
        self.faults.clear()
        self.place, self.changed_keys = Place.DETAIL, 0

    def reset(self) -> None:
        """Forget everything but the authorities and the companies."""
        self.put_right()
        self.devices.clear()
        self.tickets.clear()
        self.calls.clear()
        self.remember()

    def as_dict(self) -> dict[str, Any]:
        """Answer what is to be seen of it."""
        return {
            "now": self.now().isoformat(),
            "cuits": sorted(self.cuits),
            "homologated": sorted(self.homologated),
            "devices": {
                name: {"issued": device.issued, "discharged": device.discharged}
                for name, device in self.devices.items()
            },
            "tickets": [{"cuit": one.cuit, "service": one.service, "expires": one.expires} for one in self.tickets],
            "faults": [fault.as_dict() for fault in self.faults],
            "place": self.place.value,
            "changed_keys": self.changed_keys,
            "calls": [asdict(call) for call in self.calls[-200:]],
        }
