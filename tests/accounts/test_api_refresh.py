"""Refresh tokens: used once, watched for a second use."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

from pydantic import SecretStr

from acuse.accounts.tokens import Claims, TokenKind, TokenSigner
from tests.accounts.conftest import SECRETS, Build, Place, bearer


class TestRefresh:
    async def _renew(self, client: Any, token: str) -> Any:
        return await client.post("/auth/refresh", json={"refreshToken": token})

    async def test_gives_two_new_tokens_that_work(self, place: Place) -> None:
        user = await place.create()
        async with place.client() as client:
            tokens = await place.login(client, user)
            place.clock.move(minutes=20)
            answer = await self._renew(client, tokens["refreshToken"])
            assert set(answer.json()) == {"accessToken", "refreshToken"}
            me = await client.get("/users/me", headers=bearer(answer.json()["accessToken"]))
            assert me.json()["id_usuario"] == user.id
            older_name = await client.post("/tokens/refresh", json={"token": answer.json()["refreshToken"]})
            assert older_name.status_code == 200

    async def test_only_hashes_are_kept(self, place: Place) -> None:
        async with place.client() as client:
            tokens = await place.login(client, await place.create())
        stored = str(await place.rows("SELECT * FROM refresh_tokens")) + str(
            await place.rows("SELECT * FROM user_sessions")
        )
        assert tokens["refreshToken"] not in stored

    async def test_a_use_within_the_grace_is_forgiven_three_times(self, place: Place) -> None:
        async with place.client() as client:
            first = (await place.login(client, await place.create()))["refreshToken"]
            statuses = [(await self._renew(client, first)).status_code for _ in range(5)]
        assert statuses == [200, 200, 200, 200, 401]
        assert (await place.audited())[-1] == "TOKEN_REUSE_DETECTED"

    async def test_a_later_use_ends_the_whole_family_and_is_audited(self, place: Place) -> None:
        async with place.client() as client:
            first = (await place.login(client, await place.create()))["refreshToken"]
            second = (await self._renew(client, first)).json()
            place.clock.move(seconds=30)
            assert (await self._renew(client, first)).status_code == 401
            assert (await self._renew(client, second["refreshToken"])).status_code == 401
            assert (await client.get("/users/me", headers=bearer(second["accessToken"]))).status_code == 401
        assert (await place.audited()).count("TOKEN_REUSE_DETECTED") == 1

    async def test_another_family_lives_on(self, place: Place) -> None:
        user = await place.create()
        async with place.client() as client:
            stolen = (await place.login(client, user))["refreshToken"]
            other = (await place.login(client, user))["refreshToken"]
            await self._renew(client, stolen)
            place.clock.move(seconds=31)
            await self._renew(client, stolen)
            assert (await self._renew(client, other)).status_code == 200

    async def test_strict_use_has_one_winner_among_many_at_once(self, build: Build) -> None:
        place = build(REFRESH_GRACE_S="0")
        async with place.client() as client:
            token = (await place.login(client, await place.create()))["refreshToken"]
            answers = await asyncio.gather(*(self._renew(client, token) for _ in range(8)))
        assert sorted(answer.status_code for answer in answers) == [200] + [401] * 7

    async def test_at_once_within_the_grace_gives_one_winner_and_three_siblings(self, place: Place) -> None:
        async with place.client() as client:
            token = (await place.login(client, await place.create()))["refreshToken"]
            answers = await asyncio.gather(*(self._renew(client, token) for _ in range(8)))
        assert [answer.status_code for answer in answers].count(200) == 4
        rows = await place.rows("SELECT count(DISTINCT session_id) AS families FROM refresh_tokens")
        assert rows == [{"families": 1}]

    async def test_a_day_unused_or_a_week_in_all_is_the_end(self, place: Place) -> None:
        async with place.client() as client:
            user = await place.create()
            idle = (await place.login(client, user))["refreshToken"]
            kept = (await place.login(client, user))["refreshToken"]
            for _ in range(7):
                place.clock.move(hours=23)
                kept = (await self._renew(client, kept)).json()["refreshToken"]
            assert (await self._renew(client, idle)).status_code == 401
            place.clock.move(hours=8)
            assert (await self._renew(client, kept)).status_code == 401

    async def test_nothing_else_is_taken(self, place: Place) -> None:
        user = await place.create()
        async with place.client() as client:
            tokens = await place.login(client, user)
            assert (await self._renew(client, tokens["accessToken"])).status_code == 401
            signer = TokenSigner(
                access_secret=SecretStr(SECRETS["TOKEN_SECRET"]), refresh_secret=SecretStr(SECRETS["REFRESH_SECRET"])
            )
            now = place.clock.now()
            (row,) = await place.rows("SELECT id FROM user_sessions")
            unknown = signer.sign(
                Claims(
                    user_id=user.id,
                    kind=TokenKind.REFRESH,
                    version=1,
                    issued_at=now,
                    expires_at=now + timedelta(days=1),
                    session=row["id"],
                )
            )
            assert (await self._renew(client, unknown)).status_code == 401
            assert (await self._renew(client, tokens["refreshToken"])).status_code == 200
