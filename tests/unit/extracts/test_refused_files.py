"""Whole files that are refused, each in a sentence: file, expected, found."""

import gzip
from dataclasses import replace

import pytest

from orchestration.extracts.contract import Column
from orchestration.extracts.errors import ExtractRefusedError
from orchestration.extracts.landing import land

HEADER = "visit_id,ward,note\n"
REFUSED = {
    "an empty file": (b"", "found an empty file"),
    "only a mark and blank lines": (b"\xef\xbb\xbf\n\r\n", "found an empty file"),
    "a lacking column": (
        b"visit_id,note\n1,x\n",
        "visits.csv: expected the columns of clinic.visits, with ward; found "
        "visit_id, note.",
    ),
    "a column twice": (
        b"visit_id,ward,Note,note\n",
        "visits.csv: expected each column of clinic.visits once, found note more than "
        "once in the header.",
    ),
    "another delimiter": (
        b"visit_id;ward;note\n1;W1;x\n",
        "so its delimiter seems to be ';' and not ','",
    ),
    "UTF-16": ("visit_id,ward,note\n".encode("utf-16"), "found UTF-16"),
    "a picture": (b"\x89PNG\r\n\x1a\n\0\0", "found bytes of another encoding"),
    "bytes with NUL": (b"visit\0_id,ward\n", "found something that is no text"),
    "a workbook": (b"PK\x03\x04\0\0", "which should be named .xlsx"),
    "a packed file": (gzip.compress(b"visit_id\n"), "which should be named .csv.gz"),
    "old Mac line ends": (
        b"visit_id,ward,note\r1,W1,x\r",
        "found lines that end in a bare carriage return",
    ),
    "open quotes": (
        b'visit_id,"ward,note\n',
        "a first line whose quotes do not balance",
    ),
    "no header": (
        b"1,W1,x\n2,W2,y\n",
        "found 3 fields that no contract knows; is its header missing?",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_file_is_refused_with_what_was_found(clinic, case):
    content, sentence = REFUSED[case]
    with pytest.raises(ExtractRefusedError) as raised:
        clinic.land(content)
    assert str(raised.value).startswith("visits.csv: expected ")
    assert sentence in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_refused_file_leaves_landing_as_it_was(clinic):
    clinic.land(HEADER + "1,W1,x\n")
    with pytest.raises(ExtractRefusedError):
        clinic.land(b"")
    assert clinic.landed_rows() == [(1, "1", "W1", "x")]


def test_the_mark_of_utf8_contradicts_another_encoding(clinic):
    with pytest.raises(ExtractRefusedError, match="found the mark of UTF-8"):
        clinic.by(encoding="latin-1").land(b"\xef\xbb\xbfvisit_id,ward,note\n")


@pytest.mark.parametrize(
    "damage", [lambda it: it[:-12], lambda it: it + b"rest", lambda _: b"no gzip"]
)
def test_a_damaged_gzip_file_is_refused(clinic, damage):
    content = damage(gzip.compress((HEADER + "1,W1,x\n" * 9_999).encode()))
    with pytest.raises(ExtractRefusedError, match="expected a whole gzip file"):
        clinic.land(content, "visits.csv.gz")


def test_a_file_that_is_not_there_is_refused(clinic):
    with pytest.raises(ExtractRefusedError, match="expected a readable file"):
        land(clinic.connection, clinic.contract, clinic.folder / "visits.csv")


@pytest.mark.parametrize(
    "header", ["ward,beds\n", "ward,beds,extra\n", "visit_id,ward,note,beds,floor\n"]
)
def test_a_file_of_another_table_says_whose_it_looks_like(clinic, header):
    columns = (Column("ward"), Column("beds"))
    wards = replace(clinic.contract, table="wards", key=("ward",), columns=columns)
    wider = (*clinic.contract.columns, Column("beds"), Column("floor"))
    stays = replace(clinic.contract, table="stays", columns=wider)
    path = clinic.folder / "visits.csv"
    path.write_text(header)
    with pytest.raises(
        ExtractRefusedError, match=r"looks like a file of (wards|stays)"
    ):
        land(clinic.connection, clinic.contract, path, [clinic.contract, wards, stays])


def test_header_names_are_matched_in_any_case_order_and_spacing(clinic):
    clinic.land('NOTE, Visit_ID ,"ward"\nx,1,W1\n')
    assert clinic.landed_rows() == [(1, "1", "W1", "x")]


def test_blank_lines_above_the_header_are_passed_over(clinic):
    clinic.land("\n\r\n" + HEADER + "1,W1,x\n2,W2\n")
    assert clinic.landed_rows() == [(1, "1", "W1", "x")]
    assert clinic.set_aside()[0][:2] == (2, 5)


def test_an_optional_column_may_be_lacking(clinic):
    columns = (*clinic.contract.columns[:2], Column("note", is_optional=True))
    clinic.by(columns=columns).land("visit_id,ward\n1,W1\n")
    assert clinic.landed_rows() == [(1, "1", "W1", None)]


def test_unknown_columns_are_kept_whatever_their_names(clinic):
    landed = clinic.land('visit_id,ward,note,"a ""b""",,_row_number\n1,W1,x,p,q,r\n')
    assert landed.extras == {
        "_extra_1": 'a "b"', "_extra_2": "column_5", "_extra_3": "_row_number",
    }  # fmt: skip
    rows = clinic.rows(
        "select _extra_1, _extra_2, _extra_3 from landing.clinic__visits"
    )
    assert rows == [("p", "q", "r")]
