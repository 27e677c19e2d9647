"""docs/bi.md: every mart, column and relationship that it names is true of the data."""

import json
import re

import pytest

from orchestration.settings import REPOSITORY
from serving.contracts import MartContract
from serving.star import DATES, MONTHS, Relationship, relationships
from tests.conftest import Home

PAGE = (REPOSITORY / "docs" / "bi.md").read_text()
CODE = re.compile(r"`([^`\n]+)`")
# What the page says to load of a dimension, where that is not all of its rows.
LOADED = {
    "dim_doctor": "select * from marts.dim_doctor where is_current",
    MONTHS: "select distinct month_start, quarter_start, year from marts.dim_date",
}
REPORTED = {"dim_doctor": "unknown_doctor", "dim_patient": "unknown_patient"}


def listed() -> list[Relationship]:
    rows = [CODE.findall(line) for line in PAGE.splitlines() if line.startswith("| `")]
    return [
        Relationship(*it) for it in rows if len(it) == 2 and all("." in c for c in it)
    ]


def one_side(it: Relationship) -> str:
    dimension = it.one.split(".")[0]
    loaded = LOADED.get(it.one) or LOADED.get(dimension)
    return loaded or f"select * from marts.{dimension}"


def test_the_page_lists_the_relationships_of_the_contracts(
    contracts: dict[str, MartContract],
):
    assert listed() == relationships(contracts)
    assert len(listed()) > 50


def test_every_mart_and_column_that_the_page_names_exists(
    contracts: dict[str, MartContract],
):
    columns = {name for contract in contracts.values() for name in contract.names}
    for code in CODE.findall(PAGE):
        mart, _, column = code.partition(".")
        if mart in contracts:
            assert not column or column in contracts[mart].names, code
        elif re.fullmatch(r"[a-z]+(_[a-z0-9]+)+", code) and code not in (
            "pg_hba.conf",
        ):
            assert code in columns | {*REPORTED.values(), "bi_north"}, code


def test_every_mart_has_a_question_or_is_a_dimension(
    contracts: dict[str, MartContract],
):
    _, _, questions = PAGE.partition("| question | mart |")
    answers = set(CODE.findall(questions.partition("\n\n")[0]))
    assert {it for it in contracts if not it.startswith("dim_")} == answers


@pytest.mark.parametrize("one", sorted({it.one for it in listed()}))
def test_the_one_side_is_unique_and_never_empty(hospital: Home, one: str):
    it = Relationship("", one)
    key = one.split(".")[1]
    [(rows, keys)] = hospital.rows(
        f"select count(*), count(distinct {key}) from ({one_side(it)}) as loaded"
    )
    assert rows == keys > 0


@pytest.mark.parametrize("it", listed(), ids=lambda it: it.many)
def test_the_many_side_has_no_orphans(hospital: Home, it: Relationship):
    mart, column = it.many.split(".")
    dimension, key = it.one.split(".")
    orphans = {
        value
        for (value,) in hospital.rows(
            f"select distinct {column} from marts.{mart} as many"
            f" where {column} is not null and not exists"
            f" (select from ({one_side(it)}) as one where one.{key} = many.{column})"
        )
    }
    assert orphans <= reported(hospital, dimension, column)


def reported(hospital: Home, dimension: str, column: str) -> set[str]:
    """Keys that no register knows, in records that are reported for it."""
    if dimension not in REPORTED:
        return set()
    rows = hospital.rows(
        " union ".join(
            f"select {column} from marts.{fact} inner join marts.fct_quality_issues"
            f" on record_key = {record} where issue = '{REPORTED[dimension]}'"
            for fact, record in (
                ("fct_admissions", "admission_key"),
                ("fct_appointments", "appointment_key"),
                ("fct_treatments", "treatment_key"),
                ("fct_bills", "bill_key"),
            )
        )
    )
    return {key for (key,) in rows}


def test_power_bis_file_names_a_postgresql_and_no_secret():
    file = json.loads((REPOSITORY / "docs" / "wardline.pbids").read_text())
    [connection] = file["connections"]
    assert connection["details"]["protocol"] == "postgresql"
    assert set(connection["details"]["address"]) == {"server", "database"}


def test_the_dates_of_facts_lead_to_days():
    assert Relationship("fct_bills.billed_on", DATES) in listed()
