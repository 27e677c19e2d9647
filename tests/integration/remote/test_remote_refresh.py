"""`wardline refresh` from a drop folder elsewhere, twice, and when it is away."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from simulator import simulate
from tests.conftest import Home, make_home, remove_home
from tests.projects import copied_project
from tests.remotes import S3, SSHD, Sftp

pytestmark = pytest.mark.long


@pytest.fixture
def home() -> Iterator[Home]:
    """A home of each test's own."""
    made = Home()
    yield made
    remove_home(made.path)


@pytest.fixture(scope="module")
def sample() -> dict[str, bytes]:
    """A small hospital's night, by path in the drop folder."""
    folder = make_home()
    simulate(folder, end=date(2026, 2, 28), days=31, beds=9, seed=11)
    files = [it for it in folder.rglob("*") if it.is_file()]
    found = {str(it.relative_to(folder)): it.read_bytes() for it in files}
    remove_home(folder)
    return found


def counted(home: Home) -> tuple[int, int]:
    """How many batches there are, and how many rows they appended."""
    [found] = home.rows("select count(*), sum(rows_appended) from ops.batches", None)
    return found


def refresh_twice(home: Home, server: Sftp | S3, count: int, **other: str) -> None:
    """The second time nothing is new: no row is appended, no mart rewritten."""
    environment = server.environment | other
    before = server.facts()
    home.refresh(**environment)
    batches, appended = counted(home)
    assert batches == count
    assert appended > 0
    marts = without_stamps(home)
    said = home.refresh(**environment)
    assert "No new batches: every extract was taken in before." in said
    assert counted(home) == (batches, appended)
    assert without_stamps(home) == marts
    assert server.facts() == before


def without_stamps(home: Home) -> dict[str, list[Any]]:
    """All marts, each row with its place; but the list of the publications."""
    return {name: rows for name, rows in home.marts().items() if name != "publication"}


def files_with(home: Home, secret: str) -> list[Path]:
    """The files of a home, its logs and Dagster's storage too, that hold a secret."""
    files = [it for it in home.path.rglob("*") if it.is_file()]
    assert any("dagster" in it.parts for it in files)
    return [it for it in files if secret.encode() in it.read_bytes()]


def fault(home: Home, **environment: str) -> str:
    """What a refresh says that cannot reach its extracts: one sentence, exit code 3."""
    ran = home.run("refresh", **environment)
    assert ran.returncode == 3, ran.stdout + ran.stderr
    assert "Traceback" not in ran.stdout + ran.stderr
    assert ran.stderr.count("\n") == 1, ran.stderr
    return ran.stderr


def with_markers(folder: Path) -> dict[str, str]:
    """The project, in which a night of `his` is complete by its marker."""
    project = copied_project(folder)
    sources = project / "models/staging/his/_sources.yml"
    text = sources.read_text()
    marked = text.replace("{mode: snapshot}", "{mode: snapshot, done: _SUCCESS}")
    assert marked != text
    sources.write_text(marked)
    return {"WARDLINE_DBT_PROJECT": str(project)}


@pytest.mark.skipif(SSHD is None, reason="there is no sshd")
def test_from_sftp(home: Home, sample, tmp_path: Path):
    project = with_markers(tmp_path)
    server = Sftp(tmp_path / "server")
    with server.up():
        names = sorted(sample)
        for name in names[::2]:
            server.put(name, sample[name])
        said = home.run("refresh", **server.environment, **project).stdout
        waits = "his/2026-02-28 waits for the next run: _SUCCESS is not there yet."
        assert waits in said
        assert counted(home) == (0, None)
        warnings = "select count(*) from ops.alerts where kind = 'warning'"
        assert home.rows(warnings, None) == [(0,)]
        for name in names[1::2]:
            server.put(name, sample[name])
        server.put("his/2026-02-28/_SUCCESS", b"")
        refresh_twice(home, server, len(names), **project)
        stranger = tmp_path / "nobody"
        stranger.write_text("")
        unknown = {"WARDLINE_EXTRACTS_KNOWN_HOSTS": str(stranger)}
        said = fault(home, **server.environment | unknown)
        assert "127.0.0.1 shows the host key SHA256:" in said
    said = fault(home, **server.environment)
    assert "cannot be reached (connection refused)" in said
    assert "cannot be reached (connection refused)" in home.run("status").stdout


def test_from_s3(home: Home, sample):
    with S3().up() as server:
        for name, content in sample.items():
            server.put(name, content)
        refresh_twice(home, server, len(sample))
        wrong = {"WARDLINE_EXTRACTS_SECRET": "planted-secret"}
        said = fault(home, **server.environment | wrong)
        assert "refuses the key for s3://hospital/drop (SignatureDoesNotMatch)" in said
        assert files_with(home, "planted-secret") == []
        assert files_with(home, server.secret) == []
    assert "cannot be reached (no connection)" in fault(home, **server.environment)
