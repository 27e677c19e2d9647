"""Hostile delimited texts, from a file cut off to letters that lie."""

import hashlib

from tests.acceptance.hostile.specification import (
    GOOD,
    HEADER,
    Case,
    loaded,
    refused,
    set_aside,
)

SOUND = HEADER + GOOD
INJECTION = "x'); drop schema marts cascade; --"
WIDE = ",".join(f"c{n}" for n in range(100_000))


def drawn(number: int) -> str:
    """Two thousand letters as if by chance, which PostgreSQL cannot pack."""
    return hashlib.shake_256(b"%d" % number).hexdigest(1_000)


MANY_COLUMNS = "".join(
    line + "".join(more) + "\n"
    for line, more in (
        ("visit_id,ward,note", (f",more_{n}" for n in range(297))),
        ("9,W9,end", (f",{drawn(n)}" for n in range(297))),
    )
)


def utf16(*, mark: bool) -> bytes:
    return SOUND.encode("utf-16" if mark else "utf-16-le")


BROKEN_FILES = [
    Case("an empty file", "", refused("found an empty file")),
    Case("blank lines and nothing else", "\n \r\n\n", refused("found an empty file")),
    Case(
        "a header and nothing else",
        HEADER,
        loaded(0, warning="has a header and no rows"),
    ),
    Case(
        "cut off within a row",
        SOUND + "2,W",
        set_aside(1, "2 fields instead of 3"),
    ),
    Case(
        "cut off within the last value",
        SOUND + "2,W2,1234.5",
        loaded(2, warning="may be cut off in its last value"),
    ),
    Case(
        "cut off within a letter",
        (SOUND + "2,W2,K").encode() + b"\xc3",
        set_aside(1, "byte 0xc3 is not utf-8"),
    ),
    Case("a header without its rest", "visit_id,wa", refused("with ward, note; found")),
    Case("no header", GOOD * 3, refused("is its header missing?")),
    Case(
        "a header with a lost quote",
        'visit_id,"ward,note\n' + GOOD,
        refused("a first line whose quotes do not balance"),
    ),
    Case(
        "semicolons instead of commas",
        SOUND.replace(",", ";"),
        refused("its delimiter seems to be ';' and not ','"),
    ),
    Case(
        "tabs instead of semicolons",
        SOUND.replace(",", "\t"),
        refused(r"its delimiter seems to be '\t' and not ';'"),
        contract={"delimiter": ";"},
    ),
    Case(
        "rows with another delimiter than the header",
        SOUND + "1;W1;x\n",
        set_aside(1, "1 field instead of 3"),
    ),
    Case("a NUL byte in a row", SOUND + "1,W\0001,x\n", set_aside(1, "a NUL byte")),
    Case(
        "a NUL byte in the header",
        SOUND.replace("ward", "wa\0rd"),
        refused("found something that is no text"),
    ),
    Case(
        "10 MB in one field",
        SOUND + "1,W1," + "x" * 10_000_000 + "\n",
        set_aside(1, "longer than 1,048,576 bytes"),
    ),
    Case(
        "10 MB in one quoted field of 10,000 lines",
        SOUND + '1,W1,"' + ("x" * 999 + "\n") * 10_000 + '"\n',
        set_aside(10_001, "1 field instead of 3"),
    ),
    Case(
        "100,000 columns",
        WIDE + "\n" + WIDE + "\n",
        refused("found 100,000 columns; at most 300 can be taken"),
    ),
    Case(
        "a row of 100,000 fields",
        SOUND + WIDE + "\n",
        set_aside(1, "100000 fields instead of 3"),
    ),
    Case(
        "297 unknown columns of 2,000 letters each",
        MANY_COLUMNS,
        loaded(1, ("9", "W9", "end"), warning="columns that its contract lacks"),
    ),
    Case(
        "a column twice",
        "visit_id,ward,note,ward\n9,W9,end,W8\n",
        refused("found ward more than once in the header"),
    ),
    Case(
        "a column twice, in upper and lower case",
        "visit_id,ward,note,WARD \n9,W9,end,W8\n",
        refused("found ward more than once in the header"),
    ),
    Case(
        "a column missing",
        "visit_id,note\n9,end\n",
        refused("with ward; found visit_id, note"),
    ),
    Case(
        "250,000 records that do not fit",
        SOUND + "1,W1\n" * 250_000,
        refused("do not fit (the last: 2 fields instead of 3)"),
    ),
    Case(
        "two records in a hundred that do not fit, where one may",
        HEADER + "".join(f"{n},W,x\n" for n in range(98)) + "x\n" * 2,
        refused("malformed are 2 of 100 records (2 %); at most 1 % may be"),
        contract={"max_malformed_pct": 1},
    ),
    Case("a million blank lines", SOUND + "\n" * 1_000_000, loaded(1)),
    Case(
        "a single blank line of 10 MB",
        SOUND + " " * 10_000_000 + "\n",
        set_aside(1, "longer than 1,048,576 bytes"),
    ),
]

QUOTES_AND_LINES = [
    Case(
        "nothing but quotes",
        '"' * 999,
        refused("a first line whose quotes do not balance"),
    ),
    Case(
        "a record of nothing but quotes",
        SOUND + '"""""\n',
        set_aside(1, "a quote that is never closed"),
    ),
    Case(
        "a quote that is never closed, 600 rows before the end",
        HEADER + '1,W1,"x\n' + "".join(f"{n},W,y\n" for n in range(2, 602)),
        set_aside(1, "a quote that is never closed", rows=600),
    ),
    Case(
        "a quote inside a field",
        SOUND + '1,W1,5" pipe\n',
        set_aside(1, "a quote that neither opens nor closes a field"),
    ),
    Case(
        "line ends of all kinds inside quotes",
        SOUND + '1,W1,"a\nb\r\nc\rd\n\ne"\n',
        loaded(2, ("1", "W1", "a\nb\r\nc\rd\n\ne")),
    ),
    Case(
        "Windows and Unix line ends in one file",
        "visit_id,ward,note\r\n1,W1,x\n2,W2,y\r\n",
        loaded(2, ("1", "W1", "x"), ("2", "W2", "y")),
    ),
    Case(
        "old Mac line ends",
        SOUND.replace("\n", "\r"),
        refused("found lines that end in a bare carriage return"),
    ),
    Case(
        "a carriage return inside a field",
        SOUND + "1,W\r1,x\n",
        set_aside(1, "a carriage return inside a field"),
    ),
    Case(
        r"PostgreSQL's own end of data, \. alone on a line",
        SOUND + "\\.\n2,W2,y\n",
        set_aside(1, "1 field instead of 3", rows=2),
    ),
    Case(
        r"the same, \., within a text",
        SOUND + '1,W1,"x\n\\.\ny"\n',
        loaded(2, ("1", "W1", "x\n\\.\ny")),
    ),
    Case(
        "the header once more, where two files were joined",
        SOUND + HEADER + "1,W1,x\n",
        set_aside(1, "the header once more", rows=2),
    ),
]

ENCODINGS = [
    Case(
        "bytes of Latin-1 in a row of UTF-8",
        (SOUND + "1,K").encode() + b"\xf6ln,x\n",
        set_aside(1, "byte 0xf6 is not utf-8"),
    ),
    Case(
        "a header in another encoding",
        "visit_id,ward,note,größe\n".encode("latin-1"),
        refused("found bytes of another encoding"),
    ),
    Case(
        "a byte that Windows-1252 does not have",
        SOUND.encode() + b"1,\x81,x\n",
        set_aside(1, "byte 0x81 is not cp1252"),
        contract={"encoding": "windows-1252"},
    ),
    Case(
        "the mark of UTF-8 where Latin-1 is expected",
        b"\xef\xbb\xbf" + SOUND.encode(),
        refused("found the mark of UTF-8"),
        contract={"encoding": "latin-1"},
    ),
    Case(
        "two byte order marks",
        b"\xef\xbb\xbf" * 2 + SOUND.encode(),
        loaded(1, ("9", "W9", "end")),
    ),
    Case(
        "a byte order mark and a header in the middle",
        SOUND.encode() + b"\xef\xbb\xbf" + (HEADER + "1,W1,x\n").encode(),
        set_aside(1, "the header once more", rows=2),
    ),
    Case(
        "a byte order mark before a row in the middle",
        SOUND.encode() + b"\xef\xbb\xbf" + b"1,W1,x\n",
        loaded(2, ("1", "W1", "x")),
    ),
    Case("UTF-16", utf16(mark=True), refused("found UTF-16")),
    Case(
        "UTF-16 without its mark",
        utf16(mark=False),
        refused("found something that is no text"),
    ),
    Case(
        "half a surrogate pair in UTF-8",
        SOUND.encode() + b"1,W\xed\xa0\x80,x\n",
        set_aside(1, "byte 0xed is not utf-8"),
    ),
    Case(
        "a slash in two bytes, as only an attacker writes it",
        SOUND.encode() + b"1,W\xc0\xaf,x\n",
        set_aside(1, "byte 0xc0 is not utf-8"),
    ),
    Case(
        "letters beyond the basic plane, right to left, and combined",
        SOUND + "1,\U0001f3e5\u05d0e\u0301,x\n",
        loaded(2, ("1", "\U0001f3e5\u05d0e\u0301", "x")),
    ),
]

INJECTIONS = [
    Case(
        "SQL in a value",
        SOUND + f'1,W1,"{INJECTION}"\n',
        loaded(2, ("1", "W1", INJECTION)),
    ),
    Case(
        "SQL in a column's name",
        f'visit_id,ward,note,"note""{INJECTION}"\n9,W9,end,y\n',
        loaded(1, ("9", "W9", "end"), warning="columns that its contract lacks"),
    ),
    Case(
        "formulas in values",
        SOUND + '1,=1+1,"@SUM(A1)"\n2,+1,-1\n3,"\t=1","=HYPERLINK(""http://x"")"\n',
        loaded(
            4,
            ("1", "=1+1", "@SUM(A1)"),
            ("2", "+1", "-1"),
            ("3", "\t=1", '=HYPERLINK("http://x")'),
        ),
    ),
    Case(
        "a column named in the words of our own templates",
        "visit_id,ward,note,[/red]{observed}$HOME%s\n9,W9,end,y\n",
        loaded(1, warning="columns that its contract lacks: 1."),
    ),
    Case(
        "a column named with a terminal's control codes",
        "visit_id,ward,note,\x1b[2Jgone\u202e\n9,W9,end,y\n",
        loaded(1, warning="columns that its contract lacks: 1."),
    ),
    Case(
        "a column whose name has 100,000 letters",
        f"visit_id,ward,note,{'n' * 100_000}\n9,W9,end,y\n",
        loaded(1, warning="columns that its contract lacks: 1."),
    ),
    Case(
        "a terminal's control codes in a value",
        SOUND + "1,\x1b]0;x\x07,\x1b[2J\n",
        loaded(2, ("1", "\x1b]0;x\x07", "\x1b[2J")),
    ),
]

KEYS = [
    Case(
        "one key twice, with different rows",
        SOUND + "9,W8,other\n",
        refused("keys (visit_id) that occur more than once: 1"),
    ),
    Case(
        "one key twice, once with blanks around it",
        SOUND + " 9\t,W8,other\n",
        refused("keys (visit_id) that occur more than once: 1"),
    ),
    Case(
        "one key twice, once with a no-break space or a mark of no width",
        SOUND + "9\u00a0,W8,x\n\u200b9,W8,y\n",
        refused("keys (visit_id) that occur more than once: 1"),
    ),
    Case(
        "two keys that only look the same: a Cyrillic A",
        HEADER + "A1,W1,x\n\u04101,W2,y\n",
        refused("written with letters of another alphabet: 1"),
    ),
    Case(
        "a column's name with a Cyrillic letter",
        SOUND.replace("ward", "w\u0430rd"),
        refused(r"in which w\u0430rd has letters that are not what they look like"),
    ),
    Case(
        "a column's name with a mark of no width",
        SOUND.replace("ward", "wa\u200brd"),
        refused(r"in which wa\u200brd has letters that are not what they look like"),
    ),
    Case(
        "a row without its key",
        SOUND + " ,W1,x\n",
        refused("rows without a value in their key (visit_id): 1"),
    ),
    Case(
        "blanks around keys",
        HEADER + '1 ,W1,x\n" 2",W2,y\n\t3,W3,z\n"4\n",W4,z\n',
        loaded(4, ("1", "W1", "x"), ("2", "W2", "y"), ("3", "W3", "z")),
    ),
]
