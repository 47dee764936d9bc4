"""The one way to files: put, get, stream and list by key, over a local folder or S3."""

from __future__ import annotations

import asyncio
import hashlib
import os
import tempfile
from collections.abc import AsyncIterable, AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote, urlsplit

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError
from obstore.store import LocalStore, S3Store

from acuse.kernel.files.errors import BadFileKey, FileExists, FileMissing, StorageUnavailable, StorageUnsuitable
from acuse.kernel.files.folder import Folder

_RETRIES: Final = {"max_retries": 3, "retry_timeout": timedelta(seconds=20)}
_CLIENT: Final = {"timeout": "60s", "connect_timeout": "3s"}
_MAX_KEY_BYTES: Final = 900
_BIG: Final = 1 << 20


@dataclass(frozen=True)
class StoredFile:
    """What was put: its key, its size and the sha-256 of its bytes (hexadecimal)."""

    key: str
    size_bytes: int
    sha256: str


@dataclass(frozen=True)
class StoredKey:
    """One line of a listing."""

    key: str
    size_bytes: int
    modified_at: datetime


class Files:
    """A store of files by key. Keys are `/`-separated and may hold Ñ, & and spaces; `..` is refused."""

    def __init__(self, store: LocalStore | S3Store, folder: Folder | None = None) -> None:
        self._store = store
        self._folder = folder

    @classmethod
    def from_url(cls, url: str) -> Files:
        """Open `file:///path` (made when missing, mode 0700) or `s3://bucket/prefix` (keys from AWS_*)."""
        parts = urlsplit(url)
        if parts.scheme == "file" and parts.netloc in {"", "localhost"} and len(parts.path) > 1:
            folder = Folder(Path(unquote(parts.path)))
            folder.prepare()
            return cls(LocalStore(folder.root), folder)
        if parts.scheme in {"s3", "s3a"} and parts.netloc:
            plain = os.environ.get("AWS_ENDPOINT_URL", "").startswith("http://")
            options: Any = _CLIENT | {"allow_http": plain}
            retries: Any = _RETRIES
            return cls(S3Store.from_url(url, client_options=options, retry_config=retries))
        raise StorageUnsuitable

    async def put(self, key: str, data: bytes) -> StoredFile:
        """Keep these bytes under the key, in place of what was there; answered only when safe on disk."""
        return await self._put(key, data, overwrite=True)

    async def put_new(self, key: str, data: bytes) -> StoredFile:
        """Keep these bytes under a key that is free; raises FileExists otherwise."""
        return await self._put(key, data, overwrite=False)

    async def put_stream(self, key: str, pieces: AsyncIterable[bytes]) -> StoredFile:
        """Keep bytes that come piece by piece under the key, as `put` does, never all of them in memory."""
        _checked(key)
        seen = _Seen(pieces)
        with _told(writing=True):
            if self._folder is None:
                await obstore.put_async(self._store, key, seen.pieces())
            else:
                await self._put_synced(self._folder, key, seen.pieces(), overwrite=True)
        return StoredFile(key, seen.size_bytes, seen.digest.hexdigest())

    async def get(self, key: str) -> bytes:
        """Answer all bytes; raises FileMissing."""
        with _told():
            found = await obstore.get_async(self._store, _checked(key))
            return bytes(await found.bytes_async())

    async def get_range(self, key: str, start: int, length: int) -> bytes:
        """Answer `length` bytes from `start`, fewer at the end of the file; raises FileMissing."""
        if length == 0:
            return b""
        with _told():
            return bytes(await obstore.get_range_async(self._store, _checked(key), start=start, length=length))

    async def get_ranges(self, key: str, ranges: Sequence[tuple[int, int]]) -> list[bytes]:
        """Answer the bytes of many ranges (start, length), near ones fetched together; raises FileMissing."""
        with _told():
            found = await obstore.get_ranges_async(
                self._store, _checked(key), starts=[each[0] for each in ranges], lengths=[each[1] for each in ranges]
            )
            return [bytes(each) for each in found]

    async def stream(self, key: str, chunk_bytes: int = _BIG) -> AsyncIterator[bytes]:
        """Answer the bytes piece by piece, about `chunk_bytes` each; raises FileMissing at the first piece."""
        with _told():
            found = await obstore.get_async(self._store, _checked(key))
            async for piece in found.stream(min_chunk_size=chunk_bytes):
                yield bytes(piece)

    @asynccontextmanager
    async def on_disk(self, key: str) -> AsyncIterator[Path]:
        """Give a file as one on this machine: itself when the store is a folder, else a copy that is removed again.

        Raises FileMissing.
        """
        path = self.local_path(key)
        if path is not None:
            if not await self.exists(key):
                raise FileMissing
            yield path
            return
        handle, name = await asyncio.to_thread(tempfile.mkstemp, prefix="acuse-", suffix=Path(key).suffix)
        try:
            with os.fdopen(handle, "wb") as copy:
                async for piece in self.stream(key):
                    await asyncio.to_thread(copy.write, piece)
            yield Path(name)
        finally:
            with suppress(FileNotFoundError):
                await asyncio.to_thread(os.unlink, name)

    async def exists(self, key: str) -> bool:
        """Tell whether there is a file under the key."""
        try:
            with _told():
                await obstore.head_async(self._store, _checked(key))
        except FileMissing:
            return False
        return True

    async def delete(self, key: str) -> None:
        """Remove the file; a key without one is no error."""
        try:
            with _told():
                await obstore.delete_async(self._store, _checked(key))
        except FileMissing:
            return
        if self._folder is not None:
            await asyncio.to_thread(self._folder.sync_parents, key)

    async def list(self, prefix: str) -> list[StoredKey]:
        """Answer the files below a folder (`clientes/XAXX010101000`), by key."""
        where = _checked(prefix.rstrip("/")) if prefix.strip("/") else None
        found: list[StoredKey] = []
        with _told():
            async for batch in obstore.list(self._store, prefix=where):
                found += [
                    StoredKey(item["path"], item["size"], item["last_modified"])
                    for item in batch
                    if not Folder.is_draft(item["path"])
                ]
        return sorted(found, key=lambda each: each.key)

    def local_path(self, key: str) -> Path | None:
        """Answer the path of a file in a local folder, for the process pool; None with S3."""
        checked = _checked(key)
        return None if self._folder is None else self._folder.path(checked)

    async def _put(self, key: str, data: bytes, *, overwrite: bool) -> StoredFile:
        _checked(key)
        digest = await asyncio.to_thread(_sha256, data) if len(data) > _BIG else _sha256(data)
        with _told(writing=True):
            if self._folder is None:
                await obstore.put_async(self._store, key, data, mode="overwrite" if overwrite else "create")
            else:
                await self._put_synced(self._folder, key, data, overwrite=overwrite)
        return StoredFile(key, len(data), digest)

    async def _put_synced(
        self, folder: Folder, key: str, data: bytes | AsyncIterable[bytes], *, overwrite: bool
    ) -> None:
        """Write a draft, sync it, give it its name, sync the folders: obstore alone syncs nothing."""
        draft = folder.new_draft()
        try:
            await obstore.put_async(self._store, draft, data)
            await asyncio.to_thread(folder.secure, draft, key)
            await obstore.rename_async(self._store, draft, key, overwrite=overwrite)
        except BaseException:
            folder.path(draft).unlink(missing_ok=True)
            raise
        await asyncio.to_thread(folder.sync_parents, key)


class _Seen:
    """Counts and sums what passes by."""

    def __init__(self, pieces: AsyncIterable[bytes]) -> None:
        self._pieces = pieces
        self.size_bytes = 0
        self.digest = hashlib.sha256()

    async def pieces(self) -> AsyncIterator[bytes]:
        async for piece in self._pieces:
            self.size_bytes += len(piece)
            await asyncio.to_thread(self.digest.update, piece)
            yield piece


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _checked(key: str) -> str:
    """Refuse keys that leave their folder, or that one kind of store holds and the other does not."""
    segments = key.split("/")
    if any(part in {"", ".", ".."} for part in segments) or Folder.is_draft(key):
        raise BadFileKey(key=key)
    if any(ord(letter) < 32 or ord(letter) == 127 or letter == "\\" for letter in key):  # noqa: PLR2004 - control codes
        raise BadFileKey
    if len(key.encode()) > _MAX_KEY_BYTES or any(len(part.encode()) > 250 for part in segments):  # noqa: PLR2004
        raise BadFileKey
    if segments[-1].rpartition("#")[2].isdigit() and "#" in segments[-1]:
        raise BadFileKey(key=key)
    return key


@contextmanager
def _told(*, writing: bool = False) -> Iterator[None]:
    """Say faults of the store in our terms, without its address."""
    try:
        yield
    except AlreadyExistsError as error:
        raise FileExists from error
    except FileNotFoundError as error:
        raise (StorageUnavailable if writing else FileMissing) from error
    except (BaseError, OSError) as error:
        raise StorageUnavailable from error
