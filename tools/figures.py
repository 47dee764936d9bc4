"""The figures of the architecture: prints them and fails when one falls short. Part of `make check`."""

from __future__ import annotations

import ast
import configparser
import statistics
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import grimp

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src" / "acuse"
BUILTINS = (
    "Exception",
    "BaseException",
    "RuntimeError",
    "ValueError",
    "TypeError",
    "LookupError",
    "KeyError",
    "OSError",
)
PATCHES = ("monkeypatch.setattr", "mock.patch", "mocker.patch", "MagicMock", "AsyncMock")


@dataclass(frozen=True)
class Figure:
    """One measured figure, and whether it is good enough."""

    name: str
    value: str
    wanted: str
    holds: bool


def _python_files() -> list[Path]:
    return sorted(path for path in SOURCE.rglob("*.py") if "migrations" not in path.parts)


def sizes() -> Iterator[Figure]:
    """Half the files under 110 lines, none past 600."""
    lines = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in _python_files()}
    longest = max(lines, key=lambda path: lines[path])
    median = statistics.median(lines.values())
    yield Figure("files", str(len(lines)), "", holds=True)
    yield Figure("lines", str(sum(lines.values())), "", holds=True)
    yield Figure("median file", f"{median:.0f} lines", "< 110", holds=median < 110)
    where = longest.relative_to(SOURCE).as_posix()
    yield Figure("longest file", f"{lines[longest]} lines ({where})", "<= 600", holds=lines[longest] <= 600)


def circles() -> Iterator[Figure]:
    """No import circle at any depth: a module must never reach itself."""
    graph = grimp.build_graph("acuse")
    inside = {module: set(graph.find_modules_directly_imported_by(module)) for module in graph.modules}
    remaining = dict(inside)
    while True:
        leaves = {module for module, imported in remaining.items() if not imported & remaining.keys()}
        if not leaves:
            break
        remaining = {module: imported for module, imported in remaining.items() if module not in leaves}
    # What is left either stands in a circle or leads to one; drop what nobody left imports.
    while True:
        imported_somewhere = set().union(*remaining.values()) if remaining else set()
        tops = remaining.keys() - imported_somewhere
        if not tops:
            break
        remaining = {module: imported for module, imported in remaining.items() if module not in tops}
    value = str(len(remaining)) + (f" ({', '.join(sorted(remaining))})" if remaining else "")
    yield Figure("modules in an import circle", value, "0", holds=not remaining)


def contracts() -> Iterator[Figure]:
    """Import contracts stand without an exception."""
    config = configparser.ConfigParser()
    config.read(ROOT / ".importlinter", encoding="utf-8")
    sections = [name for name in config.sections() if name.startswith("importlinter:contract:")]
    ignoring = [name for name in sections if config.has_option(name, "ignore_imports")]
    yield Figure("import contracts", str(len(sections)), ">= 6", holds=len(sections) >= 6)
    yield Figure("contracts with an ignore", str(len(ignoring)), "0", holds=not ignoring)


Documented = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def _public(node: ast.AST) -> Iterator[Documented]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, Documented) and not child.name.startswith("_"):
            yield child
            if isinstance(child, ast.ClassDef):
                yield from _public(child)


def documented() -> Iterator[Figure]:
    """At least four of five public names carry a docstring."""
    total = told = 0
    for path in _python_files():
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in (tree, *_public(tree)):
            total += 1
            told += ast.get_docstring(node) is not None
    share = told / total
    yield Figure("public names documented", f"{share:.0%} of {total}", ">= 80 %", holds=share >= 0.8)


def error_roots() -> Iterator[Figure]:
    """Every error of ours descends from one root."""
    roots = [
        node.name
        for path in _python_files()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef) and any(getattr(base, "id", None) in BUILTINS for base in node.bases)
    ]
    yield Figure("error roots", f"{len(roots)} ({', '.join(roots)})", "1", holds=len(roots) == 1)


def patches() -> Iterator[Figure]:
    """Tests run the real thing: patches of functions stay rare."""
    texts = [path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("*.py")]
    tests = sum(text.count("def test_") for text in texts)
    patched = sum(text.count(word) for text in texts for word in PATCHES)
    share = patched / max(tests, 1)
    yield Figure("test functions", str(tests), "", holds=tests > 0)
    yield Figure("patches per test", f"{share:.3f}", "<= 0.05", holds=share <= 0.05)


def main() -> int:
    """Print the table; answer 1 when a figure falls short."""
    figures = [
        figure for measure in (sizes, circles, contracts, documented, error_roots, patches) for figure in measure()
    ]
    for figure in figures:
        mark = "  " if figure.holds else "!!"
        print(f"{mark} {figure.name:<30} {figure.value:<48} {figure.wanted}")
    return 0 if all(figure.holds for figure in figures) else 1


if __name__ == "__main__":
    sys.exit(main())
