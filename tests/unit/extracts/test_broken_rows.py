"""What becomes of each kind of row: loaded as it is, or set aside with its reason."""

import gzip

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orchestration.extracts import careful, plain
from orchestration.extracts import malformed as set_aside

HEADER = "visit_id,ward,note\n"
GOOD = "9,W9,end\n"
LOST = "a quote that is never closed"
STRAY = "a quote that neither opens nor closes a field"

# The text of some lines -> the rows they become, after their place in the file; or what
# is set aside: place, line, reason, text. A good row follows each.
LOADED = {
    "a plain row": ("1,W1,x\n", [(1, "1", "W1", "x")]),
    "empty fields are null": ("1,,\n", [(1, "1", None, None)]),
    "quoted empty fields are null too": ('1,"",""\n', [(1, "1", None, None)]),
    "blanks are kept": ("1, W1 ,  \n", [(1, "1", " W1 ", "  ")]),
    "a quoted delimiter": ('1,W1,"x, y"\n', [(1, "1", "W1", "x, y")]),
    "a doubled quote": ('1,W1,"say ""ah"""\n', [(1, "1", "W1", 'say "ah"')]),
    "only a doubled quote": ('1,W1,""""\n', [(1, "1", "W1", '"')]),
    "a quoted line end": ('1,W1,"x\ny"\n', [(1, "1", "W1", "x\ny")]),
    "a quoted blank line": ('1,W1,"x\n\ny"\n', [(1, "1", "W1", "x\n\ny")]),
    "a quoted Windows line end": ('1,W1,"x\r\ny"\n', [(1, "1", "W1", "x\r\ny")]),
    "a quoted carriage return": ('1,W1,"x\ry"\n', [(1, "1", "W1", "x\ry")]),
    "end-of-copy in a text": ('1,W1,"x\n\\.\ny"\n', [(1, "1", "W1", "x\n\\.\ny")]),
    "a backslash": ("1,W1,C:\\x\\n\n", [(1, "1", "W1", "C:\\x\\n")]),
    "the word NULL": ("1,NULL,\\N\n", [(1, "1", "NULL", "\\N")]),
    "Windows line ends": ("1,,\r\n2,,y\r\n", [(1, "1", None, None), (2, "2", None, "y")]),  # noqa: E501
    "mixed line ends": ("1,,\r\n2,,\n", [(1, "1", None, None), (2, "2", None, None)]),
    "blank lines are no rows": ("\n1,W1,x\n\r\n   \n", [(1, "1", "W1", "x")]),
    "letters of all kinds": ("1,Köln,😀\n", [(1, "1", "Köln", "😀")]),
    "a control character": ("1,W\x1f1,\x01\n", [(1, "1", "W\x1f1", "\x01")]),
}  # fmt: skip
SET_ASIDE = {
    "too few fields": ("1,W1\n", [(1, 2, "2 fields instead of 3", "1,W1")]),
    "too many fields": ("1,W1,x,y\n", [(1, 2, "4 fields instead of 3", "1,W1,x,y")]),
    "a quote never closed": ('1,"W1,x\n', [(1, 2, LOST, '1,"W1,x')]),
    "a quote closed rows later": (
        '1,"W1,x\n2,W2,y\n3,"W3",z\n',
        [(1, 2, STRAY, '1,"W1,x')],
    ),
    "a quote inside a field": ('1,5" pipe,x\n', [(1, 2, STRAY, '1,5" pipe,x')]),
    "text behind a quote": ('1,"W1"x,y\n', [(1, 2, STRAY, '1,"W1"x,y')]),
    "a quoted record of two lines too narrow": (
        '1,"W1\nx"\n',
        [
            (1, 2, "2 fields instead of 3", '1,"W1'),
            (2, 3, STRAY, 'x"'),
        ],
    ),
    "a NUL byte": ("1,W\0,x\n", [(1, 2, "a NUL byte", "1,W\\x00,x")]),
    "a carriage return": (
        "1,W\r1,x\n",
        [(1, 2, "a carriage return inside a field", "1,W\r1,x")],
    ),
    "end-of-copy alone": ("\\.\n", [(1, 2, "1 field instead of 3", "\\.")]),
    "bytes of another encoding": (
        b"1,K\xf6ln,x\n",
        [(1, 2, "byte 0xf6 is not utf-8", "1,K\\xf6ln,x")],
    ),
}


@pytest.mark.parametrize("case", LOADED)
def test_a_row_is_loaded_as_it_is(clinic, case):
    text, rows = LOADED[case]
    landed = clinic.land(HEADER + text + GOOD)
    assert clinic.landed_rows() == [*rows, (len(rows) + 1, "9", "W9", "end")]
    assert clinic.set_aside() == []
    assert landed.rows_received == len(rows) + 1


@pytest.mark.parametrize("case", LOADED)
def test_both_ways_give_the_same_rows(clinic, forced_careful, case):
    text, _ = LOADED[case]
    clinic.land(HEADER + text + GOOD)
    quick = clinic.landed_rows()
    forced_careful()
    assert clinic.land(HEADER + text + GOOD).is_plain is False
    assert clinic.landed_rows() == quick


@pytest.mark.parametrize("case", SET_ASIDE)
def test_a_row_that_does_not_fit_is_set_aside_alone(clinic, case):
    text, expected = SET_ASIDE[case]
    text = text.encode() if isinstance(text, str) else text
    landed = clinic.land(HEADER.encode() + text + GOOD.encode())
    assert clinic.set_aside() == expected
    assert clinic.landed_rows()[-1][1:] == ("9", "W9", "end")
    assert landed.rows_malformed == len(expected)
    assert landed.rows_received == landed.rows_landed + landed.rows_malformed


def test_the_rows_below_a_stray_quote_are_loaded(clinic):
    text, _ = SET_ASIDE["a quote closed rows later"]
    clinic.land(HEADER + text)
    assert clinic.landed_rows() == [(2, "2", "W2", "y"), (3, "3", "W3", "z")]


def test_row_numbers_count_records_and_line_numbers_count_lines(clinic):
    clinic.land(HEADER + '\n1,W1,"a\nb"\n2,W2\n3,W3,c\n')
    assert [row[0] for row in clinic.landed_rows()] == [1, 3]
    assert [row[:2] for row in clinic.set_aside()] == [(2, 5)]


def test_a_line_longer_than_a_mebibyte_is_set_aside_and_bounded(clinic):
    long = "1,W1," + "x" * plain.LONGEST_RECORD + "\n"
    clinic.land(HEADER + "0,W0,a\n" + long * 3 + GOOD)
    assert [row[0] for row in clinic.landed_rows()] == [1, 5]
    [first, *_] = clinic.set_aside()
    assert first[2] == "longer than 1,048,576 bytes"
    assert len(first[3]) == set_aside.LONGEST_TEXT


def test_a_quote_that_closes_too_many_lines_later_counts_as_never_closed(clinic):
    lines = "x\n" * careful.MOST_LINES
    clinic.land(HEADER + f'1,W1,"{lines}"\n' + GOOD)
    assert clinic.landed_rows() == [(careful.MOST_LINES + 2, "9", "W9", "end")]
    assert clinic.set_aside()[0][2] == LOST


def test_a_last_row_without_line_end_is_a_row(clinic):
    assert clinic.land(HEADER + "1,W1,x").rows_landed == 1
    assert clinic.land(HEADER + "1,W1,x\r").rows_landed == 1
    assert clinic.landed_rows() == [(1, "1", "W1", "x")]


def test_a_header_alone_is_a_file_of_no_rows(clinic):
    assert clinic.land(HEADER).rows_received == 0
    assert clinic.land(HEADER.strip()).rows_received == 0


def test_a_table_of_one_column_has_no_rows_for_blank_lines(clinic):
    one = clinic.by(columns=clinic.contract.columns[:1])
    landed = one.land('visit_id\n1\n\n""\n\\.\n2\n')
    rows = one.rows(
        "select _row_number, visit_id from landing.clinic__visits order by 1"
    )
    assert rows == [(1, "1"), (2, None), (3, "\\."), (4, "2")]
    assert landed.rows_malformed == 0


@pytest.mark.parametrize(
    ("encoding", "text", "ward"),
    [
        ("utf-8", b"\xef\xbb\xbfvisit_id,ward,note\n1,K\xc3\xb6ln,x\n", "Köln"),
        ("latin-1", b"visit_id,ward,note\n1,K\xf6ln,x\n", "Köln"),
        ("windows-1252", b"visit_id,ward,note\n1,\x80 K\xf6ln,x\n", "€ Köln"),
    ],
)
def test_each_encoding_is_read_by_contract(clinic, encoding, text, ward):
    landed = clinic.by(encoding=encoding).land(text)
    assert landed.is_plain
    assert clinic.landed_rows() == [(1, "1", ward, "x")]


def test_a_byte_that_windows_1252_does_not_know_sets_its_row_aside(clinic):
    clinic.by(encoding="windows-1252").land(b"visit_id,ward,note\n1,\x81,x\n2,\xf6,y\n")
    assert clinic.landed_rows() == [(2, "2", "ö", "y")]
    assert clinic.set_aside()[0][2] == "byte 0x81 is not cp1252"


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_each_delimiter_is_read_by_contract(clinic, delimiter):
    text = '1,"a;b\t|",x\n2,W2\n'.replace(",", delimiter)
    clinic.by(delimiter=delimiter).land(HEADER.replace(",", delimiter) + text)
    assert clinic.landed_rows() == [(1, "1", "a;b\t|", "x")]
    assert len(clinic.set_aside()) == 1


def test_a_gzip_file_is_read_like_the_file_in_it(clinic):
    landed = clinic.land(gzip.compress((HEADER + "1,W1,x\n2,W\n").encode()), "v.csv.gz")
    assert clinic.landed_rows() == [(1, "1", "W1", "x")]
    assert landed.rows_malformed == 1


def test_a_clean_file_takes_the_quick_way(clinic):
    assert clinic.land(HEADER + '1,"W1","a, ""b"""\n2,W2,\r\n').is_plain is False
    assert clinic.land(HEADER + '1,"W1","a, ""b"""\n2,W2,\n').is_plain
    assert clinic.land(HEADER.strip() + "\r\n1,W1,x\r\n").is_plain


def test_many_rows_across_blocks_come_out_the_same_both_ways(clinic, forced_careful):
    # Rows of differing lengths, so that the blocks end anywhere.
    rows = [f'{n},"W{n}","{"x," * (n % 97)}"\n' for n in range(30_000)]
    landed = clinic.land(HEADER + "".join(rows))
    assert landed.is_plain
    quick = clinic.landed_rows()
    forced_careful()
    clinic.land(HEADER + "".join(rows))
    assert clinic.landed_rows() == quick
    rows[12_345] = '12345,"W1,x\n'
    clinic.land(HEADER + "".join(rows))
    assert clinic.landed_rows() == quick[:12_345] + quick[12_346:]
    assert clinic.set_aside() == [(12_346, 12_347, STRAY, '12345,"W1,x')]


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    st.lists(
        st.sampled_from(
            ["a", "1", ",", ",", '"', '"', '""', "\n", "\n", "\r\n", "\r", " ", "\\.",
             "\0", "ö", "a,b,c\n", '"a","b","c"\n']
        ),
        max_size=40,
    )
)  # fmt: skip
def test_no_text_whatever_makes_loading_fail_or_differ(clinic, tokens):
    content = HEADER + "".join(tokens)
    landed = clinic.land(content)
    got = clinic.landed_rows(), clinic.set_aside()
    assert landed.rows_landed == len(got[0])
    assert landed.rows_malformed == len(got[1])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(careful, "is_plain", lambda *_: False)  # line by line
        patch.setattr(plain, "is_plain", lambda *_: False)
        clinic.land(content)
    assert (clinic.landed_rows(), clinic.set_aside()) == got


def test_a_file_of_misfits_only_is_set_aside_whole(clinic):
    landed = clinic.land(HEADER + "1,W1\n" * 20_000)
    assert (landed.rows_landed, landed.rows_malformed) == (0, 20_000)
    assert len(clinic.set_aside()) == 20_000
