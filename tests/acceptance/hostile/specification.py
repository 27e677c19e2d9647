"""What a hostile extract is, and what may become of it: the words of the tables.

The cases themselves stand in texts.py, workbooks.py, parquet_files.py, places.py and
values.py.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from orchestration.extracts.contract import Column, ExtractContract

SYSTEM = "hostile"
HEADER = "visit_id,ward,note\n"
GOOD = "9,W9,end\n"
"""A sound row; it has to be there whatever stands around it."""
Row = tuple[str | None, ...]


@dataclass(frozen=True)
class Outcome:
    """What has to become of an extract; exactly one of the three, and a warning."""

    said: str
    """As the document says it."""
    rows: int | None = None
    """Rows that reach raw; None if the batch is refused."""
    malformed: int = 0
    sentence: str = ""
    """What the refusal says, or the reason of the records set aside."""
    warning: str = ""
    values: tuple[Row, ...] = ()
    """Rows that raw must have, as (visit_id, ward, note)."""

    @property
    def kind(self) -> str:
        if self.rows is None:
            return "refused"
        return "loaded but for records set aside" if self.malformed else "loaded"


def loaded(rows: int, *values: Row, warning: str = "") -> Outcome:
    said = "loaded" + (f", with a warning: {warning}" if warning else "")
    return Outcome(said, rows=rows, warning=warning, values=values)


def set_aside(malformed: int, reason: str, *, rows: int = 1) -> Outcome:
    what = "the record is" if malformed == 1 else "the records are"
    said = f"{what} set aside: {reason}"
    return Outcome(said, rows=rows, malformed=malformed, sentence=reason)


def refused(sentence: str) -> Outcome:
    return Outcome(f"refused: ... {sentence} ...", sentence=sentence)


@dataclass(frozen=True)
class Case:
    """One hostile extract: how its file is made, and what has to become of it."""

    what: str
    content: bytes | str | Callable[[Path], Any]
    """The file's bytes, or what makes it at the path where it is expected."""
    outcome: Outcome
    ending: str = ".csv"
    contract: dict[str, Any] = field(default_factory=dict)
    """What its contract has other than the usual."""

    def put(self, folder: Path, table: str) -> None:
        path = folder / f"{table}{self.ending}"
        if callable(self.content):
            self.content(path)
        else:
            text = self.content
            path.write_bytes(text.encode() if isinstance(text, str) else text)

    def contract_as(self, table: str) -> ExtractContract:
        usual: dict[str, Any] = {
            "columns": (Column("visit_id"), Column("ward"), Column("note")),
            "file": f"{table}.csv",
            "key": ("visit_id",),
            "max_malformed_pct": 100,
        }
        options = usual | self.contract
        options["file"] = options["file"].replace("{table}", table)
        return ExtractContract(SYSTEM, table, **options)
