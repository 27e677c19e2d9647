"""No password and no key is anywhere but where it was put."""

import stat
from pathlib import Path
from urllib.parse import quote

import pytest

from orchestration.conninfo import owners_conninfo
from orchestration.dbt import target_path
from orchestration.errors import UsageError
from orchestration.passwords import read_secret, without_secrets
from orchestration.settings import Settings
from tests.conftest import all_commands
from tests.integration.guarded import (
    KEY,
    READERS_PASSWORD,
    SERVERS_PASSWORD,
    GuardedHome,
)


@pytest.fixture(scope="module")
def planted(guarded: GuardedHome) -> list[str]:
    """Every spelling of what is secret."""
    owner = guarded.server.owners_password
    secrets = [owner, owner.split("/")[1], quote(owner, safe=""), READERS_PASSWORD]
    secrets += [quote(READERS_PASSWORD), SERVERS_PASSWORD, quote(SERVERS_PASSWORD)]
    return [*secrets, KEY, KEY.encode().hex()]


def found_in(files: list[Path], planted: list[str]) -> list[tuple[Path, str]]:
    return [
        (file, secret)
        for file in files
        for content in [file.read_bytes()]
        for secret in planted
        if secret.encode() in content
    ]


def test_init_db_and_refresh_show_no_password_in_the_process_list(guarded, planted):
    assert any("dbt" in line for line in guarded.command_lines)
    assert any("orchestration.cli" in line for line in guarded.command_lines)
    shown = [it for it in guarded.command_lines for word in planted if word in it]
    assert shown == []


def test_no_file_of_the_home_holds_a_password_or_the_key(guarded, planted):
    files = [
        file
        for file in guarded.path.rglob("*")
        if file.is_file() and guarded.secrets not in file.parents
    ]
    kinds = {file.name for file in files}
    assert {"profiles.yml", "manifest.json", "dbt.log", "index.html"} <= kinds
    assert any(file.suffix == ".db" for file in files)  # Dagster's storage
    assert any(
        file.suffix == ".sql" for file in target_path(guarded.settings).rglob("*")
    )
    assert found_in(files, planted) == []


def test_postgresqls_log_holds_no_password_though_it_logs_every_statement(
    guarded, planted
):
    log = guarded.server.log.read_text()
    assert 'alter role "wardline_reader" password' in log
    assert "candidate" in log
    assert found_in([guarded.server.log], planted) == []


def test_files_of_the_home_that_hold_secrets_are_their_owners_alone(guarded, hospital):
    """pseudonym.key of a home without a key in its settings; the server's files."""
    for file in (
        hospital.path / "pseudonym.key",
        guarded.settings.dbt_home / "profiles.yml",
    ):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600, file
    server = (hospital.path / "postgres").resolve()
    assert stat.S_IMODE(server.stat().st_mode) == 0o700
    assert not guarded.settings.pseudonym_key_path.exists()


def test_url_shows_a_password_only_when_asked_to(guarded):
    assert guarded.server.owners_password not in guarded.run("url").stdout
    assert "planted" not in guarded.run("url", "--reader").stdout
    assert "planted" in guarded.run("url", "--with-password").stdout


ARGUMENTS = {
    "api-key create": ["--name", "x", "--reason", "x"],
    "api-key revoke": ["1", "--reason", "x"],
    "backup": ["."],
    "check": ["."],
    "grant": ["someone", "--everything", "--reason", "x"],
    "query": ["select 1"],
    "restore": [".", "--reason", "x"],
    "revoke": ["someone", "--reason", "x"],
    "rotate-pseudonyms": ["--yes", "--reason", "x"],
    "user add": ["someone", "--reason", "x"],
    "user disable": ["someone", "--reason", "x"],
}
# These know the owner's login not at all.
WITHOUT_SERVER = {"dagster daemon", "dagster webserver", "serve", "simulate"}


@pytest.mark.parametrize("command", sorted(all_commands().keys() - WITHOUT_SERVER))
def test_no_command_tells_a_password_that_the_server_refuses(guarded, command):
    ran = guarded.run(
        *command.split(), *ARGUMENTS.get(command, []), "--debug",
        WARDLINE_DATABASE_PASSWORD_FILE="",
        WARDLINE_DATABASE_PASSWORD="a wrong planted-secret",
    )  # fmt: skip
    assert command == "stop" or ran.returncode != 0, ran.stdout
    assert "planted" not in ran.stdout + ran.stderr


UNESCAPED = [
    "postgresql://me:plan/ted@h/db",
    "postgresql://me:pl@nted@h/db",
    "postgresql://me:plan?ted@h/db",
    "postgresql://me:plan[ted@h/db",
    "postgresql://me:plan%ted@h/db",
    "postgresql://me:plan ted@h/db",
    "postgresql:/me:planted@h/db",
]


@pytest.mark.parametrize("url", UNESCAPED)
def test_a_url_with_an_unescaped_password_is_refused_or_hidden(home, url):
    ran = home.run("status", "--debug", WARDLINE_DATABASE_URL=url)
    assert ran.returncode != 0
    for part in ("planted", "plan", "nted", "ted@"):
        assert part not in ran.stdout + ran.stderr.replace("unexpected", ""), ran.stderr


def test_a_password_comes_from_the_environment_or_a_file_but_not_both(tmp_path):
    file = tmp_path / "password"
    file.write_text("from a file \n")
    url = "postgresql://me@h/db"

    def settings(**given: object) -> Settings:
        return Settings(database_url=url, _env_file=None, **given)

    assert "from a file " in owners_conninfo(settings(database_password_file=file))
    assert "given" in owners_conninfo(settings(database_password="given"))
    assert read_secret(settings(), "reader_password") is None
    with pytest.raises(UsageError, match="both set"):
        owners_conninfo(settings(database_password="x", database_password_file=file))
    with pytest.raises(UsageError, match="cannot be read"):
        owners_conninfo(settings(database_password_file=tmp_path / "none"))
    file.write_text("")
    with pytest.raises(UsageError, match="is empty"):
        owners_conninfo(settings(database_password_file=file))


def test_what_is_shown_is_rid_of_every_password_of_the_settings(tmp_path):
    file = tmp_path / "password"
    file.write_text("in-a-file\n")
    settings = Settings(
        database_url="postgresql://me:in%20url@h/db",
        reader_password_file=file,
        login_password="in-environment",
        pseudonym_key="the-key",
        _env_file=None,
    )
    text = (
        "x in%20url in url in-a-file in-environment the-key"
        " postgresql://you:other@h/db me"
    )
    assert without_secrets(settings, text) == (
        "x *** *** *** *** *** postgresql://you:***@h/db me"
    )
