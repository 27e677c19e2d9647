"""The benchmark's one table: its lines, in the terminal and in docs/performance.md.

Belongs here: how results are shown and kept. What is measured stands elsewhere.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from rich.table import Table

from orchestration.settings import REPOSITORY

DOCUMENT = REPOSITORY / "docs" / "performance.md"
_HEADINGS = ("what", "ratio", "Wardline", "beside it", "aim")
_BETWEEN = re.compile(
    r"(?<=<!-- what is measured, from here -->\n).*?(?=<!-- to here -->)",
    re.DOTALL,
)


@dataclass(frozen=True)
class Line:
    """One thing measured: its ratio first, then both sides of it."""

    section: str
    what: str
    ratio: str = ""
    ours: str = ""
    beside: str = ""
    aim: str = ""

    @property
    def cells(self) -> tuple[str, ...]:
        """What is shown of it, under the headings."""
        return (self.what, self.ratio, self.ours, self.beside, self.aim)


def times(part: float, whole: float) -> str:
    """How many times the other it is: `1.32 x`."""
    return f"{part / whole:,.2f} x" if whole else "-"


def percent(part: float, whole: float) -> str:
    """Its share of the other: `12.5 %`."""
    return f"{100 * part / whole:,.1f} %" if whole else "-"


def seconds(spent: float) -> str:
    """`0.52 s`, `12.5 s`, `1,250 s`."""
    return f"{spent:,.{2 if spent < 10 else 1 if spent < 1000 else 0}f} s"


def mebibytes(size: float) -> str:
    """`512 MiB`."""
    return f"{size / 2**20:,.0f} MiB"


def at_most(factor: float) -> str:
    """The aim of a ratio: `at most 1.5 x`."""
    return f"at most {factor:g} x"


def shown(lines: Sequence[Line], caption: str) -> Table:
    """All lines for a terminal, each section by itself."""
    table = Table(title="Wardline, and what would be used instead", caption=caption)
    for heading in _HEADINGS:
        is_number = heading in ("ratio", "Wardline", "beside it")
        table.add_column(heading, justify="right" if is_number else "left")
    for section, them in _by_section(lines):
        table.add_section()
        table.add_row(f"[bold]{section}[/]")
        for line in them:
            table.add_row(*line.cells)
    return table


def markdown(lines: Sequence[Line], description: Sequence[str]) -> str:
    """The same as Markdown, after what is known of the machine and the data."""
    said = [*(f"- {it}" for it in description), ""]
    said += [_row(_HEADINGS), "| --- | ---: | ---: | ---: | --- |"]
    for section, them in _by_section(lines):
        said.append(_row((f"**{section}**", "", "", "", "")))
        said += [_row(line.cells) for line in them]
    return "\n".join(said) + "\n"


def write(text: str, document: Path = DOCUMENT) -> None:
    """Put a text between the markers of the document, in place of what is there.

    Raises:
        ValueError: the document has no markers.
    """
    before = document.read_text()
    after, found = _BETWEEN.subn(lambda _: f"\n{text}\n", before)
    if not found:
        raise ValueError(f"{document} has no markers to write between.")
    document.write_text(after)


def _by_section(lines: Sequence[Line]) -> Iterable[tuple[str, Iterable[Line]]]:
    return groupby(lines, key=lambda line: line.section)


def _row(cells: Iterable[str]) -> str:
    return "| " + " | ".join(it.replace("|", "\\|") for it in cells) + " |"
