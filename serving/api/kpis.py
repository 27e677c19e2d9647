"""The questions that every hospital asks first, each answered in one call.

What is counted stands in queries/kpi_*.sql; the same files serve the dashboard.
"""

import json
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from psycopg import Connection
from pydantic import BaseModel, ConfigDict, Field

from serving.api.access import Caller, CallerOf
from serving.api.filters import Text
from serving.api.freshness import fresh
from serving.api.problems import ProblemError, responses
from serving.database import Marts, ask_json, current_publication

# One question to each query: its path, what it says, and whether it is a single row.
QUESTIONS: Mapping[str, tuple[str, bool]] = {
    "appointments": ("Completed against no-show, with both no-show rates.", True),
    "branches_by_appointments": ("The busiest branch first.", False),
    "doctors_by_appointments": ("The doctors by appointments.", False),
    "treatment_costs": ("Average and total cost by treatment type.", False),
    "payment_mix": ("Payment methods by count and amount.", False),
    "gender_distribution": ("Patients by sex at as_of.", False),
    "patient_flow": (
        "Admissions, discharges, deaths, and beds occupied on the last night.",
        True,
    ),
    "length_of_stay": ("Average length of stay of who left in the period.", True),
    "department_load": ("What each department carried.", False),
}
_EARLIEST, _LATEST = date(1900, 1, 1), date(9999, 12, 31)


class Slice(BaseModel):
    """Which part of the hospital, and which days."""

    model_config = ConfigDict(extra="forbid")

    date_from: date | None = Field(None, description="First day; default: all.")
    date_to: date | None = Field(
        None, description="Last day; default and at the latest: the day of as_of."
    )
    source_system: Text | None = Field(None, description="Only this source system.")
    branch_key: Text | None = Field(None, description="Only this branch.")
    department_key: Text | None = Field(None, description="Only this department.")

    def parameters(self, as_of: datetime | None) -> dict[str, Any]:
        """For the queries; what bears a day after as_of's is not counted.

        Args:
            as_of: the moment that the published data speak for.
        """
        last = as_of.date() if as_of else _LATEST
        return self.model_dump() | {
            "date_from": self.date_from or _EARLIEST,
            "date_to": min(self.date_to or last, last),
        }


SliceOf = Annotated[Slice, Query()]


class Answer(BaseModel):
    """One question's answer, and the publication that it comes from."""

    publication_id: int
    as_of: str | None
    answer: Any = Field(description="One row, or a list of rows.")


def router(marts: Marts) -> APIRouter:
    """`/kpis` with all answers, `/kpis/{question}` with one."""
    routes = APIRouter(prefix="/kpis", tags=["kpis"])
    routes.add_api_route(
        "",
        _route(marts, tuple(QUESTIONS), is_single=False),
        summary="All of them",
        description="Every question of this list, answered in one call.",
        response_model=Answer,
        responses=_responses(),
    )
    for question, (description, _) in QUESTIONS.items():
        routes.add_api_route(
            f"/{question}",
            _route(marts, (question,), is_single=True),
            name=f"kpi_{question}",
            summary=question.replace("_", " "),
            description=description,
            response_model=Answer,
            responses=_responses(),
        )
    return routes


def _responses() -> dict[int | str, dict[str, Any]]:
    return {304: {"description": "Nothing was published since."}} | responses(
        401, 403, 404, 422, 429, 503, 504
    )


def _route(
    marts: Marts, questions: tuple[str, ...], *, is_single: bool
) -> Callable[..., Response]:
    def answer(request: Request, caller: Caller, asked: Slice) -> Response:
        with marts.read(caller.role) as connection:
            publication = current_publication(connection)
            if publication is None:
                raise ProblemError(404, "Nothing has been published yet.")
            headers = fresh(request, publication, caller)
            if headers.is_known:
                return Response(status_code=304, headers=headers.fields)
            parameters = asked.parameters(publication.as_of)
            answers = {it: _answer(connection, it, parameters) for it in questions}
        whole = (
            answers[questions[0]]
            if is_single
            else "{" + ",".join(f'"{name}":{it}' for name, it in answers.items()) + "}"
        )
        stamp = json.dumps(
            {
                "publication_id": publication.publication_id,
                "as_of": publication.as_of.isoformat() if publication.as_of else None,
            }
        )
        return Response(
            f'{stamp[:-1]}, "answer": {whole}}}',
            headers=headers.fields,
            media_type="application/json",
        )

    answer.__annotations__ |= {"caller": CallerOf, "asked": SliceOf}
    return answer


def _answer(
    connection: Connection[Any], question: str, parameters: Mapping[str, Any]
) -> str:
    rows = ask_json(connection, f"kpi_{question}", parameters)
    _, is_one_row = QUESTIONS[question]
    return rows[0] if is_one_row else f"[{','.join(rows)}]"
