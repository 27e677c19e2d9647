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

from orchestration.extracts.parquet_values import texts_of  # noqa: E402


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


def test_values_of_categories_are_landed_like_others(clinic):
    land_table(
        clinic,
        {
            "visit_id": pa.array([7.0, 1.5, None]).dictionary_encode(),
            "ward": pa.array(["W1", None, "W1"]).dictionary_encode(),
            "note": pa.nulls(3),
        },
    )
    assert clinic.landed_rows() == [
        (1, "7", "W1", None),
        (2, "1.5", None, None),
        (3, None, "W1", None),
    ]


@pytest.mark.parametrize(
    ("number", "unit", "column", "text"),
    [
        (-1, "ns", None, "1969-12-31 23:59:59.999999"),
        (1_500, "ns", None, "1970-01-01 00:00:00.000001"),
        (-3, "ms", Column("c", "date", format="DD.MM.YYYY"), "31.12.1969"),
    ],
)
def test_a_moment_between_two_is_the_one_before(number, unit, column, text):
    values = pa.array([number], pa.timestamp(unit))
    assert texts_of(values, column).to_pylist() == [text]


def test_a_number_of_single_precision_has_the_digits_that_it_was_written_with():
    values = pa.array([19.99, 1.005], pa.float32())
    assert texts_of(values).to_pylist() == ["19.99", "1.005"]


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        (pa.array([2**63 - 1, 0], pa.timestamp("ms")), "outside the years 1 to 9999"),
        (pa.array([-(2**62), 0], pa.timestamp("ms")), "outside the years 1 to 9999"),
        (pa.array([2_932_897, 0], pa.date32()), "outside the years 1 to 9999"),
        (pa.array([1e15, 0.0]), "of more digits than such numbers keep"),
    ],
)
def test_values_that_no_text_could_give_back_are_set_aside(clinic, values, reason):
    landed = land_table(
        clinic, {"visit_id": ["1", "2"], "ward": values, "note": ["x", "y"]}
    )
    assert (landed.rows_landed, landed.rows_malformed) == (1, 1)
    ((found,),) = clinic.connection.execute(
        "select reason from landing.malformed_rows"
    ).fetchall()
    assert reason in found
    assert "in ward" in found


def test_days_at_the_ends_of_time_are_kept(clinic):
    days = [date(1, 1, 1), date(9999, 12, 31)]
    land_table(clinic, {"visit_id": ["1", "2"], "ward": days, "note": days})
    assert [row[2] for row in clinic.landed_rows()] == ["0001-01-01", "9999-12-31"]


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
        (3, 3, f"longer than {LONGEST_RECORD:,} bytes", f"3,W3,{'x' * 1995}"),
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
