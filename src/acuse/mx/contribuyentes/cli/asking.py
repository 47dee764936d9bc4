"""What the terminal asks for, and files it makes. Passwords are never arguments: everybody would see them."""

from __future__ import annotations

import getpass
import os
import sys
from pathlib import Path

from acuse.kernel.commands import read_file
from acuse.mx.contribuyentes.errors import FileNotWritten


def read_password(file: Path | None, *, from_stdin: bool, prompt: str = "Contraseña de la llave: ") -> bytes | str:
    """Read a password without its line end: from a file, from standard input, or asked for unseen."""
    if file is not None:
        return _first_line(read_file(file))
    if from_stdin:
        return _first_line(sys.stdin.buffer.readline())
    return getpass.getpass(prompt)


def write_file(path: Path, data: bytes) -> None:
    """Make a file only its owner may read; one that is there stays as it is. Raises FileNotWritten."""
    try:
        write_new = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise FileNotWritten(path=str(path)) from error
    with os.fdopen(write_new, "wb") as file:
        file.write(data)


def _first_line(data: bytes) -> bytes:
    return data.split(b"\n", 1)[0].removesuffix(b"\r")
