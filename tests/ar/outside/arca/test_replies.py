"""Reading ARCA's answers: whatever comes is read or refused, never guessed."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acuse.ar.outside.arca.errors import ArcaUnreadable
from acuse.ar.outside.arca.wire import ALTA, RENOVAR, Ticket, call, read_discharge, read_fault, read_issued, read_ticket
from tests.support.arca import CUIT, DEVICE_ID
from tests.support.controladores import NOW, a_bundle, afip

ENTITY = b'<!DOCTYPE x [<!ENTITY e "v">]><x>&e;</x>'


def issued(*certificates: str) -> bytes:
    """An answer with these certificates in base64."""
    inner = "".join(f"<certificado>{one}</certificado>" for one in certificates)
    return f"<r><return>{inner}</return></r>".encode()


class TestIssued:
    def test_bundle_leaves_the_root_out(self) -> None:
        ca = afip()
        leaf = ca.issue(DEVICE_ID, since=NOW)
        chain = "".join(
            f"<cadenaCertificacion>{one.certificate.base64}</cadenaCertificacion>" for one in (ca.root, ca.intermediate)
        )
        body = f"<r><return><certificado>{leaf.base64}</certificado>{chain}</return></r>"
        assert read_issued(body.encode()).bundle == (ca.intermediate.certificate.pem + leaf.pem).encode()

    @pytest.mark.parametrize("body", [b"", b"<r/>", issued(), issued("AAAA"), issued("ñ"), issued("", ""), ENTITY])
    def test_anything_else_is_unreadable(self, body: bytes) -> None:
        with pytest.raises(ArcaUnreadable):
            read_issued(body)


class TestDischarge:
    def test_ok_is_done(self) -> None:
        read_discharge(b"<r><return>OK</return></r>")

    @pytest.mark.parametrize("body", [b"<r><return>ok</return></r>", b"<r/>", b"<r><return/></r>", b"OK"])
    def test_nothing_else_is(self, body: bytes) -> None:
        with pytest.raises(ArcaUnreadable):
            read_discharge(body)


class TestTicket:
    @pytest.mark.parametrize(
        "inner",
        ["", "&lt;r/&gt;", "&lt;r&gt;&lt;token&gt;a&lt;/token&gt;&lt;sign&gt;b&lt;/sign&gt;&lt;/r&gt;", "&lt;r"],
    )
    def test_ticket_without_its_parts_is_unreadable(self, inner: str) -> None:
        with pytest.raises(ArcaUnreadable):
            read_ticket(f"<r><loginCmsReturn>{inner}</loginCmsReturn></r>".encode())


class TestCall:
    @pytest.mark.parametrize(("operation", "request_"), [(ALTA, None), (RENOVAR, b"x")])
    def test_request_goes_with_alta_only(self, operation: object, request_: bytes | None) -> None:
        ticket = Ticket("t", "s", NOW, NOW)
        with pytest.raises(ValueError, match="PKCS#10"):
            call(operation, DEVICE_ID, cuit=CUIT, ticket=ticket, request=request_)  # type: ignore[arg-type]


@given(junk=st.one_of(st.binary(max_size=300), st.just(a_bundle())))
def test_junk_never_crashes_a_reader(junk: bytes) -> None:
    for read in (read_issued, read_ticket, read_discharge):
        with suppress(ArcaUnreadable):
            read(junk)
    assert read_fault(junk) is None
