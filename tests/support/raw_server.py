"""A server on loopback that answers bytes as told: for what no well-behaved server does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

Answer = Callable[[asyncio.StreamWriter], Awaitable[None]]


@dataclass
class RawServer:
    """Where it listens and the heads of the requests it saw."""

    url: str
    seen: list[str] = field(default_factory=list)


@asynccontextmanager
async def raw_server(*answers: Answer) -> AsyncIterator[RawServer]:
    """Answer the first request with the first answer and so on; the last one serves all that follow."""
    waiting = list(answers)
    writers: list[asyncio.StreamWriter] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            length = next(
                (int(x.split(":")[1]) for x in head.lower().split("\r\n") if x.startswith("content-length")), 0
            )
            await reader.readexactly(length)
            running.seen.append(head)
            answer = waiting.pop(0) if len(waiting) > 1 else waiting[0]
            await answer(writer)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    running = RawServer(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    try:
        yield running
    finally:
        server.close()
        for writer in writers:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()
        await server.wait_closed()


def reply(status: int = 200, body: bytes = b"", **headers: str) -> Answer:
    """A plain answer."""

    async def answer(writer: asyncio.StreamWriter) -> None:
        lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body)}", "Connection: close"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        writer.write("\r\n".join([*lines, "", ""]).encode() + body)
        await writer.drain()

    return answer


def cut(sent: bytes = b"") -> Answer:
    """Send some bytes and hang up."""

    async def answer(writer: asyncio.StreamWriter) -> None:
        writer.write(sent)
        await writer.drain()
        writer.transport.abort()

    return answer


def hang(seconds: float = 30, *, drip: bytes = b"") -> Answer:
    """Say nothing for long, or one byte at a time for ever."""

    async def answer(writer: asyncio.StreamWriter) -> None:
        if not drip:
            await asyncio.sleep(seconds)
            return
        writer.write(b"HTTP/1.1 200 X\r\nContent-Length: 100000\r\n\r\n")
        while not writer.transport.is_closing():
            writer.write(drip)
            await asyncio.sleep(0.02)

    return answer
