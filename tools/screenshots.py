"""Photographs every page in light and dark, wide and narrow, into screenshots/, and tells what is wrong with any."""

from __future__ import annotations

import argparse
import asyncio
import dis
import inspect
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from playwright.async_api import Browser
from tests.flows.site import Site, open_site, simulated_sat
from tests.support.browser import chromium, look_at

from acuse.accounts.guards import PageForPeople
from acuse.kernel.embedded_postgres import EmbeddedPostgres
from acuse.kernel.logs import configure
from acuse.webkit.routes import every_route
from tools.albums import Album, Shot, albums_of

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "screenshots"
_PART = re.compile(r"\{\w+[^}]*\}")


def main() -> None:
    """Set up a small house with a finished year, photograph it, and end with 1 when something is wrong."""
    parser = argparse.ArgumentParser(prog="python -m tools.screenshots", description=__doc__)
    parser.add_argument("--only", nargs="+", default=[], help="only pictures whose name holds one of these texts")
    asked = parser.parse_args()
    configure("error", "text")
    with tempfile.TemporaryDirectory(prefix="acuse-fotos-") as folder:
        try:
            wrong = asyncio.run(_photograph(Path(folder), asked.only))
        finally:
            EmbeddedPostgres(Path(folder, "home")).remove()  # as root its data lie outside the home
    for fault in wrong:
        print(f"✗ {fault}")
    print(f"{len(list(FOLDER.rglob('*.png')))} pictures in {FOLDER.name}/, {len(wrong)} faults")
    sys.exit(1 if wrong else 0)


async def _photograph(folder: Path, only: Sequence[str]) -> list[str]:
    with simulated_sat(folder / "simuladores", cfdis=900) as sat:
        sat.begin()
        environment = sat.environment | {"ACUSE_HOME": str(folder / "home"), "ACUSE_SURROUNDINGS": "demo"}
        environment |= {"ARCA_ISSUANCE": "true"}
        async with open_site(environment, sat) as site, chromium() as browser:
            albums = await albums_of(site, sat)
            wrong = [] if only else _without_picture(site, albums)
            for album in albums:
                cookies = [] if album.user is None else [await site.cookie_of(album.user)]
                place = FOLDER / album.name
                if not only:
                    shutil.rmtree(place, ignore_errors=True)
                place.mkdir(parents=True, exist_ok=True)
                for shot in album.shots:
                    if not only or any(text in f"{album.name}/{shot.name}" for text in only):
                        wrong += await _shoot(browser, site, shot, place, cookies)
            return wrong


async def _shoot(browser: Browser, site: Site, shot: Shot, place: Path, cookies: Sequence[dict[str, Any]]) -> list[str]:
    """Take the four pictures of a page; they bear its name and not its address, which changes from run to run."""
    with tempfile.TemporaryDirectory() as fresh:
        wrong = await look_at(browser, site.url, [shot.path], Path(fresh), cookies=cookies, expect_status=shot.status)
        await asyncio.to_thread(_keep, Path(fresh), place, shot.name)
    print(f"{'✗' if wrong else '✓'} {place.name}/{shot.name}", flush=True)
    return wrong


def _keep(fresh: Path, place: Path, name: str) -> None:
    for picture in fresh.iterdir():
        _, size, theme = picture.stem.rsplit("-", 2)
        shutil.move(picture, place / f"{name}-{size}-{theme}.png")


def _without_picture(site: Site, albums: Sequence[Album]) -> list[str]:
    """Answer the pages of the application that nobody photographs."""
    taken = [shot.path.partition("?")[0] for album in albums for shot in album.shots]
    return [
        f"{route.path_format}: no picture shows this page"
        for route in every_route(site.app)
        if isinstance(route.route, PageForPeople)
        and "GET" in (route.methods or ())
        and _is_page(site, route.route.endpoint)
        and not any(re.fullmatch(_PART.sub("[^/]+", str(route.path_format)), path) for path in taken)
    ]


def _is_page(site: Site, endpoint: Callable[..., Any]) -> bool:
    """Tell whether an address answers whole pages, not files or pieces: one of its templates extends another."""
    environment = site.app.state.pages.environment
    return any("{% extends" in environment.loader.get_source(environment, name)[0] for name in _templates(endpoint))


def _templates(asked: Callable[..., Any]) -> set[str]:
    """Answer the templates that a function, or one it calls in its own package, names."""
    code, home = asked.__code__, asked.__module__.rpartition(".")[0]
    loads = (each.argval for each in dis.get_instructions(code) if each.opname == "LOAD_GLOBAL")
    called = [asked.__globals__.get(name) for name in loads]
    own = [each for each in called if inspect.isfunction(each) and each.__module__.startswith(home) and each != asked]
    named = {each for each in code.co_consts if isinstance(each, str) and each.endswith(".html")}
    return named.union(*map(_templates, own))


if __name__ == "__main__":
    main()
