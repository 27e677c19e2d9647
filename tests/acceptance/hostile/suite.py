"""All hostile files, by what they try; each is a table of its own in one night."""

from tests.acceptance.hostile import parquet_files, places, texts, workbooks
from tests.acceptance.hostile.specification import Case

FILES: dict[str, list[Case]] = {
    "Files that are broken": texts.BROKEN_FILES,
    "Quotes and line ends": texts.QUOTES_AND_LINES,
    "Encodings": texts.ENCODINGS,
    "Texts that want to be run": texts.INJECTIONS,
    "Keys": texts.KEYS,
    "Gzip": workbooks.GZIP,
    "Broken workbooks": workbooks.BROKEN_WORKBOOKS,
    "Sheets": workbooks.SHEETS,
    "Cells": workbooks.CELLS,
    "Parquet": parquet_files.FILES,
    "Links, pipes and folders": places.LINKS,
    "Names of files": places.NAMES,
}
CASES: dict[str, Case] = {
    f"case_{number:03}": case
    for number, case in enumerate(
        (case for cases in FILES.values() for case in cases), start=1
    )
}
"""Every case under the name of its table."""
