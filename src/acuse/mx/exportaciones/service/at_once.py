"""An export made here and now and written to a file, as the command line does it."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path
from typing import Final

from acuse.kernel.commands import Tell
from acuse.mx.archivo.schemas import CfdiQuery
from acuse.mx.contribuyentes.model import Caller
from acuse.mx.exportaciones.errors import ExportFileNotWritten
from acuse.mx.exportaciones.model import Exportacion, Formato
from acuse.mx.exportaciones.service.exports import ExportService
from acuse.mx.exportaciones.service.making import Maker

_LOOK_EVERY_S: Final = 0.2


class ExportAtOnce:
    """Asks, makes, follows, writes. Cut off, asking again goes on where it was left."""

    def __init__(self, exports: ExportService, maker: Maker) -> None:
        self._exports = exports
        self._maker = maker

    async def write(
        self, caller: Caller, formato: Formato, query: CfdiQuery, output: Path | None, tell: Tell
    ) -> tuple[Exportacion, Path]:
        """Answer what was exported and where it was written; without `output`, a name of its own in this folder.

        Nothing is written over. Raises what `ExportService.create` raises, and ExportFileNotWritten.
        """
        if output is not None and await asyncio.to_thread(output.exists):
            raise ExportFileNotWritten(path=str(output))
        asked = await self._exports.create(caller, formato, query, by_job=False)
        making = asyncio.create_task(self._maker.make(asked.id))
        try:
            while not making.done():
                await asyncio.wait({making}, timeout=_LOOK_EVERY_S)
                now = await self._exports.get(caller, asked.id)
                tell(now.done, now.total)
        finally:
            making.cancel()
            with suppress(asyncio.CancelledError):
                await making
        made, pieces = await self._exports.open(caller, asked.id)
        path = output or Path(made.file_name)
        try:
            with await asyncio.to_thread(path.open, "xb") as file:
                async for piece in pieces:
                    await asyncio.to_thread(file.write, piece)
        except OSError as error:
            raise ExportFileNotWritten(path=str(path)) from error
        await self._exports.remove(caller, asked.id)
        return made, path
