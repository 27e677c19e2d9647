"""The tables of docs/bad-input.md, made from the cases: `python -m` prints them."""

from collections.abc import Iterable, Sequence
from itertools import groupby

from orchestration.extracts.errors import printable
from tests.acceptance.hostile.suite import FILES
from tests.acceptance.hostile.values import COLUMNS, KEYS, VALUES, Value

LONGEST = 40


def table(names: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    ruled = [names, ["---"] * len(names), *rows]
    return "\n".join(f"| {' | '.join(row)} |" for row in ruled)


def cell(text: str) -> str:
    return text.replace("|", "\\|")


def code(text: str) -> str:
    """A text as code, with what one does not see in numbers."""
    if len(text) > LONGEST:
        text = f"{text[:9]}... ({len(text.encode()):,} bytes)"
    shown = cell(printable(text))
    return f"`` {shown} ``" if "`" in shown or shown != shown.strip() else f"`{shown}`"


def files() -> str:
    """A section for each kind of file, a line for each case."""
    return "\n\n".join(
        f"### {title}\n\n"
        + table(
            ("what comes", "what becomes of it"),
            [(cell(it.what), cell(it.outcome.said)) for it in cases],
        )
        for title, cases in FILES.items()
    )


def _declared(column: str) -> str:
    options = COLUMNS.get(column, {"data_type": "text, part of the key"})
    return ", ".join(
        str(value) if name == "data_type" else f"{name} {value}"
        for name, value in options.items()
    )


def _listed(values: Iterable[Value]) -> str:
    return ", ".join(code(it.text) for it in values)


def values() -> str:
    """A section for each kind of value, a line for each contract and reason."""
    sections = []
    for title, cases in {**VALUES, "Keys in staging": KEYS}.items():
        grouped = groupby(cases, key=lambda it: (it.column, it.reason))
        rows = [
            (_declared(column), _listed(found), reason or "read")
            for (column, reason), found in grouped
        ]
        sections.append(
            f"### {title}\n\n"
            + table(("column", "texts", "what becomes of them"), rows)
        )
    return "\n\n".join(sections)


if __name__ == "__main__":
    print(f"{files()}\n\n{values()}")  # noqa: T201
