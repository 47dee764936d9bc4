from __future__ import annotations

from datetime import UTC, datetime

import pytest

from acuse.mx.certificates.lookalike import Holder, SatLookalikeCa
from acuse.mx.rfc import Rfc
from acuse.pki.keypair import KeyPair

MADE = datetime(2024, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="session")
def authority() -> SatLookalikeCa:
    return SatLookalikeCa.create(at=MADE)


@pytest.fixture(scope="session")
def efirma(authority: SatLookalikeCa) -> KeyPair:
    """The e.firma of a company whose RFC and name need escaping."""
    holder = Holder(rfc=Rfc.parse("H&E951128469"), name='HERRERÍA & "ELECTRICOS" <SA> DE CV')
    return authority.issue_efirma(holder, not_before=MADE).pair
