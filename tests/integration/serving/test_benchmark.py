"""The benchmark's two ways, on a small hospital: that they agree, not how fast."""

from collections.abc import Iterator

import pytest

from benchmarks import serving as benchmark
from benchmarks.answers import ALIKE
from benchmarks.serving import QUESTIONS, measure_data
from orchestration.warehouse import open_warehouse
from serving.dashboard.pages import PAGES
from tests.conftest import Home


@pytest.fixture(autouse=True)
def no_views_remain(hospital: Home) -> Iterator[None]:
    yield
    with open_warehouse(hospital.settings).connect() as owner:
        owner.execute("drop schema if exists views cascade")


def test_every_page_and_question_of_the_benchmark_is_answered(hospital: Home):
    data, views = measure_data(hospital.settings, repeats=1)
    assert data.keys() == {page.path for page in PAGES}
    assert views.keys() == QUESTIONS.keys()
    assert all(spent > 0 for way in views.values() for spent in way)


def test_every_question_of_the_benchmark_is_compared():
    assert ALIKE.keys() == {it for asked in QUESTIONS.values() for it in asked}


@pytest.mark.parametrize(
    ("right", "wrong", "question"),
    [
        ("count(*) filter (where appointment_status = 'no_show')", "0", "today"),
        ("filter (where started_at <= hour_starts_at)", "", "beds_by_hour"),
    ],
)
def test_no_times_are_told_of_views_that_say_something_else(
    hospital: Home, tmp_path, monkeypatch, right, wrong, question
):
    views = benchmark.VIEWS.read_text()
    (tmp_path / "views.sql").write_text(views.replace(right, wrong))
    monkeypatch.setattr(benchmark, "VIEWS", tmp_path / "views.sql")
    with pytest.raises(RuntimeError, match=question):
        measure_data(hospital.settings, repeats=1)
