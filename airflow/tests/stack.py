"""The real Airflow servers with everything the DAG needs: a directory, a NiFi double, two databases."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from conftest import Double, furnish
from database import Database
from servers import Servers

#: The password of the database in the environment of the DAG.
SECRET = "hunter2"


class Stack:
    """Started by `start`. `stop` removes everything."""

    def __init__(self, folder: Path, broker: str, server: str, programs: str) -> None:
        self.folder, self.home = folder, folder / "home"
        furnish(self.home)
        (folder / "airflow").mkdir()
        self.nifi = Double(self.home / "data")
        self.metadata, self.database = Database(server), Database(server)
        self._killer = folder / "bin" / "netflix-consumer"
        self._killer.parent.mkdir()
        self._programs = Path(programs)
        environment = {
            "PATH": f"{self._killer.parent}:{programs}:{os.environ['PATH']}",
            "NETFLIX_HOME": str(self.home),
            "NETFLIX_DATASET": "data/datapackage.json",
            "KAFKA_BOOTSTRAP_SERVERS": broker,
            "DATABASE_URL": self.database.url_with_password(SECRET),
            "AIRFLOW_CONN_NIFI": self.nifi.connection,
        }
        self.airflow = Servers(folder / "airflow", self.metadata.url, environment)

    def start(self) -> None:
        self.airflow.start()

    def kill_the_next_worker(self) -> None:
        """The next `netflix-consumer` kills the process of its task, like the kernel when memory is short, and continues."""
        self._killer.write_text(
            f"""#!/usr/bin/env bash
rm "$0"
worker=$(ps -o ppid= -p $PPID)
kill -KILL $worker && echo "killed $worker" >"{self.folder}/killed"
exec "{self._programs}/netflix-consumer" "$@"
"""
        )
        self._killer.chmod(0o755)

    def leaks(self) -> list[str]:
        """Airflow log files that contain the password of the database."""
        return [str(log) for log in (self.folder / "airflow").rglob("*.log") if SECRET in log.read_text()]

    def stop(self) -> None:
        self.airflow.stop()
        self.nifi.close()
        self.metadata.drop()
        self.database.drop()
        shutil.rmtree(self.folder, ignore_errors=True)
