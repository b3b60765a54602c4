"""What the tests share: an Airflow of their own in a temporary folder, a NiFi double, and stand-ins for the programs.

Set by whoever has the real parts; a test that needs one is skipped by name without it:

    NIFI_DOUBLE               a program that behaves like NiFi over REST: double.py --port 0 --data DIR --log FILE
    KAFKA_BOOTSTRAP_SERVERS   a real broker
    DATABASE_URL              a Postgres server in which a database may be made
    NETFLIX_PROGRAMS          the folder of the built netflix, netflix-producer and netflix-consumer
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from nifi import NiFi, Template

# Before the first import of airflow: it reads these once.
AIRFLOW_HOME = Path(tempfile.mkdtemp(prefix="airflow-tests-"))
REPOSITORY = Path(__file__).resolve().parents[2]
DAGS = REPOSITORY / "airflow" / "dags"
os.environ.update(
    AIRFLOW_HOME=str(AIRFLOW_HOME),
    AIRFLOW__CORE__DAGS_FOLDER=str(DAGS),
    AIRFLOW__CORE__LOAD_EXAMPLES="False",
    AIRFLOW__CORE__UNIT_TEST_MODE="False",
    AIRFLOW__DATABASE__SQL_ALCHEMY_CONN=f"sqlite:///{AIRFLOW_HOME}/airflow.db",
    AIRFLOW__LOGGING__LOGGING_LEVEL="INFO",
    NETFLIX_HOME=str(AIRFLOW_HOME / "home"),
    NO_COLOR="1",
)


def pytest_configure() -> None:
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # as Ctrl-C: what was started is stopped


def pytest_unconfigure() -> None:
    shutil.rmtree(AIRFLOW_HOME, ignore_errors=True)


def needed(name: str) -> str:
    value = os.environ.get(name)
    if not value:
        pytest.skip(f"needs {name}")
    return value


@pytest.fixture(scope="session")
def broker() -> str:
    return needed("KAFKA_BOOTSTRAP_SERVERS")


@pytest.fixture(scope="session")
def airflow_database() -> None:
    """A migrated metadata database, once for all runs."""
    subprocess.run([sys.executable, "-m", "airflow", "db", "migrate"], check=True, capture_output=True)


@pytest.fixture
def topic() -> str:
    return f"netflix-{uuid.uuid4().hex[:12]}"


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder that the DAG works in."""
    folder = Path(os.environ["NETFLIX_HOME"])
    furnish(folder)
    monkeypatch.setenv("NETFLIX_DATASET", str(folder / "data" / "datapackage.json"))
    yield folder
    shutil.rmtree(folder)


def furnish(folder: Path) -> None:
    """Makes a folder for the DAG, as the image has it: data/, nifi/, outputs/."""
    shutil.copytree(REPOSITORY / "data", folder / "data", ignore=shutil.ignore_patterns("*.db"))
    (folder / "nifi").mkdir()
    shutil.copy(REPOSITORY / "nifi" / "flow_template.xml", folder / "nifi")
    (folder / "outputs").mkdir()
    (folder / "data").chmod(0o777)  # GetFile wants its folder writable by NiFi's user
    for parent in (folder.parent, folder):
        parent.chmod(0o755)


class Double:
    """A running double of NiFi and what it wrote to its log."""

    def __init__(self, data: Path, *options: str, uid: int = 1000) -> None:
        self.log = data.parent / f"nifi-{uuid.uuid4().hex[:6]}.log"
        command = [sys.executable, needed("NIFI_DOUBLE"), "--port", "0", "--data", str(data), "--uid", str(uid), "--log", str(self.log)]
        self.process = subprocess.Popen([*command, "--restart-seconds", "1", *options], stdout=subprocess.PIPE, text=True)
        assert self.process.stdout
        self.url = self.process.stdout.readline().split()[-1].removesuffix("/nifi-api")

    @property
    def connection(self) -> str:
        """Airflow's connection `nifi` to it."""
        host, _, port = self.url.removeprefix("http://").partition(":")
        return json.dumps({"conn_type": "http", "host": host, "port": int(port), "schema": "http"})

    def restart(self) -> None:
        """Restarts it as a NiFi is restarted, and returns as soon as it is down."""
        downs = self.log.read_text().count(" down\n")
        self.process.send_signal(signal.SIGHUP)
        self.until(lambda: self.log.read_text().count(" down\n") > downs)

    def calls(self, start: str) -> list[str]:
        """The calls so far that start so: "DELETE /nifi-api/templates"."""
        lines = [line.partition(" ")[2] for line in self.log.read_text().splitlines()]
        return [line for line in lines if line.startswith(start)]

    def until(self, done: Callable[[], bool], seconds: float = 30) -> None:
        deadline = time.monotonic() + seconds
        while not done():
            assert time.monotonic() < deadline, self.log.read_text()[-3000:]
            time.sleep(0.02)

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        assert self.process.stdout
        self.process.stdout.close()


@pytest.fixture
def double(home: Path) -> Iterator[Double]:
    running = Double(home / "data")
    yield running
    running.close()


@pytest.fixture
def template(home: Path) -> Template:
    return Template.read(home / "nifi" / "flow_template.xml")


@pytest.fixture
def nifi(double: Double) -> NiFi:
    return NiFi(double.url)


@pytest.fixture(scope="session")
def stack(broker: str) -> Iterator[Any]:
    """Airflow's real servers, once for all tests of them: half a minute to start."""
    from stack import Stack  # which needs this module

    folder = Path(tempfile.mkdtemp(prefix="airflow-servers-"))
    made = Stack(folder, broker, needed("DATABASE_URL"), needed("NETFLIX_PROGRAMS"))
    try:
        made.start()
        yield made
    finally:
        made.stop()


def edit(template: Template, old: str, new: str) -> Template:
    """The template with something else in it, under another hash."""
    text = template.path.read_text()
    assert old in text
    template.path.write_text(text.replace(old, new).replace(template.hash, "f" * len(template.hash)))
    return Template.read(template.path)


def nobody() -> str:
    """An address where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return f"127.0.0.1:{server.getsockname()[1]}"


def messages(broker: str, topic: str) -> list[tuple[int, str, str]]:
    """What a topic holds: partition, key, value."""
    command = ["kcat", "-C", "-b", broker, "-t", topic, "-e", "-q", "-f", "%p\t%k\t%s\n"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if "Unknown topic" in done.stderr:  # nobody has sent anything yet
        return []
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    return [(int(p), k, v) for p, k, v in (line.split("\t", 2) for line in lines)]


@dataclass
class Outcome:
    """How a run of the DAG ended."""

    state: str
    states: dict[str, str]
    tries: dict[str, int]
    log: str
    xcoms: dict[str, Any]

    @property
    def succeeded(self) -> set[str]:
        return {task for task, state in self.states.items() if state == "success"}

    @property
    def skipped(self) -> set[str]:
        return {task for task, state in self.states.items() if state == "skipped"}

    @property
    def failed(self) -> set[str]:
        return {task for task, state in self.states.items() if state == "failed"}

    def xcom(self, task: str) -> Any:
        return self.xcoms.get(task)


def execute(capfd: pytest.CaptureFixture[str], **params: Any) -> Outcome:
    """One run of the DAG in this process. A fresh DagBag each time: the parameters of a run stay in its DAG object."""
    from airflow.dag_processing.dagbag import DagBag

    dag = DagBag(dag_folder=str(DAGS)).dags["netflix_etl_dag"]
    for task in dag.tasks:
        task.retry_delay = timedelta(0)
    capfd.readouterr()
    run = dag.test(run_conf=params)
    captured = capfd.readouterr()
    tasks = run.get_task_instances()
    return Outcome(
        state=str(run.state),
        states={t.task_id: str(t.state) for t in tasks},
        tries={t.task_id: t.try_number for t in tasks},
        log=captured.out + captured.err,
        xcoms={t.task_id: t.xcom_pull(task_ids=t.task_id) for t in tasks},
    )
