"""PostgreSQL's own programs: which one fits a server, and running it.

The embedded server's come with it; those of a newer server of one's own are on PATH.
"""

import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Literal

from psycopg.conninfo import conninfo_to_dict, make_conninfo

from orchestration import embedded
from orchestration.errors import WardlineError

Program = Literal["pg_dump", "pg_restore"]


def find(program: Program, version: int) -> Path:
    """A program that can talk to servers, and read files, of a major version.

    Raises:
        WardlineError: there is none.
    """
    on_path = shutil.which(program)
    places = [embedded.binaries() / program, *([Path(on_path)] if on_path else [])]
    for place in places:
        if place.exists() and _version(place) >= version:
            return place
    raise WardlineError(
        f"There is no {program} of PostgreSQL {version} or newer; install that "
        "version's client programs, on PATH."
    )


def _version(place: Path) -> int:
    said = subprocess.run(
        [place, "--version"], capture_output=True, text=True, check=True
    ).stdout
    found = re.search(r"\) (\d+)", said)
    return int(found[1]) if found else 0


@contextmanager
def connection(conninfo: str) -> Iterator[str]:
    """A connection string without the password, which a file has meanwhile.

    A command line is there for everybody to read.
    """
    parts = {name: str(value) for name, value in conninfo_to_dict(conninfo).items()}
    password = parts.pop("password", None)
    with TemporaryDirectory() as folder:  # which its owner alone may enter
        if password is not None:
            file = Path(folder) / "passwords"
            file.touch(mode=0o600)
            escaped = password.replace("\\", "\\\\").replace(":", "\\:")
            file.write_text(f"*:*:*:*:{escaped}\n")
            parts["passfile"] = str(file)
        yield make_conninfo(**parts)


def run(program: Path, *arguments: str) -> None:
    """Run a program to its end.

    Raises:
        WardlineError: it fails, with its own first sentence.
    """
    ran = subprocess.run(
        [program, *arguments], capture_output=True, text=True, check=False
    )
    _require_success(program, ran.returncode, ran.stderr)


@contextmanager
def output(program: Path, *arguments: str) -> Iterator[IO[bytes]]:
    """What a program writes, while it writes it.

    Raises:
        WardlineError: it fails.
    """
    with (
        TemporaryDirectory() as folder,
        (Path(folder) / "errors").open("w+") as errors,
        subprocess.Popen(
            [program, *arguments], stdout=subprocess.PIPE, stderr=errors
        ) as process,
    ):
        assert process.stdout  # noqa: S101 (a pipe was asked for)
        yield process.stdout
        failed = process.wait()
        errors.seek(0)
        _require_success(program, failed, errors.read())


def _require_success(program: Path, failed: int, said: str) -> None:
    """What it says of a value (after a colon and a quote) is not passed on."""
    if failed:
        complaint = re.search(r"error: (.*)", said)
        reason = complaint[1].partition(': "')[0] if complaint else f"code {failed}"
        raise WardlineError(f"{program.name} failed ({reason.strip()}).")
