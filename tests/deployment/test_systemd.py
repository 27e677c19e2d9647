"""Units for machines without containers: valid, hardened, and what compose starts."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from orchestration.settings import REPOSITORY
from tests.deployment.composed import BIN, compose

UNITS = REPOSITORY / "systemd"
INSTALLED = "/opt/wardline/.venv/bin"
ANALYZE = shutil.which("systemd-analyze")
# systemd's own scale: 0 is closed, 10 is wide open; 9.6 is a service without options.
MOST_EXPOSED = 2.0

needs_systemd = pytest.mark.skipif(ANALYZE is None, reason="there is no systemd here")


@pytest.fixture
def units(tmp_path: Path) -> Path:
    """The units, with the programs of this checkout."""
    folder = tmp_path / "units"
    shutil.copytree(UNITS, folder)
    for file in folder.rglob("*"):
        if file.is_file():
            file.write_text(file.read_text().replace(INSTALLED, str(BIN)))
    return folder


def analyze(units: Path, *arguments: str) -> subprocess.CompletedProcess:
    assert ANALYZE
    return subprocess.run(
        [ANALYZE, *arguments],
        env={"SYSTEMD_UNIT_PATH": f"{units}:/usr/lib/systemd/system"},
        cwd=units,
        capture_output=True,
        text=True,
        check=False,
    )


def names(*kinds: str) -> list[str]:
    return sorted(it.name for it in UNITS.iterdir() if it.suffix in kinds)


@needs_systemd
@pytest.mark.parametrize("name", names(".service", ".timer", ".target"))
def test_a_unit_is_valid(units: Path, name):
    verified = analyze(units, "verify", "--man=no", f"./{name}")
    told = [line for line in verified.stderr.splitlines() if "wardline" in line]
    assert told == []
    assert verified.returncode == 0, verified.stderr


@needs_systemd
@pytest.mark.parametrize("name", names(".service"))
def test_a_service_is_hardened(units: Path, name):
    whole = units / "whole.service"
    common = (units / "wardline-.service.d" / "10-wardline.conf").read_text()
    whole.write_text((units / name).read_text() + common)
    judged = analyze(
        units, "security", "--offline=true", "--no-pager", f"./{whole.name}"
    )
    level = re.search(r"exposure level.*: (\d+\.\d)", judged.stdout)
    assert level, judged.stderr
    assert float(level[1]) <= MOST_EXPOSED, judged.stdout


def test_services_start_what_compose_starts():
    started = {
        found[1]
        for name in names(".service")
        if (found := re.search(r"^ExecStart=\S+/(wardline .*)$", _text(name), re.M))
    }
    composed = {
        " ".join(it["command"])
        for it in compose()["services"].values()
        if it["command"][0] == "wardline" and it["command"][1] != "init-db"
    }
    assert {it.replace("/var/backups/wardline", "/backups") for it in started} == (
        composed
    )


def test_the_target_wants_every_service_that_stays_and_the_timer():
    wanted = set(
        re.findall(r"wardline-[\w-]+\.(?:service|timer)", _text("wardline.target"))
    )
    assert wanted == {
        *names(".timer"),
        *(name for name in names(".service") if "oneshot" not in _text(name)),
    }


def _text(name: str) -> str:
    return (UNITS / name).read_text()
