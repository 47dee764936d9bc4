"""What surrounds every page: who is looking, the left rail, the band that names the surroundings."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Literal
from zoneinfo import ZoneInfo

from acuse.kernel.feature import MenuEntry

Surroundings = Literal["produccion", "pruebas", "demo"]
Theme = Literal["light", "dark", "system"]
RailEntry = MenuEntry
"""A line of the rail, as a feature declares it."""


@dataclass(frozen=True, kw_only=True)
class MenuItem:
    """One link of the left rail. `current` marks the page one is on."""

    label: str
    path: str
    icon: str = "dot"
    current: bool = False


@dataclass(frozen=True, kw_only=True)
class MenuSection:
    """A heading of the rail with its links; the heading may be empty."""

    label: str
    items: tuple[MenuItem, ...]


@dataclass(frozen=True, kw_only=True)
class Frame:
    """All a page needs to draw its surroundings. Built by `app.state.frame(request)`.

    `user_name` is empty for a visitor, who sees no rail. `notices_path` lists what needs the user, and `…/cuenta`
    below it counts it; without it there is no bell.
    `theme` set here (from the user's account) wins over the cookie of the theme switch.
    """

    user_name: str = ""
    role_name: str = ""
    menu: tuple[MenuSection, ...] = ()
    surroundings: Surroundings = "produccion"
    theme: Theme | None = None
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("America/Mexico_City"))
    notices_path: str = ""
    search_path: str = ""
    search_name: str = "q"
    search_value: str = ""
    search_label: str = "Buscar"
    home_path: str = "/app"
    account_path: str = "/app/cuenta"
    logout_path: str = "/app/logout"
    banners: tuple[Banner, ...] = ()

    def with_theme(self, theme: Theme) -> Frame:
        """Answer the same frame in another theme."""
        return replace(self, theme=theme)


@dataclass(frozen=True, kw_only=True)
class Banner:
    """A message across every page until its cause is gone, as in "no hay correo configurado"."""

    text: str
    state: Literal["done", "working", "attention", "failed"] = "attention"
    action_label: str = ""
    action_path: str = ""


def build_menu(entries: Iterable[RailEntry], *, may: Callable[[str], bool], path: str) -> tuple[MenuSection, ...]:
    """Put the entries the caller may see under their headings, in order; mark the one that `path` is within.

    The longest matching entry is the current one, so that /app/descarga/14 marks /app/descarga, not /app. An entry
    that others lie below, as the home page, is current only on its own page: Mi cuenta is not within it.
    """
    seen = sorted((e for e in entries if may(e.right)), key=lambda e: (e.order, e.label))
    roots = {e.path for e in seen if any(other.path.startswith(e.path + "/") for other in seen)}
    within = [e.path for e in seen if path == e.path or (e.path not in roots and path.startswith(e.path + "/"))]
    current = max(within, key=len, default="")
    sections: dict[str, list[MenuItem]] = {}
    for entry in seen:
        item = MenuItem(label=entry.label, path=entry.path, icon=entry.icon, current=entry.path == current)
        sections.setdefault(entry.section, []).append(item)
    return tuple(MenuSection(label=label, items=tuple(items)) for label, items in sections.items())
