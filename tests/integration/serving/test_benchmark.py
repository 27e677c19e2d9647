"""The benchmark's two ways, on a small hospital: that both answer, not how fast."""

from benchmarks.serving import QUESTIONS, measure_data
from orchestration.warehouse import open_warehouse
from serving.dashboard.pages import PAGES
from tests.conftest import Home


def test_every_page_and_question_of_the_benchmark_is_answered(hospital: Home):
    try:
        data, views = measure_data(hospital.settings, repeats=1)
    finally:
        with open_warehouse(hospital.settings).connect() as owner:
            owner.execute("drop schema if exists views cascade")
    assert data.keys() == {page.path for page in PAGES}
    assert views.keys() == QUESTIONS.keys()
    assert all(spent > 0 for way in views.values() for spent in way)
