"""The demo taxpayer and the look-alike authority that issued its files: made once per folder, found again later."""

from __future__ import annotations

import itertools
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from acuse.kernel.home import private_folder, write_whole
from acuse.mx.certificates.lookalike import Holder, IssuedFiles, SatLookalikeCa
from acuse.mx.rfc import Rfc
from acuse.pki.certificate import Certificate
from acuse.pki.keypair import KeyPair
from acuse.pki.lookalike import CertificateAuthority
from acuse.pki.private_key import open_private_key

RFC: Final = "EKU9003173C9"
NAME: Final = "ESCUELA KEMPER URGATE"
_REGIMEN: Final = "601"
_POSTCODE: Final = "42501"
_PASSWORD: Final = "12345678a"  # noqa: S105 - the password of the SAT's own public test files
_SPARE: Final = timedelta(days=30)


@dataclass(frozen=True)
class Credential:
    """Certificate file, key file and password, as the SAT hands them out."""

    cer: Path
    key: Path
    password: str

    def pair(self) -> KeyPair:
        """Open it."""
        return KeyPair.open(self.cer.read_bytes(), self.key.read_bytes(), self.password)

    def is_good(self, ca: Certificate, at: datetime) -> bool:
        """Tell whether both files are there, of this authority, and not about to end."""
        if not (self.cer.exists() and self.key.exists()):
            return False
        certificate = Certificate.load(self.cer.read_bytes())
        return certificate.verify_issued_by(ca) and certificate.is_valid_at(at + _SPARE)


@dataclass(frozen=True)
class Shelf:
    """What stands in the folder: the authority, and the taxpayer's e.firma and CSD."""

    ca: SatLookalikeCa
    rfc: str
    name: str
    regimen: str
    postcode: str
    efirma: Credential
    csd: Credential
    journal: Path


def open_shelf(home: Path, at: datetime) -> Shelf:
    """Make the files below this folder (mode 0600), or take those that still serve at this moment."""
    home = home.absolute()
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder = private_folder(home / "sat")
    ca = _authority(folder, at)
    efirma = Credential(folder / f"{RFC}.cer", folder / f"{RFC}.key", _PASSWORD)
    csd = Credential(folder / f"CSD_{RFC}.cer", folder / f"CSD_{RFC}.key", _PASSWORD)
    holder = Holder(rfc=Rfc(RFC), name=NAME, representative_rfc=Rfc("XIQB891116QE4"))
    since = at - timedelta(days=365)
    if not efirma.is_good(ca.certificate, at):
        _keep(ca.issue_efirma(holder, not_before=since, password=_PASSWORD), efirma)
    if not csd.is_good(ca.certificate, at):
        _keep(ca.issue_csd(holder, not_before=since, password=_PASSWORD), csd)
    return Shelf(ca, RFC, NAME, _REGIMEN, _POSTCODE, efirma, csd, folder / "diario.jsonl")


def _authority(folder: Path, at: datetime) -> SatLookalikeCa:
    cer, key = folder / "autoridad.cer", folder / "autoridad.key"
    if cer.exists() and key.exists():
        certificate = Certificate.load(cer.read_bytes())
        if certificate.is_valid_at(at + _SPARE):
            pair = KeyPair(certificate, open_private_key(key.read_bytes(), None))
            return SatLookalikeCa(CertificateAuthority(pair), itertools.count(1_000 + secrets.randbelow(99_000_000)))
    ca = SatLookalikeCa.create(at=at)
    write_whole(key, ca.authority.pair.private_key.to_der())
    write_whole(cer, ca.certificate.der)
    return ca


def _keep(files: IssuedFiles, place: Credential) -> None:
    write_whole(place.key, files.key)
    write_whole(place.cer, files.cer)
