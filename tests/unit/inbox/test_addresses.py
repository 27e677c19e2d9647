"""WARDLINE_EXTRACTS as a path and as a URL, and what is wrong with one."""

from importlib.util import find_spec
from pathlib import Path

import pytest
from pydantic import ValidationError

from orchestration.errors import UsageError, WardlineError
from orchestration.inbox import storage
from orchestration.inbox.address import Address, parse
from orchestration.inbox.storage import connected
from orchestration.settings import Settings


def settings(**given: object) -> Settings:
    return Settings(_env_file=None, **given)


def test_a_path_is_one_and_a_url_is_another(tmp_path: Path, monkeypatch):
    monkeypatch.delenv("WARDLINE_EXTRACTS_QUIET_SECONDS")
    local = settings(home=tmp_path, extracts=str(tmp_path / "drop"))
    assert (local.drop_folder, local.remote_extracts) == (tmp_path / "drop", None)
    assert local.quiet_seconds == 10
    remote = settings(home=tmp_path, extracts="s3://bucket/drop")
    assert remote.drop_folder == tmp_path / "inbox"
    assert remote.remote_extracts == "s3://bucket/drop"
    assert remote.quiet_seconds == 30
    assert settings(home=tmp_path).drop_folder == tmp_path / "extracts"


def test_a_url_is_taken_apart():
    url = "sftp://a%40b@files.example:2222/x%20y/"
    assert parse(url) == Address("sftp", "files.example", "/x y", "a@b", 2222, url)
    assert parse("s3://bucket/a/b").join("his", "x") == "bucket/a/b/his/x"
    assert parse("s3://bucket").root == "bucket"


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("ftp://host/x", "must be a path, s3://bucket/path or sftp://"),
        ("s3:///x", "must be a path, s3://bucket/path or sftp://"),
        ("sftp://host:99999/x", "must be a path, s3://bucket/path or sftp://"),
        ("sftp://host/a/../b", "must be a path, s3://bucket/path or sftp://"),
        ("sftp://host/a?b=c", "must be a path, s3://bucket/path or sftp://"),
        ("sftp://me:planted@host/x", "must not hold a password"),
        ("s3://key:planted@bucket/x", "must not hold a password"),
        ("s3://bucket:9000/x", "address is WARDLINE_EXTRACTS_ENDPOINT"),
    ],
)
def test_a_wrong_url_is_a_sentence_without_its_password(url, sentence):
    with pytest.raises(ValidationError) as wrong:
        settings(extracts=url)
    [error] = wrong.value.errors(include_input=False)
    assert sentence in error["msg"]
    assert "planted" not in error["msg"]


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (
            {"extracts": "sftp://me@127.0.0.1/x"},
            "PRIVATE_KEY or WARDLINE_EXTRACTS_PASS",
        ),
        (
            {"extracts": "sftp://me@127.0.0.1/x", "extracts_private_key": __file__},
            "it is no private key, or WARDLINE_EXTRACTS_PASSWORD does not open it",
        ),
        ({"extracts": "s3://bucket/x", "extracts_key": "k"}, "belong together"),
        ({"extracts": "s3://b/x", "extracts_ca_file": "/nowhere"}, "CA_FILE: /nowhere"),
    ],
)
def test_incomplete_settings_are_named(given, sentence):
    with pytest.raises(UsageError, match=sentence), connected(settings(**given)):
        pass


@pytest.mark.parametrize(
    ("url", "extra"), [("s3://b/x", "s3"), ("sftp://me@h/x", "sftp")]
)
def test_a_package_that_is_not_installed_is_named(url, extra, monkeypatch):
    assert find_spec("s3fs")
    assert find_spec("paramiko")
    monkeypatch.setattr(storage, "find_spec", lambda _: None)
    absent = rf"pip install --editable '\.\[{extra}\]'"
    with pytest.raises(WardlineError, match=absent), connected(settings(extracts=url)):
        pass
