"""Calls of NiFi's REST API: address, login, and errors told apart by whether another try may help."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Self

import requests

Json = dict[str, Any]


class NiFiError(Exception):
    """NiFi answered, and not as it should. The text is NiFi's own wherever it gave one."""


class NiFiUnreachable(NiFiError):
    """Nobody answers at NiFi's address (yet): another try may help."""


class NiFiRefused(NiFiError):
    """The login is wrong or lacks a right: another try does not help."""


class FlowFailed(NiFiError):
    """The flow ran and failed; the text says why, in NiFi's words."""

    @property
    def is_brokers(self) -> bool:
        """Whether Kafka was the reason, not the file: then another run may succeed."""
        return "org.apache.kafka." in str(self)


class Rest:
    """Calls of NiFi's REST API, with a login where it wants one; its errors are NiFi's own words."""

    def __init__(
        self,
        url: str,
        user: str | None = None,
        password: str | None = None,
        verify: bool | str = True,
        seconds: float = 30,
    ) -> None:
        """`url` may end in /nifi, /nifi-api or neither; `verify` as in requests: a file with the certificate to trust, or False."""
        self.url = re.sub(r"/nifi(-api)?/?$", "", url.rstrip("/"))
        self.api = self.url + "/nifi-api"
        self._user, self._password, self._seconds = user, password, seconds
        self._session = requests.Session()
        self._session.trust_env = False  # a proxy of the machine's knows nothing of the stack's network
        self._session.verify = verify

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._session.close()

    # -- calls

    def call(self, method: str, path: str, *, expect: Iterable[int] = (200,), **options: Any) -> requests.Response:
        """One call; anything but an expected status is an error that carries NiFi's own text."""
        if self._user and "Authorization" not in self._session.headers:
            self.log_in()
        response = self._send(method, path, **options)
        if response.status_code == 401 and self._user:  # a token lasts hours, a waiting task may outlast it
            self.log_in()
            response = self._send(method, path, **options)
        if response.status_code in (401, 403):
            raise NiFiRefused(f"NiFi at {self.url} refuses {method} {path}: {text_of(response)}")
        if response.status_code not in tuple(expect):
            raise NiFiError(f"NiFi answers {method} {path} with {response.status_code}: {text_of(response)}")
        return response

    def get(self, path: str, **options: Any) -> Json:
        return self.call("GET", path, **options).json()

    def log_in(self) -> None:
        """Trades user and password for a token; NiFi offers that over HTTPS only."""
        self._session.headers.pop("Authorization", None)
        response = self._send("POST", "/access/token", data={"username": self._user, "password": self._password})
        if response.status_code != 201:
            raise NiFiRefused(f"NiFi at {self.url} refuses the login of {self._user}: {text_of(response)}")
        self._session.headers["Authorization"] = "Bearer " + response.text.strip()

    def _send(self, method: str, path: str, **options: Any) -> requests.Response:
        try:
            return self._session.request(method, self.api + path, timeout=self._seconds, **options)
        except requests.exceptions.SSLError as error:
            raise NiFiRefused(f"the certificate of NiFi at {self.url} is not trusted: {error}") from None
        except requests.exceptions.RequestException as error:
            raise NiFiUnreachable(f"NiFi does not answer at {self.url}: {error}") from None


def text_of(response: requests.Response) -> str:
    """What NiFi says in an answer, on one line."""
    return " ".join(response.text.split())[:500] or response.reason
