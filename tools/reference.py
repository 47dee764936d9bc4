"""Writes the pages that are generated from the code, and with --check fails when one is out of step."""

from __future__ import annotations

import argparse
import importlib
import pkgutil
import sys
from collections.abc import Iterator
from pathlib import Path

import acuse
from acuse.accounts.rights import rights_markdown
from acuse.cli import commands_markdown
from acuse.features import SETTINGS
from acuse.kernel.errors import AppError, every_error
from acuse.kernel.settings_reference import env_example, settings_markdown

ROOT = Path(__file__).resolve().parent.parent
_RIGHTS = "# Rights\n\nWho may do what. Generated from `accounts/rights.py`, which guards every route.\n\n"


def errors_markdown() -> str:
    """Every error code with its status, exit code, Spanish text and meaning."""
    for module in pkgutil.walk_packages(acuse.__path__, "acuse."):
        importlib.import_module(module.name)
    rows = sorted({kind.code: kind for kind in _errors()}.items())
    lines = [
        "# Errors",
        "",
        "Every error has a stable code. The Spanish text is what people see; *again* says whether the program",
        "(or you) may try the same again. A router may answer another status: see its operations in `/docs`.",
        "",
        "| code | HTTP | exit | again | text | when, and what to do |",
        "|---|---|---|---|---|---|",
    ]
    lines += [
        f"| `{code}` | {kind.http_status} | {kind.exit_code} | {'yes' if kind.retryable else 'no'} "
        f"| {_cell(kind.message)} | {_cell(kind.__doc__ or '')} |"
        for code, kind in rows
    ]
    return "\n".join(lines) + "\n"


def _errors() -> Iterator[type[AppError]]:
    return (kind for kind in every_error() if kind.__module__.startswith("acuse."))


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def pages() -> dict[Path, str]:
    """Every generated file with the text it should hold."""
    return {
        ROOT / ".env.example": env_example(SETTINGS),
        ROOT / "docs/reference/settings.md": settings_markdown(SETTINGS),
        ROOT / "docs/reference/rights.md": _RIGHTS + rights_markdown(),
        ROOT / "docs/reference/commands.md": commands_markdown(),
        ROOT / "docs/errors.md": errors_markdown(),
    }


def main() -> int:
    """Write the pages, or compare them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail when a page is out of step")
    checking = parser.parse_args().check
    sys.argv[0] = "acuse"  # the command line takes its name from here; that of this program has two words too many
    stale = [path for path, text in pages().items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    for path in stale:
        print(("out of step: " if checking else "wrote ") + path.relative_to(ROOT).as_posix())
        if not checking:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(pages()[path], encoding="utf-8")
    if checking and stale:
        print("Run `make docs` and commit what changed.")
    return 1 if checking and stale else 0


if __name__ == "__main__":
    sys.exit(main())
