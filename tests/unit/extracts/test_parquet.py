"""Parquet files give the texts that a CSV file would have held."""

import io
from datetime import UTC, date, datetime, time
from decimal import Decimal

import pytest

from orchestration.extracts.contract import Column
from orchestration.extracts.errors import ExtractRefusedError
from orchestration.extracts.landing import land
from orchestration.extracts.plain import LONGEST_RECORD

pa = pytest.importorskip("pyarrow")
from pyarrow import parquet  # noqa: E402

from orchestration.extracts.parquet import texts_of  # noqa: E402

NANOSECONDS = pa.timestamp("ns")


def land_table(clinic, columns, **options):
    """Land a file of a column's values by its name."""
    path = clinic.folder / "visits.parquet"
    parquet.write_table(pa.table(columns), path, **options)
    return land(clinic.connection, clinic.contract, path)


@pytest.mark.parametrize(
    ("value", "column", "text"),
    [
        (7, None, "7"),
        (-(2**63), None, "-9223372036854775808"),
        (7.0, None, "7"),
        (0.00001, None, "0.00001"),
        (1e21, None, "1000000000000000000000"),
        (Decimal("1234.50"), None, "1234.50"),
        (Decimal("0.0000000001"), None, "0.0000000001"),
        (Decimal("1234.50"), Column("c", "numeric", format="1.234,56"), "1234,50"),
        (True, None, "true"),
        (None, None, None),
        ("007", None, "007"),
        ("", None, ""),
        (date(2024, 3, 1), None, "2024-03-01"),
        (date(1, 1, 1), None, "0001-01-01"),
        (datetime(2024, 3, 1), None, "2024-03-01"),
        (datetime(2024, 3, 1, 9, 30), None, "2024-03-01 09:30:00"),
        (datetime(2024, 3, 1, 9, 30, 0, 500), None, "2024-03-01 09:30:00.000500"),
        (datetime(2024, 3, 1), Column("c", "timestamp"), "2024-03-01 00:00:00"),
        (datetime(2024, 3, 1), Column("c", "date", format="DD-MM-YYYY"), "01-03-2024"),
        (
            datetime(2024, 3, 1, 9, 5, 30, 7),
            Column("c", "timestamp", format="DD/MM/YYYY HH:MI:SS"),
            "01/03/2024 09:05:30",
        ),
        (time(9, 5), None, "09:05:00"),
    ],
)
def test_a_value_becomes_the_text_that_stands_for_it(value, column, text):
    assert texts_of(pa.array([value]), column).to_pylist() == [text]


def test_values_by_a_dictionary_are_those_of_the_dictionary():
    values = pa.array([7.0, 1.5, 7.0]).dictionary_encode()
    assert texts_of(values).to_pylist() == ["7", "1.5", "7"]


def test_moments_to_the_nanosecond_are_read_to_the_microsecond():
    values = pa.array([datetime(2024, 3, 1, 9, 30, 0, 1)], NANOSECONDS)
    assert texts_of(values).to_pylist() == ["2024-03-01 09:30:00.000001"]


@pytest.mark.parametrize(
    "options", [{}, {"use_dictionary": False}, {"row_group_size": 1}]
)
def test_a_table_is_landed_like_a_csv_file(clinic, options):
    landed = land_table(
        clinic,
        {
            "Visit_ID": [1, 2],
            " ward ": ["W1", ""],
            "note": ['say "ah", or\n\\.\nnot', None],
            "floor": [None, 3],
        },
        **options,
    )
    assert clinic.landed_rows() == [
        (1, "1", "W1", 'say "ah", or\n\\.\nnot'),
        (2, "2", None, None),
    ]
    assert (landed.rows_received, landed.rows_malformed) == (2, 0)
    assert landed.extras == {"_extra_1": "floor"}
    assert landed.is_ended
    assert len(landed.content_sha256) == 64


def test_records_that_the_warehouse_cannot_hold_are_set_aside(clinic):
    landed = land_table(
        clinic,
        {
            "visit_id": ["1", "2", "3", "4"],
            "ward": ["W1", "W\0", "W3", "W4"],
            "note": ["a", "b", "x" * (LONGEST_RECORD + 1), "d"],
        },
    )
    assert clinic.landed_rows() == [(1, "1", "W1", "a"), (4, "4", "W4", "d")]
    assert (landed.rows_received, landed.rows_malformed) == (4, 2)
    kept = clinic.connection.execute(
        "select row_number, line_number, reason, row_text from landing.malformed_rows"
        " order by 1"
    ).fetchall()
    assert kept == [
        (2, 2, "a NUL byte", "2,W\\x00,b"),
        (3, 3, f"longer than {LONGEST_RECORD:,} bytes", ""),
    ]


def test_more_records_than_are_read_at_once_are_all_there(clinic):
    count = 20_000
    land_table(
        clinic,
        {
            "visit_id": [str(it) for it in range(count)],
            "ward": ["W" * 2_000] * count,
            "note": pa.array([None] * count, pa.string()),
        },
    )
    asked = "select count(*), count(distinct visit_id), max(_row_number) from {}"
    found = clinic.connection.execute(
        asked.format(f"landing.{clinic.contract.landing_table}")
    ).fetchone()
    assert found == (count, count, count)


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ([[1, 2]], "list<.*> in note"),
        ([b"\x00\xff"], "binary in note"),
        ([{"a": 1}], "struct<.*> in note"),
        ([datetime(2024, 3, 1, tzinfo=UTC)], "moments of a time zone in note"),
    ],
)
def test_what_no_text_stands_for_is_refused(clinic, values, found):
    with pytest.raises(ExtractRefusedError, match=found):
        land_table(clinic, {"visit_id": ["1"], "ward": ["W1"], "note": values})


def test_texts_that_are_no_utf_8_are_refused(clinic):
    spoilt = pa.array([b"\xff"]).view(pa.string())
    with pytest.raises(ExtractRefusedError, match="cannot be read to its end"):
        land_table(clinic, {"visit_id": ["1"], "ward": ["W1"], "note": spoilt})


def test_a_table_that_lacks_a_column_is_refused(clinic):
    with pytest.raises(ExtractRefusedError, match="with note; found visit_id, ward"):
        land_table(clinic, {"visit_id": ["1"], "ward": ["W1"]})


def sound() -> bytes:
    file = io.BytesIO()
    table = {"visit_id": ["1"], "ward": ["W1"], "note": ["x" * 100]}
    parquet.write_table(pa.table(table), file)
    return file.getvalue()


@pytest.mark.parametrize(
    "content",
    [b"", b"visit_id,ward,note\n", b"PAR1", sound()[:-1], sound()[:40] + sound()[50:]],
)
def test_a_file_that_is_no_table_is_refused(clinic, content):
    with pytest.raises(ExtractRefusedError, match="expected a Parquet file"):
        clinic.land(content, "visits.parquet")


def test_a_bomb_of_one_long_text_is_refused(clinic):
    texts = pa.DictionaryArray.from_arrays(
        pa.array([0] * 3_000, pa.int32()), pa.array(["x" * 100_000])
    )
    with pytest.raises(ExtractRefusedError, match="more than 200 times its size"):
        land_table(
            clinic, {"visit_id": list(range(3_000)), "ward": texts, "note": texts}
        )
