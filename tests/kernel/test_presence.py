"""Who is still at work, asked from outside: by another holder of the same folder, and after a death."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from acuse.kernel.presence import Presence

AT_WORK = """
import sys
from pathlib import Path
from acuse.kernel.presence import Presence
with Presence(Path(sys.argv[1])).work() as name:
    print(name, flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "processes"


@pytest.fixture
def ours(folder: Path) -> Iterator[Presence]:
    presence = Presence(folder)
    yield presence
    presence.close()


@pytest.fixture
def another(folder: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A process in the middle of its work, and the work's name."""
    command = [sys.executable, "-c", AT_WORK, str(folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield process, process.stdout.readline().strip()
        process.kill()


def test_work_of_this_process_is_over_when_its_block_ends(ours: Presence) -> None:
    with ours.work() as first, ours.work() as second:
        assert first != second
        assert not ours.is_over(first)
    assert ours.is_over(first)


def test_work_cut_short_by_an_error_is_over(ours: Presence) -> None:
    with pytest.raises(ZeroDivisionError), ours.work() as name:
        raise ZeroDivisionError
    assert ours.is_over(name)


def test_another_is_at_work_until_it_is_killed(ours: Presence, another: tuple[subprocess.Popen[str], str]) -> None:
    process, name = another
    assert not ours.is_over(name)
    process.kill()
    process.wait()
    assert ours.is_over(name)
    assert ours.is_over(name)


def test_a_frozen_process_is_not_a_dead_one(ours: Presence, another: tuple[subprocess.Popen[str], str]) -> None:
    process, name = another
    process.send_signal(signal.SIGSTOP)
    assert not ours.is_over(name)


def test_of_a_stranger_nothing_is_known(ours: Presence) -> None:
    assert not ours.is_over("0123456789abcdef.1")


def test_nothing_is_written_without_work(ours: Presence, folder: Path) -> None:
    assert not ours.is_over("0123456789abcdef.1")
    assert not folder.exists()


def test_who_has_left_has_no_work_left(ours: Presence, folder: Path) -> None:
    gone = Presence(folder)
    with gone.work() as name:
        assert not ours.is_over(name)
        gone.close()
        gone.close()
        assert ours.is_over(name)


def test_of_the_dead_a_hundred_are_remembered(folder: Path) -> None:
    alive = Presence(folder)
    with alive.work() as name:
        for _ in range(120):
            gone = Presence(folder)
            with gone.work():
                pass
            gone.close()
        assert len(list(folder.iterdir())) <= 102
        assert not gone.is_over(name)
    alive.close()
