"""What may lie in the drop folder in place of a file, and what a file may be called."""

import os
import socket
from collections.abc import Callable
from pathlib import Path

from tests.acceptance.hostile.specification import (
    GOOD,
    HEADER,
    Case,
    loaded,
    refused,
)

SOUND = HEADER + GOOD


def link_to(target: str) -> Callable[[Path], None]:
    return lambda path: path.symlink_to(target)


def twice(other_ending: str) -> Callable[[Path], None]:
    def put(path: Path) -> None:
        for one in (path, path.with_suffix(other_ending)):
            one.write_text(SOUND)

    return put


def named(name: str | bytes) -> Callable[[Path], None]:
    """A file whose name is what the contract's pattern leaves open."""

    def put(path: Path) -> None:
        (path.parent / f"{path.stem}_{os.fsdecode(name)}.csv").write_text(SOUND)

    return put


def a_socket(path: Path) -> None:
    # Bound by a short name: the path of a socket may not be long.
    here = Path.cwd()
    os.chdir(path.parent)
    try:
        socket.socket(socket.AF_UNIX).bind(path.name)
    finally:
        os.chdir(here)


LINKS = [
    Case(
        "a link to a file outside, as /etc/passwd",
        link_to("/etc/passwd"),
        refused("is a link that leads outside the drop folder"),
    ),
    Case(
        "a link that climbs out by ..",
        link_to("../../../outside.csv"),
        refused("is a link that leads outside the drop folder"),
    ),
    Case(
        "a link to a device, as /dev/zero",
        link_to("/dev/zero"),
        refused("is a link that leads outside the drop folder"),
    ),
    Case(
        "a link to itself",
        lambda path: path.symlink_to(path.name),
        refused("expected a file, found something else"),
    ),
    Case(
        "a link to nowhere",
        link_to("gone.csv"),
        refused("expected a file, found something else"),
    ),
    Case("a pipe", os.mkfifo, refused("expected a file, found something else")),
    Case("a socket", a_socket, refused("expected a file, found something else")),
    Case(
        "a folder named like a file",
        lambda path: path.mkdir(),
        refused("expected a file, found something else"),
    ),
]

NAMES = [
    Case("no file at all", lambda _: None, refused("lacks")),
    Case(
        "two files for one table", twice(".xlsx"), refused("expected one file for it")
    ),
    Case(
        "two files for one table, in upper and lower case",
        twice(".CSV"),
        refused("expected one file for it"),
    ),
    Case(
        "a file's name with SQL in it",
        named("x'); drop schema marts cascade; --"),
        loaded(1, ("9", "W9", "end")),
        contract={"file": "{table}_*.csv"},
    ),
    Case(
        "a file's name in the words of our own templates",
        named("[red]{observed}%s$HOME["),
        loaded(1),
        contract={"file": "{table}_*.csv"},
    ),
    Case(
        "a file's name with a line end and a terminal's control codes",
        named("a\nb\x1b[2J\u202e"),
        loaded(1),
        contract={"file": "{table}_*.csv"},
    ),
    Case(
        "a file's name that is no UTF-8",
        named(b"\xff\xfe"),
        loaded(1),
        contract={"file": "{table}_*.csv"},
    ),
    Case(
        "a file that fits two tables",
        named("both"),
        refused("expected a file of one table"),
        contract={"file": "*_both.csv"},
    ),
    Case(
        "the other of the two",
        lambda _: None,
        refused("expected a file of one table"),
        contract={"file": "*_both.csv"},
    ),
]
