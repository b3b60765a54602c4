"""One run of a flow at a time: who runs it stands in a variable of NiFi's root group."""

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

#: A claim that was not renewed for so long belonged to a run that was killed. NiFi's own restart takes 40 s.
LEASE = 90.0
#: How often a claim is renewed, by the calls that its holder makes anyway.
RENEW = 10.0


class NiFiBusy(NiFiError):
    """Another run has the flow."""

    code = 69


@dataclass
class Claim:
    """Who has a flow, as the variable `<flow>.run` says it: readable for people in NiFi's UI, and kept when NiFi restarts."""

    #: The run, in words for the log of another one that waits.
    holder: str
    #: When it was last renewed, by NiFi's clock.
    seen: float = 0.0
    #: Distinguishes a run from its own retry, which takes the claim over at once.
    token: str = field(default_factory=lambda: uuid.uuid4().hex)
    #: What the variables were that the run has set for itself alone: null for one that was not there.
    restore: dict[str, str | None] = field(default_factory=dict)
    #: The run itself, for the task that waits for its end.
    run: Json | None = None

    @classmethod
    def parse(cls, text: str | None) -> Claim | None:
        """A claim from the variable's text; None where it holds nothing of use."""
        try:
            value = json.loads(text or "")
            return cls(**value) if isinstance(value.get("seen"), (int, float)) else None
        except (ValueError, TypeError, AttributeError):
            return None

    def __str__(self) -> str:
        return f"{self.holder} (last seen {datetime.fromtimestamp(self.seen, UTC):%Y-%m-%d %H:%M:%S} UTC)"


class Claims(Rest):
    """Claims of flows. A change carries the revision that it was decided on, and NiFi accepts one change of each revision: of two
    runs that find a flow free at the same moment one gets it."""

    #: Where progress is reported, a line at a time.
    say: Callable[[str], object] = staticmethod(lambda _: None)
    _flow: str | None = None
    _claim: Claim | None = None
    _renewed = 0.0
    _root: str | None = None

    def claim(self, flow: str, holder: str, seconds: float) -> None:
        """Claims a flow for the run `holder`, waiting for another run to end or its claim to expire.

        The same holder gets it at once: then the retry of a task goes on with what its killed predecessor left.
        """
        deadline = time.monotonic() + seconds
        heard = None
        while True:
            begun = time.monotonic()  # a freeze between the change and its answer counts, too
            try:
                version, other = self._read(flow)
            except NiFiUnreachable:  # it restarts
                if time.monotonic() >= deadline:
                    raise
                time.sleep(1)
                continue
            free = other is None or other.holder == holder or self.now() - other.seen > LEASE
            if free:
                mine = Claim(holder)
                if other:  # a killed run's settings are for us to undo
                    mine.restore, mine.run = other.restore, other.run if other.holder == holder else None
                if self._write(flow, version, mine):
                    self._flow, self._claim, self._renewed = flow, mine, begun
                    return
            elif other.holder != heard:
                heard = other.holder
                self.say(f"the flow {flow} is in use by {other}: waiting up to {seconds:g} s")
            if time.monotonic() >= deadline:
                raise NiFiBusy(f"the flow {flow} is in use by {other or 'another run'}, also after {seconds:g} s")
            time.sleep(0.1 if free else 0.5)

    @contextmanager
    def claimed(self, flow: str, holder: str, seconds: float) -> Iterator[None]:
        """Holds a claim for the block. An error of the block is raised even if the release fails, too: the claim expires then."""
        self.claim(flow, holder, seconds)
        try:
            yield
        except BaseException:
            with suppress(NiFiError):
                self.release()
            raise
        self.release()

    def release(self) -> None:
        """Gives the claim up; does nothing if another run has taken it."""
        while self._claim and self._flow:
            version, found = self._read(self._flow)
            if not found or found.token != self._claim.token or self._write(self._flow, version, None):
                self._claim = None

    def renew(self) -> None:
        """Shows others that this run is alive, and writes down what it has set. Fails if another run has taken the flow."""
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
        """A run that has not renewed its claim for a while (it waits, or was frozen) first checks whether the flow is still its own."""
        if self._claim and time.monotonic() > self._renewed + RENEW:
            self._renewed = time.monotonic()  # the calls of `renew` itself are not stopped here
            try:
                self.renew()
            except NiFiError:
                self._renewed = -RENEW
                raise
        return super().call(method, path, **options)

    def root(self) -> str:
        """The id of the canvas that holds all groups."""
        if not self._root:
            self._root = self.get("/flow/process-groups/root")["processGroupFlow"]["id"]
        return self._root

    # -- the variable

    def _read(self, flow: str) -> tuple[int, Claim | None]:
        """The revision of the root group, and the claim of a flow."""
        answer = self.get(f"/process-groups/{self.root()}/variable-registry?includeAncestorGroups=false")
        variables: list[Mapping[str, Any]] = [v["variable"] for v in answer["variableRegistry"]["variables"]]
        text = next((v.get("value") for v in variables if v["name"] == f"{flow}.run"), None)
        return answer["processGroupRevision"].get("version", 0), Claim.parse(text)

    def _write(self, flow: str, version: int, claim: Claim | None) -> bool:
        """Replaces the claim of a flow; False if something of the root group was changed since `version`."""
        if claim:
            claim.seen = round(self.now(), 1)
        variable = {"name": f"{flow}.run", "value": json.dumps(asdict(claim)) if claim else None}
        body = {
            # A client id of its own for each change: NiFi accepts an old revision from the client that made the last change.
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
