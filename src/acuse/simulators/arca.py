"""Puts the simulated ARCA together: its authorities, kept in a folder, and one company that may call it."""

from __future__ import annotations

import itertools
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from acuse.ar.certificates.company import CompanyLookalikeCa
from acuse.ar.certificates.lookalike import AfipLookalikeCa
from acuse.ar.outside.arca.simulator import ArcaState
from acuse.kernel.clock import MovableClock
from acuse.kernel.home import private_folder, write_whole
from acuse.pki.certificate import Certificate
from acuse.pki.keypair import KeyPair
from acuse.pki.lookalike import CertificateAuthority
from acuse.pki.private_key import PrivateKey, open_private_key

CUIT: Final = "30710955057"
_SPARE: Final = timedelta(days=30)
_FIRST_SERIALS: Final = 99_000_000


@dataclass(frozen=True)
class Company:
    """The credential of the company: certificate and key files, the key without a password."""

    cuit: str
    cer: Path
    key: Path


def build_arca(home: Path, clock: MovableClock) -> tuple[ArcaState, Company]:
    """Make the authorities below this folder (mode 0600), or take those that still serve; devices are remembered."""
    folder, now = private_folder(home.absolute() / "arca"), clock.now()
    kept = [_open(folder, name, now) for name in ("raiz", "intermedio", "computadores", CUIT)]
    if all(kept):
        root, middle, company_root, company = (pair for pair in kept if pair is not None)
    else:
        devices, companies = AfipLookalikeCa.create(now), CompanyLookalikeCa.create(now)
        root, middle, company_root = devices.root.pair, devices.intermediate.pair, companies.authority.pair
        company = companies.issue(CUIT, since=now - timedelta(days=1), key=PrivateKey.generate())
        for name, pair in (("raiz", root), ("intermedio", middle), ("computadores", company_root), (CUIT, company)):
            write_whole(folder / f"{name}.key", pair.private_key.to_der())
            write_whole(folder / f"{name}.crt", pair.certificate.pem.encode())
    serials = itertools.count(7_000 + secrets.randbelow(_FIRST_SERIALS))
    state = ArcaState(
        ca=AfipLookalikeCa(CertificateAuthority(root), CertificateAuthority(middle), serials),
        trusted=company_root.certificate,
        clock=clock,
        cuits={CUIT},
        journal=folder / "diario.json",
    )
    return state, Company(CUIT, folder / f"{CUIT}.crt", folder / f"{CUIT}.key")


def _open(folder: Path, name: str, now: datetime) -> KeyPair | None:
    """Open a pair that was kept and does not end soon."""
    crt, key = folder / f"{name}.crt", folder / f"{name}.key"
    if not (crt.exists() and key.exists()):
        return None
    certificate = Certificate.load(crt.read_bytes())
    if not certificate.is_valid_at(now + _SPARE):
        return None
    return KeyPair(certificate, open_private_key(key.read_bytes(), None))
