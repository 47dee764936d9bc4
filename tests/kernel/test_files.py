from __future__ import annotations

import asyncio
import hashlib
import os
import secrets
import stat
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import FrameType

import pytest

from acuse.kernel.files import BadFileKey, FileExists, FileMissing, Files, StorageUnavailable, StorageUnsuitable
from tests.support.s3 import KEYS, make_bucket, s3_server

KEY = "clientes/ÑA&850101A&1/2026/paquetes/cfdi/a b+c%26_01.zip"


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    with s3_server() as address:
        yield address


@pytest.fixture
def bucket(s3: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of a fresh bucket, with the environment S3 is reached by."""
    for name, value in (KEYS | {"AWS_ENDPOINT_URL": s3}).items():
        monkeypatch.setenv(name, value)
    name = f"acuse-{secrets.token_hex(6)}"
    make_bucket(s3, name)
    return f"s3://{name}/algún/prefijo"


@pytest.fixture(params=["folder", "s3"])
def store(request: pytest.FixtureRequest) -> Files:
    """Both kinds of store, held to the same contract."""
    if request.param == "folder":
        folder: Path = request.getfixturevalue("tmp_path") / "archivos de Ñ"
        return Files.from_url(folder.as_uri())
    return Files.from_url(request.getfixturevalue("bucket"))


class TestContract:
    async def test_what_is_put_comes_back_with_its_size_and_digest(self, store: Files) -> None:
        data = secrets.token_bytes(3_000_000)
        stored = await store.put(KEY, data)
        assert (stored.key, stored.size_bytes, stored.sha256) == (KEY, len(data), hashlib.sha256(data).hexdigest())
        assert await store.get(KEY) == data
        assert b"".join([piece async for piece in store.stream(KEY, 1_000_000)]) == data
        assert await store.get_range(KEY, 1_000_000, 5) == data[1_000_000:1_000_005]
        assert await store.get_range(KEY, len(data) - 3, 10) == data[-3:]

    async def test_put_replaces_and_put_new_does_not(self, store: Files) -> None:
        await store.put_new(KEY, b"first")
        with pytest.raises(FileExists):
            await store.put_new(KEY, b"second")
        assert await store.get(KEY) == b"first"
        await store.put(KEY, b"third")
        assert await store.get(KEY) == b"third"

    async def test_of_two_new_files_at_once_one_wins_whole(self, store: Files) -> None:
        bodies = [bytes([n]) * 100_000 for n in range(5)]
        results = await asyncio.gather(*(store.put_new(KEY, body) for body in bodies), return_exceptions=True)
        won = [body for body, result in zip(bodies, results, strict=True) if not isinstance(result, BaseException)]
        assert len(won) == 1
        assert await store.get(KEY) == won[0]
        assert {type(result) for result in results if isinstance(result, BaseException)} == {FileExists}

    async def test_a_missing_file_is_told_alike_everywhere(self, store: Files) -> None:
        with pytest.raises(FileMissing):
            await store.get("nada/aquí")
        with pytest.raises(FileMissing):
            await store.get_range("nada/aquí", 0, 10)
        with pytest.raises(FileMissing):
            await anext(store.stream("nada/aquí"))
        assert not await store.exists("nada/aquí")
        await store.delete("nada/aquí")

    async def test_lists_what_is_below_a_folder_by_key(self, store: Files) -> None:
        for key in (KEY, "clientes/ÑA&850101A&1/a.txt", "clientes/ÑA&850101A&10/b.txt", "otros/c.txt"):
            await store.put(key, b"12345")
        found = await store.list("clientes/ÑA&850101A&1/")
        assert [each.key for each in found] == [KEY, "clientes/ÑA&850101A&1/a.txt"]
        assert {each.size_bytes for each in found} == {5}
        assert all(each.modified_at.tzinfo is not None for each in found)
        assert len(await store.list("")) == 4
        await store.delete(KEY)
        assert not await store.exists(KEY)

    @pytest.mark.parametrize(
        "key",
        ["", "/a", "a/", "a//b", "../a", "a/../../b", "./a", "a\x00b", "a\nb", "a\\b", "a#1", ".drafts/a", "ñ" * 500],
    )
    async def test_keys_that_leave_their_folder_or_fit_one_store_only_are_refused(self, store: Files, key: str) -> None:
        with pytest.raises(BadFileKey):
            await store.put(key, b"")
        with pytest.raises(BadFileKey):
            await store.get(key)
        with pytest.raises(BadFileKey):
            store.local_path(key)

    async def test_an_empty_file_is_a_file(self, store: Files) -> None:
        await store.put(KEY, b"")
        assert await store.get(KEY) == b""
        assert await store.get_range(KEY, 0, 0) == b""


class Syncs:
    """Watches the real calls of fsync: which file or folder, and whether the final name existed by then."""

    def __init__(self, final: Path) -> None:
        self.final = final
        self.seen: list[tuple[Path, bool]] = []

    def watch(self) -> None:
        """Let the loop's worker thread report to this object."""
        thread = ThreadPoolExecutor(1, initializer=lambda: sys.setprofile(self))
        asyncio.get_running_loop().set_default_executor(thread)

    def __call__(self, frame: FrameType, event: str, called: object) -> None:
        if event == "c_call" and called is os.fsync:
            handle = frame.f_locals["handle"]
            self.seen.append((Path(f"/proc/self/fd/{handle}").readlink(), self.final.exists()))


@pytest.mark.skipif(sys.platform != "linux", reason="reads the open files of the process from /proc")
class TestSyncedToDisk:
    async def test_bytes_before_their_name_and_every_new_folder_after(self, tmp_path: Path) -> None:
        root = tmp_path / "files"
        store = Files.from_url(root.as_uri())
        final = root / "clientes" / "A" / "x.zip"
        syncs = Syncs(final)
        asyncio.get_running_loop().set_default_executor(
            ThreadPoolExecutor(1, initializer=lambda: sys.setprofile(syncs))
        )
        await store.put("clientes/A/x.zip", b"acknowledged only when safe")
        draft, *folders = syncs.seen
        assert draft[0].parent == root / ".drafts"
        assert not draft[1]
        assert folders == [(root / "clientes" / "A", True), (root / "clientes", True), (root, True)]

    async def test_a_known_folder_is_synced_for_the_new_name_only(self, tmp_path: Path) -> None:
        root = tmp_path / "files"
        store = Files.from_url(root.as_uri())
        await store.put("clientes/A/x.zip", b"1")
        syncs = Syncs(root / "clientes" / "A" / "y.zip")
        asyncio.get_running_loop().set_default_executor(
            ThreadPoolExecutor(1, initializer=lambda: sys.setprofile(syncs))
        )
        await store.put("clientes/A/y.zip", b"2")
        assert [path for path, _ in syncs.seen][1:] == [root / "clientes" / "A"]


class TestFolder:
    async def test_is_closed_to_other_users_whatever_the_umask(self, tmp_path: Path) -> None:
        before = os.umask(0)
        try:
            store = Files.from_url((tmp_path / "files").as_uri())
            await store.put("a/b/c.txt", b"x")
        finally:
            os.umask(before)
        path = store.local_path("a/b/c.txt")
        assert path is not None
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        folders = [parent for parent in path.parents if parent.is_relative_to(tmp_path / "files")]
        assert {stat.S_IMODE(folder.stat().st_mode) for folder in folders} == {0o700}

    async def test_what_a_crash_left_half_written_is_swept_but_work_in_progress_is_not(self, tmp_path: Path) -> None:
        root = tmp_path / "files"
        Files.from_url(root.as_uri())
        drafts = root / ".drafts"
        for name in ("0123#1", "4567"):
            (drafts / name).write_bytes(b"half")
            os.utime(drafts / name, (time.time() - 7200, time.time() - 7200))
        (drafts / "89ab#1").write_bytes(b"being written by another process")
        store = Files.from_url(root.as_uri())
        assert [path.name for path in drafts.iterdir()] == ["89ab#1"]
        assert await store.list("") == []

    async def test_a_write_that_fails_leaves_no_draft(self, tmp_path: Path) -> None:
        root = tmp_path / "files"
        store = Files.from_url(root.as_uri())
        await store.put("a", b"a file stands where a folder would be needed")
        with pytest.raises(StorageUnavailable):
            await store.put("a/b", b"x")
        assert list((root / ".drafts").iterdir()) == []

    def test_path_is_told_for_other_processes(self, tmp_path: Path) -> None:
        store = Files.from_url((tmp_path / "files").as_uri())
        assert store.local_path("a/ñ.zip") == tmp_path / "files" / "a" / "ñ.zip"


class TestS3:
    async def test_has_no_local_path(self, bucket: str) -> None:
        assert Files.from_url(bucket).local_path("a") is None

    async def test_that_does_not_answer_is_unavailable_and_its_address_is_not_shown(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for name, value in (KEYS | {"AWS_ENDPOINT_URL": "http://127.0.0.1:9"}).items():
            monkeypatch.setenv(name, value)
        began = time.monotonic()
        with pytest.raises(StorageUnavailable) as caught:
            await Files.from_url("s3://cubeta-secreta/x").put("a", b"")
        assert time.monotonic() - began < 15
        assert caught.value.retryable
        assert "127.0.0.1" not in str(caught.value)
        assert "secreta" not in str(caught.value) + repr(caught.value.details)

    async def test_a_missing_bucket_is_no_missing_file_when_writing(
        self, s3: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for name, value in (KEYS | {"AWS_ENDPOINT_URL": s3}).items():
            monkeypatch.setenv(name, value)
        with pytest.raises(StorageUnavailable):
            await Files.from_url("s3://nunca-creada/x").put("a", b"")


@pytest.mark.parametrize(
    "url", ["", "file://", "/var/files", "http://x/y", "s3://", "file://otro-equipo/x", "memory:///"]
)
def test_an_address_that_is_no_store_stops_the_start(url: str) -> None:
    with pytest.raises(StorageUnsuitable, match="STORAGE_URL"):
        Files.from_url(url)
