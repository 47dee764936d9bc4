"""As root: the system user PostgreSQL runs as, since it refuses to run as root."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from acuse.kernel.embedded_postgres.errors import EmbeddedPostgresMissing

NAME = "acuse"
_TRIES = 20


@dataclass(frozen=True)
class Account:
    """The user and group the server's programs run as; both None when they run as ourselves."""

    user: int | None = None
    group: int | None = None

    def own(self, path: Path) -> Path:
        """Give a file or folder to this user, and answer it."""
        if self.user is not None and self.group is not None:
            os.chown(path, self.user, self.group, follow_symlinks=False)
        return path


def account_of_server() -> Account:
    """Answer the user to run as: ourselves, or as root the system user `acuse`, made when missing."""
    if os.geteuid() != 0:
        return Account()
    for _ in range(_TRIES):
        try:
            entry = pwd.getpwnam(NAME)
        except KeyError:
            _add_user()
            continue
        return Account(entry.pw_uid, entry.pw_gid)
    raise EmbeddedPostgresMissing(
        problem=f"PostgreSQL no corre como root y no se pudo crear el usuario de sistema {NAME}. Créalo con: "
        f"useradd --system {NAME}; o ejecuta Acuse con un usuario común, o define DATABASE_URL."
    )


def _add_user() -> None:
    """Make the system user; another process may be doing the same at this moment."""
    program = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin")
    if program is None:
        return
    arguments = ["--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"]
    done = subprocess.run(  # noqa: S603 - a fixed program with fixed arguments
        [program, *arguments, "--shell", "/usr/sbin/nologin", NAME], capture_output=True, check=False
    )
    if done.returncode != 0:
        time.sleep(0.1)
