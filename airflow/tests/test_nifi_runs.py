"""Runs of the NiFi flow under faults: a NiFi restart, a concurrent run, a killed or frozen run, a template that NiFi rejects."""

from __future__ import annotations

import json
import os
import random
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import requests

import nifi as client
import nifi_claim
from conftest import DAGS, Double, edit, messages, nobody
from nifi import FlowFailed, NiFi, NiFiBusy, NiFiError, RunLost, Template
from nifi_claim import Claim

CSV = "data/netflix_revenue_updated.csv"
FLOW = "netflix-csv-to-kafka"


@pytest.fixture
def quick(template: Template) -> Template:
    """A publisher that waits for a broker for 1 s at a time, not for 10 s."""
    return edit(template, "10 sec", "1 sec")


@pytest.fixture
def command(double: Double, home: Path, broker: str) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Starts `nifi.py run` as a process; a claim that is not renewed expires after 3 s."""
    started: list[subprocess.Popen[str]] = []

    def start(topic: str, *options: str, url: str = double.url) -> subprocess.Popen[str]:
        text = (
            "import nifi_claim, runpy, sys; nifi_claim.LEASE, nifi_claim.RENEW = 3.0, 0.5; "
            f"sys.argv[0] = {str(DAGS / 'nifi.py')!r}; runpy.run_path(sys.argv[0], run_name='__main__')"
        )
        settings = ("--set", f"kafka.topic={topic}", "--set", f"kafka.bootstrap.servers={broker}")
        started.append(
            subprocess.Popen(
                [sys.executable, "-u", "-c", text, "run", *settings, *options],
                env={**os.environ, "PYTHONPATH": str(DAGS), "NIFI_URL": url},
                cwd=home,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
        )
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.communicate()


def ended(process: subprocess.Popen[str], seconds: float = 120) -> tuple[int, str, str]:
    """Exit code, standard output and standard error."""
    out, err = process.communicate(timeout=seconds)
    assert "Traceback" not in err, err
    return process.returncode, out, err


def variables(nifi: NiFi) -> dict[str, str | None]:
    group = nifi.find_group(FLOW)
    assert group
    return client.values_of(nifi.get(f"/process-groups/{group.id}/variable-registry"))


def claim_of(nifi: NiFi) -> Claim | None:
    return nifi._read(FLOW)[1]


# -- a restart of NiFi


@pytest.mark.parametrize(
    ("earlier", "drops", "published"), [(1, True, False), (1, False, False), (1, False, True), (0, False, True), (0, True, False)]
)
def test_a_restart_is_reported_neither_as_a_success_nor_as_a_failure_of_the_flow(
    home: Path, quick: Template, broker: str, topic: str, earlier: int, drops: bool, published: bool
) -> None:
    double = Double(home / "data", *(["--restart-drops-queues"] if drops else []))
    try:
        nifi = NiFi(double.url)
        settings = {"kafka.bootstrap.servers": broker, "kafka.topic": topic, "csv.folder": "/opt/nifi/data"}
        with nifi.claimed(FLOW, "test", 5):
            group = nifi.deploy(quick).id
            for _ in range(earlier):  # the counter stands at 21 before the run
                nifi.wait(nifi.run_once(group, 21, settings), 20)
            run = nifi.run_once(group, 21, settings if published else {**settings, "kafka.bootstrap.servers": nobody()})
            if published:
                double.until(lambda: nifi._sent_in(run) == 21)
            double.restart()
            with pytest.raises(RunLost, match="NiFi restarted during the run") as lost:
                nifi.wait(run, 30)
            assert lost.value.code == 69
            nifi.wait(nifi.run_once(group, 21, settings), 20)
        assert len(messages(broker, topic)) == 21 * (earlier + published + 1)
    finally:
        double.close()


@pytest.mark.parametrize("seed", range(3))
def test_after_a_restart_at_any_moment_the_outcome_is_correct_and_the_retry_publishes(
    command: Callable[..., subprocess.Popen[str]], double: Double, broker: str, topic: str, seed: int
) -> None:
    assert ended(command(topic + "-before"))[0] == 0
    process = command(topic)
    double.until(lambda: len(double.calls("PUT /nifi-api/process-groups")) > 3)
    time.sleep(random.Random(seed).uniform(0, 2.5))
    double.restart()
    code, _, err = ended(process)
    assert code in (0, 69), err
    first = len(messages(broker, topic))
    if code == 0:
        assert first == 21
        return
    assert "NiFi restarted during the run" in err or "NiFi does not answer" in err
    assert ended(command(topic))[:1] == (0,)
    assert len(messages(broker, topic)) in (first + 21, first + 42)  # what was queued may go out when NiFi is back


def test_a_flow_that_is_started_or_stopped_by_someone_else_is_reported(nifi: NiFi, quick: Template) -> None:
    with nifi.claimed(FLOW, "test", 5):
        settings = {"kafka.bootstrap.servers": nobody()}
        run = nifi.run_once(nifi.deploy(quick).id, 21, settings)
        nifi.stop(run.group)  # as in the UI
        with pytest.raises(RunLost, match="started or stopped by someone else"):
            nifi.wait(run, 20)


# -- proof that all rows are on the topic


@pytest.mark.parametrize("times", [2, 3])
def test_a_run_fails_if_nifis_file_has_a_multiple_of_the_rows(
    command: Callable[..., subprocess.Popen[str]], home: Path, tmp_path: Path, topic: str, times: int
) -> None:
    ours = tmp_path / "ours.csv"
    text = (home / CSV).read_text()
    ours.write_text(text)
    header, rows = text.split("\n", 1)
    (home / CSV).write_text(header + "\n" + (rows.rstrip("\n") + "\n") * times)
    code, _, err = ended(command(topic, "--csv", str(ours)))
    assert code == 65
    assert f"NiFi published {21 * times} messages, but the file has 21 rows" in err


@pytest.mark.parametrize("rest", ["", "header"])
def test_a_nifi_file_without_rows_is_reported_at_once(
    command: Callable[..., subprocess.Popen[str]], home: Path, tmp_path: Path, broker: str, topic: str, rest: str
) -> None:
    ours = tmp_path / "ours.csv"
    ours.write_text((home / CSV).read_text())
    (home / CSV).write_text(ours.read_text().split("\n", 1)[0] + "\n" if rest else "")
    begun = time.monotonic()
    code, _, err = ended(command(topic, "--csv", str(ours)))
    assert code == 65
    assert "no rows: the file with this name that NiFi has read is empty or has only a header" in err
    assert time.monotonic() - begun < 60
    assert messages(broker, topic) == []


# -- two runs at once


def test_two_runs_at_once_publish_one_after_the_other(command: Callable[..., subprocess.Popen[str]], broker: str, topic: str) -> None:
    topics = [f"{topic}-{number}" for number in range(3)]
    outcomes = [ended(process) for process in [command(name) for name in topics]]
    assert [code for code, _, _ in outcomes] == [0, 0, 0], outcomes
    assert [len(messages(broker, name)) for name in topics] == [21, 21, 21]
    waited = [err for _, _, err in outcomes if f"the flow {FLOW} is in use by nifi.py run on {socket.gethostname()}, process " in err]
    assert len(waited) == 2


def test_a_flow_that_stays_in_use_exits_69_after_wait_and_names_the_run(
    nifi: NiFi, command: Callable[..., subprocess.Popen[str]], topic: str
) -> None:
    with nifi.claimed(FLOW, "the other run", 5):
        process = command(topic, "--wait", "4")
        while process.poll() is None:
            nifi.renew()
            time.sleep(0.3)
        code, _, err = ended(process)
    assert code == 69
    assert err.startswith(f"the flow {FLOW} is in use by the other run (last seen ")
    assert err.rstrip().endswith("after 4 s")
    assert "is still in use by the other run" in err


def test_a_run_that_waits_for_another_waits_through_a_restart_of_nifi(double: Double, nifi: NiFi) -> None:
    first = NiFi(double.url)
    first.claim(FLOW, "the other run", 5)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(nifi.claim, FLOW, "test", 60)
        time.sleep(0.6)
        double.restart()
        first.wait_until_up(30)
        assert not waiting.done()
        first.release()
        waiting.result()
    assert nifi.holds_claim


def test_a_claim_is_held_by_one_run_at_a_time(double: Double) -> None:
    inside: list[int] = []

    def hold(number: int) -> int:
        with NiFi(double.url) as nifi, nifi.claimed(FLOW, f"run {number}", 60):
            inside.append(number)
            others = len(inside)
            time.sleep(0.05)
            inside.remove(number)
        return others

    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(hold, range(18))) == [1] * 18


def test_claims_of_two_flows_do_not_wait_for_each_other(double: Double) -> None:
    with NiFi(double.url).claimed("one", "a", 0), NiFi(double.url).claimed("two", "b", 1):
        pass


def test_a_retry_of_the_same_run_takes_the_flow_from_its_predecessor_at_once(double: Double) -> None:
    first, retry = NiFi(double.url), NiFi(double.url)
    first.claim(FLOW, "run 1", 0)
    retry.claim(FLOW, "run 1", 0)
    with pytest.raises(NiFiBusy, match="was taken over by run 1"):
        first.renew()
    first.release()
    assert claim_of(retry) is not None
    retry.release()
    assert claim_of(retry) is None


@pytest.mark.parametrize(
    "text", ["", "somebody", "[]", "{}", '{"holder": "x"}', '{"holder": "x", "seen": "now"}', '{"seen": 1, "more": 2}']
)
def test_an_invalid_claim_does_not_block(text: str) -> None:
    assert Claim.parse(text) is None


@pytest.mark.parametrize("seed", range(3))
def test_a_killed_run_blocks_only_for_its_lease_and_its_variables_are_restored(
    command: Callable[..., subprocess.Popen[str]], double: Double, nifi: NiFi, broker: str, topic: str, seed: int
) -> None:
    process = command(topic + "-killed")
    double.until(lambda: claim_of(nifi) is not None)
    time.sleep(random.Random(seed).uniform(0, 2.5))
    process.kill()
    process.communicate()
    code, _, err = ended(command(topic))
    assert code == 0, err
    assert len(messages(broker, topic)) == 21
    assert len(messages(broker, topic + "-killed")) in (0, 21)
    assert variables(nifi)["kafka.topic"] == "netflix"
    assert claim_of(nifi) is None


def test_a_frozen_run_loses_the_flow_and_does_not_disturb_the_run_that_holds_it(
    command: Callable[..., subprocess.Popen[str]], double: Double, nifi: NiFi, quick: Template, topic: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nifi_claim, "LEASE", 3.0)
    frozen = command(topic + "-frozen", "--set", f"kafka.bootstrap.servers={nobody()}")
    double.until(lambda: len(double.calls("PUT /nifi-api/processors")) >= 2)
    frozen.send_signal(signal.SIGSTOP)
    with nifi.claimed(FLOW, "the other run", 30):
        changes = len(double.calls("P")) + len(double.calls("DELETE"))
        frozen.send_signal(signal.SIGCONT)
        code, _, err = ended(frozen)
        assert len(double.calls("P")) + len(double.calls("DELETE")) == changes
        assert code == 69
        assert "was taken over by the other run" in err
        claim = claim_of(nifi)
        assert claim
        assert claim.holder == "the other run"


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_run_that_is_stopped_by_a_signal_stops_and_releases_the_flow(
    command: Callable[..., subprocess.Popen[str]],
    double: Double,
    nifi: NiFi,
    quick: Template,
    topic: str,
    number: signal.Signals,
    code: int,
) -> None:
    process = command(topic, "--set", f"kafka.bootstrap.servers={nobody()}")
    double.until(lambda: len(double.calls("PUT /nifi-api/processors")) >= 2)
    process.send_signal(number)
    assert ended(process)[0] == code
    group = nifi.find_group(FLOW)
    assert group
    assert {p.state for p in nifi.processors(group.id)} == {"STOPPED"}
    assert claim_of(nifi) is None
    assert variables(nifi)["kafka.bootstrap.servers"] == "kafka:9092"


def test_set_changes_a_variable_for_one_run_only(
    command: Callable[..., subprocess.Popen[str]], nifi: NiFi, template: Template, broker: str, topic: str
) -> None:
    assert ended(command(topic))[0] == 0
    assert variables(nifi) == dict(template.variables)
    group = nifi.find_group(FLOW)
    assert group
    nifi.set_variables(group.id, {"kafka.topic": topic + "-mine"})  # as in the UI: this one stays
    assert ended(command(topic))[0] == 0
    assert variables(nifi) == {**template.variables, "kafka.topic": topic + "-mine"}
    assert len(messages(broker, topic)) == 42


# -- templates that NiFi rejects


BROKEN = {
    "an element is missing": ("<backPressureObjectThreshold>10000</backPressureObjectThreshold>", ""),
    "a type that NiFi does not have": ("org.apache.nifi.csv.CSVReader", "org.apache.nifi.csv.CSVReaderX"),
    "an invalid processor": ("<key>acks</key>", "<key>ackz</key>"),
    "an id that is not a UUID": ("<parentGroupId>", "<parentGroupId>x"),
}


@pytest.mark.parametrize("broken", BROKEN)
def test_a_rejected_template_changes_neither_the_flow_nor_its_template(nifi: NiFi, template: Template, broken: str) -> None:
    with nifi.claimed(FLOW, "test", 5):
        group = nifi.deploy(template)
        before = nifi.get("/flow/templates")["templates"]
        with pytest.raises(NiFiError, match="the deployed flow is unchanged") as rejected:
            nifi.deploy(edit(template, *BROKEN[broken]))
        assert rejected.value.code == 65
        assert nifi.groups() == [group]
        assert nifi.get("/flow/templates")["templates"] == before


@pytest.mark.parametrize("broken", BROKEN)
def test_nothing_is_left_of_a_first_template_that_nifi_rejects(nifi: NiFi, template: Template, broken: str) -> None:
    with nifi.claimed(FLOW, "test", 5):
        with pytest.raises(NiFiError, match="NiFi rejected"):
            nifi.deploy(edit(template, *BROKEN[broken]))
        assert nifi.groups() == []
        assert nifi.get("/flow/templates")["templates"] == []


def test_the_flow_still_runs_after_a_rejected_template(
    command: Callable[..., subprocess.Popen[str]], nifi: NiFi, template: Template, home: Path, broker: str, topic: str
) -> None:
    good = template.path.read_text()
    assert ended(command(topic))[0] == 0
    edit(template, *BROKEN["an element is missing"])
    assert ended(command(topic))[0] == 65
    template.path.write_text(good)
    assert ended(command(topic))[0] == 0
    assert len(messages(broker, topic)) == 42


def test_the_next_deploy_removes_what_a_killed_deploy_has_left(nifi: NiFi, template: Template) -> None:
    class Killed(BaseException):
        pass

    def killed(_: str) -> None:
        raise Killed

    with nifi.claimed(FLOW, "test", 5):
        enable, nifi.enable = nifi.enable, lambda group: (enable(group), killed(group))[1]  # type: ignore[method-assign]
        with pytest.raises(Killed):
            nifi.deploy(template)
        assert [group.name for group in nifi.groups()] == [f"{FLOW}.trial"]
        nifi.enable = enable  # type: ignore[method-assign]
        nifi.deploy(template)
        assert [group.name for group in nifi.groups()] == [FLOW]
        assert [t["template"]["name"] for t in nifi.get("/flow/templates")["templates"]] == [FLOW]


def test_a_flow_is_neither_deployed_nor_run_without_a_claim(nifi: NiFi, template: Template) -> None:
    with pytest.raises(NiFiError, match="not claimed"):
        nifi.deploy(template)
    assert nifi.groups() == []


# -- other servers


class Server:
    """An HTTP server that responds with the result of a function and records the calls."""

    def __init__(self, answer: Callable[[BaseHTTPRequestHandler, bytes], tuple[int, str, bytes]]) -> None:
        self.calls: list[str] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.calls.append(f"{self.command} {self.path}")
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                status, kind, content = answer(self, body)
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: object) -> None:
                pass

            do_POST = do_PUT = do_DELETE = do_GET

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.mark.parametrize(
    ("status", "kind", "content"),
    [
        (200, "text/html", b"<html><body>It works!</body></html>"),
        (200, "application/json", b"[]"),
        (200, "application/json", b"{}"),
        (200, "application/json", b'{"about": "us"}'),
        (404, "text/html", b"<html>not here</html>"),
    ],
)
def test_another_server_at_the_address_is_reported_at_once(
    command: Callable[..., subprocess.Popen[str]], topic: str, status: int, kind: str, content: bytes
) -> None:
    server = Server(lambda *_: (status, kind, content))
    try:
        begun = time.monotonic()
        code, _, err = ended(command(topic, url=server.url))
        assert code == 64
        assert f"{server.url} is not the address of a NiFi (NIFI_URL)" in err
        assert "<html>" not in err
        assert time.monotonic() - begun < 30
    finally:
        server.close()


def test_a_proxy_in_front_of_a_nifi_that_starts_is_waited_for(command: Callable[..., subprocess.Popen[str]], topic: str) -> None:
    server = Server(lambda *_: (503, "text/html", b"<html>Service Unavailable</html>"))
    try:
        code, _, err = ended(command(topic, "--wait", "2", url=server.url))
        assert code == 69
        assert err == f"NiFi does not answer at {server.url}: 503 Service Unavailable\n"
        assert len(server.calls) > 1
    finally:
        server.close()


def test_a_column_that_nifi_would_not_find_is_reported_before_the_run(template: Template, home: Path, tmp_path: Path) -> None:
    file = tmp_path / "other.csv"
    text = (home / CSV).read_text()
    file.write_text(text.replace("EMEA  Members", "EMEA Members", 1))
    with pytest.raises(NiFiError, match='does not find the column "EMEA  Members"') as reported:
        template.rows(file)
    assert reported.value.code == 65
    file.write_text(text.replace("UCAN ARPU,", " UCAN ARPU\t,", 1))  # NiFi strips these
    assert template.rows(file) == 21


def test_a_nifi_without_templates_is_not_changed(
    command: Callable[..., subprocess.Popen[str]], double: Double, nifi: NiFi, template: Template, topic: str
) -> None:
    with nifi.claimed(FLOW, "test", 5):
        group = nifi.deploy(template)
    edit(template, "10 sec", "11 sec")

    def second(handler: BaseHTTPRequestHandler, body: bytes) -> tuple[int, str, bytes]:
        """NiFi 2 as far as it differs: its version, no templates, no variables."""
        if "/templates" in handler.path or "variable-registry" in handler.path:
            return 404, "text/plain", b"HTTP 404 Not Found"
        headers = {"Content-Type": handler.headers["Content-Type"]} if handler.headers.get("Content-Type") else {}
        passed = requests.request(handler.command, double.url + handler.path, data=body, headers=headers, timeout=30)
        return passed.status_code, passed.headers["Content-Type"], passed.content.replace(b'"1.28.1"', b'"2.9.0"')

    server = Server(second)
    try:
        code, _, err = ended(command(topic, url=server.url))
        assert code == 78
        assert f"NiFi 2.9.0 at {server.url} has no templates" in err
        assert [call for call in server.calls if not call.startswith("GET ")] == []
        assert nifi.groups() == [group]
    finally:
        server.close()


# -- the command line


@pytest.mark.parametrize(
    ("environment", "options", "code", "text"),
    [
        ({"NIFI_URL": "foo"}, ["status"], 64, '"foo" is not a valid NiFi address (NIFI_URL): expected for example http://localhost:8080'),
        ({"NIFI_URL": "http://nifi:eighty"}, ["status"], 64, "is not a valid NiFi address"),
        ({"NIFI_URL": "http://"}, ["status"], 64, "is not a valid NiFi address"),
        ({"NIFI_URL": "ftp://nifi:8080"}, ["status"], 64, "is not a valid NiFi address"),
        (
            {"NIFI_CA": "/no/such.pem"},
            ["status"],
            66,
            "/no/such.pem: no certificate to trust (NIFI_CA, or verify in Airflow): No such file",
        ),
        ({"NIFI_CA": "data"}, ["status"], 66, "data: no certificate to trust"),
        ({}, ["run", "--csv", "none.csv"], 66, "none.csv: file not found"),
        ({}, ["run", "--csv", "data"], 66, "data: Is a directory"),
        ({}, ["run", "--set", "kafka.topci=x"], 64, "--set kafka.topci: not a variable of the group; its variables are csv.folder, "),
        ({}, ["deploy", "--template", "none.xml"], 66, "none.xml: template not found"),
        ({}, ["deploy", "--template", "data"], 66, "data: Is a directory"),
        ({}, ["deploy", "--template", CSV], 65, "not XML"),
    ],
)
def test_an_invalid_setting_is_reported_in_one_line_at_once_and_changes_nothing(
    double: Double, home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
    environment: dict[str, str], options: list[str], code: int, text: str,
) -> None:  # fmt: skip
    monkeypatch.chdir(home)
    for name, value in {"NIFI_URL": double.url, **environment}.items():
        monkeypatch.setenv(name, value)
    begun = time.monotonic()
    assert client.main(options) == code
    err = capsys.readouterr().err
    assert text in err
    assert err.count("\n") == 1
    assert time.monotonic() - begun < 5
    assert double.calls("P") == []  # no PUT, no POST


@pytest.mark.parametrize(
    ("options", "text"),
    [
        (["run", "--set", "novalue"], "'novalue': expected NAME=VALUE"),
        (["run", "--set", "=x"], "'=x': expected NAME=VALUE"),
        (["run", "--wait", "soon"], "'soon': expected a number of seconds"),
        (["run", "--wait", "-1"], "expected a number of seconds"),
        (["fly"], "invalid choice"),
    ],
)
def test_a_wrong_option_is_a_usage_error(capsys: pytest.CaptureFixture[str], options: list[str], text: str) -> None:
    with pytest.raises(SystemExit) as exit:
        client.main(options)
    assert exit.value.code == 64
    assert text in capsys.readouterr().err


def test_a_bulletin_is_shown_as_soon_as_there_is_one(command: Callable[..., subprocess.Popen[str]], quick: Template, topic: str) -> None:
    process = command(topic, "--wait", "60", "--set", f"kafka.bootstrap.servers={nobody()}")
    assert process.stderr
    assert "awaiting InitProducerId" in process.stderr.readline()
    assert process.poll() is None


def test_a_long_run_is_logged(nifi: NiFi, template: Template, monkeypatch: pytest.MonkeyPatch) -> None:
    assert (client.FIRST_LINE_AFTER, client.NEXT_LINE_AFTER) == (10, 30)
    monkeypatch.setattr(client, "FIRST_LINE_AFTER", 0.2)
    said: list[str] = []
    with nifi.claimed(FLOW, "test", 5):
        run = nifi.run_once(nifi.deploy(edit(template, "10 sec", "4 sec")).id, 21, {"kafka.bootstrap.servers": nobody()})
        nifi.say = said.append
        with pytest.raises(FlowFailed) as late:
            nifi.wait(run, 2)
    assert late.value.code == 69
    assert len([line for line in said if line.startswith("waiting for the NiFi flow since ")]) == 1


def test_a_long_stop_is_logged(nifi: NiFi, template: Template, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "FIRST_LINE_AFTER", 0.2)
    said: list[str] = []
    with nifi.claimed(FLOW, "test", 5):
        group = nifi.deploy(edit(template, "10 sec", "4 sec")).id
        nifi.run_once(group, 21, {"kafka.bootstrap.servers": nobody()})
        nifi.say = said.append
        nifi.stop(group)
    assert said
    assert re.fullmatch(r"waiting for NiFi since \d s: the threads of the flow do not end", said[0])


def test_a_wait_for_nifi_to_start_is_logged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "FIRST_LINE_AFTER", 0.2)
    said: list[str] = []
    nifi = NiFi(f"http://{nobody()}")
    nifi.say = said.append
    with pytest.raises(NiFiError, match="does not answer"):
        nifi.wait_until_up(2)
    assert len(said) == 1
    assert said[0].startswith("waiting for NiFi since ")


def test_the_claim_can_be_read_in_nifis_user_interface(double: Double, nifi: NiFi) -> None:
    with nifi.claimed(FLOW, "run 1", 5):
        other = NiFi(double.url)
        registry = client.values_of(other.get(f"/process-groups/{other.root()}/variable-registry"))
        value = json.loads(registry[f"{FLOW}.run"] or "")
        assert value["holder"] == "run 1"
        assert abs(value["seen"] - time.time()) < 5
    assert nifi_claim.LEASE >= 6 * nifi_claim.RENEW
