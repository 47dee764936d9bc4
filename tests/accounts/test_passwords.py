from __future__ import annotations

import asyncio
import time

import bcrypt
import pytest

from acuse.accounts.errors import PasswordPolicyUnmet
from acuse.accounts.passwords import (
    Hasher,
    PasswordPolicy,
    PersonalData,
    is_common,
    is_known_hash,
    normal,
    temporary_password,
)

JUAN = PersonalData("20123456789", "juanperez@example.com", "Juan Pérez")
SEED = PasswordPolicy("composition", "off")


def missing(policy: PasswordPolicy, password: str, about: PersonalData = JUAN) -> list[str]:
    return [rule.code for rule in policy.judge(password, about) if not rule.met and not rule.warning]


class TestComposition:
    @pytest.mark.parametrize(
        "password",
        ["NuevaContraseña123!", "PasswordTemporal123!", "Password123!", "Ñandú verde 7?", "A1b,😀😀😀😀😀😀"],
    )
    def test_takes_what_meets_every_rule(self, password: str) -> None:
        assert missing(SEED, password) == []

    @pytest.mark.parametrize(
        ("password", "codes"),
        [
            ("contraseña123", ["UPPER", "SPECIAL"]),
            ("Corta1!", ["LENGTH"]),
            ("SINMINUSCULA1!", ["LOWER"]),
            ("sinmayuscula1!", ["UPPER"]),
            ("SinNumeros!!", ["DIGIT"]),
            ("SinEspecial123", ["SPECIAL"]),
            ("Abcdefg12-", ["SPECIAL"]),
            ("", ["LENGTH", "UPPER", "LOWER", "DIGIT", "SPECIAL"]),
            ("Aa1!" * 40, ["LENGTH"]),
        ],
    )
    def test_names_each_rule_that_is_missed(self, password: str, codes: list[str]) -> None:
        assert missing(SEED, password) == codes

    @pytest.mark.parametrize("password", ["Mi20123456789!", "Juanperez.99?", "soyPEREZ#2031", "El señor Pérez 1!"])
    def test_refuses_the_owner_inside_the_password(self, password: str) -> None:
        assert missing(SEED, password) == ["PERSONAL"]

    def test_a_short_name_forbids_nothing(self) -> None:
        assert missing(SEED, "Anaconda.Gris7!", PersonalData("", "", "Ana Ro")) == []


class TestNist:
    def test_asks_for_length_and_nothing_of_classes(self) -> None:
        nist = PasswordPolicy("nist", "enforce")
        assert missing(nist, "caballo grapa correcto") == []
        assert missing(nist, "NuevaClave12!") == ["LENGTH"]


class TestBlocklist:
    @pytest.mark.parametrize(
        "password",
        ["Password123!", "contraseña123", "P4ssw0rd!!2024", "QWERTY12345", "1234567890", "1111111111", "Enero2026!"],
    )
    def test_knows_a_common_word_in_any_dress(self, password: str) -> None:
        assert is_common(password)

    @pytest.mark.parametrize(
        "password", ["NuevaContraseña123!", "PasswordTemporal123!", "caballo grapa correcto", "7391846205"]
    )
    def test_leaves_uncommon_ones_alone(self, password: str) -> None:
        assert not is_common(password)

    def test_warning_shows_the_rule_and_lets_pass(self) -> None:
        policy = PasswordPolicy("composition", "warn")
        policy.check("Password123!", JUAN, field="newPassword")
        assert [rule.code for rule in policy.judge("Password123!", JUAN) if rule.warning] == ["COMMON"]

    def test_enforcing_refuses(self) -> None:
        with pytest.raises(PasswordPolicyUnmet):
            PasswordPolicy("composition", "enforce").check("Password123!", JUAN, field="newPassword")


def test_the_error_tells_every_missed_rule_in_spanish() -> None:
    with pytest.raises(PasswordPolicyUnmet) as told:
        SEED.check("corta", JUAN, field="newPassword")
    assert told.value.fields["newPassword"] == (
        "Falta cumplir: mínimo 10 caracteres y máximo 128; al menos una mayúscula; al menos un número; "
        'al menos un carácter especial (!@#$%^&*(),.?":{}|<>).'
    )
    assert [rule["code"] for rule in told.value.details["rules"]] == ["LENGTH", "UPPER", "DIGIT", "SPECIAL"]
    assert "corta" not in str(told.value.details["rules"])


def test_temporary_passwords_meet_every_policy_and_differ() -> None:
    made = {temporary_password() for _ in range(50)}
    assert len(made) == 50
    for password in made:
        assert missing(PasswordPolicy("composition", "enforce"), password) == []
        assert missing(PasswordPolicy("nist", "enforce"), password) == []


class TestHasher:
    async def test_verifies_its_own_hash_and_no_other_password(self) -> None:
        hasher = Hasher(memory_kib=1024, passes=1)
        encoded = await hasher.hash("Ñandú verde 7?")
        assert encoded.startswith("$argon2id$")
        assert await hasher.verify(encoded, "Ñandú verde 7?")
        assert not await hasher.verify(encoded, "ñandú verde 7?")

    async def test_composed_and_decomposed_accents_are_one_password(self) -> None:
        hasher = Hasher(memory_kib=1024, passes=1)
        decomposed = "contrasen\u0303a"
        assert normal(decomposed) == "contraseña"
        assert await hasher.verify(await hasher.hash("contraseña"), decomposed)

    async def test_no_hash_and_no_password_opens_nothing(self) -> None:
        hasher = Hasher(memory_kib=1024, passes=1)
        assert not await hasher.verify(None, "")
        assert not await hasher.verify("no es un hash", "x")
        assert not await hasher.verify(await hasher.hash("\ud800x"), "\ud801x")

    async def test_unknown_users_cost_the_same_time(self) -> None:
        hasher = Hasher(memory_kib=32_768, passes=2)
        encoded = await hasher.hash("x")

        async def cost(stored: str | None) -> float:
            times = []
            for _ in range(5):
                start = time.perf_counter()
                await hasher.verify(stored, "equivocada")
                times.append(time.perf_counter() - start)
            return min(times)

        known, unknown = await cost(encoded), await cost(None)
        assert 0.5 < unknown / known < 2

    async def test_notices_older_parameters(self) -> None:
        encoded = await Hasher(memory_kib=1024, passes=1).hash("x")
        assert not Hasher(memory_kib=1024, passes=1).is_outdated(encoded)
        assert Hasher(memory_kib=2048, passes=1).is_outdated(encoded)
        assert Hasher(memory_kib=1024, passes=1).is_outdated("$2b$12$otro")

    async def test_the_event_loop_goes_on_meanwhile(self) -> None:
        hasher = Hasher(memory_kib=65_536, passes=3)
        hashing = asyncio.create_task(hasher.hash("x"))
        ticks = 0
        while not hashing.done():
            await asyncio.sleep(0.001)
            ticks += 1
        assert ticks > 5


class TestImportedHashes:
    """bcrypt, as another program left it."""

    @pytest.mark.parametrize("kind", ["$2a$", "$2b$", "$2y$"])
    async def test_every_dialect_is_checked_and_outdated(self, kind: str) -> None:
        hasher = Hasher(memory_kib=64, passes=1)
        encoded = bcrypt.hashpw("ñandú 7".encode(), bcrypt.gensalt(4)).decode().replace("$2b$", kind)
        assert is_known_hash(encoded)
        assert await hasher.verify(encoded, "ñandú 7")
        assert not await hasher.verify(encoded, "nandu 7")
        assert hasher.is_outdated(encoded)

    async def test_only_72_bytes_count_as_where_it_was_made(self) -> None:
        hasher = Hasher(memory_kib=64, passes=1)
        encoded = bcrypt.hashpw(b"x" * 72, bcrypt.gensalt(4)).decode()
        assert await hasher.verify(encoded, "x" * 100)

    async def test_while_one_is_left_it_opens_no_other_account(self) -> None:
        hasher = Hasher(memory_kib=64, passes=1)
        left = bcrypt.hashpw(b"suya", bcrypt.gensalt(4)).decode()
        mine = await hasher.hash("mia")
        assert await hasher.verify(mine, "mia", imported=left)
        assert not await hasher.verify(mine, "suya", imported=left)
        assert not await hasher.verify(None, "suya", imported=left)

    @pytest.mark.parametrize(
        "encoded", ["", "$1$viejo$x", "$2b$31$" + "a" * 53, "$2b$10$corto", "$argon2i$v=19$m=64,t=1,p=1$c2FsdA$aGFzaA"]
    )
    def test_anything_else_is_not_taken(self, encoded: str) -> None:
        assert not is_known_hash(encoded)
