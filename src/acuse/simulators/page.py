"""The page a person meets at the simulators' address: what is simulated here, and where."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

_PAGE = """<!doctype html>
<html lang="es"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Simuladores de Acuse</title>
<style>
:root{{color-scheme:light dark;--ink:#4b3bbf;--line:#8884}}
body{{font:16px/1.55 system-ui,sans-serif;max-width:46rem;margin:3rem auto;padding:0 1rem}}
h1{{font-size:1.5rem}} h2{{font-size:1.05rem;margin-top:2rem}}
code{{font-family:ui-monospace,monospace;font-size:.9em;overflow-wrap:anywhere}}
dl{{display:grid;grid-template-columns:minmax(9rem,auto) 1fr;gap:.4rem 1rem}} dt{{color:GrayText}} dd{{margin:0}}
.note{{border-left:4px solid var(--ink);padding:.2rem .9rem;background:#8881}}
</style></head><body>
<h1>Simuladores de Acuse</h1>
<p class="note">Nada de aquí llega a una autoridad. Los certificados y los CFDI son inventados y no tienen validez.</p>
{sections}
</body></html>
"""


def render_index(sections: Sequence[tuple[str, Sequence[tuple[str, str]]]]) -> str:
    """Answer the page of these sections: a heading and its pairs of caption and value."""
    return _PAGE.format(sections="\n".join(_section(heading, pairs) for heading, pairs in sections))


def _section(heading: str, pairs: Sequence[tuple[str, str]]) -> str:
    rows = "".join(f"<dt>{escape(caption)}</dt><dd><code>{escape(value)}</code></dd>" for caption, value in pairs)
    return f"<h2>{escape(heading)}</h2><dl>{rows}</dl>"
