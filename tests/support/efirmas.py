"""Certificates of people who do not exist, made when first asked for and kept for the whole run."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache

from acuse.mx.certificates.lookalike import Holder, IssuedFiles, NameSpelling, SatLookalikeCa
from acuse.mx.rfc import Rfc
from acuse.pki.private_key import PrivateKey

ISSUED_AT = datetime(2025, 1, 15, 12, tzinfo=UTC)
NOW = datetime(2026, 3, 2, 18, tzinfo=UTC)
PASSWORD = "contraseña Ñ 12345678a"

PERSON = Holder(rfc=Rfc.parse("COSC8001137NA"), name="CARLOS ORTIZ SUÁREZ", curp="COSC800113HDFRRR09")
COMPANY = Holder(
    rfc=Rfc.parse("EKU9003173C9"),
    name="ESCUELA KEMPER URGATE",
    representative_rfc=Rfc.parse("COSC8001137NA"),
    representative_curp="COSC800113HDFRRR09",
)
ENYE_AND_AMPERSAND = Holder(
    rfc=Rfc.parse("Ñ&O120726RX3"),
    name="ÑANDÚ & OTOÑO",
    representative_rfc=Rfc.parse("H&EX951128469"),
    representative_curp="HEEX951128MDFRRR05",
)


@cache
def lookalike_ca() -> SatLookalikeCa:
    """The issuer all of these come from."""
    return SatLookalikeCa.create(at=ISSUED_AT)


@cache
def other_ca() -> SatLookalikeCa:
    """An issuer of the same name with another key."""
    return SatLookalikeCa.create(at=ISSUED_AT)


def a_key(place: int = 0) -> PrivateKey:
    """One of a few keys made once: certificates of different people may share them in tests."""
    return _key(place)


@cache
def _key(place: int) -> PrivateKey:
    return PrivateKey.generate()


def an_efirma(holder: Holder = PERSON, *, spelling: NameSpelling = NameSpelling.SAT, renewal: int = 0) -> IssuedFiles:
    """An e.firma valid at NOW; another `renewal` gives the same person a newer one with its own key."""
    return _efirma(holder, spelling, renewal)


@cache
def _efirma(holder: Holder, spelling: NameSpelling, renewal: int) -> IssuedFiles:
    return lookalike_ca().issue_efirma(
        holder,
        not_before=ISSUED_AT + timedelta(days=renewal),
        password=PASSWORD,
        spelling=spelling,
        key=a_key(renewal),
    )


@cache
def an_expired_efirma(holder: Holder = PERSON) -> IssuedFiles:
    """An e.firma whose four years ended before NOW."""
    return lookalike_ca().issue_efirma(holder, not_before=NOW - timedelta(days=5 * 365), password=PASSWORD, key=a_key())


@cache
def a_future_efirma(holder: Holder = PERSON) -> IssuedFiles:
    """An e.firma that begins after NOW."""
    return lookalike_ca().issue_efirma(holder, not_before=NOW + timedelta(days=3), password=PASSWORD, key=a_key())


@cache
def a_foreign_efirma(holder: Holder = PERSON) -> IssuedFiles:
    """An e.firma signed by somebody who only bears the issuer's name."""
    return other_ca().issue_efirma(holder, not_before=ISSUED_AT, password=PASSWORD, key=a_key())


@cache
def a_csd(holder: Holder = PERSON) -> IssuedFiles:
    """A CSD valid at NOW."""
    return lookalike_ca().issue_csd(holder, not_before=ISSUED_AT, password=PASSWORD, key=a_key())
