"""Chromium for tests: a watched page, and one look at many pages in light and dark, wide and narrow."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Self

import pytest
import uvicorn
from axe_playwright_python.base import AXE_SCRIPT
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, async_playwright
from starlette.types import ASGIApp

CHROMIUM = Path("/usr/bin/chromium")
HEAVIEST_BYTES = 100_000
NARROWEST = 360
SIZES = {"wide": (1280, 900), "narrow": (390, 844)}
Theme = Literal["light", "dark"]
THEMES: tuple[Theme, ...] = ("light", "dark")

needs_chromium = pytest.mark.skipif(not CHROMIUM.exists(), reason="SKIPPED LOUDLY: /usr/bin/chromium is missing")
"""Mark for every test with a browser: `pytestmark = [pytest.mark.browser, needs_chromium]`."""


@dataclass
class Watched:
    """A page whose console, errors and transferred bytes are written down."""

    page: Page
    messages: list[str] = field(default_factory=list)
    transferred: int = 0

    @classmethod
    async def start(cls, context: BrowserContext) -> Self:
        """Open a page and watch it."""
        watched = cls(await context.new_page())
        watched.page.on("console", watched._hear)
        watched.page.on("pageerror", lambda e: watched.messages.append(f"pageerror: {e}"))
        session = await context.new_cdp_session(watched.page)
        await session.send("Network.enable")
        session.on("Network.loadingFinished", watched._count)
        return watched

    def _hear(self, message: ConsoleMessage) -> None:
        # "verbose" is Chromium's advice about form fields, not a message of the page.
        if str(message.type) != "verbose":
            self.messages.append(f"{message.type}: {message.text}")

    def _count(self, event: dict[str, Any]) -> None:
        self.transferred += int(event["encodedDataLength"])

    def assert_quiet(self) -> None:
        """Nothing in the console: no policy violation, no error, no missing file."""
        assert self.messages == [], f"{self.page.url}: {self.messages}"

    async def axe(self) -> list[str]:
        """Answer what axe-core finds against WCAG 2.2 AA and its best practices."""
        await self.page.evaluate(AXE_SCRIPT)
        result = await self.page.evaluate("axe.run({resultTypes: ['violations']})")
        return [
            f"{violation['id']}: {node['target']} {node['failureSummary']}"
            for violation in result["violations"]
            for node in violation["nodes"]
        ]

    async def sticks_out(self) -> list[str]:
        """Answer the elements that make the page scroll sideways; empty when it does not."""
        found: list[str] = await self.page.evaluate(
            """() => document.documentElement.scrollWidth <= innerWidth ? [] :
              [...document.body.querySelectorAll("*")]
                .filter(el => el.getBoundingClientRect().right > innerWidth + 1)
                .map(el => el.tagName + "." + el.className).slice(0, 5).concat(["scrollWidth"])"""
        )
        return found


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """Start Debian's Chromium."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM)
        try:
            yield browser
        finally:
            await browser.close()


@asynccontextmanager
async def watched_page(
    browser: Browser,
    base_url: str,
    *,
    size: tuple[int, int] = SIZES["wide"],
    theme: Theme = "light",
    script: bool = True,
    cookies: Sequence[dict[str, Any]] = (),
) -> AsyncIterator[Watched]:
    """Open a watched page of a Mexican Spanish browser; relative addresses go to `base_url`."""
    context = await browser.new_context(
        base_url=base_url,
        locale="es-MX",
        timezone_id="America/Mexico_City",
        viewport={"width": size[0], "height": size[1]},
        color_scheme=theme,
        java_script_enabled=script,
        reduced_motion="reduce",
    )
    await context.add_cookies([{"url": base_url, **cookie} for cookie in cookies])  # type: ignore[typeddict-item]
    try:
        yield await Watched.start(context)
    finally:
        await context.close()


@asynccontextmanager
async def served(app: ASGIApp) -> AsyncIterator[str]:
    """Serve an application on a free loopback port of this event loop; answers its address."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="auto", timeout_graceful_shutdown=1))
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            while not server.started:
                await asyncio.sleep(0.01)
                if serving.done():
                    serving.result()
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            await serving


async def look_at(
    browser: Browser,
    base_url: str,
    paths: Sequence[str],
    folder: Path,
    *,
    cookies: Sequence[dict[str, Any]] = (),
    expect_status: int | None = 200,
) -> list[str]:
    """Photograph each page in light and dark, wide and narrow, and answer what is wrong with any of them.

    Checks: the status, a clean console, axe-core without a violation, under 100 kB transferred with an empty cache,
    no horizontal scroll at 360 px. Pictures are `<path>-<size>-<theme>.png` in `folder`.
    """
    wrong: list[str] = []
    for path in paths:
        name = path.strip("/").replace("/", "_").replace("?", "_") or "root"
        for theme in THEMES:
            for label, size in SIZES.items():
                async with watched_page(browser, base_url, size=size, theme=theme, cookies=cookies) as watched:
                    where = f"{path} ({label}, {theme})"
                    wrong += [f"{where}: {fault}" for fault in await _inspect(watched, path, expect_status)]
                    await watched.page.screenshot(path=folder / f"{name}-{label}-{theme}.png", full_page=True)
                    await watched.page.set_viewport_size({"width": NARROWEST, "height": 740})
                    wrong += [f"{where}: sticks out at 360 px: {it}" for it in await watched.sticks_out()]
    return wrong


async def _inspect(watched: Watched, path: str, expect_status: int | None) -> list[str]:
    answer = await watched.page.goto(path, wait_until="load")
    await watched.page.wait_for_timeout(60)
    wrong = []
    if expect_status is not None and answer is not None and answer.status != expect_status:
        wrong.append(f"status {answer.status}")
    expected = expect_status is not None and expect_status >= 400
    wrong += [m for m in watched.messages if not (expected and "Failed to load resource" in m)]
    if watched.transferred > HEAVIEST_BYTES:
        wrong.append(f"weighs {watched.transferred} bytes")
    return wrong + await watched.axe()
