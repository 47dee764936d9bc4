from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import unquote

import pytest

from acuse.kernel.clock import MovableClock
from acuse.mx.certificates.lookalike import Holder, SatLookalikeCa
from acuse.mx.outside.sat_descarga.simulator import Limits, SatState
from acuse.mx.rfc import Rfc
from acuse.pki.keypair import KeyPair
from tests.mx.outside.sat_descarga.simulator.conftest import NOON, RFC
from tests.support.sat_by_hand import SIMPLE, Reply, SatByHand, Style

OTHER = "XIA190128J61"


def another(authority: SatLookalikeCa, rfc: str = OTHER, *, days_old: int = 100) -> KeyPair:
    holder = Holder(rfc=Rfc.parse(rfc), name="XENON INDUSTRIAL ARTICLES")
    return authority.issue_efirma(holder, not_before=NOON - timedelta(days=days_old)).pair


async def changed(caller: SatByHand, part: str, other: str, *, emisor: str = RFC) -> Reply:
    """Ask with a call that was changed after it was signed."""
    values = {
        "RfcEmisor": emisor,
        "FechaInicial": "2025-01-01T00:00:00",
        "FechaFinal": "2025-02-01T00:00:00",
        "TipoSolicitud": "CFDI",
    }
    body = caller.call_body("SolicitaDescargaEmitidos", "solicitud", values).replace(part, other)
    action = "http://DescargaMasivaTerceros.sat.gob.mx/ISolicitaDescargaService/SolicitaDescargaEmitidos"
    return await caller.post("SolicitaDescargaService.svc", action, body)


class TestAutentica:
    async def test_answers_a_url_encoded_token_of_the_certificate(self, state: SatState, efirma: KeyPair) -> None:
        caller = SatByHand(state, efirma)
        await caller.authenticate()
        jwt, subject = unquote(caller.token).split("&wrap_subject=")
        header, claims = (json.loads(base64.urlsafe_b64decode(part + "==")) for part in jwt.split(".")[:2])
        assert caller.token.count("%26wrap_subject%3d") == 1
        assert header["alg"] == "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256"
        assert bytes.fromhex(subject).decode() == efirma.certificate.number
        assert (claims["actort"], claims["exp"] - claims["nbf"]) == (subject, 600)

    async def test_its_timestamp_lives_five_minutes(self, sat: SatByHand) -> None:
        reply = await sat.authenticate()
        assert reply.xml.findtext(".//{*}Created") == "2026-03-02T18:00:00.000Z"
        assert reply.xml.findtext(".//{*}Expires") == "2026-03-02T18:05:00.000Z"

    async def test_says_the_time_of_its_own_clock(self, sat: SatByHand) -> None:
        reply = await sat.authenticate()
        assert reply.headers["date"] == "Mon, 02 Mar 2026 18:00:00 GMT"

    async def test_starts_without_an_xml_declaration(self, sat: SatByHand) -> None:
        assert (await sat.authenticate()).body.startswith(b"<s:Envelope")

    async def test_six_digits_of_a_second_are_taken(self, sat: SatByHand) -> None:
        assert (await sat.authenticate(fraction=".123456")).status == 200

    @pytest.mark.parametrize(
        "changes",
        [
            {"tamper": True},
            {"created": NOON + timedelta(minutes=6)},
            {"created": NOON - timedelta(minutes=6)},
            {"life_s": -1},
        ],
        ids=["signature", "clock ahead", "clock behind", "turned window"],
    )
    async def test_a_bad_proof_is_an_invalid_security_fault(self, sat: SatByHand, changes: dict[str, object]) -> None:
        reply = await sat.authenticate(**changes)
        assert (reply.status, reply.fault) == (500, "a:InvalidSecurity")

    async def test_an_authority_unknown_to_it_gets_a_token_all_the_same(self, state: SatState) -> None:
        stranger = another(SatLookalikeCa.create(at=NOON), RFC)
        caller = SatByHand(state, stranger)
        assert (await caller.authenticate()).status == 200
        assert (await caller.emitidos()).code == "305"

    async def test_the_wrong_action_is_not_supported(self, sat: SatByHand) -> None:
        action = "http://DescargaMasivaTerceros.sat.gob.mx/IAutenticacion/Autentica"
        reply = await sat.post("Autenticacion/Autenticacion.svc", action, sat.autentica_body())
        assert (reply.status, reply.fault) == (500, "a:ActionNotSupported")
        assert action in reply.body.decode()

    async def test_a_quoted_action_is_taken(self, sat: SatByHand) -> None:
        action = f'"{SIMPLE}/IAutenticacion/Autentica"'
        assert (await sat.post("Autenticacion/Autenticacion.svc", action, sat.autentica_body())).status == 200

    async def test_the_retired_operation_is_not_supported(self, sat: SatByHand) -> None:
        action = "http://DescargaMasivaTerceros.sat.gob.mx/ISolicitaDescargaService/SolicitaDescarga"
        reply = await sat.post("SolicitaDescargaService.svc", action, "")
        assert (reply.status, reply.fault) == (500, "a:ActionNotSupported")


class TestToken:
    async def test_without_one_the_user_is_not_valid(self, state: SatState, efirma: KeyPair) -> None:
        reply = await SatByHand(state, efirma).emitidos()
        assert reply.result == {"CodEstatus": "300", "Mensaje": "Usuario No Válido"}

    async def test_it_ends_after_its_life(self, sat: SatByHand, clock: MovableClock) -> None:
        clock.move(seconds=299)
        assert (await sat.verifica("x")).code == "5004"
        clock.move(seconds=1)
        assert (await sat.verifica("x")).code == "300"

    async def test_its_decoded_form_is_taken(self, sat: SatByHand) -> None:
        sat.token = unquote(sat.token)
        assert (await sat.emitidos()).code == "5000"

    @pytest.mark.parametrize("spoil", [str.lower, lambda text: text[:-4] + "3131", lambda _: "a.b.c", lambda _: ""])
    async def test_a_changed_one_is_refused(self, sat: SatByHand, spoil: Callable[[str], str]) -> None:
        sat.token = spoil(sat.token)
        assert (await sat.verifica("x")).code == "300"

    async def test_one_of_the_other_family_is_refused(self, sat: SatByHand) -> None:
        sat.family = "retenciones"
        assert (await sat.emitidos()).code == "300"

    async def test_one_of_another_taxpayer_is_refused(self, sat: SatByHand, authority: SatLookalikeCa) -> None:
        stranger = SatByHand(sat.state, another(authority))
        stranger.token = sat.token
        assert (await stranger.emitidos()).code == "300"

    async def test_it_is_looked_at_before_the_parameters(self, sat: SatByHand) -> None:
        sat.token = "caducado"
        assert (await sat.emitidos(FechaFinal="2024-01-01T00:00:00")).code == "300"


class TestCertificate:
    async def test_a_csd_is_refused(self, state: SatState, authority: SatLookalikeCa) -> None:
        holder = Holder(rfc=Rfc.parse(RFC), name="HERRERÍA & ELECTRICOS")
        caller = SatByHand(state, authority.issue_csd(holder, not_before=NOON - timedelta(days=9)).pair)
        await caller.authenticate()
        assert (await caller.emitidos()).result == {"CodEstatus": "305", "Mensaje": "Certificado Inválido"}

    async def test_an_expired_one_is_refused(self, state: SatState, authority: SatLookalikeCa) -> None:
        caller = SatByHand(state, another(authority, days_old=5 * 365))
        await caller.authenticate()
        assert (await caller.emitidos()).code == "304"

    async def test_a_revoked_one_is_refused(self, sat: SatByHand) -> None:
        sat.state.revoked.add(sat.pair.certificate.number)
        assert (await sat.emitidos()).code == "304"

    async def test_the_dates_are_looked_at_first(self, state: SatState, authority: SatLookalikeCa) -> None:
        caller = SatByHand(state, another(authority, days_old=5 * 365))
        await caller.authenticate()
        assert (await caller.emitidos(FechaFinal="2024-01-01T00:00:00")).code == "301"


class TestSignature:
    @pytest.mark.parametrize("style", list(Style))
    async def test_every_style_of_the_world_is_taken(self, state: SatState, efirma: KeyPair, style: Style) -> None:
        caller = SatByHand(state, efirma, style=style)
        await caller.authenticate()
        assert (await caller.emitidos("XAXX010101000")).code == "5000"

    @pytest.mark.parametrize(
        ("style", "code"), [(Style.PHPCFDI, "5000"), (Style.CFDICLIENT, "302"), (Style.LUNASOFT, "302")]
    )
    async def test_strictly_only_the_plain_form_is(
        self, state: SatState, efirma: KeyPair, style: Style, code: str
    ) -> None:
        state.limits = Limits(strict=True)
        caller = SatByHand(state, efirma, style=style)
        await caller.authenticate()
        assert (await caller.emitidos()).code == code

    @pytest.mark.parametrize(
        ("part", "other"),
        [
            ('TipoSolicitud="CFDI"', 'TipoSolicitud="Metadata"'),
            ("<SignatureValue>", "<SignatureValue>AAAA"),
            ("<DigestValue>", "<DigestValue>AAAA"),
            ("xmldsig#rsa-sha1", "xmldsig#dsa-sha1"),
        ],
    )
    async def test_a_changed_call_is_refused(self, sat: SatByHand, part: str, other: str) -> None:
        reply = await changed(sat, part, other)
        assert reply.result == {"CodEstatus": "302", "Mensaje": "Sello Mal Formado"}

    async def test_anothers_documents_are_refused(self, sat: SatByHand) -> None:
        assert (await sat.emitidos(RfcEmisor=OTHER, RfcSolicitante="")).result == {
            "CodEstatus": "303",
            "Mensaje": "Sello no corresponde con RfcEmisor",
        }
        assert (await sat.recibidos(RfcReceptor=OTHER)).result["Mensaje"].endswith("RfcReceptor")
        assert (await sat.verifica("x", RfcSolicitante=OTHER)).result["Mensaje"].endswith("RfcSolicitante")
        assert (await sat.descarga("x", RfcSolicitante=OTHER)).code == "303"

    async def test_a_solicitante_other_than_the_signer_is_refused(self, sat: SatByHand) -> None:
        assert (await sat.emitidos(RfcSolicitante=OTHER)).code == "303"


class TestOrder:
    """What is wrong in two ways is refused for the first of them; token and dates are proven above."""

    async def test_the_certificate_before_the_signature(self, state: SatState, authority: SatLookalikeCa) -> None:
        caller = SatByHand(state, another(authority, days_old=5 * 365))
        await caller.authenticate()
        assert (await changed(caller, "<DigestValue>", "<DigestValue>AAAA")).code == "304"

    async def test_the_signature_before_whose_it_is(self, sat: SatByHand) -> None:
        assert (await changed(sat, "<DigestValue>", "<DigestValue>AAAA", emisor=OTHER)).code == "302"

    async def test_whose_it_is_before_what_was_asked_already(self, sat: SatByHand, authority: SatLookalikeCa) -> None:
        await sat.emitidos()
        assert (await sat.emitidos()).code == "5005"
        stranger = SatByHand(sat.state, another(authority))
        await stranger.authenticate()
        assert (await stranger.emitidos(RfcEmisor=RFC, RfcSolicitante="")).code == "303"
