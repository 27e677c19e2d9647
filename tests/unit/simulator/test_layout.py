"""The layout is told three times, by document, contract and simulator, and alike."""

import re
from pathlib import Path

import pytest
import yaml

from simulator import LAYOUT

REPOSITORY = Path(__file__).parents[3]
ROW = re.compile(r"\| `(\w+)` \| (\w+) \| (key|yes|no) \| (.+) \| `(.+)` \|")


def documented() -> dict[str, tuple[str, list[tuple[str, ...]]]]:
    """Per table its description and (column, type, required, meaning, example)."""
    text = (REPOSITORY / "docs" / "his-layout.md").read_text()
    sections = text.split("\n### ")[1:]
    found = {}
    for section in sections:
        name, description = section.strip().split("\n")[0:3:2]
        found[name] = (description, ROW.findall(section))
    return found


def contracted() -> dict[str, tuple[str, list[tuple[str, ...]]]]:
    """The same, as the dbt source says it, without the example."""
    folder = REPOSITORY / "dbt_project" / "models" / "staging" / "his"
    source = yaml.safe_load((folder / "_sources.yml").read_text())["sources"][0]
    found = {}
    for table in source["tables"]:
        key = table["config"]["meta"]["extract"]["key"]
        columns = []
        for column in table["columns"]:
            meta = column.get("config", {}).get("meta", {})
            required = "yes" if meta.get("is_required") else "no"
            required = "key" if column["name"] in key else required
            columns.append(
                (
                    column["name"],
                    column["data_type"],
                    required,
                    column["description"].strip(),
                )
            )
        found[table["name"]] = (table["description"].strip(), columns)
    return found


def test_document_and_contract_have_the_simulators_tables():
    assert list(documented()) == list(LAYOUT)
    assert list(contracted()) == list(LAYOUT)


@pytest.mark.parametrize("table", LAYOUT)
def test_document_and_contract_have_the_simulators_columns_in_its_order(table):
    assert tuple(row[0] for row in documented()[table][1]) == LAYOUT[table]
    assert tuple(row[0] for row in contracted()[table][1]) == LAYOUT[table]


@pytest.mark.parametrize("table", LAYOUT)
def test_the_document_says_of_each_column_what_the_contract_says(table):
    description, columns = documented()[table]
    assert description == contracted()[table][0]
    assert [row[:4] for row in columns] == contracted()[table][1]


EXAMPLES = {
    "text": r".+",
    "integer": r"\d+",
    "numeric": r"\d+(\.\d+)?",
    "date": r"\d{4}-\d\d-\d\d",
    "timestamp": r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d",
    "boolean": r"true|false",
}


@pytest.mark.parametrize("table", LAYOUT)
def test_the_documents_examples_and_the_simulators_values_are_of_their_types(
    table, clean
):
    for column, data_type, required, _, example in documented()[table][1]:
        assert re.fullmatch(EXAMPLES[data_type], example), column
        values = set(clean[table][column])
        if required != "no":
            assert "" not in values, column
        assert all(re.fullmatch(EXAMPLES[data_type], v) for v in values - {""}), column


def test_the_simulators_words_are_those_of_the_contract(clean):
    folder = REPOSITORY / "dbt_project" / "models" / "staging" / "his"
    source = yaml.safe_load((folder / "_sources.yml").read_text())["sources"][0]
    for table in source["tables"]:
        for column in table["columns"]:
            words = column.get("config", {}).get("meta", {}).get("values")
            if words:
                found = set(clean[table["name"]][column["name"]]) - {""}
                assert found == set(words), column["name"]
