"""A drop folder on another machine: what is taken, what waits, what stays untouched."""

import os
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from orchestration.errors import WardlineError
from orchestration.extracts.files import find_extracts
from orchestration.inbox.receiving import receive, remote_systems
from orchestration.inbox.storage import StorageError
from orchestration.settings import Settings
from tests.integration.remote.conftest import CONTRACTS, NIGHT, Source
from tests.remotes import Sftp

MARKED = [replace(it, done="{file}.done") for it in CONTRACTS]
SIGNED = [replace(it, done="_SUCCESS") for it in CONTRACTS]


def test_a_night_is_copied_byte_by_byte_and_nothing_there_is_changed(source: Source):
    source.deliver()
    source.put("his/visits.csv", "visit_id\n2\n")
    before = source.server.facts()
    received = source.receive()
    assert received.waiting == {}
    assert {name: facts[0] for name, facts in source.copies().items()} == {
        f"{NIGHT}/visits.csv": b"visit_id\n1\n",
        f"{NIGHT}/wards.csv": b"ward\nA\n",
        "his/visits.csv": b"visit_id\n2\n",
    }
    assert source.server.facts() == before
    dated, flat = find_extracts(received.folder, CONTRACTS)
    assert set(dated.files) == {"visits", "wards"}
    assert set(flat.files) == {"visits"}


def test_what_is_there_is_not_fetched_again(source: Source):
    source.deliver()
    source.receive()
    before = source.copies()
    source.deliver("his/2026-03-02")
    source.receive()
    after = source.copies()
    assert len(after) == 4
    assert {name: after[name] for name in before} == before


def test_a_copy_has_its_sources_time_to_the_second(source: Source):
    source.deliver()
    source.receive()
    seconds = {facts[1] // 10**9 for facts in source.copies().values()}
    assert all(abs(it - time.time()) < 60 for it in seconds)
    [listed] = [it for it in source.server.facts().items() if "visits" in it[0]
                and source.prefix in it[0]]  # fmt: skip
    modified = listed[1][-1]
    if not isinstance(modified, int):  # S3 tells a date
        modified = int(modified.timestamp()) * 10**9
    assert modified // 10**9 in seconds


def test_a_corrected_file_of_the_same_size_is_another_file(source: Source):
    source.deliver()
    source.receive()
    name = f"{NIGHT}/visits.csv"
    before = source.copies()[name]
    if isinstance(source.server, Sftp):
        time.sleep(1.1)  # SFTP tells seconds, and no versions
    source.put(name, "visit_id\n9\n")
    source.receive()
    after = source.copies()[name]
    assert after[0] == b"visit_id\n9\n"
    assert after[1] != before[1]  # or the ledger would think that it knows it


def test_a_night_with_markers_waits_for_the_last_of_them(source: Source):
    source.put(f"{NIGHT}/visits.csv", "visit_id\n1\n")
    source.put(f"{NIGHT}/visits.csv.done", "")
    received = source.receive(MARKED)
    assert received.waiting == {
        NIGHT: f"{NIGHT} waits for the next run: wards.csv has not come yet."
    }
    source.put(f"{NIGHT}/wards.csv", "ward\nA\n")
    assert source.receive(MARKED).waiting == {
        NIGHT: f"{NIGHT} waits for the next run: wards.csv.done is not there yet."
    }
    assert source.copies() == {}
    source.put(f"{NIGHT}/wards.csv.done", "")
    received = source.receive(MARKED)
    assert received.waiting == {}
    assert sorted(source.copies()) == [f"{NIGHT}/visits.csv", f"{NIGHT}/wards.csv"]
    [found] = find_extracts(received.folder, MARKED)
    assert found.unclaimed == ()


def test_a_marker_of_the_whole_night(source: Source):
    source.deliver()
    assert source.receive(SIGNED).waiting == {
        NIGHT: f"{NIGHT} waits for the next run: _SUCCESS is not there yet."
    }
    source.put(f"{NIGHT}/_SUCCESS", "")
    assert source.receive(SIGNED).waiting == {}
    assert len(source.copies()) == 2


@contextmanager
def changing(source: Source, name: str) -> Iterator[None]:
    """A file that grows all the while, and takes a while to copy."""
    is_over = threading.Event()

    def grow() -> None:
        while not is_over.is_set():
            source.server.append(f"{source.prefix}/{name}", b"1\n")

    source.put(name, "visit_id\n" + "1\n" * 500_000)
    growing = threading.Thread(target=grow)
    growing.start()
    try:
        yield
    finally:
        is_over.set()
        growing.join()


@pytest.mark.parametrize("quiet", [0, 1])
def test_a_file_that_grows_lets_its_night_wait_and_no_other(source: Source, quiet):
    source.deliver("his/2026-02-28")
    source.put(f"{NIGHT}/wards.csv", "ward\nA\n")
    with changing(source, f"{NIGHT}/visits.csv"):
        received = source.receive(extracts_quiet_seconds=quiet)
    assert list(received.waiting) == [NIGHT]
    assert set(source.copies()) == {
        "his/2026-02-28/visits.csv", "his/2026-02-28/wards.csv",
    }  # fmt: skip
    assert source.receive(extracts_quiet_seconds=quiet).waiting == {}
    assert len(source.copies()) == 4


def test_a_night_that_is_corrected_just_now_keeps_its_copy(source: Source):
    source.deliver()
    source.receive()
    before = source.copies()
    with changing(source, f"{NIGHT}/visits.csv"):
        assert list(source.receive().waiting) == [NIGHT]
    assert source.copies() == before


def test_a_night_that_is_cleared_away_goes_with_its_last_file(source: Source):
    source.deliver()
    source.deliver("his/2026-03-02")
    source.receive()
    source.remove(f"{NIGHT}/visits.csv")
    source.receive()
    assert len(source.copies()) == 4
    source.remove(f"{NIGHT}/wards.csv")
    if isinstance(source.server, Sftp):
        (source.server.drop / source.prefix / NIGHT).rmdir()
    source.receive()
    assert set(source.copies()) == {
        "his/2026-03-02/visits.csv", "his/2026-03-02/wards.csv",
    }  # fmt: skip


def test_a_file_under_another_name_takes_the_place_of_the_first(source: Source):
    source.deliver()
    source.receive()
    source.put(f"{NIGHT}/visits.csv.gz", b"not looked into")
    source.remove(f"{NIGHT}/visits.csv")
    source.receive()
    assert sorted(source.copies()) == [f"{NIGHT}/visits.csv.gz", f"{NIGHT}/wards.csv"]


def test_a_file_that_nobody_reads_is_named_and_not_fetched(source: Source):
    source.deliver()
    source.put(f"{NIGHT}/dump.bak", b"x" * 100_000)
    received = source.receive()
    [found] = find_extracts(received.folder, CONTRACTS)
    assert found.unclaimed == ("dump.bak",)
    assert source.copies()[f"{NIGHT}/dump.bak"][0] == b""


def test_a_drop_folder_that_is_not_there_removes_nothing(source: Source):
    source.deliver()
    source.receive()
    with pytest.raises(StorageError, match="is not there"):
        source.receive(extracts=f"{source.url}-elsewhere")
    assert len(source.copies()) == 2


def test_the_folders_of_a_drop_folder_are_told(source: Source):
    source.deliver()
    source.deliver("hiss/2026-03-01")
    assert remote_systems(source.settings()) == ["his", "hiss"]


def test_a_file_too_large_for_the_disk_is_a_sentence(source: Source, monkeypatch):
    source.deliver()
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=0))
    with pytest.raises(WardlineError, match="make room, and refresh again"):
        source.receive()
    assert source.copies() == {}


def test_a_local_folder_waits_for_markers_as_well(tmp_path: Path):
    folder = tmp_path / "extracts" / NIGHT
    folder.mkdir(parents=True)
    (folder / "visits.csv").write_text("visit_id\n1\n")
    (folder / "wards.csv").write_text("ward\nA\n")
    settings = Settings(home=tmp_path, _env_file=None)
    assert receive(settings, CONTRACTS).waiting == {}
    assert list(receive(settings, SIGNED).waiting) == [NIGHT]
    (folder / "_SUCCESS").touch()
    received = receive(settings, SIGNED)
    assert (received.folder, received.waiting) == (tmp_path / "extracts", {})


def copied(tmp_path: Path, name: str, content: str) -> None:
    """Put a file into the local drop folder as a copy that keeps its old time."""
    original = tmp_path / "original"
    original.write_text(content)
    os.utime(original, (0, 0))
    (tmp_path / "extracts" / NIGHT).mkdir(parents=True, exist_ok=True)
    shutil.copy2(original, tmp_path / "extracts" / NIGHT / name)


@pytest.mark.parametrize("late", ["visits.csv", "wards.csv", ".wards.csv.x7Gk"])
def test_a_night_that_is_being_copied_waits_and_is_then_taken(tmp_path: Path, late):
    copied(tmp_path, "visits.csv", "visit_id\n")
    copied(tmp_path, ".wards.csv.x7Gk", "w")
    settings = Settings(home=tmp_path, extracts_quiet_seconds=1, _env_file=None)
    going_on = threading.Timer(0.3, copied, (tmp_path, late, "visit_id\n1\n"))
    going_on.start()
    assert receive(settings, CONTRACTS).waiting == {
        NIGHT: f"{NIGHT} waits for the next run: its files were changed just now."
    }
    going_on.join()
    assert receive(settings, CONTRACTS).waiting == {}


def test_a_night_at_rest_is_not_waited_for(tmp_path: Path, monkeypatch):
    copied(tmp_path, "visits.csv", "visit_id\n")
    copied(tmp_path, "wards.csv", "ward\n")
    settings = Settings(home=tmp_path, extracts_quiet_seconds=1, _env_file=None)
    time.sleep(1.1)
    # As it is moved in, whole: its files are those that were elsewhere.
    (tmp_path / "extracts" / NIGHT).rename(tmp_path / "extracts" / "his" / "2026-03-02")
    monkeypatch.setattr(time, "sleep", lambda _: pytest.fail("waited"))
    assert receive(settings, CONTRACTS).waiting == {}


def test_a_night_dated_by_a_clock_that_is_ahead_is_seen(tmp_path: Path, monkeypatch):
    copied(tmp_path, "visits.csv", "visit_id\n")
    earlier = time.time_ns() - 3_600 * 10**9
    monkeypatch.setattr(time, "time_ns", lambda: earlier)
    settings = Settings(home=tmp_path, extracts_quiet_seconds=60, _env_file=None)
    assert receive(settings, CONTRACTS, pauses=False).waiting == {}


def test_who_looks_again_anyway_does_not_wait(tmp_path: Path, monkeypatch):
    copied(tmp_path, "visits.csv", "visit_id\n")
    settings = Settings(home=tmp_path, extracts_quiet_seconds=3600, _env_file=None)
    monkeypatch.setattr(time, "sleep", lambda _: pytest.fail("waited"))
    assert list(receive(settings, CONTRACTS, pauses=False).waiting) == [NIGHT]


def test_an_upload_under_another_name_lets_its_night_wait(source: Source):
    source.put(f"{NIGHT}/visits.csv", "visit_id\n1\n")
    with changing(source, f"{NIGHT}/wards.csv.filepart"):
        received = source.receive(extracts_quiet_seconds=1)
    assert list(received.waiting) == [NIGHT]
    assert source.copies() == {}
