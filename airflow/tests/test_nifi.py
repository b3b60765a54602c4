"""The NiFi client against a double of NiFi, with a real broker behind it."""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

import nifi as client
from conftest import Double, edit, messages, nobody
from nifi import FlowFailed, Group, NiFi, NiFiError, NiFiUnreachable, Run, Template


@pytest.fixture
def claimed(nifi: NiFi, template: Template) -> Iterator[NiFi]:
    """NiFi with its flow claimed for the test."""
    with nifi.claimed(template.group, "test", 5):
        yield nifi


@pytest.fixture
def run(nifi: NiFi, template: Template, broker: str, topic: str) -> Callable[..., Run]:
    """Deploys the flow, runs it and waits until it ends."""

    def start(rows: int = 21, seconds: float = 20, **changed: str) -> Run:
        variables = {"kafka.bootstrap.servers": broker, "kafka.topic": topic, "csv.folder": "/opt/nifi/data", **changed}
        with nifi.claimed(template.group, "test", 5):
            asked = nifi.run_once(nifi.deploy(template).id, rows, variables)
            deadline = time.monotonic() + seconds
            while not nifi.finished(asked):
                assert time.monotonic() < deadline, nifi.reason(asked)
                time.sleep(0.05)
            nifi.stop(asked.group)
        return asked

    return start


def test_the_flow_is_deployed_only_if_it_is_missing(claimed: NiFi, template: Template) -> None:
    nifi = claimed
    assert nifi.find_group(template.group) is None
    first = nifi.deploy(template)
    assert first.hash == template.hash
    assert nifi.deploy(template) == first
    assert [group.name for group in nifi.groups()] == ["netflix-csv-to-kafka"]


def test_a_template_of_another_hash_replaces_the_flow(claimed: NiFi, template: Template) -> None:
    nifi = claimed
    first = nifi.deploy(template)
    changed = edit(template, "10 sec", "11 sec")
    second = nifi.deploy(changed)
    assert second.id != first.id
    assert second.hash == changed.hash
    assert [group.name for group in nifi.groups()] == ["netflix-csv-to-kafka"]


def test_a_flow_that_holds_a_failed_file_is_replaced_too(nifi: NiFi, template: Template, run: Callable[..., Run], home: Path) -> None:
    csv = home / "data" / template.source_file
    csv.write_text(csv.read_text().replace("11.45", "n/a"))
    with pytest.raises(FlowFailed):
        run()
    with nifi.claimed(template.group, "test", 5):
        nifi.deploy(edit(template, "10 sec", "11 sec"))
    assert [group.hash for group in nifi.groups()] == ["f" * 32]


def test_a_run_publishes_each_row_once_under_its_key(nifi: NiFi, run: Callable[..., Run], broker: str, topic: str) -> None:
    asked = run()
    published = messages(broker, topic)
    assert len(published) == 21
    first = next(m for m in published if m[1] == "2019-03-31")
    assert first == (
        0,
        "2019-03-31",
        '{"date":"2019-03-31","global_revenue":4520992000,"ucan_revenue":2256851000,"emea_revenue":1233379000,"latm_revenue":630472000,'
        '"apac_revenue":319602000,"ucan_members":66633000,"emea_members":42542000,"latm_members":27547000,"apac_members":12141000,'
        '"ucan_arpu":11.45,"emea_arpu":10.23,"latm_arpu":7.84,"apac_arpu":9.37,"total_members":148863000}',
    )
    assert {p.state for p in nifi.processors(asked.group)} == {"STOPPED"}


def test_a_second_run_publishes_the_file_as_it_is_then(run: Callable[..., Run], home: Path, broker: str, topic: str) -> None:
    run()
    csv = home / "data" / "netflix_revenue_updated.csv"
    new = csv.with_suffix(".new")
    new.write_text(csv.read_text().replace("4520992000", "4520992001"))
    new.rename(csv)  # editors and git replace a file this way
    run()
    published = messages(broker, topic)
    assert len(published) == 42
    assert sum('"global_revenue":4520992001' in value for _, _, value in published) == 1


def test_the_file_of_a_failed_run_is_not_published_by_the_next_run(run: Callable[..., Run], home: Path, broker: str, topic: str) -> None:
    csv = home / "data" / "netflix_revenue_updated.csv"
    good = csv.read_text()
    csv.write_text(good.replace("31-12-2019", "31-13-2019"))
    with pytest.raises(FlowFailed, match="31-13-2019"):
        run()
    csv.write_text(good)
    run()
    assert len(messages(broker, topic)) == 21


def test_a_bad_number_fails_with_the_error_of_nifi_and_publishes_nothing(
    run: Callable[..., Run], home: Path, broker: str, topic: str
) -> None:
    csv = home / "data" / "netflix_revenue_updated.csv"
    csv.write_text(csv.read_text().replace("148863000", "n/a"))
    with pytest.raises(FlowFailed, match=r'NumberFormatException: For input string: "n/a"'):
        run()
    assert messages(broker, topic) == []


def test_a_run_that_sends_another_number_of_rows_than_the_file_had_fails(run: Callable[..., Run]) -> None:
    with pytest.raises(FlowFailed, match="21 messages, but the file has 20 rows"):
        run(rows=20)


def test_a_file_that_nifi_does_not_see_fails_by_name_of_the_folder(run: Callable[..., Run], home: Path) -> None:
    (home / "data" / "netflix_revenue_updated.csv").unlink()
    with pytest.raises(FlowFailed, match="finds no file to read in /opt/nifi/data"):
        run()


def test_a_directory_that_nifi_cannot_write_fails_with_the_error_of_nifi(run: Callable[..., Run], home: Path) -> None:
    (home / "data").chmod(0o555)
    with pytest.raises(FlowFailed, match="does not have sufficient permissions"):
        run()


def test_a_missing_directory_fails_the_run_with_what_to_check(run: Callable[..., Run]) -> None:
    with pytest.raises(
        FlowFailed,
        match=r"'/opt/nifi/elsewhere' does not have sufficient permissions .*: check that the directory exists and that the NiFi user can",
    ):
        run(**{"csv.folder": "/opt/nifi/elsewhere"})


def test_an_unavailable_broker_is_waited_for_and_reported(claimed: NiFi, template: Template, topic: str) -> None:
    nifi, away = claimed, nobody()
    quick = edit(template, "10 sec", "1 sec")
    variables = {"kafka.bootstrap.servers": away, "kafka.topic": topic, "csv.folder": "/opt/nifi/data"}
    asked = nifi.run_once(nifi.deploy(quick).id, 21, variables)
    deadline = time.monotonic() + 20
    while nifi.reason(asked) is None:
        assert time.monotonic() < deadline
        assert not nifi.finished(asked)
        time.sleep(0.05)
    assert "while awaiting InitProducerId" in (nifi.reason(asked) or "")
    assert not nifi.finished(asked)


def test_a_processor_left_waiting_for_its_services_does_not_run_twice(
    nifi: NiFi, template: Template, run: Callable[..., Run], broker: str, topic: str
) -> None:
    with nifi.claimed(template.group, "test", 5):
        group = nifi.deploy(template)
    publisher = next(p for p in nifi.processors(group.id) if p.type == "PublishKafkaRecord_2_6")
    nifi._set_state(publisher, "RUNNING")  # invalid until its services are enabled
    run()
    assert len(messages(broker, topic)) == 21


def test_a_template_that_is_not_xml_is_rejected_although_nifi_responds_with_200(nifi: NiFi, template: Template) -> None:
    template.path.write_text("<template>")
    with pytest.raises(NiFiError, match="not in a valid format"):
        nifi.upload(template)


def test_a_nifi_that_does_not_answer_is_unreachable() -> None:
    url = f"http://{nobody()}"
    with pytest.raises(NiFiUnreachable, match=re.escape(f"does not answer at {url}")):
        NiFi(url).groups()


@pytest.mark.parametrize("suffix", ["", "/", "/nifi", "/nifi/", "/nifi-api"])
def test_an_address_is_accepted_as_copied_from_the_browser(suffix: str) -> None:
    assert NiFi("http://nifi:8080" + suffix).api == "http://nifi:8080/nifi-api"


def test_a_template_without_a_hash_is_rejected(template: Template) -> None:
    template.path.write_text(template.path.read_text().replace("template " + template.hash, ""))
    with pytest.raises(NiFiError, match="contain no hash"):
        Template.read(template.path)


def test_a_missing_template_names_the_command_that_generates_it(tmp_path: Path) -> None:
    with pytest.raises(NiFiError, match="netflix nifi-template"):
        Template.read(tmp_path / "flow.xml")


def test_rows_are_counted_like_in_nifi(template: Template, tmp_path: Path) -> None:
    file, template = tmp_path / "rows.csv", replace(template, columns=())
    long = "x" * 200_000
    for text, rows in (("a,b\n1,2", 1), ('a,b\r\n"1\n2",2\r\n\r\n3,4\r\n\r\n', 2), (f'a,b\n"{long}",2\n', 1)):
        file.write_bytes(text.encode())
        assert template.rows(file) == rows


@pytest.mark.parametrize(("text", "found"), [("", "the file is empty"), ("\n\n", "the file is empty"), ("a,b\n\n", "only a header")])
def test_a_file_without_rows_is_reported_before_anything_runs(template: Template, tmp_path: Path, text: str, found: str) -> None:
    file = tmp_path / "rows.csv"
    file.write_text(text)
    with pytest.raises(NiFiError, match=f"no rows: {found}") as reported:
        template.rows(file)
    assert reported.value.code == 65


def test_a_bulletin_becomes_one_line_with_its_innermost_cause() -> None:
    message = (
        "PublishKafkaRecord_2_6[id=0a1b-2c] Failed to send FlowFile[filename=a.csv] to Kafka: \n- Caused by: java.io.IOException: row"
        '\n- Caused by: java.lang.NumberFormatException: For input string: "n/a"'
    )
    assert client.bulletin_line({"sourceName": "publish", "message": message}) == (
        "publish: Failed to send FlowFile[filename=a.csv] to Kafka: – "
        'java.io.IOException: row – java.lang.NumberFormatException: For input string: "n/a"'
    )


def test_a_run_survives_an_xcom() -> None:
    run = Run(
        group="g", source="s", publisher="1", name="p", version=3, rows=21, variables={"a": "b"}, sent_before=0, taken_before=2,
        bulletin_before=None, started=1.0,
    )  # fmt: skip
    assert Run.from_json(run.to_json()) == run


def test_the_groups_hash_is_read_from_its_comments() -> None:
    assert Group("1", "n", "Reads it. template 0123456789abcdef").hash == "0123456789abcdef"
    assert Group("1", "n", "created manually").hash is None


def test_deploy_from_the_command_line_reports_its_result(
    double: Double, template: Template, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("NIFI_URL", double.url)
    assert client.main(["deploy", "--template", str(template.path)]) == 0
    assert client.main(["status", "--template", str(template.path)]) == 0
    assert capsys.readouterr().out == (
        f"NiFi 1.28.1 at {double.url}: netflix-csv-to-kafka is deployed, template {template.hash}\n"
        f"NiFi 1.28.1 at {double.url}: netflix-csv-to-kafka is up to date\n"
    )


def test_deploy_from_the_command_line_exits_69_when_nifi_is_unavailable(
    template: Template, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("NIFI_URL", f"http://{nobody()}")
    assert client.main(["deploy", "--wait", "0", "--template", str(template.path)]) == 69
    assert "does not answer" in capsys.readouterr().err


def test_the_link_to_a_file_elsewhere_is_read_through(run: Callable[..., Run], home: Path, broker: str, topic: str) -> None:
    csv = home / "data" / "netflix_revenue_updated.csv"
    elsewhere = home / "source"
    elsewhere.mkdir()
    shutil.move(csv, elsewhere / csv.name)
    csv.symlink_to(elsewhere / csv.name)
    run()
    assert len(messages(broker, topic)) == 21


def test_run_from_the_command_line_counts_the_rows_itself(
    double: Double,
    template: Template,
    home: Path,
    broker: str,
    topic: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("NIFI_URL", double.url)
    monkeypatch.chdir(home)
    assert client.main(["run", "--set", f"kafka.topic={topic}", "--set", f"kafka.bootstrap.servers={broker}"]) == 0
    assert capsys.readouterr().out.endswith("21 messages published\n")
    assert len(messages(broker, topic)) == 21
