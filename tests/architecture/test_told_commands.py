"""Every command line that a document, a page or an error tells a person works as written."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from cyclopts import App

from acuse.cli import build_cli
from acuse.cli.runner import HouseRunner

ROOT = Path(__file__).resolve().parents[2]
GENERATED = {"docs/reference/commands.md", "CHANGELOG.md"}
DOCUMENTS = [ROOT / name for name in ("README.md", "CONTRIBUTING.md")] + [
    path for folder in ("docs", "src", "benchmarks") for path in sorted((ROOT / folder).rglob("*.md"))
]
SOURCES = [path for kind in ("*.py", "*.html") for path in sorted((ROOT / "src").rglob(kind))]
EVERYWHERE = {"--json", "--help", "--version"}


def told(path: Path) -> Iterator[str]:
    """Find what follows the word `acuse` in code spans and fenced lines, of sources in anything quoted."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".md":
        whole = re.sub(r"\\\n\s*", " ", text)
        yield from re.findall(r"`acuse ([^`\n]+)`", whole)
        yield from re.findall(r"^\s*(?:\$ )?(?:\.venv/bin/)?acuse ([^#\n]+)", whole, re.MULTILINE)
    else:
        yield from re.findall(r"(?:[`«]|<code>)acuse ([a-z][^`»<\n]*)", text)


LINES = sorted(
    {
        (path.relative_to(ROOT).as_posix(), line.strip())
        for path in (*DOCUMENTS, *SOURCES)
        if path.relative_to(ROOT).as_posix() not in GENERATED
        for line in told(path)
    }
)


@pytest.fixture(scope="module")
def cli() -> App:
    return build_cli(HouseRunner())


def faults(cli: App, line: str) -> list[str]:
    """Answer what of this line the program does not know."""
    words = shlex.split(re.sub(r"[\[\]…]|\.\.\.", " ", line))
    _, apps, rest = cli.parse_commands(words)
    if apps[-1].default_command is None:
        return [word for word in rest if word not in EVERYWHERE]
    known = EVERYWHERE | {name for argument in apps[-1].assemble_argument_collection() for name in argument.names}
    return [word for word in rest if word.startswith("--") and word.split("=")[0] not in known]


def test_lines_are_found() -> None:
    assert len(LINES) > 60
    assert {"README.md", "docs/crs-import.md"} <= {where for where, _ in LINES}


@pytest.mark.parametrize(("where", "line"), LINES)
def test_every_told_line_is_one_the_program_takes(cli: App, where: str, line: str) -> None:
    assert faults(cli, line) == [], where


@pytest.mark.parametrize("line", ["sat moths", "crs import --usuario x", "efirma upload --pfx=x", "nada"])
def test_a_wrong_line_is_seen(cli: App, line: str) -> None:
    assert faults(cli, line)


def test_every_told_target_of_make_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    found = {
        target
        for path in DOCUMENTS
        for target in re.findall(r"(?:^|`)make ([a-z]+)\b", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert {"demo", "setup", "test"} <= found <= targets
