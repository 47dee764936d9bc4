"""The taxpayers' files and the look-alike authority that issued them: made once per folder, found again later."""

from __future__ import annotations

import itertools
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from acuse.kernel.home import private_folder, write_whole
from acuse.mx.certificates.lookalike import Holder, IssuedFiles, SatLookalikeCa
from acuse.mx.cfdi.corpus import Taxpayer
from acuse.mx.rfc import Rfc
from acuse.pki.certificate import Certificate
from acuse.pki.keypair import KeyPair
from acuse.pki.lookalike import CertificateAuthority
from acuse.pki.private_key import PrivateKey, open_private_key
from acuse.simulators.people import first_taxpayers

_PASSWORD: Final = "12345678a"  # noqa: S105 - the password of the SAT's own public test files
_REPRESENTATIVE: Final = Rfc("XIQB891116QE4")
_SPARE: Final = timedelta(days=30)
_KEYS: Final = 3  # a key takes a good part of a second to make; beyond the first taxpayer they are shared


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
class Member:
    """A taxpayer with its e.firma and CSD."""

    taxpayer: Taxpayer
    efirma: Credential
    csd: Credential


@dataclass(frozen=True)
class Shelf:
    """What stands in the folder: the authority, and each taxpayer's files; the demo taxpayer is the first."""

    ca: SatLookalikeCa
    members: Sequence[Member]
    journal: Path


def open_shelf(home: Path, at: datetime, taxpayers: int = 1) -> Shelf:
    """Make the files below this folder (mode 0600), or take those that still serve at this moment."""
    home = home.absolute()
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder = private_folder(home / "sat")
    ca = _authority(folder, at)
    keys = _Keys()
    members = [_member(folder, ca, each, keys, at) for each in first_taxpayers(taxpayers)]
    return Shelf(ca, members, folder / "diario.jsonl")


class _Keys:
    """Keys for the files to be issued: two of its own for the first taxpayer, a few shared ones for the others."""

    def __init__(self) -> None:
        self._made: list[PrivateKey] = []
        self._asked = 0

    def next(self) -> PrivateKey:
        self._asked += 1
        if len(self._made) < 2 + _KEYS:
            self._made.append(PrivateKey.generate())
            return self._made[-1]
        return self._made[2 + self._asked % _KEYS]


def _member(folder: Path, ca: SatLookalikeCa, taxpayer: Taxpayer, keys: _Keys, at: datetime) -> Member:
    rfc = Rfc(taxpayer.rfc)
    efirma = Credential(folder / f"{rfc}.cer", folder / f"{rfc}.key", _PASSWORD)
    csd = Credential(folder / f"CSD_{rfc}.cer", folder / f"CSD_{rfc}.key", _PASSWORD)
    holder = Holder(rfc=rfc, name=taxpayer.nombre, representative_rfc=None if rfc.is_person else _REPRESENTATIVE)
    since = at - timedelta(days=365)
    if not efirma.is_good(ca.certificate, at):
        _keep(ca.issue_efirma(holder, not_before=since, password=_PASSWORD, key=keys.next()), efirma)
    if not csd.is_good(ca.certificate, at):
        _keep(ca.issue_csd(holder, not_before=since, password=_PASSWORD, key=keys.next()), csd)
    return Member(taxpayer, efirma, csd)


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
