"""Reads settings: environment, then `NAME_FILE`, then `.env`, then (embedded only) secrets created at first start."""

from __future__ import annotations

import hmac
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from dotenv import dotenv_values
from pydantic import SecretStr, ValidationError

from acuse.kernel.errors import Misconfigured
from acuse.kernel.home import prepare_home
from acuse.kernel.settings.core import CoreSettings
from acuse.kernel.settings.generated import read_or_create
from acuse.kernel.settings.group import Settings, is_secret, secret_bytes, variable
from acuse.kernel.settings.problems import problems_of

G = TypeVar("G", bound=Settings)


class SettingsReader:
    """Answers groups of settings, each read once and checked whole.

    Every wrong variable of a group is named, in Spanish, and no value is ever shown. An empty variable
    counts as absent. `warnings` gathers what a person should hear although the start goes on; `created`
    the names of the secrets made just now.
    """

    def __init__(self, environ: Mapping[str, str] | None = None, env_file: Path | None = Path(".env")) -> None:
        self.warnings: list[str] = []
        self.created: list[str] = []
        self._environ = dict(os.environ if environ is None else environ)
        self._dotenv = self._read_dotenv(env_file)
        self._groups: dict[type[Settings], Settings] = {}
        self._secrets: dict[str, bytes] = {}

    @property
    def embedded(self) -> bool:
        """Tell whether the built-in PostgreSQL is used, that is, no DATABASE_URL is given."""
        return self.core.database_url is None

    @property
    def core(self) -> CoreSettings:
        """Answer the group the house itself needs."""
        return self.read(CoreSettings)

    def read(self, group: type[G]) -> G:
        """Answer a group; raises Misconfigured naming every variable that is missing or wrong."""
        known = self._groups.get(group)
        if known is None:
            known = self._groups[group] = self._read(group)
        assert isinstance(known, group)
        return known

    def unknown_names(self, groups: list[type[Settings]]) -> list[str]:
        """Answer the names in `.env` that no group declares: most often a slip of the pen."""
        known = {variable(name) for group in groups for name in group.model_fields}
        return sorted(name for name in self._dotenv if name not in known and name.removesuffix("_FILE") not in known)

    def _read(self, group: type[G]) -> G:
        values: dict[str, Any] = {}
        problems: dict[str, str] = {}
        for name, field in group.model_fields.items():
            found = self._find(variable(name), secret=is_secret(field), problems=problems)
            if found is not None:
                values[name] = found
        values |= self._make_missing_secrets(group, values, problems)
        try:
            settings = group(**values)
        except ValidationError as error:
            problems = problems_of(error) | problems
            settings = None
        if settings is not None:
            problems |= self._check_secrets(group, settings)
        if problems or settings is None:
            raise _misconfigured(problems) from None
        return settings

    def _find(self, name: str, *, secret: bool, problems: dict[str, str]) -> str | None:
        pointer = f"{name}_FILE"
        for source in (self._environ, self._dotenv):
            if source.get(name):
                if secret and source.get(pointer):
                    self.warnings.append(f"Se definieron {name} y {pointer}: se usa {name}.")
                return source[name]
            if secret and source.get(pointer):
                return self._from_file(pointer, Path(source[pointer]), problems)
        return None

    @staticmethod
    def _from_file(pointer: str, path: Path, problems: dict[str, str]) -> str | None:
        try:
            text = path.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            reason = "no es texto" if isinstance(error, UnicodeDecodeError) else (error.strerror or "error de lectura")
            problems[pointer] = f"no se puede leer el archivo que indica ({reason})"
            return None
        if not text:
            problems[pointer] = "el archivo que indica está vacío"
            return None
        return text

    def _make_missing_secrets(
        self, group: type[Settings], values: Mapping[str, Any], problems: dict[str, str]
    ) -> dict[str, str]:
        """Create what is missing in embedded mode; say what is missing elsewhere."""
        made: dict[str, str] = {}
        for name, field in group.model_fields.items():
            size = secret_bytes(field)
            if size is None or name in values or f"{variable(name)}_FILE" in problems:
                continue
            if not self.embedded:
                problems[variable(name)] = (
                    f"falta este secreto, que con DATABASE_URL no se crea solo. Defínelo (o {variable(name)}_FILE) "
                    f"con al menos {size} bytes al azar, por ejemplo de: openssl rand -base64 {size}"
                )
                continue
            home = self.core.acuse_home.absolute()
            warning = prepare_home(home)
            if warning and warning not in self.warnings:
                self.warnings.append(warning)
            made[name], created = read_or_create(home, variable(name), size)
            if created:
                self.created.append(variable(name))
        return made

    def _check_secrets(self, group: type[Settings], settings: Settings) -> dict[str, str]:
        """Refuse generated secrets that are too short or equal to one another."""
        problems: dict[str, str] = {}
        for name, field in group.model_fields.items():
            size, value = secret_bytes(field), getattr(settings, name)
            if size is None or not isinstance(value, SecretStr):
                continue
            plain = value.get_secret_value().encode()
            if len(plain) < size:
                problems[variable(name)] = f"es un secreto demasiado corto: necesita al menos {size} bytes"
            for other, known in self._secrets.items():
                if other != variable(name) and hmac.compare_digest(known, plain):
                    problems[variable(name)] = f"repite el secreto {other}: cada secreto debe ser distinto"
            self._secrets[variable(name)] = plain
        return problems

    def _read_dotenv(self, path: Path | None) -> dict[str, str]:
        if path is None or not path.is_file():
            return {}
        if path.stat().st_mode & 0o077:
            self.warnings.append(f"El archivo {path} está abierto a otros usuarios del equipo. Ciérralo con: chmod 600")
        values = dotenv_values(path, interpolate=False, encoding="utf-8")
        return {name: value for name, value in values.items() if value is not None}


def _misconfigured(problems: Mapping[str, str]) -> Misconfigured:
    told = "; ".join(f"{name}: {problem}" for name, problem in problems.items())
    return Misconfigured(problem=f"{told}.", variables=sorted(problems))
