"""Every macro that differs between the engines says the same on both."""

import hmac
import re
import shutil
import subprocess
from hashlib import sha256
from pathlib import Path
from unicodedata import normalize

import pytest

from orchestration.settings import REPOSITORY
from orchestration.spark.raw import KEY_VIEW
from orchestration.warehouse import open_warehouse
from tests.conftest import make_home
from tests.servers import DATABASE, Server
from tests.spark.cases import CASES, FORMS, NAMES, TEXTS
from tests.spark.engines import plain, rendered

pytestmark = [pytest.mark.long, pytest.mark.usefixtures("java")]
MACROS = REPOSITORY / "dbt_project" / "macros"
KEY = bytes(range(64))
# Held by test_faults.py, or by the parity of whole models where they make no value.
BY_MODELS = {
    "fault_entry", "fault_list", "listed_faults", "get_select_subquery",
    "get_assert_columns_equivalent", "persist_constraints",
}  # fmt: skip


TURKISH = Path("/usr/share/i18n/locales/tr_TR")
PADS = [bytes(it ^ pad for it in KEY) for pad in (0x5C, 0x36)]


@pytest.fixture(scope="module")
def engines(spark_home, spark):
    """What asks each engine; both have the same pseudonym key."""
    frame = spark.createDataFrame([tuple(PADS)], "outer_pad binary, inner_pad binary")
    frame.createOrReplaceTempView(KEY_VIEW)
    with open_warehouse(spark_home.settings).connect(None) as connection:
        connection.execute("delete from ops.pseudonym_key")
        connection.execute(
            "insert into ops.pseudonym_key (outer_pad, inner_pad) values (%s, %s)", PADS
        )
        yield {
            "warehouse": lambda query: connection.execute(query).fetchall(),
            "spark": lambda query: list(map(tuple, spark.sql(query).collect())),
        }
        connection.rollback()


@pytest.fixture(scope="module")
def in_turkish():
    """What asks a PostgreSQL that sorts, and makes letters small, as Turkish does."""
    if not shutil.which("localedef") or not TURKISH.exists():
        pytest.skip("there is no Turkish here: apt-get install locales")
    languages = make_home()
    languages.chmod(0o755)
    made = languages / "tr_TR.UTF-8"
    subprocess.run(
        [shutil.which("localedef"), "-i", TURKISH, "-f", "UTF-8", made], check=True
    )
    server = Server({"LOCPATH": str(languages), "LC_ALL": "tr_TR.UTF-8"})
    try:
        with server.superuser(DATABASE) as connection:
            connection.execute(
                "create schema ops; "
                "create table ops.pseudonym_key (outer_pad bytea, inner_pad bytea)"
            )
            connection.execute("insert into ops.pseudonym_key values (%s, %s)", PADS)
            yield lambda query: connection.execute(query).fetchall()
    finally:
        server.stop()
        shutil.rmtree(languages)


@pytest.fixture(scope="module")
def queries(profiles, tmp_path_factory):
    """Of each engine and case, what asks it."""
    folder = tmp_path_factory.mktemp("rendered")
    templates = [it.template for it in CASES.values()]
    return {
        engine: dict(
            zip(CASES, rendered(engine, profiles, folder, templates), strict=True)
        )
        for engine in ("warehouse", "spark")
    }


@pytest.fixture(scope="module")
def ask(engines, queries):
    """A function of engine and case, that returns what the engine says."""
    return lambda engine, case: engines[engine](queries[engine][case])


@pytest.mark.parametrize("case", CASES)
def test_both_engines_say_the_same(case, ask):
    assert plain(ask("spark", case)) == plain(ask("warehouse", case))


@pytest.mark.parametrize("case", CASES)
def test_a_warehouse_of_another_language_says_the_same(case, ask, queries, in_turkish):
    said = in_turkish(queries["warehouse"][case])
    assert plain(said) == plain(ask("spark", case))


def test_that_warehouse_has_an_order_of_its_own(in_turkish):
    names = [name for (name,) in NAMES if name]
    values = ", ".join(f"('{name}')" for name in names)
    found = in_turkish(f"select a from (values {values}) as given (a) order by a")
    assert [name for (name,) in found] != sorted(names)
    assert in_turkish("select lower('I')") == [("\u0131",)]


def test_a_pseudonym_is_an_hmac(ask):
    found = dict(ask("spark", "pseudonym"))
    for number, (text,) in enumerate(TEXTS):
        message = f"patient:his:{text}".encode()
        made = hmac.new(KEY, message, sha256).hexdigest()[:32]
        assert found[number] == (None if text is None else made)


def test_a_normal_form_is_unicodes(ask):
    found = dict(ask("spark", "has_normal_form"))
    for number, (text,) in enumerate(FORMS):
        normal = text and normalize("NFKC", text)
        assert found[number] == (None if text is None else text == normal), text


def test_links_are_followed_to_their_end_and_circles_as_well(
    engines, profiles, tmp_path
):
    chain = [(f"c{it}", f"c{it + 1}") for it in range(150)]
    circle = [("a", "b"), ("b", "c"), ("c", "a"), ("x", "a")]
    values = ", ".join(f"('{merged}', '{into}')" for merged, into in chain + circle)
    query = (
        "with recursive links as (select 'his' as source_system, patient_id, "
        "merged_into_id, true as is_target_known "
        f"from (values {values}) as given (patient_id, merged_into_id)), "
        "reached as ({{ followed('links') }}) "
        "select patient_id, reached_id from reached"
    )
    expected = {(f"c{a}", f"c{b}") for b in range(151) for a in range(b)}
    expected |= {(merged, into) for merged in "abcx" for into in "abc"}
    for engine, ask in engines.items():
        (sql,) = rendered(engine, profiles, tmp_path, [query])
        found = ask(sql)
        assert set(found) == expected
        assert len(found) == len(expected), f"{engine} reaches some twice"


def test_every_macro_of_spark_is_asked():
    code = "".join(it.read_text() for it in MACROS.rglob("*.sql"))
    made = set(re.findall(r"macro spark__(\w+)", code))
    asked = {name.partition(":")[0] for name in CASES} | BY_MODELS | {"followed"}
    assert made <= asked
