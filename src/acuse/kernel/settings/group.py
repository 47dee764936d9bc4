"""A group of settings: typed, with unit, default and one line of help each."""

from __future__ import annotations

from typing import Any

from pydantic import Field, SecretStr
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict


class Settings(BaseSettings):
    """A group of settings. A field's name in capitals is the variable's name.

    Built directly it takes only what it is given: the environment is read by SettingsReader alone.
    """

    model_config = SettingsConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - the library's signature, here and below
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Take values from the constructor only."""
        return (init_settings,)


def generated_secret(description: str, *, secret_bytes: int = 32) -> Any:
    """Declare a secret that is created at first start in embedded mode and required everywhere else."""
    return Field(description=description, json_schema_extra={"secret_bytes": secret_bytes})


def variable(field: str) -> str:
    """Answer the environment variable of a field."""
    return field.upper()


def is_secret(field: FieldInfo) -> bool:
    """Tell whether a field holds a secret, which may then also come from `NAME_FILE`."""
    annotation = field.annotation
    return annotation is SecretStr or SecretStr in getattr(annotation, "__args__", ())


def secret_bytes(field: FieldInfo) -> int | None:
    """Answer how many bytes a generated secret has; None for a setting that is not generated."""
    extra = field.json_schema_extra
    size = extra.get("secret_bytes") if isinstance(extra, dict) else None
    return size if isinstance(size, int) else None
