"""What a browser makes of a drawn row, and names that try to be more than a name."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Final

from hypothesis import strategies as st
from markupsafe import Markup

HOSTILE_NAMES: Final = st.text(
    st.sampled_from("<>&\"'/=ñÑ") | st.characters(exclude_categories=["Cc", "Cs"]), min_size=1
)


class Seen(HTMLParser):
    """What a browser makes of a row: its elements and the text of each cell."""

    def __init__(self, markup: Markup) -> None:
        super().__init__()
        self.elements: list[str] = []
        self.texts: list[str] = []
        self.links: list[str] = []
        self.feed(str(markup))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        self.links += [str(value) for name, value in attrs if name == "href" and tag == "a"]
        if tag == "td":
            self.texts.append("")

    def handle_data(self, data: str) -> None:
        self.texts[-1] += data.replace("\n", "")  # what stands between cells
