"""Users as an administrator manages them in a browser."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import httpx2
import pytest

from acuse.accounts.model import Role
from acuse.accounts.service import LoginService, PeopleService
from tests.accounts.conftest import BOB, PASSWORD, Place

FORM = {
    "nombre": "Juan Pérez", "cuit": "20123456789", "mail": "juan@example.com", "id_rol": "2", "limite_descargas": "10",
    "pais": "",
}  # fmt: skip


@pytest.fixture
async def desk(place: Place) -> AsyncIterator[httpx2.AsyncClient]:
    admin = await place.create(role=Role.ADMINISTRADOR, tax_id="27301112225", name="Ana Admin")
    async with place.client() as client:
        await place.enter(client, admin)
        yield client


async def test_a_new_user_gets_a_temporary_password_that_is_shown_once(place: Place, desk: httpx2.AsyncClient) -> None:
    page = await desk.post("/app/usuarios/nuevo", data=FORM)
    found = re.search(r"<code>([a-z0-9.]{17}[^<]+)</code>", page.text)
    assert found, page.text
    user = await place.services[LoginService].check("20123456789", found[1], ip=None)
    assert (user.role, user.limite_descargas, user.must_change_password) == (Role.MAYORISTA, 10, True)
    assert found[1] not in (await desk.get(f"/app/usuarios/{user.id}")).text


async def test_an_invitation_makes_its_password_where_the_mail_is_written(
    place: Place, desk: httpx2.AsyncClient
) -> None:
    sent = await desk.post("/app/usuarios/nuevo", data=FORM | {"invitar": "1"})
    assert sent.status_code == 303
    user = await place.accounts.find("20123456789")
    people = place.services[PeopleService]
    async with place.house.database.transaction() as tx:
        given = await people.give_temporary(tx, user.id, user.token_version)
    assert given is not None
    assert (await place.services[LoginService].check(user.tax_id, given[1], ip=None)).must_change_password
    async with place.house.database.transaction() as tx:
        assert await people.give_temporary(tx, user.id, user.token_version) is None
    refused = await desk.post("/app/usuarios/nuevo", data=FORM | {"mail": "", "invitar": "1"})
    assert (refused.status_code, "hace falta una dirección" in refused.text) == (400, True)


async def test_what_is_wrong_stands_beside_its_field(desk: httpx2.AsyncClient) -> None:
    for wrong in ({"limite_descargas": "-1"}, {"cuit": "<b>"}, {"id_rol": "9"}, {"nombre": ""}):
        page = await desk.post("/app/usuarios/nuevo", data=FORM | wrong)
        assert page.status_code == 400
        assert f'id="error-{next(iter(wrong))}"' in page.text or "aria-invalid" in page.text


async def test_the_list_searches_filters_and_exports(place: Place, desk: httpx2.AsyncClient) -> None:
    await place.create(**BOB)
    assert "Roberto" in (await desk.get("/app/usuarios?search=roberto")).text
    assert "Roberto" not in (await desk.get("/app/usuarios?role=1")).text
    assert (await desk.get("/app/usuarios?status=x")).status_code == 400
    assert len((await desk.get("/app/usuarios/csv?search=roberto")).text.splitlines()) == 2


async def test_a_user_is_changed_disabled_enabled_unlocked_reset_and_deleted(
    place: Place, desk: httpx2.AsyncClient
) -> None:
    bob = await place.create(**BOB)
    path = f"/app/usuarios/{bob.id}"
    data = {"nombre": "Beto", "cuit": bob.tax_id, "mail": "", "id_rol": "3", "limite_descargas": "0", "pais": "ar"}
    assert (await desk.post(path, data=data)).status_code == 303
    changed = await place.accounts.get(bob.id)
    assert (changed.name, changed.mail, changed.role, changed.limite_descargas) == ("Beto", "", Role.DISTRIBUIDOR, 0)
    for act in ("desactivar", "activar", "desbloquear"):
        assert (await desk.post(f"{path}/{act}")).status_code == 303
    assert "Contraseña temporal" in (await desk.post(f"{path}/restablecer")).text
    with pytest.raises(Exception, match="CREDENTIALS_INVALID"):
        await place.services[LoginService].check(bob.tax_id, PASSWORD, ip=None)
    assert (await desk.post(f"{path}/eliminar")).headers["location"] == "/app/usuarios"
    assert (await desk.get(path)).status_code == 404


async def test_ones_own_account_is_for_another_administrator(place: Place, desk: httpx2.AsyncClient) -> None:
    me = (await place.accounts.find("27301112225")).id
    assert "propia cuenta" in (await desk.get(f"/app/usuarios/{me}")).text
    for act in ("desactivar", "restablecer", "eliminar"):
        assert (await desk.post(f"/app/usuarios/{me}/{act}")).status_code == 409
