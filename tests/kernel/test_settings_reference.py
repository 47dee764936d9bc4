from __future__ import annotations

from pathlib import Path
from typing import Literal

import pytest
from pydantic import Field, SecretStr

from acuse.kernel.settings import CoreSettings, Settings, SettingsReader, generated_secret
from acuse.kernel.settings_reference import env_example, settings_markdown, undocumented


class Sample(Settings):
    """Ajustes de muestra."""

    wait_s: float = Field(2.5, description="Espera entre intentos.", json_schema_extra={"unit": "s"})
    kind: Literal["a", "b"] = Field("a", description="Clase: a | b.")
    active: bool = Field(default=True, description="Activo.")
    pass_word: SecretStr | None = Field(SecretStr("valor-oculto"), description="Contraseña.")
    token_secret: SecretStr = generated_secret("Firma los accesos.")
    needed: str = Field(description="Dirección.")
    silent: int = 1


class TestEnvExample:
    def test_read_back_changes_nothing(self, tmp_path: Path) -> None:
        file = tmp_path / ".env"
        file.write_text(env_example([CoreSettings]), encoding="utf-8")
        file.chmod(0o600)
        assert SettingsReader({}, file).read(CoreSettings) == CoreSettings()

    def test_with_every_line_taken_is_still_the_default(self, tmp_path: Path) -> None:
        lines = env_example([CoreSettings]).splitlines()
        taken = [line[1:] if line.startswith("#") and line[1:2].isupper() else line for line in lines]
        file = tmp_path / ".env"
        file.write_text("\n".join(taken), encoding="utf-8")
        file.chmod(0o600)
        assert SettingsReader({}, file).read(CoreSettings) == CoreSettings()

    def test_names_every_variable_with_its_help_and_no_secret(self) -> None:
        text = env_example([Sample])
        assert "# Espera entre intentos. (s)\n#WAIT_S=2.5\n" in text
        assert "#ACTIVE=true\n" in text
        assert "#PASS_WORD=\n" in text
        assert "valor-oculto" not in text


class TestPage:
    @pytest.mark.parametrize(
        "row",
        [
            "| `WAIT_S` | number | `2.5` | Espera entre intentos. (s) |",
            "| `KIND` | `a` or `b` | `a` | Clase: a \\| b. |",
            "| `PASS_WORD` | secret | — | Contraseña. |",
            "| `TOKEN_SECRET` | secret, ≥ 32 bytes | created in embedded mode | Firma los accesos. |",
            "| `NEEDED` | text | **required** | Dirección. |",
            "## Ajustes de muestra.",
        ],
    )
    def test_tells_each_setting_in_one_row(self, row: str) -> None:
        assert row in settings_markdown([Sample])

    def test_shows_no_secret(self) -> None:
        assert "valor-oculto" not in settings_markdown([Sample])


def test_a_setting_without_help_is_found() -> None:
    assert undocumented([Sample, CoreSettings]) == ["SILENT"]
