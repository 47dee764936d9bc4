"""The CSDs a corpus seals with: one certificate per issuer, a handful of keys shared between them.

A key of 2,048 bits takes a good part of a second to make, a certificate almost nothing; so invented suppliers
share keys, which no reader of a document can tell.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from acuse.mx.certificates.lookalike import Holder, SatLookalikeCa
from acuse.mx.cfdi.corpus.people import Taxpayer
from acuse.mx.cfdi.seal import PAC_RFC
from acuse.mx.rfc import Rfc
from acuse.pki.keypair import KeyPair
from acuse.pki.private_key import PrivateKey

_KEYS: Final = 3
_VALIDITY: Final = timedelta(days=4 * 365 + 1)


class Issuers:
    """Answers a CSD for any issuer, issuing it at the first request."""

    def __init__(self, ca: SatLookalikeCa, *, not_before: datetime) -> None:
        self._ca = ca
        self._not_before = not_before
        self._keys: list[PrivateKey] = []
        self._csds: dict[str, KeyPair] = {}
        self.pac = self._issue(Rfc(PAC_RFC), "PAC DE PRUEBA (SIMULADO)")

    def add(self, csd: KeyPair, rfc: str) -> None:
        """Use this CSD for an issuer: the taxpayer's own, known elsewhere too."""
        self._csds[rfc] = csd

    def csd_of(self, taxpayer: Taxpayer) -> KeyPair:
        """Answer the CSD of an issuer."""
        known = self._csds.get(taxpayer.rfc)
        if known is None:
            known = self._csds[taxpayer.rfc] = self._issue(Rfc(taxpayer.rfc), taxpayer.nombre)
        return known

    def _issue(self, rfc: Rfc, name: str) -> KeyPair:
        if len(self._keys) < _KEYS:
            self._keys.append(PrivateKey.generate())
        key = self._keys[len(self._csds) % len(self._keys)]
        files = self._ca.issue_csd(Holder(rfc=rfc, name=name), not_before=self._not_before, validity=_VALIDITY, key=key)
        return files.pair
