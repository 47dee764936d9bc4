"""The type of a setting that says when something happens."""

from __future__ import annotations

from typing import Annotated

from croniter import croniter
from pydantic import AfterValidator


def _that_comes(line: str) -> str:
    try:
        croniter(line).get_next()
    except ValueError as error:
        raise ValueError("debe ser una línea de cron que llegue a cumplirse, como 30 1 * * *") from error
    return line


Cron = Annotated[str, AfterValidator(_that_comes)]
"""Five fields of cron that some day fulfils."""
