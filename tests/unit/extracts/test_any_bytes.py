"""Whatever bytes arrive, by properties: nothing lost, nothing invented, no surprise.

Hypothesis writes the files. What single cases become stands in test_broken_rows.py.
"""

import csv
import gzip
import io

import openpyxl
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from orchestration.extracts.errors import ExtractRefusedError
from orchestration.extracts.opening import MOST_TIMES_UNPACKED

HEADER = b"visit_id,ward,note\n"
LINES = st.lists(
    st.sampled_from(
        [b"a,b,c\n", b'"a","b,\n","c"\n', b'"', b'""', b",", b"\n", b"\r\n", b"\r",
         b" ", b"\\.", b"\0", b"\xc3\xb6", b"\xc3", b"\xef\xbb\xbf", b"\xed\xa0\x80",
         b"\xff", b"\x1a", HEADER, b"x" * 40]
    ),
    max_size=30,
).map(b"".join)  # fmt: skip
SOME = settings(
    max_examples=120,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
# All that a CSV file can say.
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))


def take(clinic, content: bytes, name: str = "visits.csv"):
    """Land a file: its rows, and the records set aside; None if it is refused."""
    try:
        landed = clinic.land(content, name)
    except ExtractRefusedError:
        return None
    rows, aside = clinic.landed_rows(), clinic.set_aside()
    assert landed.rows_received == len(rows) + len(aside)
    assert (landed.rows_landed, landed.rows_malformed) == (len(rows), len(aside))
    numbers = sorted(row[0] for row in (*rows, *aside))
    assert numbers == sorted(set(numbers))
    return rows, aside


@SOME
@given(LINES, st.booleans())
@example(b"", True)
def test_any_bytes_are_received_and_accounted_for(clinic, content, has_header):
    take(clinic, (HEADER if has_header else b"") + content)


@SOME
@given(st.binary(max_size=300))
def test_no_bytes_at_all_are_a_surprise(clinic, content):
    take(clinic, content)
    take(clinic, content, "visits.csv.gz")
    take(clinic, content, "visits.xlsx")
    take(clinic, content, "visits.parquet")


@SOME
@given(
    LINES,
    st.sampled_from([",", ";", "\t", "|"]),
    st.sampled_from(["utf-8", "latin-1", "windows-1252"]),
)
def test_the_quick_way_reads_what_the_careful_way_reads(
    clinic, content, delimiter, encoding
):
    content = (HEADER + content).replace(b",", delimiter.encode())
    other = clinic.by(delimiter=delimiter, encoding=encoding)
    with pytest.MonkeyPatch.context() as patch:
        quick = take(other, content)
        patch.setattr("orchestration.extracts.careful.is_plain", lambda *_: False)
        patch.setattr("orchestration.extracts.plain.is_plain", lambda *_: False)
        assert take(other, content) == quick


@SOME
@given(
    st.lists(st.tuples(TEXT, TEXT, TEXT), max_size=8),
    st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
    st.sampled_from(["\n", "\r\n"]),
)
def test_a_table_that_python_wrote_reads_back_exactly(clinic, rows, quoting, end):
    if quoting == csv.QUOTE_MINIMAL:  # does not quote a carriage return by itself
        rows = [tuple(it.replace("\r", "") for it in row) for row in rows]
    file = io.StringIO(newline="")
    writer = csv.writer(file, quoting=quoting, lineterminator=end)
    writer.writerows([("visit_id", "ward", "note"), *rows])
    # Without a key, since blanks around a key are cut off.
    landed, aside = take(clinic.by(key=()), file.getvalue().encode())
    again = [row for row in rows if row == ("visit_id", "ward", "note")]
    assert len(aside) == len(again)
    expected = [tuple(it or None for it in row) for row in rows if row not in again]
    assert [row[1:] for row in landed] == expected


@SOME
@given(LINES, st.integers(0, 400), st.integers(0, 255))
def test_a_damaged_gzip_file_is_refused_or_whole(clinic, content, at, byte):
    packed = bytearray(gzip.compress(HEADER + content))
    sound = take(clinic, bytes(packed), "visits.csv.gz")
    packed[at % len(packed)] = byte
    damaged = take(clinic, bytes(packed), "visits.csv.gz")
    # Ten bytes at the front tell a time and a system: they change nothing.
    assert damaged in (None, sound)


@settings(SOME, max_examples=60)
@given(st.integers(0, 20_000), st.integers(0, 255), st.booleans())
def test_a_damaged_workbook_is_refused_or_read(clinic, at, byte, cut):
    book = openpyxl.Workbook()
    for row in (("visit_id", "ward", "note"), ("1", "W1", 5), ("2", "W2", "x")):
        book.active.append(row)
    book.save(saved := io.BytesIO())
    packed = bytearray(saved.getvalue())
    at %= len(packed)
    packed[at] = byte
    take(clinic, bytes(packed[:at] if cut else packed), "visits.xlsx")


@settings(SOME, max_examples=300)
@given(st.integers(0, 20_000), st.integers(0, 255), st.booleans())
def test_a_damaged_table_is_refused_or_read(clinic, at, byte, cut):
    pyarrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    table = {"visit_id": ["1", "2"], "ward": ["W1", "W2"], "note": [5, None]}
    parquet.write_table(pyarrow.table(table), saved := io.BytesIO())
    packed = bytearray(saved.getvalue())
    at %= len(packed)
    packed[at] = byte
    take(clinic, bytes(packed[:at] if cut else packed), "visits.parquet")


def test_what_unpacks_to_less_than_a_bomb_is_read(clinic):
    text = HEADER + b"".join(b"%d,W,x\n" % number for number in range(20_000))
    assert len(text) < MOST_TIMES_UNPACKED * len(gzip.compress(text))
    rows, aside = take(clinic, gzip.compress(text), "visits.csv.gz")
    assert (len(rows), len(aside)) == (20_000, 0)
