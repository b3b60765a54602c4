"""A private database for a test, in the server of DATABASE_URL."""

from __future__ import annotations

import uuid
from typing import Any

import psycopg2
from psycopg2.extensions import make_dsn, parse_dsn


class Database:
    """Created by the initializer, dropped by `drop`."""

    def __init__(self, server: str) -> None:
        self._server = server
        self.name = f"dag_{uuid.uuid4().hex[:12]}"
        self._on_server(f'CREATE DATABASE "{self.name}"')
        self.dsn = make_dsn(**{**parse_dsn(server), "dbname": self.name})
        parts = parse_dsn(self.dsn)
        self._user, self._location = parts["user"], f"{parts['host']}:{parts.get('port', 5432)}/{self.name}"
        self.url = self.url_with_password(parts.get("password"))

    def url_with_password(self, password: str | None) -> str:
        return f"postgresql://{self._user}{f':{password}' if password else ''}@{self._location}"

    def _on_server(self, statement: str) -> None:
        connection = psycopg2.connect(self._server)
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(statement)
        connection.close()

    def query(self, statement: str) -> list[tuple[Any, ...]]:
        with psycopg2.connect(self.dsn) as connection, connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall() if cursor.description else []

    def rows(self) -> int:
        return self.query("SELECT count(*) FROM netflix_raw")[0][0]

    def drop(self) -> None:
        self._on_server(f'DROP DATABASE "{self.name}" WITH (FORCE)')
