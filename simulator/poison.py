"""Poison: extracts that must be refused whole, made from sound ones.

Belongs here: what an extract gate has to stop. It works on any CSV extract, in place;
copy the extract first if it is still needed.
"""

from pathlib import Path

POISONS = (
    "duplicate_keys",
    "missing_column",
    "rows_cut_off",
    "other_table",
    "empty_file",
)
_CUT_OFF = 0.4


def poison(
    extract: Path,
    kind: str,
    *,
    table: str = "admissions",
    column: str = "admitted_at",
    other: str = "doctors",
) -> Path:
    """Poison `table` of the extract in the folder `extract`; returns the file altered.

    duplicate_keys repeats the first tenth of the rows (one at least), missing_column
    removes `column`, rows_cut_off drops the last 40 % of the rows, other_table puts the
    file of `other` under the table's name, empty_file leaves no byte.
    Raises ValueError for another kind or a column that is not there, FileNotFoundError
    for a table that is not there.
    """
    path = extract / f"{table}.csv"
    header, *rows = path.read_bytes().splitlines(keepends=True)
    if kind == "duplicate_keys":
        content = [header, *rows, *rows[: max(1, len(rows) // 10)]]
    elif kind == "missing_column":
        content = _without(column, [header, *rows])
    elif kind == "rows_cut_off":
        content = [header, *rows[: round(len(rows) * (1 - _CUT_OFF))]]
    elif kind == "other_table":
        content = [(extract / f"{other}.csv").read_bytes()]
    elif kind == "empty_file":
        content = []
    else:
        raise ValueError(f"unknown poison {kind!r}; there are {', '.join(POISONS)}")
    path.write_bytes(b"".join(content))
    return path


def _without(column: str, lines: list[bytes]) -> list[bytes]:
    names = lines[0].decode("utf-8-sig").strip().split(",")
    if column not in names:
        raise ValueError(f"no column {column!r} among {', '.join(names)}")
    place = names.index(column)
    kept = []
    for line in lines:
        body = line.rstrip(b"\r\n")
        values = body.split(b",")
        kept.append(b",".join(values[:place] + values[place + 1 :]) + line[len(body) :])
    return kept
