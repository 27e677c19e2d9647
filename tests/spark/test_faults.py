"""Faults of a row, kept as JSON and listed again: on both engines as they were."""

import pytest

from orchestration.warehouse import open_warehouse
from tests.spark.cases import TEXTS
from tests.spark.engines import Case, rendered

pytestmark = [pytest.mark.long, pytest.mark.usefixtures("java")]
COLUMN, REASON = 'the "ward\'s" [column] \\n', "is 'no' \"date\" \\d{4} [1]"
LACKING = "has no value"
VALUES = (
    *TEXTS, *((it,) for it in ("[]", "[a]", "]", '"', '["a"]', "\\", "\\u0041", "{}"))
)  # fmt: skip


def jinja(text: str) -> str:
    return '"' + "".join(f"\\U{ord(letter):08x}" for letter in text) + '"'


LISTED = (
    "{{ fault_list(["
    f"'case when a is not null then ' ~ fault_entry({jinja(COLUMN)}, 'a',"
    f" {jinja(REASON)}) ~ ' end',"
    f"'case when a is null then ' ~ fault_entry('b', 'a', {jinja(LACKING)}) ~ ' end',"
    "]) }}"
)
QUERY = (
    "{% set kept %}select n as _batch_id, 0 as _row_number, kept as _faults from ("
    + Case(LISTED, ("text",), VALUES).template
    + ") as made (n, kept){% endset %}{{ listed_faults('(' ~ kept ~ ') as staged') }}"
)


def test_faults_are_listed_as_they_were(spark, spark_home, profiles, tmp_path):
    with open_warehouse(spark_home.settings).connect(None) as connection:
        ask = {
            "warehouse": lambda query: connection.execute(query).fetchall(),
            "spark": lambda query: list(map(tuple, spark.sql(query).collect())),
        }
        for engine, answers in ask.items():
            (query,) = rendered(engine, profiles, tmp_path, [QUERY])
            assert sorted(answers(query)) == [
                (number, 0, "b", None, LACKING)
                if text is None
                else (number, 0, COLUMN, text, REASON)
                for number, (text,) in enumerate(VALUES)
            ], engine
