"""docs/api.md is true: its requests are answered, in the shape that it shows."""

import json
import re
import shlex
from typing import Any

import pytest

from orchestration.settings import REPOSITORY
from serving.api.kpis import QUESTIONS

TEXT = (REPOSITORY / "docs" / "api.md").read_text()
EXAMPLE = re.compile(
    r"```console\n\$ (curl [^\n]+)\n```(?:\n\n```json\n(.*?)```)?", re.S
)
EXAMPLES = EXAMPLE.findall(TEXT)


def shape(value: Any) -> Any:
    """The names and kinds in a JSON value; what varies is left out."""
    if isinstance(value, dict):
        return "a row" if "..." in value else {it: shape(value[it]) for it in value}
    if isinstance(value, list):
        return [shape(it) for it in value[:1]]
    return "number" if isinstance(value, int | float) else type(value).__name__


def test_every_kind_of_question_has_an_example():
    assert len(EXAMPLES) == TEXT.count("curl ") == 5


@pytest.mark.parametrize(("command", "shown"), EXAMPLES)
def test_an_example_is_answered_as_shown(api, command, shown):
    *_, url = shlex.split(command)
    answer = api.get(url.removeprefix("http://127.0.0.1:8000"))
    if not shown:
        assert answer.headers["content-type"].startswith("text/csv")
        assert answer.text.count("\r\n") + answer.text.count("\n") > 1
        return
    expected, found = json.loads(shown), answer.json()
    if isinstance(expected.get("answer"), dict):
        found["answer"] = {"...": ""}
    if "errors" in expected:
        # Python 3.13 calls 422 by its newer name
        assert found | {"title": expected["title"]} == expected
    assert shape(found) == shape(expected)


def test_the_questions_and_parameters_named_are_those_that_there_are(api):
    for question in QUESTIONS:
        assert f"`{question}`" in TEXT
    listed = re.findall(r"^\| (\d{3}) \|", TEXT, re.MULTILINE)
    document = api.get("/openapi.json").json()
    told = document["paths"]["/api/v1/marts/fct_bills"]["get"]["responses"]
    assert set(listed) == set(told) - {"200", "304"}
