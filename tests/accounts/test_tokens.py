from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import jwt
import pytest
from pydantic import SecretStr

from acuse.accounts.errors import TokenRejected
from acuse.accounts.tokens import Claims, TokenKind, TokenSigner, fingerprint, new_secret

NOW = datetime(2026, 3, 2, 18, 0, tzinfo=UTC)
ACCESS, REFRESH = "t" * 64, "r" * 64
SIGNER = TokenSigner(access_secret=SecretStr(ACCESS), refresh_secret=SecretStr(REFRESH))


def claims(**changes: Any) -> Claims:
    values: dict[str, Any] = {
        "user_id": 7,
        "kind": TokenKind.ACCESS,
        "version": 3,
        "issued_at": NOW,
        "expires_at": NOW + timedelta(minutes=15),
        "session": uuid4(),
    }
    return Claims(**(values | changes))


def payload(**changes: Any) -> dict[str, Any]:
    token = SIGNER.sign(claims())
    read: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return read | changes


def test_a_token_says_what_was_signed() -> None:
    signed = claims()
    assert SIGNER.read(SIGNER.sign(signed), TokenKind.ACCESS, now=NOW) == signed


def test_a_token_carries_every_claim_a_reader_may_ask_for() -> None:
    read = payload()
    assert {"iss", "aud", "sub", "jti", "iat", "exp", "token_type", "ver", "sid"} <= set(read)
    assert (read["sub"], read["exp"] - read["iat"], read["token_type"]) == ("7", 900, "access")


def test_two_tokens_of_the_same_moment_differ() -> None:
    signed = claims()
    assert SIGNER.sign(signed) != SIGNER.sign(signed)


def test_a_token_ends_with_our_clock_and_not_with_the_machine() -> None:
    token = SIGNER.sign(claims())
    SIGNER.read(token, TokenKind.ACCESS, now=NOW + timedelta(minutes=14, seconds=59))
    with pytest.raises(TokenRejected):
        SIGNER.read(token, TokenKind.ACCESS, now=NOW + timedelta(minutes=15))


@pytest.mark.parametrize("kind", [TokenKind.REFRESH, TokenKind.CHANGE])
def test_one_kind_is_never_taken_for_another(kind: TokenKind) -> None:
    with pytest.raises(TokenRejected):
        SIGNER.read(SIGNER.sign(claims(kind=kind)), TokenKind.ACCESS, now=NOW)
    with pytest.raises(TokenRejected):
        SIGNER.read(SIGNER.sign(claims()), kind, now=NOW)


@pytest.mark.parametrize(
    "token",
    [
        jwt.encode(payload(), "x" * 40, algorithm="HS256"),
        jwt.encode(payload(), ACCESS, algorithm="HS384"),
        jwt.encode(payload(), ACCESS, algorithm="HS512"),
        jwt.encode(payload(), "", algorithm="none"),
        jwt.encode(payload(iss="otro"), ACCESS, algorithm="HS256"),
        jwt.encode(payload(aud="otro"), ACCESS, algorithm="HS256"),
        jwt.encode(payload(sub="siete"), ACCESS, algorithm="HS256"),
        jwt.encode(payload(ver="3"), ACCESS, algorithm="HS256"),
        jwt.encode(payload(sid="nada"), ACCESS, algorithm="HS256"),
        jwt.encode(payload(exp=10**18), ACCESS, algorithm="HS256"),
        jwt.encode(payload(token_type="refresh"), ACCESS, algorithm="HS256"),
        *(
            jwt.encode({k: v for k, v in payload().items() if k != name}, ACCESS, algorithm="HS256")
            for name in ("iss", "aud", "sub", "jti", "iat", "exp", "token_type", "ver")
        ),
        "",
        "a.b.c",
        "ñ.ñ.ñ",
        "e" * 5000,
    ],
)
def test_refuses_what_we_did_not_sign_as_it_stands(token: str) -> None:
    with pytest.raises(TokenRejected):
        SIGNER.read(token, TokenKind.ACCESS, now=NOW)


def test_refuses_a_changed_token() -> None:
    head, body, seal = SIGNER.sign(claims()).split(".")
    with pytest.raises(TokenRejected):
        SIGNER.read(f"{head}.{body[:-2]}AA.{seal}", TokenKind.ACCESS, now=NOW)


def test_opaque_secrets_are_long_and_kept_as_a_hash() -> None:
    secret = new_secret()
    assert len(secret) >= 43
    assert secret != new_secret()
    assert len(fingerprint(secret)) == 32
