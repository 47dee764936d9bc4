"""The shape of the CRS's errors: the accounts' one, with the figures a client needs to go on."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from acuse.ar.crs.errors import DescargasNotFound, DownloadBlocked
from acuse.kernel.errors import AppError
from acuse.webkit.routes import CRS_ENVELOPE

_SHOWN: Final = {DownloadBlocked: ("pendingCount", "limit"), DescargasNotFound: ("notFound",)}


def _body(error: AppError, status: int) -> dict[str, Any]:
    shown = {name: error.details[name] for name in _SHOWN.get(type(error), ())}
    return CRS_ENVELOPE.body(error, status) | shown


ENVELOPE: Final = replace(CRS_ENVELOPE, body=_body)
