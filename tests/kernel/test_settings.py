from __future__ import annotations

import multiprocessing
import os
import stat
from pathlib import Path
from typing import Literal

import pytest
from pydantic import Field, SecretStr, field_validator

from acuse.features import SETTINGS
from acuse.kernel.errors import Misconfigured
from acuse.kernel.settings import CoreSettings, Settings, SettingsReader, generated_secret

SECRET = "s3cr3t-value-that-is-long-enough-for-us"


class Mail(Settings):
    smtp_host: str | None = Field(None, description="Servidor de correo.")
    smtp_port: int = Field(587, ge=1, le=65535, description="Puerto.")
    smtp_pass: SecretStr | None = Field(None, description="Contraseña.")
    smtp_tls: bool = Field(default=True, description="Cifrar.")
    smtp_kind: Literal["a", "b"] = Field("a", description="Clase.")

    @field_validator("smtp_host")
    @classmethod
    def _one_word(cls, value: str | None) -> str | None:
        if value and " " in value:
            raise ValueError("no lleva espacios")
        return value


class Tokens(Settings):
    token_secret: SecretStr = generated_secret("Firma los accesos.")
    refresh_secret: SecretStr = generated_secret("Firma las renovaciones.")


class Required(Settings):
    api_url: str = Field(description="Obligatoria.")


def reader(tmp_path: Path, environ: dict[str, str] | None = None, env: str | None = None) -> SettingsReader:
    file = tmp_path / ".env"
    if env is not None:
        file.write_text(env, encoding="utf-8")
        file.chmod(0o600)
    return SettingsReader({"ACUSE_HOME": str(tmp_path / "home")} | (environ or {}), file)


class TestSources:
    def test_the_environment_wins_over_a_file_over_dotenv_over_the_default(self, tmp_path: Path) -> None:
        secret = tmp_path / "secret"
        secret.write_text("from file\n")
        env = "SMTP_PASS=from dotenv\nSMTP_PORT=25\nSMTP_KIND=b\n"
        both = reader(tmp_path, {"SMTP_PORT": "465", "SMTP_PASS_FILE": str(secret)}, env)
        mail = both.read(Mail)
        assert (mail.smtp_port, mail.smtp_kind, mail.smtp_tls) == (465, "b", True)
        assert mail.smtp_pass is not None
        assert mail.smtp_pass.get_secret_value() == "from file"
        direct = reader(tmp_path, {"SMTP_PASS": "direct", "SMTP_PASS_FILE": str(secret)}).read(Mail).smtp_pass
        assert direct is not None
        assert direct.get_secret_value() == "direct"

    def test_dotenv_takes_values_letter_for_letter(self, tmp_path: Path) -> None:
        mail = reader(tmp_path, env="SMTP_PASS='a$b${HOME}#ñ'\n").read(Mail)
        assert mail.smtp_pass is not None
        assert mail.smtp_pass.get_secret_value() == "a$b${HOME}#ñ"

    def test_an_empty_variable_counts_as_absent(self, tmp_path: Path) -> None:
        assert reader(tmp_path, {"SMTP_PORT": "", "SMTP_HOST": ""}).read(Mail).smtp_port == 587

    def test_a_group_is_read_once_and_cannot_be_changed(self, tmp_path: Path) -> None:
        settings = reader(tmp_path)
        assert settings.read(Mail) is settings.read(Mail)
        with pytest.raises(ValueError, match="frozen"):
            settings.read(Mail).smtp_port = 1  # type: ignore[misc]

    def test_a_group_built_by_hand_ignores_the_environment(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("SMTP_PORT", "1")
        assert Mail(smtp_host="x").smtp_port == 587

    def test_slips_of_the_pen_in_dotenv_are_found(self, tmp_path: Path) -> None:
        settings = reader(tmp_path, env="SMTP_HOTS=x\nSMTP_PASS_FILE=/x\nSMTP_PORT=1\n")
        assert settings.unknown_names([Mail]) == ["SMTP_HOTS"]


class TestWrongValues:
    def test_every_wrong_variable_is_named_and_no_value_shown(self, tmp_path: Path) -> None:
        wrong = {"SMTP_PORT": "veinticinco", "SMTP_KIND": "zeta", "SMTP_HOST": "dos palabras", "SMTP_TLS": "quizás"}
        with pytest.raises(Misconfigured) as caught:
            reader(tmp_path, wrong).read(Mail)
        told = str(caught.value)
        assert "SMTP_PORT: debe ser un número entero" in told
        assert "SMTP_KIND: debe ser uno de: a o b" in told
        assert "SMTP_HOST: no lleva espacios" in told
        assert "SMTP_TLS: debe ser true o false" in told
        assert not [value for value in wrong.values() if value in told + repr(caught.value.details)]
        assert caught.value.__cause__ is None
        assert caught.value.__suppress_context__

    def test_a_bound_is_told(self, tmp_path: Path) -> None:
        with pytest.raises(Misconfigured, match="SMTP_PORT: debe ser 65535 o menos"):
            reader(tmp_path, {"SMTP_PORT": "70000"}).read(Mail)

    def test_a_required_one_that_is_missing_is_named(self, tmp_path: Path) -> None:
        with pytest.raises(Misconfigured, match="API_URL: falta"):
            reader(tmp_path).read(Required)

    def test_a_secret_file_that_cannot_be_read_stops_the_start(self, tmp_path: Path) -> None:
        empty = tmp_path / "empty"
        empty.touch()
        for path in (tmp_path / "missing", tmp_path, empty):
            with pytest.raises(Misconfigured, match="SMTP_PASS_FILE"):
                reader(tmp_path, {"SMTP_PASS_FILE": str(path)}).read(Mail)

    def test_core_names_its_own(self, tmp_path: Path) -> None:
        with pytest.raises(Misconfigured, match="ACUSE_SURROUNDINGS"):
            reader(tmp_path, {"ACUSE_SURROUNDINGS": "x"}).read(CoreSettings)


class TestGeneratedSecrets:
    @pytest.mark.parametrize("earlier", ["demo", "simuladores"])
    def test_a_home_begun_by_a_demonstration_is_closed_without_a_word(self, tmp_path: Path, earlier: str) -> None:
        (tmp_path / "home" / earlier).mkdir(parents=True)
        (tmp_path / "home").chmod(0o755)
        opened = reader(tmp_path)
        opened.read(Tokens)
        assert (opened.warnings, stat.S_IMODE((tmp_path / "home").stat().st_mode)) == ([], 0o700)

    def test_are_created_once_in_embedded_mode_behind_closed_doors(self, tmp_path: Path) -> None:
        first = reader(tmp_path)
        tokens = first.read(Tokens)
        assert first.embedded
        assert first.created == ["TOKEN_SECRET", "REFRESH_SECRET"]
        folder = tmp_path / "home" / "secrets"
        assert stat.S_IMODE((tmp_path / "home").stat().st_mode) == 0o700
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
        again = reader(tmp_path)
        assert again.read(Tokens) == tokens
        assert again.created == []
        assert tokens.token_secret != tokens.refresh_secret

    def test_are_the_same_for_processes_that_start_at_once(self, tmp_path: Path) -> None:
        with multiprocessing.get_context("forkserver").Pool(4) as pool:
            found = pool.map(created_secret, [tmp_path / "home"] * 8)
        assert len(set(found)) == 1

    def test_that_are_given_are_used_and_not_created(self, tmp_path: Path) -> None:
        settings = reader(tmp_path, {"TOKEN_SECRET": SECRET})
        assert settings.read(Tokens).token_secret.get_secret_value() == SECRET
        assert settings.created == ["REFRESH_SECRET"]

    def test_are_required_with_a_database_of_ones_own(self, tmp_path: Path) -> None:
        settings = reader(tmp_path, {"DATABASE_URL": "postgresql://x"})
        assert not settings.embedded
        with pytest.raises(Misconfigured) as caught:
            settings.read(Tokens)
        assert caught.value.details["variables"] == ["REFRESH_SECRET", "TOKEN_SECRET"]
        assert not (tmp_path / "home").exists()

    @pytest.mark.parametrize("database", [{}, {"DATABASE_URL": "postgresql://x"}])
    def test_that_are_short_stop_the_start(self, tmp_path: Path, database: dict[str, str]) -> None:
        with pytest.raises(Misconfigured, match="TOKEN_SECRET: es un secreto demasiado corto") as caught:
            reader(tmp_path, database | {"TOKEN_SECRET": "x" * 31, "REFRESH_SECRET": SECRET}).read(Tokens)
        assert "xxx" not in str(caught.value)

    def test_that_are_repeated_stop_the_start_also_across_groups(self, tmp_path: Path) -> None:
        class Other(Settings):
            audit_key: SecretStr = generated_secret("Encadena.")

        with pytest.raises(Misconfigured, match="REFRESH_SECRET: repite el secreto TOKEN_SECRET"):
            reader(tmp_path, {"TOKEN_SECRET": SECRET, "REFRESH_SECRET": SECRET}).read(Tokens)
        settings = reader(tmp_path, {"TOKEN_SECRET": SECRET, "AUDIT_KEY": SECRET})
        settings.read(Tokens)
        with pytest.raises(Misconfigured, match="AUDIT_KEY: repite el secreto TOKEN_SECRET"):
            settings.read(Other)

    def test_never_show_in_a_group(self, tmp_path: Path) -> None:
        assert SECRET not in repr(reader(tmp_path, {"TOKEN_SECRET": SECRET}).read(Tokens))


class TestWarnings:
    def test_tell_of_a_dotenv_open_to_others(self, tmp_path: Path) -> None:
        (tmp_path / ".env").write_text("SMTP_PORT=1\n")
        (tmp_path / ".env").chmod(0o644)
        assert "chmod 600" in reader(tmp_path).warnings[0]

    def test_tell_of_a_home_that_holds_other_things_and_is_left_open(self, tmp_path: Path) -> None:
        home = tmp_path / "home"
        home.mkdir(mode=0o755)
        (home / "cosas.txt").touch()
        settings = reader(tmp_path)
        settings.read(Tokens)
        assert "ACUSE_HOME" in settings.warnings[0]
        assert stat.S_IMODE(home.stat().st_mode) == 0o755

    def test_tell_of_a_secret_given_twice(self, tmp_path: Path) -> None:
        settings = reader(tmp_path, {"SMTP_PASS": "a", "SMTP_PASS_FILE": "/b"})
        settings.read(Mail)
        assert "SMTP_PASS_FILE" in settings.warnings[0]


class TestCore:
    def test_storage_is_in_the_home_unless_told(self, tmp_path: Path) -> None:
        assert CoreSettings(acuse_home=tmp_path / "ñ").storage == (tmp_path / "ñ" / "files").as_uri()
        assert CoreSettings(storage_url="s3://b").storage == "s3://b"

    def test_an_address_that_is_not_of_redis_stops_the_start_unshown(self, tmp_path: Path) -> None:
        with pytest.raises(Misconfigured, match="REDIS_URL: debe empezar con redis://") as caught:
            _ = reader(tmp_path, {"REDIS_URL": "http://:secreto@cache"}).core
        assert "secreto" not in str(caught.value)


class TestCron:
    @pytest.mark.parametrize("group", SETTINGS)
    def test_every_schedule_is_a_line_that_comes(self, tmp_path: Path, group: type[Settings]) -> None:
        for name in group.model_fields:
            for wrong in ("nunca", "0 0 30 2 *") if name.startswith("schedule_") else ():
                with pytest.raises(Misconfigured, match=f"{name.upper()}: debe ser una línea de cron"):
                    reader(tmp_path, {name.upper(): wrong}).read(group)


def created_secret(home: Path) -> str:
    return SettingsReader({"ACUSE_HOME": os.fspath(home)}, None).read(Tokens).token_secret.get_secret_value()
