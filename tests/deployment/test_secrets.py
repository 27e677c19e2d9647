"""The owners and modes that the instructions give secrets, and who has to read them."""

import re
import shlex
import subprocess
from pathlib import Path

import pytest

from tests.deployment.composed import DOCKER, compose, instructions

SERVICES = compose()["services"]
# As whom the image starts the server and runs scripts; before, as root, it reads the
# superuser's password.
POSTGRES = (999, 999)
READ_AS_ROOT = {("database", "superuser")}
STUBS = """
docker() { cat > /dev/null; }
cp() { for to; do :; done; case $to in */) touch "$to${1##*/}" "$to${2##*/}";; esac; }
chown() { echo "chown $*" >> "$LOG"; }
chgrp() { echo "chgrp $*" >> "$LOG"; }
"""


@pytest.fixture(scope="module")
def followed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[int, ...]]:
    """Owner, group and mode of each secret, once the instructions were followed."""
    root = tmp_path_factory.mktemp("followed")
    (root / "docker").mkdir()
    (root / "orchestration").mkdir()
    (root / "orchestration" / "hardening.sql").touch()
    log = root / "log"
    script = STUBS + "\n".join(instructions())
    subprocess.run(
        ["bash", "-euc", script],  # noqa: S607 (of the system)
        env={"PATH": "/usr/bin:/bin", "LOG": str(log)},
        cwd=root,
        stdin=subprocess.DEVNULL,
        check=True,
    )
    owners = _owners(root / "docker", log.read_text())
    return {
        str(file.relative_to(root / "docker" / "secrets")): (
            *owners.get(file, (0, 0)),
            file.stat().st_mode,
        )
        for file in (root / "docker" / "secrets").rglob("*")
    }


def _owners(folder: Path, log: str) -> dict[Path, tuple[int, int]]:
    found: dict[Path, tuple[int, int]] = {}
    for line in log.splitlines():
        program, *words = shlex.split(line)
        is_deep = words[0] == "-R"
        whom, *names = words[is_deep:]
        for name in names:
            top = folder / name
            for file in (top, *(top.rglob("*") if is_deep else ())):
                user, group = found.get(file, (0, 0))
                number = int(whom)
                found[file] = (user, number) if program == "chgrp" else (number, group)
    return found


def reader(service: str) -> tuple[int, int]:
    """The user and the group that a service's process has."""
    if service == "database":
        return POSTGRES
    given = SERVICES[service].get("user", "0:0")
    if SERVICES[service]["image"].startswith("wardline:"):
        text = (DOCKER / "Dockerfile").read_text()
        (given,) = re.findall(r"^USER (\S+)$", text, re.MULTILINE)
    user, group = given.split(":")
    return int(user), int(group)


def may_read(who: tuple[int, int], file: tuple[int, ...]) -> bool:
    """As the kernel decides for those who are not root, or whose root may no more."""
    user, group, mode = file
    shift = 6 if who[0] == user else 3 if who[1] == group else 0
    return bool(mode >> shift & 0o4)


@pytest.mark.parametrize(
    ("service", "secret"),
    [(name, it) for name, one in SERVICES.items() for it in one.get("secrets", [])],
)
def test_who_needs_a_secret_may_read_it(followed, service, secret):
    if (service, secret) not in READ_AS_ROOT:
        assert may_read(reader(service), followed[secret])


def test_everybody_else_may_not(followed):
    for name, (_, _, mode) in followed.items():
        assert mode & 0o007 == 0, name
    shared = {name for name, (_, _, mode) in followed.items() if mode & 0o070}
    assert shared == {"database", "dagster-database"}
