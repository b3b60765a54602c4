"""The Airflow servers that docker-compose.yml starts (init, api-server, scheduler, dag-processor), as local processes."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import requests

REPOSITORY = Path(__file__).resolve().parents[2]
SERVERS = (["api-server"], ["scheduler", "--skip-serve-logs"], ["dag-processor"])


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


class Servers:
    """A running Airflow with a metadata database in Postgres. Its user is admin / admin."""

    def __init__(self, folder: Path, metadata: str, environment: dict[str, str]) -> None:
        """`folder` holds the logs, `metadata` is the URL of an empty database, `environment` is added to the environment of the DAG."""
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        self._folder = folder
        self._environment = {
            **os.environ,
            "AIRFLOW_HOME": str(folder),
            "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
            "AIRFLOW__CORE__PARALLELISM": "2",
            "AIRFLOW__CORE__AUTH_MANAGER": "airflow.providers.fab.auth_manager.fab_auth_manager.FabAuthManager",
            "AIRFLOW__CORE__FERNET_KEY": "ZGV2ZWxvcG1lbnQtb25seS1kZXZlbG9wbWVudC1vbmw=",
            "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{self.url}/execution/",
            "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": metadata.replace("postgresql://", "postgresql+psycopg2://"),
            "AIRFLOW__API__HOST": "127.0.0.1",
            "AIRFLOW__API__PORT": str(port),
            "AIRFLOW__API__WORKERS": "1",
            "AIRFLOW__API__SECRET_KEY": "test-only-key",
            "AIRFLOW__API_AUTH__JWT_SECRET": "test-only-" * 8,
            "AIRFLOW_ADMIN_USER": "admin",
            "AIRFLOW_ADMIN_PASSWORD": "admin",
            **environment,
        }
        self._environment["PATH"] = f"{Path(sys.executable).parent}:{self._environment['PATH']}"
        self._processes: list[subprocess.Popen[bytes]] = []

    def start(self) -> None:
        init = subprocess.run(
            [REPOSITORY / "airflow" / "init-airflow.sh"], env=self._environment, capture_output=True, text=True, check=False
        )
        assert init.returncode == 0, init.stdout + init.stderr
        for server in SERVERS:
            with (self._folder / f"{server[0]}.log").open("wb") as log:
                command = [sys.executable, "-m", "airflow", *server]
                self._processes.append(
                    subprocess.Popen(command, env=self._environment, stdout=log, stderr=subprocess.STDOUT, start_new_session=True)
                )
        deadline = time.monotonic() + 240
        while not self._is_up():
            assert all(process.poll() is None for process in self._processes), self.logs()
            assert time.monotonic() < deadline, self.logs()
            time.sleep(0.5)

    def _is_up(self) -> bool:
        """Whether all three servers are healthy and the DAG has been parsed."""
        try:
            health = requests.get(f"{self.url}/api/v2/monitor/health", timeout=10).json()
            healthy = all(health[part]["status"] == "healthy" for part in ("metadatabase", "scheduler", "dag_processor"))
            return healthy and self.session().get(f"{self.url}/api/v2/dags/netflix_etl_dag", timeout=10).ok
        except requests.RequestException:
            return False

    def session(self) -> requests.Session:
        """A session with the token of the admin."""
        return session(self.url)

    def logs(self) -> str:
        return "\n".join(f"{log.name}:\n{log.read_text()[-4000:]}" for log in sorted(self._folder.glob("*.log")))

    def stop(self) -> None:
        for process in self._processes:
            signal_group(process, signal.SIGTERM)
        for process in self._processes:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(20)
            signal_group(process, signal.SIGKILL)  # and its remaining children
            process.wait()


def session(url: str, user: str = "admin", password: str = "admin") -> requests.Session:
    """A session for the Airflow REST API with the token of a user."""
    answer = requests.post(f"{url}/auth/token", json={"username": user, "password": password}, timeout=30)
    answer.raise_for_status()
    made = requests.Session()
    made.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
    return made


def signal_group(process: subprocess.Popen[Any], number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, number)
