"""Which system is read from where, and that what opens a database is shown nowhere."""

import pytest

from orchestration import dbt, sample
from orchestration.errors import UsageError
from orchestration.extracts.errors import ContractError
from orchestration.extracts.manifest import load_contracts
from orchestration.passwords import without_secrets
from orchestration.settings import Settings
from orchestration.source_databases import source_databases
from tests.conftest import Home
from tests.unit.extracts.test_extract_contracts import manifest

SYSTEMS = ("his", "resource_utilization")
SECRET = "planted p@ss/word%"


def settings_of(monkeypatch, tmp_path, **variables: str) -> Settings:
    for name, value in variables.items():
        monkeypatch.setenv(f"WARDLINE_SOURCE_{name}", value)
    return Settings(home=tmp_path, _env_file=None)


def test_a_system_with_a_url_has_a_database_and_the_others_have_none(
    monkeypatch, tmp_path
):
    file = tmp_path / "secret"
    file.write_text(f"{SECRET}\n")
    settings = settings_of(
        monkeypatch,
        tmp_path,
        URL__RESOURCE_UTILIZATION="mysql://reader@his.example:3307/ward",
        PASSWORD_FILE__RESOURCE_UTILIZATION=str(file),
        TIMEOUT="60",
    )
    [(system, source)] = source_databases(settings, SYSTEMS).items()
    assert system == source.source_system == "resource_utilization"
    assert source.address == "mysql://his.example:3307/ward"
    assert (source.url.password, source.timeout_seconds) == (SECRET, 60)
    assert SECRET not in repr(source) + repr(settings)


def test_an_empty_variable_sets_nothing(monkeypatch, tmp_path):
    settings = settings_of(monkeypatch, tmp_path, URL__HIS="")
    assert source_databases(settings, SYSTEMS) == {}


@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        ({"URL__HSI": "mysql://u@h/d"}, "SOURCE_URL__HSI: there is no source system"),
        ({"URL__HIS": f"no url {SECRET}"}, "SOURCE_URL__HIS must be the URL of a data"),
        ({"PASSWORD__HIS": SECRET}, "WARDLINE_SOURCE_URL__HIS is not; set both"),
        (
            {"URL__HIS": "mysql://u@h/d", "PASSWORD__HIS": SECRET,
             "PASSWORD_FILE__HIS": "/nowhere"},
            "PASSWORD__HIS and WARDLINE_SOURCE_PASSWORD_FILE__HIS are both set",
        ),
        (
            {"URL__HIS": "mysql://u@h/d", "PASSWORD_FILE__HIS": "/nowhere/it is"},
            "WARDLINE_SOURCE_PASSWORD_FILE__HIS: /nowhere/it is cannot be read",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_said_in_a_sentence(
    monkeypatch, tmp_path, variables, sentence
):
    settings = settings_of(monkeypatch, tmp_path, **variables)
    with pytest.raises(UsageError) as said:
        source_databases(settings, SYSTEMS)
    assert sentence in str(said.value)
    assert SECRET not in str(said.value)


def test_passwords_of_sources_are_blotted_out(monkeypatch, tmp_path):
    file = tmp_path / "secret"
    file.write_text("from a file")
    settings = settings_of(
        monkeypatch,
        tmp_path,
        URL__HIS="postgresql://reader:in%20the%20url@h/d",
        PASSWORD__RESOURCE_UTILIZATION=SECRET,
        URL__RESOURCE_UTILIZATION="mysql://reader@h/d",
        URL__OTHER="mysql://reader@h/d",
        PASSWORD_FILE__OTHER=str(file),
    )
    told = f"{SECRET}; in the url; in%20the%20url; from a file; postgresql://r:x@h"
    assert without_secrets(settings, told) == "***; ***; ***; ***; postgresql://r:***@h"


def test_no_drop_folder_is_needed_where_a_database_is_read(monkeypatch, tmp_path):
    settings = settings_of(monkeypatch, tmp_path, URL__HIS="mysql://u@h/d")
    assert dbt.require_extracts(settings, tmp_path / "none") == []
    (tmp_path / "extracts" / "hsi").mkdir(parents=True)
    assert dbt.require_extracts(settings, tmp_path / "extracts") == ["hsi"]


def test_no_hospital_is_invented_beside_a_database(warehouse, tmp_path):
    assert not sample.is_due(warehouse, tmp_path / "none", has_databases=True)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"database_table": "a.b", "query": "select 1"}, "both given; keep one"),
        ({"database_table": "a..b"}, "is not like schema.table"),
        ({"query": "select 1; drop table x"}, "one select, without a semicolon"),
        ({"query": 7}, "query must be a text"),
        ({"watermark": "visit_id"}, "watermark needs the mode delta"),
        ({"watermark": "gone", "mode": "delta"}, "'gone', which is not a column"),
        ({"watermark": "visit_id", "mode": "delta"}, "needs the source's as_of_query"),
        ({"watermark_overlap_hours": -1}, "must be hours from 0 on, not -1"),
        ({"as_of_query": "select 2"}, "as_of_query belongs to the source"),
    ],
)
def test_a_contract_of_a_database_that_is_wrong_is_said(options, sentence):
    with pytest.raises(ContractError) as said:
        load_contracts(manifest(options))
    assert sentence in str(said.value)


def test_a_contract_of_a_database_is_read():
    shared = {"as_of_query": "select now()", "mode": "delta"}
    own = {
        "query": "select * from v",
        "watermark": "seen",
        "watermark_overlap_hours": 6,
    }
    columns = {"visit_id": {}, "seen": {"data_type": "timestamp"}}
    [[contract]] = load_contracts(manifest(own, columns, shared)).values()
    assert contract.as_of_query == "select now()"
    assert (contract.query, contract.watermark) == ("select * from v", "seen")
    assert contract.watermark_overlap_hours == 6


def test_a_server_that_is_not_there_ends_a_refresh_in_a_sentence(home: Home):
    ran = home.run(
        "refresh",
        "--source",
        "resource_utilization",
        WARDLINE_SOURCE_URL__RESOURCE_UTILIZATION="mysql://reader@127.0.0.1:9/ward",
        WARDLINE_SOURCE_PASSWORD__RESOURCE_UTILIZATION=SECRET,
    )
    assert ran.returncode == 1, ran.stdout + ran.stderr
    assert "mysql://127.0.0.1:9/ward: expected a database that answers" in ran.stdout
    assert "Traceback" not in ran.stdout + ran.stderr
    assert SECRET not in ran.stdout + ran.stderr
