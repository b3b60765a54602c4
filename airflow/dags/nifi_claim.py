"""One run of a flow at a time: a variable of NiFi's root group names the run that holds the flow."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

import requests

from nifi_rest import Json, NiFiError, NiFiUnreachable, Rest

#: Seconds after which a claim that was not renewed expires. A restart of NiFi takes 40 s.
LEASE = 90.0
#: Seconds between renewals, which happen as part of the other calls of the holder.
RENEW = 10.0


class NiFiBusy(NiFiError):
    """Another run holds the flow."""

    code = 69


@dataclass
class Claim:
    """The value of the variable `<flow>.run`: the run that holds the flow. Readable in the NiFi UI, and kept when NiFi restarts."""

    #: Name of the run, for the log of a run that waits.
    holder: str
    #: Time of the last renewal, by the clock of NiFi.
    seen: float = 0.0
    #: Distinguishes a run from its own retry, which takes over the claim at once.
    token: str = field(default_factory=lambda: uuid.uuid4().hex)
    #: Old values of the variables that the run has set for itself; null for a variable that did not exist.
    restore: dict[str, str | None] = field(default_factory=dict)
    #: The run, for the task that waits for its end.
    run: Json | None = None

    @classmethod
    def parse(cls, text: str | None) -> Claim | None:
        """The claim in the text of the variable; None if it is not a valid claim."""
        try:
            value = json.loads(text or "")
            return cls(**value) if isinstance(value.get("seen"), (int, float)) else None
        except (ValueError, TypeError, AttributeError):
            return None

    def __str__(self) -> str:
        return f"{self.holder} (last seen {datetime.fromtimestamp(self.seen, UTC):%Y-%m-%d %H:%M:%S} UTC)"


class Claims(Rest):
    """Claims of flows. Each change carries the revision it is based on, and NiFi accepts one change per revision. If two runs find
    a flow free at the same moment, one of them gets it."""

    #: Receives progress messages, one line each.
    say: Callable[[str], object] = staticmethod(lambda _: None)
    _flow: str | None = None
    _claim: Claim | None = None
    _renewed = 0.0
    _root: str | None = None

    def claim(self, flow: str, holder: str, seconds: float) -> None:
        """Claims a flow for the run `holder`, waiting for another run to end or its claim to expire.

        The same holder gets it at once, so that the retry of a task continues the run of its killed predecessor.
        """
        deadline = time.monotonic() + seconds
        heard = None
        while True:
            begun = time.monotonic()  # so that a freeze between the request and its response counts
            try:
                version, other = self._read(flow)
            except NiFiUnreachable:  # NiFi restarts
                if time.monotonic() >= deadline:
                    raise
                time.sleep(1)
                continue
            free = other is None or other.holder == holder or self.now() - other.seen > LEASE
            if free:
                mine = Claim(holder)
                if other:  # this run restores the variables of a killed run
                    mine.restore, mine.run = other.restore, other.run if other.holder == holder else None
                if self._write(flow, version, mine):
                    self._flow, self._claim, self._renewed = flow, mine, begun
                    return
            elif other.holder != heard:
                heard = other.holder
                self.say(f"the flow {flow} is in use by {other}: waiting up to {seconds:g} s")
            if time.monotonic() >= deadline:
                raise NiFiBusy(f"the flow {flow} is still in use by {other or 'another run'} after {seconds:g} s")
            time.sleep(0.1 if free else 0.5)

    @contextmanager
    def claimed(self, flow: str, holder: str, seconds: float) -> Iterator[None]:
        """Holds a claim during the block. An error of the block is raised even if the release also fails; the claim then expires."""
        self.claim(flow, holder, seconds)
        try:
            yield
        except BaseException:
            with suppress(NiFiError):
                self.release()
            raise
        self.release()

    def release(self) -> None:
        """Releases the claim. Does nothing if another run has taken it."""
        while self._claim and self._flow:
            version, found = self._read(self._flow)
            if not found or found.token != self._claim.token or self._write(self._flow, version, None):
                self._claim = None

    def renew(self) -> None:
        """Updates the time and the contents of the claim. Fails if another run has taken the flow."""
        while self._claim and self._flow:
            begun = time.monotonic()
            version, found = self._read(self._flow)
            if not found or found.token != self._claim.token:
                self._claim = None
                raise NiFiBusy(f"the flow {self._flow} was taken over by {found or 'another run'} while this run did not respond")
            if self._write(self._flow, version, self._claim):
                self._renewed = begun
                return

    @property
    def holds_claim(self) -> bool:
        return self._claim is not None

    def call(self, method: str, path: str, **options: Any) -> requests.Response:
        """Renews the claim first if the last renewal is older than `RENEW`. This fails if another run has taken the flow."""
        if self._claim and time.monotonic() > self._renewed + RENEW:
            self._renewed = time.monotonic()  # so that the calls of `renew` do not recurse
            try:
                self.renew()
            except NiFiError:
                self._renewed = -RENEW
                raise
        return super().call(method, path, **options)

    def root(self) -> str:
        """The ID of the root group."""
        if not self._root:
            self._root = self.get("/flow/process-groups/root")["processGroupFlow"]["id"]
        return self._root

    # -- the variable

    def _read(self, flow: str) -> tuple[int, Claim | None]:
        """The revision of the root group and the claim of a flow."""
        answer = self.get(f"/process-groups/{self.root()}/variable-registry?includeAncestorGroups=false")
        variables: list[Mapping[str, Any]] = [v["variable"] for v in answer["variableRegistry"]["variables"]]
        text = next((v.get("value") for v in variables if v["name"] == f"{flow}.run"), None)
        return answer["processGroupRevision"].get("version", 0), Claim.parse(text)

    def _write(self, flow: str, version: int, claim: Claim | None) -> bool:
        """Replaces the claim of a flow. Returns False if the root group was changed since `version`."""
        if claim:
            claim.seen = round(self.now(), 1)
        variable = {"name": f"{flow}.run", "value": json.dumps(asdict(claim)) if claim else None}
        body = {
            # A new client ID for each change: NiFi accepts an old revision from the client that made the last change.
            "processGroupRevision": {"version": version, "clientId": str(uuid.uuid4())},
            "variableRegistry": {"processGroupId": self.root(), "variables": [{"variable": variable}]},
            "disconnectedNodeAcknowledged": False,
        }
        try:
            self.call("PUT", f"/process-groups/{self.root()}/variable-registry", json=body)
        except NiFiError as error:
            if "up-to-date revision" in str(error):
                return False
            raise
        return True
