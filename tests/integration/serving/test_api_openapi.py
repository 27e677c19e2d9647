"""The API against its own OpenAPI document: whatever comes in, no fault comes out."""

import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from serving.api.kpis import QUESTIONS

CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
)


def test_every_operation_answers_as_its_document_says(api, contracts):
    document = schemathesis.openapi.from_asgi("/openapi.json", api.app)
    operations = [it.ok() for it in document.get_all_operations()]
    assert len(operations) > len(contracts) + 10
    for operation in operations:

        @given(case=operation.as_strategy())
        @settings(
            max_examples=8, deadline=None, suppress_health_check=list(HealthCheck)
        )
        def answers(case):
            case.call_and_validate(checks=CHECKS)

        answers()


def test_a_question_offers_what_it_takes(api):
    paths = api.get("/openapi.json").json()["paths"]
    for question, one in QUESTIONS.items():
        offered = paths[f"/api/v1/kpis/{question}"]["get"]["parameters"]
        assert {it["name"] for it in offered} == one.takes.model_fields.keys()


def test_a_local_time_is_described_without_an_offset(api):
    """The format date-time asks for one (RFC 3339)."""
    paths = api.get("/openapi.json").json()["paths"]
    formats = {
        it["name"]: [one.get("format") for one in it["schema"].get("anyOf", [])]
        for mart in ("fct_admissions", "publication")
        for it in paths[f"/api/v1/marts/{mart}"]["get"]["parameters"]
    }
    assert "date-time-local" in formats["admitted_at_from"]
    assert "date-time-local" in formats["as_of_to"]
    assert "date-time" in formats["published_at_from"]
