"""Calls of the NiFi REST API: address, login, and errors with exit codes."""

from __future__ import annotations

import re
import ssl
import time
from collections.abc import Iterable
from email.utils import parsedate_to_datetime
from http.cookiejar import DefaultCookiePolicy
from typing import Any, Self
from urllib.parse import urlsplit

import requests

Json = dict[str, Any]


class NiFiError(Exception):
    """An error, with the text that NiFi reports if there is one. `code` is the exit code; a retry can help with 69 and 70."""

    code = 70

    def __init__(self, text: str, code: int | None = None) -> None:
        super().__init__(text)
        if code is not None:
            self.code = code


class NiFiUnreachable(NiFiError):
    """NiFi does not respond (yet)."""

    code = 69


class NiFiRefused(NiFiError):
    """The login is wrong or has no permission."""

    code = 77


class FlowFailed(NiFiError):
    """The flow ran and failed. The text is the error that NiFi reports."""

    def __init__(self, text: str, code: int | None = None) -> None:
        super().__init__(text, code)
        if code is None:
            self.code = 69 if self.is_brokers else 65

    @property
    def is_brokers(self) -> bool:
        """Whether Kafka caused the failure, not the file. Another run can then succeed."""
        return "org.apache.kafka." in str(self)


class Rest:
    """Calls of the NiFi REST API, with a login if it requires one."""

    def __init__(
        self,
        url: str,
        user: str | None = None,
        password: str | None = None,
        verify: bool | str = True,
        seconds: float = 30,
    ) -> None:
        """`url` may end in /nifi or /nifi-api. `verify` is as in requests: a file with the trusted certificate, or False."""
        self.url = re.sub(r"/nifi(-api)?/?$", "", url.rstrip("/"))
        self.api = self.url + "/nifi-api"
        check_address(url)
        if isinstance(verify, str):
            try:
                ssl.create_default_context(cafile=verify)
            except OSError as error:
                raise NiFiError(
                    f"{verify}: no certificate to trust (NIFI_CA, or verify in Airflow): {error.strerror or error}", 66
                ) from None
        self._user, self._password, self._seconds = user, password, seconds
        self._ahead = 0.0
        self._session = requests.Session()
        self._session.trust_env = False  # a proxy of this machine cannot reach the network of the stack
        self._session.verify = verify
        # With the bearer cookie NiFi requires a Request-Token header for each change, with the bearer header alone it does not.
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._session.close()

    def now(self) -> float:
        """The time by the clock of NiFi, which all its clients share."""
        return time.time() + self._ahead

    # -- calls

    def call(self, method: str, path: str, *, expect: Iterable[int] = (200,), **options: Any) -> requests.Response:
        """One call. Any status that is not expected is raised as an error with the text of the response."""
        if self._user and "Authorization" not in self._session.headers:
            self.log_in()
        response = self._send(method, path, **options)
        if response.status_code == 401 and self._user:  # a token is valid for hours, a task can wait longer
            self.log_in()
            response = self._send(method, path, **options)
        if response.status_code in (401, 403):
            raise NiFiRefused(f"NiFi at {self.url} rejected {method} {path}: {text_of(response)}")
        if response.status_code in (502, 503, 504):  # a proxy in front of an unavailable NiFi
            raise NiFiUnreachable(f"NiFi does not answer at {self.url}: {response.status_code} {text_of(response)}")
        if response.status_code not in tuple(expect):
            raise NiFiError(f"NiFi responds to {method} {path} with {response.status_code}: {text_of(response)}")
        return response

    def json(self, method: str, path: str, **options: Any) -> Json:
        """One call whose response is a JSON object."""
        response = self.call(method, path, **options)
        try:
            answer = response.json()
        except ValueError:
            answer = None
        if not isinstance(answer, dict):
            raise NiFiError(f"{self.url} responds to {method} {path} with something other than NiFi's JSON: {text_of(response)[:100]}")
        return answer

    def get(self, path: str, **options: Any) -> Json:
        return self.json("GET", path, **options)

    def version(self) -> str:
        """The version of NiFi. Another server at this address is reported as a wrong address."""
        try:
            version = self.get("/flow/about").get("about", {}).get("version")
        except (NiFiUnreachable, NiFiRefused):
            raise
        except (NiFiError, AttributeError) as error:
            raise NiFiError(f"{self.url} is not the address of a NiFi (NIFI_URL): {error}", 64) from None
        if not isinstance(version, str):
            raise NiFiError(f"{self.url} is not the address of a NiFi (NIFI_URL): it reports no version", 64)
        return version

    def log_in(self) -> None:
        """Requests a token with the user and password. NiFi supports this over HTTPS only."""
        self._session.headers.pop("Authorization", None)
        response = self._send("POST", "/access/token", data={"username": self._user, "password": self._password})
        if response.status_code != 201:
            raise NiFiRefused(f"NiFi at {self.url} rejected the login of {self._user}: {text_of(response)}")
        self._session.headers["Authorization"] = "Bearer " + response.text.strip()

    def _send(self, method: str, path: str, **options: Any) -> requests.Response:
        try:
            response = self._session.request(method, self.api + path, timeout=self._seconds, **options)
        except requests.exceptions.SSLError as error:
            if "CERTIFICATE_VERIFY_FAILED" in str(error):
                raise NiFiRefused(f"the certificate of NiFi at {self.url} is not trusted: {error}") from None
            if "WRONG_VERSION_NUMBER" in str(error) or "record layer" in str(error):
                raise NiFiError(f"{self.url} does not use TLS: is it http, not https? {error}", 64) from None
            raise NiFiUnreachable(f"NiFi does not answer at {self.url}: {error}") from None  # connection closed during the handshake
        except requests.exceptions.RequestException as error:
            raise NiFiUnreachable(f"NiFi does not answer at {self.url}: {error}") from None
        if date := response.headers.get("Date"):
            try:
                self._ahead = parsedate_to_datetime(date).timestamp() - time.time()
            except ValueError:
                self._ahead = 0.0
        return response


def check_address(url: str) -> None:
    """Rejects an invalid address, for which a retry cannot help."""
    try:
        parts = urlsplit(url)
        valid = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        valid = False
    if not valid:
        raise NiFiError(f'"{url}" is not a valid NiFi address (NIFI_URL): expected for example http://localhost:8080', 64)


def counted(number: int, noun: str) -> str:
    """A number with its noun: "1 row", "21 rows"."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def text_of(response: requests.Response) -> str:
    """The text of a response on one line."""
    text = response.text
    if "html" in response.headers.get("Content-Type", ""):
        text = re.sub(r"<[^>]*>", " ", text)
    return " ".join(text.split())[:500] or response.reason
