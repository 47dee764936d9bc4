"""What the house itself needs to know before anything is built."""

from __future__ import annotations

from pathlib import Path
from typing import Final, Literal

from pydantic import Field, SecretStr, field_validator

from acuse.kernel.settings.group import Settings

_COUNTRIES: Final = frozenset({"mx", "ec", "ar"})
_REDIS: Final = ("redis://", "rediss://", "unix://")


class CoreSettings(Settings):
    """La casa: carpetas, base de datos, servidor y registro."""

    acuse_home: Path = Field(Path("var"), description="Carpeta de los datos propios: base integrada, archivos, claves.")
    database_url: SecretStr | None = Field(None, description="PostgreSQL 15 o posterior. Vacío: el integrado.")
    storage_url: str | None = Field(
        None, description="Dónde se guardan los archivos: file:///ruta o s3://cubeta/prefijo. Vacío: ACUSE_HOME/files."
    )
    acuse_surroundings: Literal["produccion", "pruebas", "demo"] = Field(
        "produccion", description="Entorno: cambia avisos y reglas, y se muestra en cada página."
    )
    acuse_public_url: str = Field("", description="Dirección con la que las personas llegan a Acuse.")
    acuse_listen_host: str = Field("127.0.0.1", description="Dirección local en la que escucha el servidor.")
    acuse_listen_port: int = Field(8000, ge=0, le=65535, description="Puerto en el que escucha; 0 elige uno libre.")
    acuse_workers: Literal["internal", "external"] = Field(
        "internal", description="Dónde corren los trabajos: en el servidor o en procesos `acuse worker`."
    )
    acuse_countries: str = Field(
        "mx,ec,ar",
        description="Países activos, separados por comas: lo de los demás no se muestra, no atiende ni trabaja.",
    )
    acuse_cpu_processes: int | None = Field(
        None, ge=1, le=64, description="Procesos para leer paquetes. Vacío: uno por núcleo."
    )
    cors_origins: str = Field("", description="Orígenes ajenos que pueden llamar a la API, separados por comas.")
    trusted_proxies: str = Field("", description="Direcciones o redes de los proxies propios, separadas por comas.")
    redis_url: SecretStr | None = Field(None, description="Redis compartido por varios procesos. Vacío: PostgreSQL.")
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="Qué tanto se registra.")
    log_format: Literal["text", "json"] = Field("text", description="Registro para personas o para máquinas.")
    database_pool_size: int = Field(10, ge=1, le=100, description="Conexiones que cada proceso mantiene abiertas.")

    @field_validator("acuse_home")
    @classmethod
    def _without_tilde(cls, home: Path) -> Path:
        return home.expanduser()

    @field_validator("acuse_countries")
    @classmethod
    def _of_ours(cls, text: str) -> str:
        if not set(_words(text)) <= _COUNTRIES:
            raise ValueError("debe nombrar países de entre mx, ec y ar, separados por comas")
        return text

    @field_validator("redis_url")
    @classmethod
    def _of_redis(cls, url: SecretStr | None) -> SecretStr | None:
        if url is not None and not url.get_secret_value().startswith(_REDIS):
            raise ValueError(f"debe empezar con {_REDIS[0]}, {_REDIS[1]} o {_REDIS[2]}")
        return url

    @property
    def countries(self) -> frozenset[str]:
        """Answer the active countries."""
        return frozenset(_words(self.acuse_countries))

    @property
    def storage(self) -> str:
        """Answer where files are kept: STORAGE_URL or the folder `files` of ACUSE_HOME."""
        return self.storage_url or (self.acuse_home.absolute() / "files").as_uri()


def _words(text: str) -> list[str]:
    return [part.strip() for part in text.split(",")]
