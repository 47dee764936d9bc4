"""One's own open sessions by API: seen, ended at once, never another's."""

from __future__ import annotations

from tests.accounts.conftest import BOB, Place, bearer


async def test_all_are_listed_and_the_present_one_is_marked(place: Place) -> None:
    user = await place.create()
    async with place.client() as client:
        await place.enter(client, user)
        await place.login(client, user)
        headers = bearer((await place.login(client, user))["accessToken"])
        found = (await client.get("/users/me/sessions", headers=headers)).json()["sesiones"]
    assert sorted(one["tipo"] for one in found) == ["navegador", "programa", "programa"]
    assert [one["actual"] for one in found].count(True) == 1
    assert {one["ip"] for one in found} == {"198.51.100.7"}


async def test_one_ends_at_once_with_all_its_tokens(place: Place) -> None:
    user = await place.create()
    async with place.client() as client:
        other = await place.login(client, user)
        headers = bearer((await place.login(client, user))["accessToken"])
        found = (await client.get("/users/me/sessions", headers=headers)).json()["sesiones"]
        [ended] = [one["id"] for one in found if not one["actual"]]
        assert (await client.delete(f"/users/me/sessions/{ended}", headers=headers)).status_code == 204
        assert (await client.get("/users/me", headers=bearer(other["accessToken"]))).status_code == 401
        refreshed = await client.post("/auth/refresh", json={"refreshToken": other["refreshToken"]})
        assert refreshed.status_code == 401
        assert (await client.delete(f"/users/me/sessions/{ended}", headers=headers)).status_code == 404
    assert (await place.audited())[-1] == "END_SESSION"


async def test_the_others_end_together_and_the_present_one_stays(place: Place) -> None:
    user = await place.create()
    async with place.client() as client:
        others = [bearer((await place.login(client, user))["accessToken"]) for _ in range(3)]
        headers = bearer((await place.login(client, user))["accessToken"])
        assert (await client.delete("/users/me/sessions", headers=headers)).json() == {"cerradas": 3}
        assert [(await client.get("/users/me", headers=one)).status_code for one in others] == [401] * 3
        assert (await client.get("/users/me", headers=headers)).status_code == 200


async def test_anothers_is_not_found_and_stays_open(place: Place) -> None:
    alice, bob = await place.create(), await place.create(**BOB)
    async with place.client() as client:
        hers = bearer((await place.login(client, alice))["accessToken"])
        his = bearer((await place.login(client, bob))["accessToken"])
        [session] = (await client.get("/users/me/sessions", headers=hers)).json()["sesiones"]
        assert (await client.delete(f"/users/me/sessions/{session['id']}", headers=his)).status_code == 404
        assert (await client.get("/users/me", headers=hers)).status_code == 200
