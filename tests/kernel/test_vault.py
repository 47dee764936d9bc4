"""The vault: opens what it sealed, in its place, and nothing that was touched; changes its key while running."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Column, Identity, Integer, LargeBinary, MetaData, Table, Text, insert, select, text, update

from acuse.kernel.audit import Actor, Audit
from acuse.kernel.clock import MovableClock
from acuse.kernel.database import Database
from acuse.kernel.events import Events
from acuse.kernel.keyring import KeyRing
from acuse.kernel.settings import SettingsReader
from acuse.kernel.vault import (
    Opened,
    Sealed,
    Vault,
    VaultDamaged,
    VaultKeyMissing,
    VaultKeys,
    VaultRotation,
    first_start_message,
    sealed_columns,
)
from tests.support.jobs import AUDIT_KEYS, rows

OLD = KeyRing(current="2025", keys={"2025": b"o" * 32})
NEW = KeyRing(current="2026", keys={"2026": b"n" * 32, **OLD.keys})
PLACE = {"table": "efirmas", "column": "llave", "row": "7"}
SECRET = b"-----clave privada-----"


class TestSealAndOpen:
    @given(st.binary(max_size=300))
    def test_gives_back_what_it_was_given(self, plain: bytes) -> None:
        vault = Vault(OLD)
        assert bytes(vault.open(vault.seal(plain, **PLACE), **PLACE)) == plain

    def test_two_envelopes_of_one_secret_share_nothing_but_their_header(self) -> None:
        vault = Vault(OLD)
        first, second = vault.seal(SECRET, **PLACE), vault.seal(SECRET, **PLACE)
        assert first[9:] != second[9:]
        assert SECRET not in bytes(first)

    @pytest.mark.parametrize("moved", [{"table": "otra"}, {"column": "otra"}, {"row": "8"}])
    def test_an_envelope_moved_elsewhere_does_not_open(self, moved: dict[str, str]) -> None:
        vault = Vault(OLD)
        with pytest.raises(VaultDamaged):
            vault.open(vault.seal(SECRET, **PLACE), **(PLACE | moved))

    def test_places_that_read_alike_are_not_alike(self) -> None:
        vault = Vault(OLD)
        sealed = vault.seal(SECRET, table="a|b", column="c", row="d")
        with pytest.raises(VaultDamaged):
            vault.open(sealed, table="a", column="b|c", row="d")

    def test_every_single_changed_byte_is_noticed(self) -> None:
        vault = Vault(OLD)
        sealed = bytes(vault.seal(SECRET, **PLACE))
        for index in range(len(sealed)):
            broken = sealed[:index] + bytes([sealed[index] ^ 1]) + sealed[index + 1 :]
            with pytest.raises((VaultDamaged, VaultKeyMissing)):
                vault.open(broken, **PLACE)

    def test_a_cut_envelope_is_noticed_at_every_length(self) -> None:
        vault = Vault(OLD)
        sealed = bytes(vault.seal(SECRET, **PLACE))
        for length in range(len(sealed)):
            with pytest.raises((VaultDamaged, VaultKeyMissing)):
                vault.open(sealed[:length], **PLACE)

    def test_a_missing_key_is_named(self) -> None:
        with pytest.raises(VaultKeyMissing, match="2026"):
            Vault(OLD).open(Vault(NEW).seal(SECRET, **PLACE), **PLACE)


class TestShowing:
    def test_neither_sealed_nor_opened_bytes_show_themselves(self) -> None:
        vault = Vault(OLD)
        sealed = vault.seal(SECRET, **PLACE)
        opened = vault.open(sealed, **PLACE)
        for value, kind in ((sealed, Sealed), (opened, Opened)):
            assert isinstance(value, kind)
            for shown in (repr(value), str(value), f"{value}", f"{value!r}", f"{[value]}"):
                assert "•••" in shown
                assert "clave" not in shown
                assert "ACV1" not in shown

    def test_errors_say_where_and_not_what(self) -> None:
        vault = Vault(OLD)
        with pytest.raises(VaultDamaged) as caught:
            vault.open(b"ACV1" + SECRET, **PLACE)
        assert "efirmas.llave" in str(caught.value)
        assert "privada" not in str(caught.value)


class TestRewrap:
    def test_opens_under_the_new_key_alone(self) -> None:
        sealed = Vault(NEW).rewrap(Vault(OLD).seal(SECRET, **PLACE), **PLACE)
        only_new = Vault(KeyRing(current="2026", keys={"2026": b"n" * 32}))
        assert bytes(only_new.open(sealed, **PLACE)) == SECRET


class TestFirstStart:
    def test_the_key_is_made_once_in_the_home_folder(self, tmp_path: Path) -> None:
        home = tmp_path / "var"
        rings = [SettingsReader({"ACUSE_HOME": str(home)}, env_file=None).read(VaultKeys).ring() for _ in range(2)]
        assert rings[0].current_key == rings[1].current_key
        assert (home / "secrets" / "VAULT_KEY").stat().st_mode & 0o777 == 0o600

    def test_it_says_where_the_key_lies_and_what_losing_it_means(self) -> None:
        message = first_start_message(Path("/srv/acuse/secrets/VAULT_KEY"))
        for part in ("/srv/acuse/secrets/VAULT_KEY", "Si la pierdes", "copia"):
            assert part in message

    def test_a_key_given_by_a_person_is_read(self) -> None:
        given_key = base64.b64encode(b"g" * 32).decode()
        reader = SettingsReader({"DATABASE_URL": "postgresql://x/y", "VAULT_KEY": given_key}, env_file=None)
        assert reader.read(VaultKeys).ring().current_key == b"g" * 32


class TestRotation:
    METADATA = MetaData()
    SIMPLE = Table(
        "boveda_prueba", METADATA,
        Column("id", Integer, Identity(), primary_key=True),
        Column("sello", LargeBinary, info={"sealed": True}),
        Column("abierto", LargeBinary),
    )  # fmt: skip
    DOUBLE = Table(
        "boveda_doble", METADATA,
        Column("rfc", Text, primary_key=True),
        Column("serie", Text, primary_key=True),
        Column("llave", LargeBinary, info={"sealed": True}),
    )  # fmt: skip

    @pytest.fixture
    async def filled(self, database: Database) -> None:
        old = Vault(OLD)
        async with database.transaction() as tx:
            await (await tx.connection()).run_sync(self.METADATA.create_all)
            for number in range(1, 451):
                sealed = (
                    None if number == 5 else old.seal(SECRET, table="boveda_prueba", column="sello", row=str(number))
                )
                await tx.execute(insert(self.SIMPLE).values(sello=sealed, abierto=b"x"))
            sealed = old.seal(SECRET, table="boveda_doble", column="llave", row="A&B|01")
            await tx.execute(insert(self.DOUBLE).values(rfc="A&B", serie="01", llave=sealed))

    @pytest.fixture
    def rotation(self, database: Database, clock: MovableClock) -> VaultRotation:
        audit = Audit(database, clock, AUDIT_KEYS)
        return VaultRotation(database=database, vault=Vault(NEW), audit=audit, events=Events())

    def test_finds_the_marked_columns_only(self) -> None:
        assert {column.name for column in sealed_columns(self.METADATA)} == {
            "boveda_prueba.sello",
            "boveda_doble.llave",
        }

    @pytest.mark.usefixtures("filled")
    async def test_brings_everything_under_the_new_key_and_is_audited(
        self, database: Database, rotation: VaultRotation
    ) -> None:
        report = await rotation.rotate(actor=Actor(1, "Alice"), metadata=self.METADATA)
        assert report.rewrapped == {"boveda_prueba.sello": 449, "boveda_doble.llave": 1}
        assert report.broken == []
        only_new = Vault(KeyRing(current="2026", keys={"2026": b"n" * 32}))
        async with database.transaction() as tx:
            for number, sealed in (await tx.execute(select(self.SIMPLE.c.id, self.SIMPLE.c.sello))).all():
                if sealed is not None:
                    place = {"table": "boveda_prueba", "column": "sello", "row": str(number)}
                    assert bytes(only_new.open(sealed, **place)) == SECRET
        [row] = await rows(database, "SELECT accion, objetivo_id, despues FROM auditoria")
        assert (row["accion"], row["objetivo_id"]) == ("ROTATE_VAULT_KEY", "2026")
        assert row["despues"] == {"reenvueltos": 450, "ilegibles": []}

    @pytest.mark.usefixtures("filled")
    async def test_a_second_run_finds_nothing_left(self, rotation: VaultRotation) -> None:
        await rotation.rotate(actor=Actor(1, "Alice"), metadata=self.METADATA)
        assert (await rotation.rotate(actor=Actor(1, "Alice"), metadata=self.METADATA)).total == 0

    @pytest.mark.usefixtures("filled")
    async def test_goes_on_where_it_stopped(self, database: Database, rotation: VaultRotation) -> None:
        async with database.transaction() as tx:
            where = {"table": "boveda_prueba", "column": "sello", "row": "1"}
            await tx.execute(
                update(self.SIMPLE).where(self.SIMPLE.c.id == 1).values(sello=Vault(NEW).seal(SECRET, **where))
            )
        report = await rotation.rotate(actor=Actor(1, "Alice"), metadata=self.METADATA)
        assert report.rewrapped["boveda_prueba.sello"] == 448

    @pytest.mark.usefixtures("filled")
    async def test_a_broken_envelope_is_named_and_stops_nobody(
        self, database: Database, rotation: VaultRotation
    ) -> None:
        async with database.transaction() as tx:
            await tx.execute(text("UPDATE boveda_prueba SET sello = '\\x00' WHERE id IN (3, 400)"))
        report = await rotation.rotate(actor=Actor(1, "Alice"), metadata=self.METADATA)
        assert report.broken == ["boveda_prueba.sello[3]", "boveda_prueba.sello[400]"]
        assert report.rewrapped["boveda_prueba.sello"] == 447
