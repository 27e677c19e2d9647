"""What is asked of both engines: every macro that differs between them, edge by edge.

A case is named for the macro that it asks, and after a colon for what is special.
"""

import sys
import unicodedata

from tests.spark.engines import Case


def rows(texts: str) -> tuple[tuple[str | None], ...]:
    """One row per text between bars, and one without a value."""
    return (*((it.strip(" "),) for it in texts.split("|")), (None,))


# Around the changes of the clock in each zone: one is of two hours, one of half an
# hour, and one has none.
CLOCKS = tuple(
    (moment, zone)
    for zone in (
        "Europe/Berlin", "America/New_York", "Antarctica/Troll", "Asia/Kathmandu",
        "Australia/Lord_Howe", "UTC",
    )
    for (moment,) in rows(
        "2026-03-29 01:59:59.999999 | 2026-03-29 02:00:00 | 2026-03-29 02:30:00"
        "| 2026-03-29 03:00:00 | 2026-10-25 01:59:59 | 2026-10-25 02:00:00"
        "| 2026-10-25 02:30:00.5 | 2026-10-25 03:00:00 | 2026-03-08 02:30:00"
        "| 2026-11-01 01:30:00 | 2026-04-05 01:45:00 | 1900-01-01 00:00:00"
        "| 2199-12-31 23:59:59"
    )
)  # fmt: skip
MOMENTS = ("timestamp", "timestamp")
ELAPSED = (
    ("2026-01-01 00:00:00", "2026-01-01 00:00:00.000001"),
    ("2026-01-01 00:00:00", "2026-01-01 00:00:00.18"),
    ("2026-01-01 00:00:00.5", "2026-01-01 00:00:00"),
    ("1900-01-01 00:00:00", "2199-12-31 23:59:59.999999"),
    ("2024-02-29 12:00:00", "2024-03-01 12:00:00"),
    ("2026-01-31 10:00:00", "2026-02-01 00:00:00"),
    (None, "2026-01-01 00:00:00"),
)
DAYS = rows(
    "2026-01-31 | 2024-02-29 | 2026-12-31 | 1900-01-01 | 2199-12-31 | 2021-01-03"
    "| 2000-12-31"
)
BIRTHS = (
    ("2004-02-29", "2026-02-28"),
    ("2004-02-29", "2026-03-01"),
    ("2004-02-29", "2024-02-29"),
    ("2026-03-01", "2026-02-28"),
    (None, "2026-01-01"),
)
MONTHS = (
    ("2026-01-31", "2026-03-01"),
    ("2026-02-01", "2026-01-31"),
    ("2026-01-15", "2026-01-15"),
    ("1999-12-31", "2000-01-01"),
    (None, "2026-01-01"),
    ("2026-01-01", None),
)
TEXTS = (
    *rows("|Anna|äöüß ÉÀ|O'Brien \\ n|Γειά|東京|A-1_b c|NULL|n/a|{{ 1 }}|😀|a\u00a0b"),
    *rows("ΓΕΩΡΓΙΟΣ|Γεωργιος|\u0130BRAH\u0130M|ibrahim|I\u015eIK|\u0131\u015f\u0131k"),
    (" ",),
    ("\t x \r\n",),
    ("\u00a0\u200bx\ufeff",),
)
# As a language sorts them, and as their letters are numbered: two orders.
NAMES = rows("Köln|Konstanz|a17|B03|b-03|b 03|b02|Ä|Z|z|\u0131|I|İ|É1|😀|東京|\uffee")
NUMBERS = rows(
    "0|-1|+7|007|1.|.5|.|-||1e5|NaN|Infinity|1,5|1.234,56|1234,5|12.34,5|999999999"
    "|1234567890|12345678901|-999999999999999999|9999999999999999999|5\u0085|5\u2028"
    "|999999999999.994|999999999999.995|-0.005|0.125|2.5|٣|1_000|0x1A"
    "|0.12345678901234567891|1111111111111111111111111111111111111111"
)
MOMENT_TEXTS = rows(
    "2026-02-28|2026-02-29|2024-02-29|2026-2-8|0000-01-01|0001-01-01|9999-12-31|10000-01-01"
    "|2026-01-01 00:00|2026-01-01T00:00:00|2026-01-01 24:00:00|2026-01-01 23:59:60"
    "|2026-01-01 10:00:00.1234567|2026-01-01 10:00:00.5|2026-01-01 10:00:00+02"
    "|2026-01-01 12:34|2026-01-01 00:00:00.0|now|today|infinity|epoch|20260101||9:05"
    "|09:05|23:59:59.999999|24:00|00:00:60|31.12.2026|28.02.2026 23:59|31.04.2026"
    "|29-02-2025|31-12-2026|31.12.2026 00:00"
)
# Invisible, wide, two alphabets, letters and marks that are one letter otherwise.
KEYS = rows(
    "A1|A\u200b1|A\u00ad1|\uff211|e\u0301|é|\u0391lpha|Жук|Жuk|\ufb01|Müller|①|½"
    "|\u202eabc|東京|\uff83\uff7d\uff84|µ|№5|a\u2007b|日本-7|Ω|q²|ª|Ñ|ñ1"
)
# Each letter that has another normal form, and each that takes a mark into itself.
UNUSUAL = tuple(
    text
    for letter in map(chr, range(sys.maxunicode))
    for text in {letter, unicodedata.normalize("NFD", letter)}
    if unicodedata.normalize("NFKC", text) != text and not "가" < letter <= "힣"
)
# Marks in another order than Unicode's, and letters that are as they should be.
MARKED = (
    "x\u0301", "g\u0303", "\u0915\u093c", "\u09c7\u09be", "\u0628\u0651\u064e",
    "\u0628\u064e\u0651", "a\u0316\u0301", "\u1ecd\u0301", "e\u0323\u0302",
    "\u1100\u1161", "\uac00\u11a8", "\u304b\u3099", "ผู้ป่วย", "हिन्दी", "বাংলা",
    "اَلْعَرَبِيَّة", "한국어", "㎏", "℞", "",
)  # fmt: skip
FORMS = ((None,), *((it,) for it in (*UNUSUAL, *MARKED)))
GROUPED = tuple(
    (group, value)
    for group, values in {
        "none": [None],
        "one": ["7"],
        "two": ["1", "2"],
        "cents": ["0.01", "0.02"],
        "far": ["0.01", "9999999999.99"],
        "nulls": [None, "3", None, "4.55"],
        "same": ["2.5"] * 7,
        "many": [f"{it * it}.{it % 100:02}" for it in range(57)],
        "minus": ["-1.05", "1.05", "0"],
    }.items()
    for value in values
)
# Sums as Spark has them, whose quotients lie less than a millionth beside a half.
SUMS = ("numeric(28, 2)", "numeric(28, 2)")
ALMOST_HALVES = (
    ("13271.40", "139644.24"),
    ("227759.63", "223543.05"),
    ("155099.57", "605199.31"),
    ("269035.75", "366717.33"),
    ("-227759.63", "223543.05"),
    ("9999999999999999.99", "9999999999999999.99"),
    (None, "1"),
    ("1", None),
    ("1", "0"),
)
NIGHTS = tuple(
    (group, value) for group, value in GROUPED if group in ("one", "two", "none")
)


def converted(
    data_type: str, texts: tuple[tuple[str | None], ...], **more: str
) -> Case:
    """A text of a source as a value of a type."""
    column = {"data_type": data_type} | more
    return Case(f"{{{{ converted('a', {column}) }}}}", ("text",), texts)


MONEY = ("text", "numeric(18, 2)")
CASES = {
    "clock_to_utc": Case("{{ utc_of('a', 'b') }}", ("timestamp", "text"), CLOCKS),
    "local_of": Case("{{ local_of('a', 'b') }}", ("timestamp", "text"), CLOCKS),
    # Within a change of the clock engines may choose: nothing is measured by it.
    "moment_of": Case(
        "{{ moment_of('a', \"'Europe/Berlin'\") }}",
        ("timestamp",),
        rows("2026-01-01 00:00:00 | 2026-07-01 12:00:00.5"),
    ),
    "is_time_zone": Case(
        "{{ is_time_zone('a') }}",
        ("text",),
        rows("Europe/Berlin|UTC|Mars/Base|europe/berlin|"),
    ),
    "seconds_between": Case("{{ seconds_between('a', 'b') }}", MOMENTS, ELAPSED),
    "seconds_between: whole": Case(
        "{{ microseconds_between('a', 'b') }}", MOMENTS, ELAPSED
    ),
    "seconds_between: hours": Case("{{ hours_between('a', 'b') }}", MOMENTS, ELAPSED),
    "seconds_between: rounded": Case(
        "{{ hours_of('a') }}", ("bigint",), rows("180000|179999|-180000|" + "9" * 18)
    ),
    "dateadd": Case("{{ dbt.dateadd('hour', -3, 'b') }}", MOMENTS, ELAPSED),
    "dateadd: years": Case("{{ dbt.dateadd('year', -40, 'a') }}", ("date",), DAYS),
    "dateadd: days": Case("{{ days_after('a', 31) }}", ("date",), DAYS),
    "dateadd: months": Case("{{ month_after('a') }}", ("date",), DAYS),
    "datediff": Case("{{ dbt.datediff('a', 'b', 'day') }}", ("date", "date"), BIRTHS),
    "datediff: weekday": Case("{{ iso_day_of_week('a') }}", ("date",), DAYS),
    "datediff: age": Case("{{ age_years('a', 'b') }}", ("date", "date"), BIRTHS),
    "date_trunc": Case("{{ dbt.date_trunc('hour', 'b') }}", MOMENTS, ELAPSED),
    "date_trunc: quarter": Case(
        "cast({{ dbt.date_trunc('quarter', 'a') }} as date)", ("date",), DAYS
    ),
    "each_month": Case("{{ each_month('a', 'b') }}", ("date", "date"), MONTHS),
    "each_month: moments": Case(
        "{{ each_month(month_after('a'), 'b') }}", MOMENTS, ELAPSED
    ),
    "short_key": Case("{{ short_key('a') }}", ("text",), TEXTS),
    "in_code_order": Case(
        "row_number() over (order by {{ in_code_order('a') }} nulls last), "
        "{{ in_code_order('a') }} < 'b'",
        ("text",),
        NAMES,
    ),
    "folded": Case("{{ folded('a') }}", ("text",), (*TEXTS, *NAMES)),
    "folded: a status": Case(
        "{{ appointment_status('a') }}",
        ("text",),
        rows("No-Show|CANCELED BY HOSPITAL|CANCELLED_BY_PAT\u0130ENT|arrived"),
    ),
    "words_in": Case("{{ words_in('a') }}", ("text",), TEXTS),
    "matches": Case(
        "{{ looks_personal('a') }}",
        ("text",),
        (*TEXTS, *rows("a@b|1-2 3/4 5|1234|١٢٣٤٥|" + "x" * 61)),
    ),
    "pseudonym": Case("{{ pseudonym('patient', 'a', \"'his'\") }}", ("text",), TEXTS),
    "blanks": Case("{{ cleaned('a', ['NULL', 'n/a', \"O'B\"]) }}", ("text",), TEXTS),
    "escaped": Case("{{ literal(\"O'Brien \\\\ 'x'\") }}", ("text",), TEXTS[:1]),
    "type_named": Case("a", ("numeric",), rows("0.125|7|-0.1")),
    "is_mistakable": Case(
        "{{ is_mistakable('a') }}", ("text",), (*KEYS, *((it,) for it in MARKED))
    ),
    "has_normal_form": Case("{{ has_normal_form('a') }}", ("text",), FORMS),
    "moment": Case(
        "{{ moment('a', 'b') }}",
        ("date", "time"),
        (
            ("2026-01-31", "09:05"),
            ("2026-01-31", "23:59:59.5"),
            ("2026-01-31", "9:05"),
            ("2026-01-31", None),
            (None, "10:00"),
        ),
    ),
    "can_be: boolean": converted("boolean", rows("TRUE|y|0|2||t|No")),
    "can_be: integer": converted("integer", NUMBERS),
    "can_be: bigint": converted("bigint", NUMBERS),
    "can_be: numeric": converted("numeric", NUMBERS),
    "can_be: with a comma": converted("numeric", NUMBERS, format="1.234,56"),
    "can_be: date": converted("date", MOMENT_TEXTS),
    "can_be: timestamp": converted("timestamp", MOMENT_TEXTS),
    "can_be: time": Case(
        "{{ moment(\"cast('2026-01-01' as date)\", "
        "converted('a', {'data_type': 'time'})) }}",
        ("text",),
        MOMENT_TEXTS,
    ),
    "can_be: with points": converted("date", MOMENT_TEXTS, format="DD.MM.YYYY"),
    "can_be: with hyphens": converted("date", MOMENT_TEXTS, format="DD-MM-YYYY"),
    "can_be: with a time": converted(
        "timestamp", MOMENT_TEXTS, format="DD.MM.YYYY HH:MI"
    ),
    "percentile": Case(
        "{{ median('b') }}, {{ percentile(0.9, 'b') }}", MONEY, GROUPED, True
    ),
    "percentile: geometric mean": Case(
        "{{ geometric_mean('b') }}", ("text", "integer"), NIGHTS, True
    ),
    "ratio": Case(
        "{{ ratio('sum(b)', 'count(b)') }}, {{ pct('sum(b)', 'max(b)') }}",
        MONEY,
        GROUPED,
        True,
    ),
    "ratio: of sums": Case(
        "{{ ratio('a * 90', 'b') }}, {{ pct('a', 'b') }}", SUMS, ALMOST_HALVES
    ),
    "ratio: of counts": Case(
        "{{ ratio('a * cast(30 as integer)', 'b') }}, {{ pct('a', 'b') }}",
        ("bigint", "bigint"),
        (("37", "202"), ("1", "3"), ("7", "0"), (None, "1"), ("0", "5")),
    ),
}
