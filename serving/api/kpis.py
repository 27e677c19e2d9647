"""The questions that every hospital asks first, each answered in one call.

What is counted stands in queries/kpi_*.sql.
"""

import json
from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from fastapi import APIRouter, Request, Response
from psycopg import Connection
from pydantic import BaseModel, ConfigDict, Field

from serving.api.access import Caller, CallerOf
from serving.api.filters import Text, query_of
from serving.api.freshness import fresh
from serving.api.problems import ProblemError, responses
from serving.database import Marts, ask_json, current_publication

_EARLIEST, _LATEST = date(1900, 1, 1), date(9999, 12, 31)


class Place(BaseModel):
    """Which part of the hospital: what every question takes."""

    model_config = ConfigDict(extra="forbid")

    source_system: Text | None = Field(None, description="Only this source system.")
    branch_key: Text | None = Field(None, description="Only this branch.")

    def parameters(self, as_of: datetime | None) -> dict[str, Any]:  # noqa: ARG002
        """For the queries.

        Args:
            as_of: the moment that the published data speak for.
        """
        return self.model_dump()


class Slice(Place):
    """Which part of the hospital, down to a department, and which days."""

    date_from: date | None = Field(None, description="First day; default: all.")
    date_to: date | None = Field(
        None, description="Last day; default and at the latest: the day of as_of."
    )
    department_key: Text | None = Field(None, description="Only this department.")

    def parameters(self, as_of: datetime | None) -> dict[str, Any]:
        """For the queries; what bears a day after as_of's is not counted."""
        last = as_of.date() if as_of else _LATEST
        return super().parameters(as_of) | {
            "date_from": self.date_from or _EARLIEST,
            "date_to": min(self.date_to or last, last),
        }


@dataclass(frozen=True)
class Question:
    """One question, which the query of its name answers."""

    description: str
    is_one_row: bool = False
    takes: type[Place] = Slice
    """The parameters that its query uses; others are refused."""


QUESTIONS: Mapping[str, Question] = {
    "appointments": Question(
        "Completed against no-show, with both no-show rates.", is_one_row=True
    ),
    "branches_by_appointments": Question("The busiest branch first."),
    "doctors_by_appointments": Question("The doctors by appointments."),
    "treatment_costs": Question("Average and total cost by treatment type."),
    "payment_mix": Question("Payment methods by count and amount."),
    "gender_distribution": Question("Patients by sex at as_of.", takes=Place),
    "patient_flow": Question(
        "Admissions, discharges, deaths, and beds occupied on the last night.",
        is_one_row=True,
    ),
    "length_of_stay": Question(
        "Average length of stay of who left in the period.", is_one_row=True
    ),
    "department_load": Question("What each department carried."),
}


class Answer(BaseModel):
    """One question's answer, and the publication that it comes from."""

    publication_id: int
    as_of: str | None
    answer: Any = Field(description="One row, or a list of rows.")


class Answers(BaseModel):
    """The answers by their question, and the publication that they come from."""

    publication_id: int
    as_of: str | None
    left_out: list[str] = Field(
        description="The questions that do not take one of the given parameters."
    )
    answer: dict[str, Any] = Field(description="Of each one row, or a list of rows.")


def router(marts: Marts) -> APIRouter:
    """`/kpis` with all answers, `/kpis/{question}` with one."""
    routes = APIRouter(prefix="/kpis", tags=["kpis"])
    routes.add_api_route(
        "",
        _route(marts, None),
        summary="All of them",
        description="Every question of this list, answered in one call. A question that"
        " does not take one of the given parameters is left out, and named.",
        response_model=Answers,
        responses=_responses(),
    )
    for name, question in QUESTIONS.items():
        routes.add_api_route(
            f"/{name}",
            _route(marts, name),
            name=f"kpi_{name}",
            summary=name.replace("_", " "),
            description=question.description,
            response_model=Answer,
            responses=_responses(),
        )
    return routes


def taking(given: Set[str]) -> list[str]:
    """The questions that take all of the given parameters."""
    return [it for it, one in QUESTIONS.items() if given <= {*one.takes.model_fields}]


def _responses() -> dict[int | str, dict[str, Any]]:
    return {304: {"description": "Nothing was published since."}} | responses(
        401, 403, 404, 422, 429, 503, 504
    )


def _route(marts: Marts, question: str | None) -> Callable[..., Response]:
    """The answer to one question; None: to all that take what is given."""

    def answer(request: Request, caller: Caller, asked: Place) -> Response:
        questions = [question] if question else taking(asked.model_fields_set)
        with marts.read(caller.role) as connection:
            publication = current_publication(connection)
            if publication is None:
                raise ProblemError(404, "Nothing has been published yet.")
            headers = fresh(request, publication, caller)
            if headers.is_known:
                return Response(status_code=304, headers=headers.fields)
            parameters = asked.parameters(publication.as_of)
            answers = {it: _answer(connection, it, parameters) for it in questions}
        stamp: dict[str, Any] = {
            "publication_id": publication.publication_id,
            "as_of": publication.as_of.isoformat() if publication.as_of else None,
        }
        if question:
            whole = answers[question]
        else:
            listed = (f'"{name}":{it}' for name, it in answers.items())
            whole = f"{{{','.join(listed)}}}"
            stamp["left_out"] = [it for it in QUESTIONS if it not in answers]
        return Response(
            f'{json.dumps(stamp)[:-1]}, "answer": {whole}}}',
            headers=headers.fields,
            media_type="application/json",
        )

    takes = QUESTIONS[question].takes if question else Slice
    answer.__annotations__ |= {"caller": CallerOf, "asked": query_of(takes)}
    return answer


def _answer(
    connection: Connection[Any], question: str, parameters: Mapping[str, Any]
) -> str:
    rows = ask_json(connection, f"kpi_{question}", parameters)
    return rows[0] if QUESTIONS[question].is_one_row else f"[{','.join(rows)}]"
