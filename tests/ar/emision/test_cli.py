"""`acuse crs issue`: ask on behalf of a user, look, end a device, keep the credential."""

from __future__ import annotations

from pathlib import Path

import pytest

from acuse.accounts.model import Role
from acuse.ar.certificates.lookalike import device_key
from acuse.ar.emision.cli import commands
from acuse.ar.emision.model import EstadoEmision
from acuse.kernel.commands import FileUnreadable
from acuse.kernel.errors import NotAllowed, NotFound
from tests.ar.emision.conftest import Office
from tests.support.arca import CUIT, a_company, a_request
from tests.support.controladores import DEVICE
from tests.support.terminal import Terminal


@pytest.fixture
def terminal(office: Office) -> Terminal:
    return Terminal(office.site.services, commands)


async def test_a_certificate_is_asked_for_a_user_and_watched(
    terminal: Terminal, office: Office, tmp_path: Path
) -> None:
    (tmp_path / "pedido.p10").write_bytes(a_request())
    user = str(office.bob.user.id)
    await terminal.run("issue", "request", "seshia-1371", "--user", user, "--request", str(tmp_path / "pedido.p10"))
    asked = terminal.shown[-1]
    assert (asked["controlador_id"], asked["estado"], "historia" in asked) == (DEVICE, "en_espera", False)
    assert await office.used() == (0, 1, 0)
    [row] = await office.rows("select id_emision from crs_emisiones")
    done = await office.carry(await office.issuing.get(office.bob.identity, row["id_emision"]))
    assert done.estado is EstadoEmision.CONCLUIDA
    await terminal.run("issue", "show", asked["id_emision"], "--user", user)
    told, history = terminal.shown[-2:]
    assert told["estado"] == "concluida"
    assert len(history) == len(done.historia)


async def test_nobody_sees_what_another_asked(terminal: Terminal, office: Office) -> None:
    office.arca.enrol(DEVICE, device_key().public_key)
    asked = await office.ask()
    carol = await office.site.person("Carol", "27301112225", Role.DISTRIBUIDOR)
    with pytest.raises(NotFound):
        await terminal.run("issue", "show", str(asked.id), "--user", str(carol.user.id))


async def test_only_an_administrator_ends_a_device(terminal: Terminal, office: Office) -> None:
    office.arca.enrol(DEVICE, device_key().public_key)
    with pytest.raises(NotAllowed):
        await terminal.run("issue", "discharge", DEVICE, "--user", str(office.bob.user.id))
    ana = await office.site.person("Ana", "27301112225", Role.ADMINISTRADOR)
    await terminal.run("issue", "discharge", DEVICE, "--user", str(ana.user.id))
    assert (terminal.shown[-1]["tramite"], terminal.shown[-1]["estado"]) == ("baja", "en_espera")


async def test_the_state_tells_the_credential_and_takes_another(
    terminal: Terminal, office: Office, tmp_path: Path
) -> None:
    pair = a_company(age_days=3)
    (tmp_path / "a.crt").write_bytes(pair.certificate.der)
    (tmp_path / "a.key").write_text(pair.private_key.to_encrypted_pem("Una clave"))
    (tmp_path / "clave.txt").write_text("Una clave\n")
    words = [str(tmp_path / "a.crt"), str(tmp_path / "a.key"), "--password-file", str(tmp_path / "clave.txt")]
    await terminal.run("issue", "credential", *words)
    assert terminal.shown[-1]["cuit"] == CUIT
    await terminal.run("issue", "state")
    assert CUIT in str(terminal.shown[-1])
    with pytest.raises(FileUnreadable):
        await terminal.run("issue", "credential", str(tmp_path / "no.crt"), words[1])
    acts = await office.site.audited("UPLOAD_CREDENTIAL")
    assert acts[-1].actor_nombre == terminal.actor.name
