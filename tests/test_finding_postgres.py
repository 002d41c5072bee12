"""Where the tests' own PostgreSQL is looked for, and what one is told when there is none."""

from pathlib import Path

import pytest
import throwaway_postgres
from throwaway_postgres import PostgresError, Server, find_binaries


def a_program(place: Path, name: str, script: str) -> None:
    (place / name).write_text(f"#!/bin/sh\n{script}\n")
    (place / name).chmod(0o755)


def test_a_script_in_front_of_the_real_server_is_passed_over(tmp_path, monkeypatch):
    a_program(tmp_path, "postgres", "exec /nowhere/postgres")
    a_program(tmp_path, "initdb", "exec /nowhere/initdb")
    monkeypatch.setenv("PG_BIN", "")
    monkeypatch.setenv("PATH", str(tmp_path))
    try:
        assert find_binaries() != tmp_path
    except PostgresError:
        assert not list(throwaway_postgres._wheel())


def test_a_link_on_the_path_is_followed_to_where_initdb_lies(tmp_path, monkeypatch):
    real = find_binaries()
    (tmp_path / "postgres").symlink_to(real / "postgres")
    monkeypatch.setenv("PG_BIN", "")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_binaries() == real


def test_without_postgresql_one_is_told_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setenv("PG_BIN", str(tmp_path))
    with pytest.raises(PostgresError, match="apt install postgresql"):
        find_binaries()


def test_if_it_does_not_start_one_is_told_why(tmp_path):
    for part in ("bin", "lib", "share"):
        (tmp_path / part).mkdir()
    a_program(tmp_path / "bin", "initdb", "echo the disk is full; exit 1")
    (tmp_path / "bin" / "postgres").symlink_to(find_binaries() / "postgres")
    with pytest.raises(PostgresError, match="the disk is full"):
        Server(tmp_path / "bin")
