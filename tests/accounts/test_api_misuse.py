"""Access tokens that rest on something that no longer holds."""

from __future__ import annotations

from typing import Any

import jwt
from sqlalchemy import text

from acuse.accounts.model import UserStatus
from tests.accounts.conftest import BOB, ROOT, SECRETS, Place, bearer

NEW = "Nuevo-Rumbo.2031!"
NEW = "Nuevo-Rumbo.2031!"


class TestMisuse:
    """An access token acts only while everything it rests on still holds."""

    async def _refused(self, place: Place, token: str) -> None:
        async with place.client() as client:
            for path in ("/users/me", "/api/v1/cosas"):
                assert (await client.get(path, headers=bearer(token))).status_code == 401

    async def _tokens(self, place: Place, **changes: Any) -> dict[str, Any]:
        async with place.client() as client:
            return await place.login(client, await place.create(**changes))

    async def test_expired(self, place: Place) -> None:
        tokens = await self._tokens(place)
        place.clock.move(minutes=15)
        await self._refused(place, tokens["accessToken"])

    async def test_refresh_token_as_access_token(self, place: Place) -> None:
        await self._refused(place, (await self._tokens(place))["refreshToken"])

    async def test_change_token_as_access_token(self, place: Place) -> None:
        await self._refused(place, (await self._tokens(place, must_change_password=True))["changeToken"])

    async def test_signed_by_somebody_else_or_by_nobody(self, place: Place) -> None:
        read = jwt.decode((await self._tokens(place))["accessToken"], options={"verify_signature": False})
        await self._refused(place, jwt.encode(read, "x" * 40, algorithm="HS256"))
        await self._refused(place, jwt.encode(read, "", algorithm="none"))
        await self._refused(place, jwt.encode(read, SECRETS["REFRESH_SECRET"], algorithm="HS256"))

    async def test_of_a_session_that_never_was(self, place: Place) -> None:
        tokens = await self._tokens(place)
        read = jwt.decode(tokens["accessToken"], options={"verify_signature": False})
        forged = {**read, "sid": "00000000-0000-4000-8000-000000000000"}
        await self._refused(place, jwt.encode(forged, SECRETS["TOKEN_SECRET"], algorithm="HS256"))
        without = {name: value for name, value in read.items() if name != "sid"}
        await self._refused(place, jwt.encode(without, SECRETS["TOKEN_SECRET"], algorithm="HS256"))

    async def test_of_another_user_in_the_same_session(self, place: Place) -> None:
        tokens = await self._tokens(place)
        other = await place.create(**BOB)
        read = jwt.decode(tokens["accessToken"], options={"verify_signature": False})
        forged = jwt.encode({**read, "sub": str(other.id)}, SECRETS["TOKEN_SECRET"], algorithm="HS256")
        await self._refused(place, forged)

    async def test_after_logout(self, place: Place) -> None:
        tokens = await self._tokens(place)
        async with place.client() as client:
            answer = await client.post("/auth/logout", headers=bearer(tokens["accessToken"]))
            assert answer.json() == {"message": "Sesión cerrada correctamente"}
            refreshed = await client.post("/auth/refresh", json={"refreshToken": tokens["refreshToken"]})
            assert refreshed.status_code == 401
        await self._refused(place, tokens["accessToken"])
        assert (await place.audited())[-1] == "LOGOUT"

    async def test_after_the_user_was_disabled_and_enabled_again(self, place: Place) -> None:
        tokens = await self._tokens(place)
        user = await place.accounts.find("20123456789")
        await place.set_status(user, UserStatus.INACTIVE)
        await self._refused(place, tokens["accessToken"])
        await place.set_status(user, UserStatus.ACTIVE)
        await self._refused(place, tokens["accessToken"])

    async def test_after_the_user_was_deleted(self, place: Place) -> None:
        tokens = await self._tokens(place)
        async with place.house.database.transaction() as tx:
            await tx.execute(text("UPDATE users SET deleted_at = now()"))
        await self._refused(place, tokens["accessToken"])

    async def test_after_a_reset(self, place: Place) -> None:
        tokens = await self._tokens(place)
        user = await place.accounts.find("20123456789")
        await place.accounts.reset_password(user.id, NEW, actor=ROOT)
        await self._refused(place, tokens["accessToken"])

    async def test_of_an_older_version(self, place: Place) -> None:
        tokens = await self._tokens(place)
        read = jwt.decode(tokens["accessToken"], options={"verify_signature": False})
        older = jwt.encode({**read, "ver": read["ver"] - 1}, SECRETS["TOKEN_SECRET"], algorithm="HS256")
        await self._refused(place, older)
