"""Servers that break off, lose files, and show names that lead out of the inbox."""

from pathlib import Path
from typing import Any

import pytest

from orchestration.errors import WardlineError
from orchestration.extracts.files import find_extracts
from orchestration.inbox import storage
from orchestration.inbox.receiving import receive
from orchestration.inbox.storage import StorageError
from orchestration.settings import Settings
from tests.integration.remote.conftest import CONTRACTS, NIGHT
from tests.remotes import BUCKET, S3
from tests.rude_sftp import PASSWORD, RudeSftp

DROP: dict[str, dict[str, bytes | None]] = {
    "/drop": {"his": None},
    "/drop/his": {"2026-03-01": None},
    f"/drop/{NIGHT}": {"visits.csv": b"visit_id\n1\n", "wards.csv": b"ward\nA\n"},
}
RUDE_NAMES = ("..", ".", "", "../visits.csv", "../../../evil", "/etc/evil", "x" * 300)


@pytest.fixture(autouse=True)
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storage, "PAUSES_SECONDS", (0, 0))


def settings(home: Path, given: dict[str, Any], **changes: Any) -> Settings:
    return Settings(_env_file=None, **({"home": home / "home"} | given | changes))


def files(home: Path) -> set[str]:
    """All that lies under a home and beside it."""
    return {str(it.relative_to(home)) for it in home.rglob("*") if it.is_file()}


COPIED = {
    "known_hosts",
    f"home/inbox/{NIGHT}/visits.csv",
    f"home/inbox/{NIGHT}/wards.csv",
}


def test_names_that_lead_elsewhere_are_passed_over(tmp_path: Path):
    rude = dict.fromkeys(RUDE_NAMES, b"evil")
    server = RudeSftp({it: rude | names for it, names in DROP.items()})
    with server.up(tmp_path) as given:
        assert receive(settings(tmp_path, given), CONTRACTS).waiting == {}
    assert files(tmp_path) == COPIED
    assert {it.rpartition("/")[2] for it in server.opened} == {
        "visits.csv", "wards.csv",
    }  # fmt: skip


def test_keys_of_s3_that_lead_elsewhere_are_passed_over(s3: S3, tmp_path: Path):
    for name, content in (DROP[f"/drop/{NIGHT}"]).items():
        s3.client.put_object(Bucket=BUCKET, Key=f"rude/{NIGHT}/{name}", Body=content)
    for name in ("../evil", "../../../evil", "/evil", "./evil", "../his/evil"):
        for place in ("rude/", f"rude/{NIGHT}/"):
            s3.client.put_object(Bucket=BUCKET, Key=place + name, Body=b"evil")
    given = {
        name.removeprefix("WARDLINE_").lower(): value
        for name, value in s3.environment.items()
    }
    changed = settings(tmp_path, given, extracts=f"s3://{BUCKET}/rude")
    assert receive(changed, CONTRACTS).waiting == {}
    assert files(tmp_path) == COPIED - {"known_hosts"}


def test_a_connection_that_breaks_off_is_made_anew(tmp_path: Path):
    server = RudeSftp(DROP)
    server.breaks_off = 2
    with server.up(tmp_path) as given:
        receive(settings(tmp_path, given), CONTRACTS)
    assert files(tmp_path) == COPIED


def test_one_that_breaks_off_for_good_takes_nothing(tmp_path: Path):
    server = RudeSftp(DROP)
    server.breaks_off = 1_000
    with server.up(tmp_path) as given, pytest.raises(StorageError, match="be reached"):
        receive(settings(tmp_path, given), CONTRACTS)
    assert files(tmp_path) == {"known_hosts"}


def test_a_file_that_vanishes_while_it_is_fetched_takes_nothing(tmp_path: Path):
    server = RudeSftp(DROP)
    server.vanished = {f"/drop/{NIGHT}/wards.csv"}
    with (
        server.up(tmp_path) as given,
        pytest.raises(WardlineError, match=r"wards\.csv is not there\. It was when it"),
    ):
        receive(settings(tmp_path, given), CONTRACTS)
    assert files(tmp_path) == {"known_hosts"}


def test_a_wrong_password_is_a_sentence_without_it(tmp_path: Path):
    with RudeSftp(DROP).up(tmp_path) as given:
        wrong = settings(tmp_path, given, extracts_password="planted-other")
        with pytest.raises(StorageError, match="refuses the login 'his'") as refused:
            receive(wrong, CONTRACTS)
    assert "planted" not in str(refused.value)
    assert PASSWORD not in str(refused.value)


def test_a_server_with_another_host_key_is_not_talked_to(tmp_path: Path):
    server = RudeSftp(DROP)
    with server.up(tmp_path) as given:
        other = RudeSftp(DROP)
        other.port = server.port
        (tmp_path / "known_hosts").write_text(other.known_host)
        with pytest.raises(StorageError, match="shows another host key"):
            receive(settings(tmp_path, given), CONTRACTS)
    assert server.opened == []


def test_an_empty_drop_folder_clears_nothing(tmp_path: Path):
    server = RudeSftp(dict(DROP))
    with server.up(tmp_path) as given:
        receive(settings(tmp_path, given), CONTRACTS)
        server.folders["/drop"] = {}
        with pytest.raises(WardlineError, match="is empty; expected"):
            receive(settings(tmp_path, given), CONTRACTS)
    assert files(tmp_path) == COPIED


def test_links_that_lead_outside_are_refused_as_in_a_local_folder(sftp, tmp_path: Path):
    drop = sftp.drop / "links"
    night, other = drop / "his/2026-03-01", drop / "his/2026-03-02"
    night.mkdir(parents=True)
    (night / "visits.csv").symlink_to("/etc/passwd")
    (night / "wards.csv").write_text("ward\nA\n")
    other.symlink_to("/etc")
    (drop / "his/2026-03-03").symlink_to(night)
    given = {
        name.removeprefix("WARDLINE_").lower(): value
        for name, value in sftp.environment.items()
    }
    url = sftp.environment["WARDLINE_EXTRACTS"]
    received = receive(settings(tmp_path, given, extracts=f"{url}/links"), CONTRACTS)
    found = find_extracts(received.folder, CONTRACTS)
    for one in (found[0], found[2]):
        assert "is a link that leads outside" in one.refused["visits"]
        assert set(one.files) == {"wards"}
    assert set(found[1].refused) == {"visits", "wards"}
    assert "is a link that leads outside" in found[1].refused["wards"]
