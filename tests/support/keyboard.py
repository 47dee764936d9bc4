"""A person without a mouse: everything is reached with Tab, and what has the focus can be seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from playwright.async_api import Locator, Page

_MOST_STOPS: Final = 200
_STOP: Final = """() => {
  const el = document.activeElement;
  if (!el || el === document.body) return null;
  const ringed = (one) => {
    const style = getComputedStyle(one);
    return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0;
  };
  const around = el.closest(".drop, .tile");
  const box = el.getBoundingClientRect();
  const top = document.elementFromPoint(box.x + box.width / 2, box.y + Math.min(box.height / 2, 20));
  const what = `${el.tagName} «${(el.innerText || el.name || "").trim().slice(0, 60)}»`;
  // the button inside a date field is the browser's, and shows its focus itself
  if (!ringed(el) && !(around && ringed(around)) && el.type !== "date") return `${what} does not show its focus`;
  if (!top) return `${what} has the focus out of sight`;
  const own = el.contains(top) || top.contains(el) || top.closest("label")?.contains(el) || around;
  return own ? "" : `${what} has the focus under something else`;
}"""
_REMEMBER: Final = """() => {
  const el = document.activeElement, stops = (window.stops ??= []);
  if (!el || el === document.body || (stops.includes(el) && stops.at(-1) !== el)) return false;
  if (stops.at(-1) !== el) stops.push(el);
  return true;
}"""
_MISSED: Final = """() => {
  const stops = window.stops ?? [];
  delete window.stops;
  const told = (el) => `${el.tagName} «${(el.innerText || el.name || "").trim().slice(0, 60)}»`;
  const every = [...document.querySelectorAll(
    'a[href], button, input:not([type=hidden], [type=radio]), select, textarea, summary, [tabindex="0"]'
  )].filter((el) => el.checkVisibility({ visibilityProperty: true }) && !el.disabled && !stops.includes(el));
  const after = (a, b) => a.compareDocumentPosition(b) & Node.DOCUMENT_POSITION_FOLLOWING;
  const late = stops.slice(1).filter((el, at) => !after(stops[at], el));
  return [...every.map((el) => `${told(el)} is never reached`), ...late.map((el) => `${told(el)} comes out of order`)];
}"""


@dataclass(frozen=True)
class Keyboard:
    """The keys of one page; every stop on the way is looked at."""

    page: Page

    async def to(self, wanted: Locator) -> None:
        """Press Tab until this has the focus."""
        for _ in range(_MOST_STOPS):
            await self._tab()
            if await wanted.evaluate("el => el === document.activeElement"):
                return
        raise AssertionError(f"{self.page.url}: no Tab leads to {wanted}")

    async def press(self, wanted: Locator, key: str = "Enter") -> None:
        """Go there and press a key."""
        await self.to(wanted)
        await self.page.keyboard.press(key)

    async def write(self, label: str, text: str) -> None:
        """Go to the field of this label and type in place of what it holds."""
        await self.to(self.page.get_by_label(label, exact=True))
        await self.page.keyboard.press("ControlOrMeta+a")
        await self.page.keyboard.type(text)

    async def send(self) -> None:
        """Press Enter where the focus is, and wait for the page that follows."""
        async with self.page.expect_event("load"):
            await self.page.keyboard.press("Enter")

    async def follow(self, wanted: Locator) -> None:
        """Go there, press Enter and wait for the page that follows."""
        await self.to(wanted)
        await self.send()

    async def reaches_everything(self) -> None:
        """Walk the whole page: nothing visible is left out, and the order is the order of reading."""
        await self.page.locator("a.skip").focus()  # the first of every page
        while await self.page.evaluate(_REMEMBER):
            await self._tab()
        missed: list[str] = await self.page.evaluate(_MISSED)
        assert not missed, f"{self.page.url}: {missed}"

    async def _tab(self) -> None:
        await self.page.keyboard.press("Tab")
        fault = await self.page.evaluate(_STOP)
        assert not fault, f"{self.page.url}: {fault}"
