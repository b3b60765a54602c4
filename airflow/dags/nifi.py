"""A small REST client for Apache NiFi 1.x. It deploys a template and runs its flow once.

Used by the DAG in this directory and from the command line:

    python nifi.py deploy --template nifi/flow_template.xml     deploys the flow unless NiFi already has it
    python nifi.py status --template nifi/flow_template.xml     shows whether NiFi has the flow
    python nifi.py run    --template nifi/flow_template.xml     runs the flow once and waits until it ends

NIFI_URL, NIFI_USER, NIFI_PASSWORD and NIFI_CA (a file with the trusted certificate) configure the address and the login.
Exit codes: 0 success, 64 usage, 65 bad data or template, 66 file not found, 69 NiFi or the broker is unavailable, another run uses the
flow, or NiFi restarted during the run, 70 unexpected response from NiFi, 77 login or permissions, 78 a NiFi version without templates.
"""

from __future__ import annotations

import argparse
import functools
import os
import re
import signal
import socket
import sys
import time
import uuid
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from typing import Any, NoReturn
from xml.etree import ElementTree

from nifi_claim import Claim, Claims, NiFiBusy
from nifi_rest import FlowFailed, Json, NiFiError, NiFiRefused, NiFiUnreachable, counted, text_of
from nifi_template import Template, hash_in

__all__ = ["FlowFailed", "NiFi", "NiFiBusy", "NiFiError", "NiFiRefused", "NiFiUnreachable", "Run", "RunLost", "Template", "counted"]

#: NiFi silently drops a run-once request within a second of an error. If nothing moves for this long, it is requested again.
RETRIGGER_AFTER_SECONDS = 3.0
#: Run-once requests to the source before it counts as having found no file.
MAX_TRIGGERS = 3
#: Seconds after which a wait is logged, and the interval between later lines.
FIRST_LINE_AFTER, NEXT_LINE_AFTER = 10.0, 30.0
#: How long a task waits for NiFi to start before it fails and Airflow retries it. A NiFi restart takes 40 s.
START_SECONDS = 30.0
#: After its last record the publisher can take max.block.ms (10 s) to stop.
STOP_SECONDS = 60.0
#: Enabling services, validating processors and emptying queues: less than a second, several seconds on a busy machine.
SETTLE_SECONDS = 60.0


@dataclass(frozen=True)
class Group:
    """A process group on the root canvas of NiFi."""

    id: str
    name: str
    comments: str

    @classmethod
    def of(cls, entity: Json) -> Group:
        component = entity["component"]
        return cls(entity["id"], component["name"], component.get("comments") or "")

    @property
    def hash(self) -> str | None:
        """The hash of the template the group was created from, as its comments have it."""
        return hash_in(self.comments)


@dataclass(frozen=True)
class Processor:
    """A snapshot of a processor."""

    id: str
    name: str
    type: str
    state: str
    validation: str
    errors: tuple[str, ...]
    version: int

    @classmethod
    def of(cls, entity: Json) -> Processor:
        component = entity["component"]
        return cls(
            id=entity["id"],
            name=component["name"],
            type=component["type"].rpartition(".")[2],
            state=component["state"],
            validation=component.get("validationStatus", "VALIDATING"),
            errors=tuple(component.get("validationErrors") or ()),
            version=entity["revision"].get("version", 0),
        )


@dataclass(frozen=True)
class Status:
    """The activity in a group: active threads, and queued FlowFiles, in all connections and in the failure connection."""

    threads: int
    queued: int
    failed: int


@dataclass(frozen=True)
class Run:
    """One run of the flow, with NiFi's counters before it. It has only plain values, so that it fits into an XCom."""

    group: str
    #: The IDs of GetFile and of the publisher, and the name of the publisher.
    source: str
    publisher: str
    name: str
    #: The revision of the publisher. Starting or stopping the publisher changes it; a restart of NiFi resets it to 0.
    version: int
    rows: int
    variables: dict[str, str]
    sent_before: int
    taken_before: int
    bulletin_before: int | None
    started: float

    def to_json(self) -> Json:
        return asdict(self)

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Run:
        return cls(**value)


class RunLost(NiFiError):
    """The outcome of a run is unknown: NiFi restarted, or the flow was used by someone else. Another run can succeed."""

    code = 69


class NiFi(Claims):
    """Deploys, prepares, runs, monitors and stops a flow."""

    def wait_until_up(self, seconds: float) -> str:
        """Waits until NiFi has started. Returns its version."""
        start = time.monotonic()
        interval = LogInterval()
        while True:
            try:
                return self.version()
            except NiFiUnreachable as error:
                if time.monotonic() > start + seconds:
                    raise
                if interval.is_due():
                    self.say(f"waiting for NiFi since {time.monotonic() - start:.0f} s: {error}")
            time.sleep(1)

    def claim(self, flow: str, holder: str, seconds: float) -> None:
        """Like `Claims.claim`. Fails without a change if this NiFi version has no templates."""
        version = self.version()
        if not version.startswith("1."):
            raise NiFiError(f"NiFi {version} at {self.url} has no templates: the flow needs NiFi 1.x", 78)
        super().claim(flow, holder, seconds)

    # -- the flow's group

    def groups(self, parent: str | None = None) -> list[Group]:
        """The groups on the root canvas, or in the group `parent`."""
        entities = self.get(f"/process-groups/{parent or self.root()}/process-groups")["processGroups"]
        return [Group.of(e) for e in entities if "component" in e]  # missing in a group that this user cannot read

    def find_group(self, name: str) -> Group | None:
        """The group with this name, if it exists. NiFi would name a second instance "Copy of …"."""
        return next((group for group in self.groups() if group.name == name), None)

    def deploy(self, template: Template) -> Group:
        """Returns the group of the template. Creates it if it is missing and replaces a group with another hash.

        NiFi first instantiates and validates the template in a trial group, so that a rejected template changes nothing.
        """
        group = self.find_group(template.group)
        if group and group.hash == template.hash:
            return group
        claim = self._only_with_claim()
        self._try_out(template)
        if group:
            self.remove(group.id)
            claim.restore = {}  # the variables of the old group are gone
            self.renew()
        self._delete_template(template.name)
        try:
            made = self._instantiate(self.upload(template), self.root())
        except NiFiError:
            if half := self.find_group(template.group):
                self.remove(half.id)
            raise
        if made.name != template.group:
            raise NiFiError(f"NiFi named the new group {made.name}, not {template.group}")
        return made

    def _try_out(self, template: Template) -> None:
        name = f"{template.group}.trial"
        self._clear_trial(name)  # left by a killed run
        body = {"revision": {"version": 0}, "component": {"name": name, "position": {"x": 0.0, "y": 0.0}}}
        trial = self.json("POST", f"/process-groups/{self.root()}/process-groups", json=body, expect=(201,))["id"]
        try:
            self.enable(self._instantiate(self.upload(template, name), trial).id)
        except NiFiError as error:
            with suppress(NiFiError):
                self._clear_trial(name)
            if error.code in (65, 70):
                raise NiFiError(f"NiFi rejected {template.path}; the deployed flow is unchanged: {error}", 65) from None
            raise
        self._clear_trial(name)

    def _clear_trial(self, name: str) -> None:
        if group := self.find_group(name):
            self.remove(group.id)
        self._delete_template(name)

    def _delete_template(self, name: str) -> None:
        for listed in self.get("/flow/templates")["templates"]:
            if listed["template"]["name"] == name:
                self.call("DELETE", f"/templates/{listed['id']}")

    def upload(self, template: Template, name: str | None = None) -> str:
        """Uploads the template, optionally under another name. Returns its ID. NiFi responds to malformed XML with status 200."""
        content = template.renamed(name) if name else template.path.read_bytes()
        files = {"template": (template.path.name, content, "application/xml")}
        path = f"/process-groups/{self.root()}/templates/upload"
        response = self.call("POST", path, files=files, expect=(200, 201))
        try:
            entity = ElementTree.fromstring(response.content)
        except ElementTree.ParseError:
            raise NiFiError(f"{self.url} responds to POST {path} with something other than NiFi's XML: {text_of(response)[:100]}") from None
        identifier = entity.findtext("template/id")
        if response.status_code != 201 or not identifier:
            raise NiFiError(f"NiFi rejected {template.path}: {entity.get('statusText') or response.text[:300]}", 65)
        return identifier

    def _instantiate(self, template_id: str, parent: str) -> Group:
        body = {"templateId": template_id, "originX": 0.0, "originY": 0.0, "disconnectedNodeAcknowledged": False}
        answer = self.json("POST", f"/process-groups/{parent}/template-instance", json=body, expect=(201,))
        return Group.of(answer["flow"]["processGroups"][0])

    def remove(self, group: str) -> None:
        """Stops a group, empties its queues and deletes it."""
        self.stop(group)
        self.purge(group)
        self._switch_services(group, "DISABLED")
        version = self.get(f"/process-groups/{group}")["revision"].get("version", 0)
        parameters = {"version": version, "disconnectedNodeAcknowledged": "false"}
        self.call("DELETE", f"/process-groups/{group}", params=parameters)

    # -- preparing a run

    def stop(self, group: str) -> None:
        """Stops all processors of the group and waits until no thread is active."""
        body = {"id": group, "state": "STOPPED", "disconnectedNodeAcknowledged": False}
        self.call("PUT", f"/flow/process-groups/{group}", json=body)
        self._until(STOP_SECONDS, lambda: self.status(group).threads == 0, "the threads of the flow do not end")

    def purge(self, group: str) -> None:
        """Empties the queues of the group. Otherwise the file of a failed run would be published by the next run."""
        if not self.get(f"/process-groups/{group}/connections")["connections"]:
            return  # NiFi responds with 500 for a group without connections
        path = f"/process-groups/{group}/empty-all-connections-requests"
        request = f"{path}/{self.json('POST', path, expect=(200, 202))['dropRequest']['id']}"
        try:
            self._until(SETTLE_SECONDS, lambda: self.get(request)["dropRequest"]["finished"], "the queues are not emptied")
        finally:
            self.call("DELETE", request)

    def set_variables(self, group: str, wanted: Mapping[str, str | None]) -> None:
        """Sets the variables of the group that differ. None removes a variable."""
        registry = self.get(f"/process-groups/{group}/variable-registry?includeAncestorGroups=false")
        current = values_of(registry)
        changed = [{"variable": {"name": n, "value": v}} for n, v in wanted.items() if current.get(n) != v]
        if not changed:
            return
        path = f"/process-groups/{group}/variable-registry/update-requests"
        body = {
            "processGroupRevision": registry["processGroupRevision"],
            "variableRegistry": {"processGroupId": group, "variables": changed},
            "disconnectedNodeAcknowledged": False,
        }
        request = f"{path}/{self.json('POST', path, json=body, expect=(200, 202))['request']['requestId']}"
        try:
            self._until(SETTLE_SECONDS, lambda: self._variables_set(request), "the variables are not set")
        finally:
            self.call("DELETE", request)

    def _set_for_this_run(self, group: str, variables: Mapping[str, str]) -> None:
        """Sets variables until the claim is released. Stores the old values in the claim first: a killed run cannot restore them."""
        claim = self._only_with_claim()
        before = {**values_of(self.get(f"/process-groups/{group}/variable-registry?includeAncestorGroups=false")), **claim.restore}
        target: dict[str, str | None] = {**claim.restore, **variables}
        claim.restore = {name: before.get(name) for name, value in target.items() if before.get(name) != value}
        self.renew()
        self.set_variables(group, target)

    def release(self) -> None:
        """Restores the variables and releases the claim."""
        if self._claim and self._flow and self._claim.restore and (group := self.find_group(self._flow)):
            self.renew()
            self.set_variables(group.id, self._claim.restore)
        super().release()

    def _variables_set(self, request: str) -> bool:
        answer = self.get(request)["request"]
        if answer.get("failureReason"):
            raise NiFiError(f"NiFi does not set the variables: {answer['failureReason']}")
        return answer["complete"]

    def enable(self, group: str) -> None:
        """Enables the controller services of the group and waits until its processors are valid."""
        self._switch_services(group, "ENABLED")
        deadline = time.monotonic() + SETTLE_SECONDS
        while invalid := [p for p in self.processors(group) if p.validation != "VALID"]:
            if time.monotonic() > deadline or all(p.validation == "INVALID" for p in invalid):
                # After a change NiFi shows the old validation status for a moment, so it is read twice
                time.sleep(1)
                invalid = [p for p in self.processors(group) if p.validation != "VALID"]
                if invalid and (time.monotonic() > deadline or all(p.validation == "INVALID" for p in invalid)):
                    raise FlowFailed("; ".join(f"{p.name}: {' '.join(p.errors) or p.validation}" for p in invalid))
            time.sleep(0.1)

    def _switch_services(self, group: str, state: str) -> None:
        body = {"id": group, "state": state, "disconnectedNodeAcknowledged": False}
        self.call("PUT", f"/flow/process-groups/{group}/controller-services", json=body)
        listing = f"/flow/process-groups/{group}/controller-services?includeAncestorGroups=false&includeDescendantGroups=true"
        services: list[Json] = []

        def switched() -> bool:
            services[:] = self.get(listing)["controllerServices"]
            return all(s["component"]["state"] == state for s in services)

        def late_services() -> str:
            late = [s["component"] for s in services if s["component"]["state"] != state]
            return "; ".join(f"{c['name']} is {c['state']} {' '.join(c.get('validationErrors') or ())}" for c in late)

        self._until(SETTLE_SECONDS, switched, late_services)

    def processors(self, group: str) -> list[Processor]:
        return [Processor.of(e) for e in self.get(f"/process-groups/{group}/processors")["processors"]]

    # -- running

    def run_once(self, group: str, rows: int, variables: Mapping[str, str]) -> Run:
        """Runs the flow once on a file of `rows` rows. Returns as soon as NiFi has read the file or has failed.

        The source is run once, never started: a started source would read the file again whenever NiFi starts.
        """
        claim = self._only_with_claim()
        self.renew()
        self.stop(group)
        self._set_for_this_run(group, variables)
        self.enable(group)
        if any(p.state != "STOPPED" for p in self.processors(group)):  # a processor that waited for its services starts now
            self.stop(group)
        self.purge(group)
        processors = self.processors(group)
        source = next((p for p in processors if p.type == "GetFile"), None)
        publisher = next((p for p in processors if p.type.startswith("PublishKafkaRecord")), None)
        if not source or not publisher:
            raise FlowFailed(
                "the group has no GetFile or no PublishKafkaRecord processor; delete the group, and the next run deploys it again"
            )
        self._set_state(publisher, "RUNNING")
        self._until(SETTLE_SECONDS, lambda: self._processor(publisher.id).state == "RUNNING", f"{publisher.name} does not start")
        run = Run(
            group=group,
            source=source.id,
            publisher=publisher.id,
            name=publisher.name,
            version=self._processor(publisher.id).version,
            rows=rows,
            variables=dict(variables),
            sent_before=self.sent(publisher.name, publisher.id),
            taken_before=self._taken(source.id),
            bulletin_before=max((b["id"] for b in self.bulletins(group)), default=None),
            started=time.time(),
        )
        claim.run = run.to_json()
        self.renew()
        for _ in range(MAX_TRIGGERS):
            self._set_state(source, "RUN_ONCE")
            if self._moves(run):
                return run
        self.stop(group)
        folder = variables.get("csv.folder") or "its directory"
        raise FlowFailed(f"NiFi finds no file to read in {folder}: GetFile was triggered {MAX_TRIGGERS} times and read none")

    def run_again(self, run: Run) -> Run:
        """Runs the flow again within the time that is left for `run`, with new counters."""
        return replace(self.run_once(run.group, run.rows, run.variables), started=run.started)

    def last_run(self) -> Run | None:
        """The run stored in this claim, also after a retry of the task that started it."""
        return Run.from_json(self._claim.run) if self._claim and self._claim.run else None

    def wait(self, run: Run, seconds: float) -> None:
        """Waits until all rows are on the topic, at most `seconds` from the start of the run. Logs what NiFi reports."""
        interval, said = LogInterval(), None
        while True:
            late = time.time() > run.started + seconds
            try:
                if self.finished(run):
                    return
                reason = self.reason(run)
            except NiFiUnreachable as error:  # NiFi restarts: `finished` then reports the run as lost
                if late:
                    raise
                reason = str(error)
            if late:
                raise FlowFailed(f"NiFi did not publish the file within {seconds:g} s. NiFi reports: {reason or 'nothing'}", 69)
            if reason and reason != said:
                self.say(f"NiFi retries after: {reason}")
                said = reason
            elif interval.is_due():
                self.say(f"waiting for the NiFi flow since {time.time() - run.started:.0f} s")
            time.sleep(0.5)

    def _only_with_claim(self) -> Claim:
        """The claim of this run. Only the run that holds the claim may change the flow."""
        if not self._claim:
            raise NiFiError("the flow is not claimed for this run")
        return self._claim

    def _moves(self, run: Run) -> bool:
        """Whether NiFi has read the file, or has reported an error for `finished` to raise."""
        idle_since, interval = time.monotonic(), LogInterval()
        while time.monotonic() < idle_since + RETRIGGER_AFTER_SECONDS:
            status = self.status(run.group)
            if status.queued or self._taken(run.source) > run.taken_before or self._sent_in(run) != 0:
                return True
            if self._errors(run):
                return True
            if status.threads or self._processor(run.source).state != "STOPPED":
                idle_since = time.monotonic()  # it is running: the content repository can block it for a minute
            if time.time() > run.started + 180:
                return True
            if interval.is_due():
                self.say(f"waiting for NiFi to read the file since {time.time() - run.started:.0f} s")
            time.sleep(0.2)
        return False

    def _taken(self, source: str) -> int:
        """Number of files that the source has read in the last five minutes."""
        return self.get(f"/flow/processors/{source}/status")["processorStatus"]["aggregateSnapshot"]["flowFilesOut"]

    def _processor(self, identifier: str) -> Processor:
        return Processor.of(self.get(f"/processors/{identifier}"))

    def _set_state(self, processor: Processor, state: str) -> None:
        """Changes the state of a processor. If its revision has changed since `processor` was read, the claim is checked first."""
        version = processor.version
        for attempt in range(3):
            body = {"revision": {"version": version}, "state": state, "disconnectedNodeAcknowledged": False}
            try:
                self.call("PUT", f"/processors/{processor.id}/run-status", json=body)
                return
            except NiFiError as error:  # changed in the UI
                if "up-to-date revision" not in str(error) or attempt == 2:
                    raise
            self.renew()
            version = self._processor(processor.id).version

    def finished(self, run: Run) -> bool:
        """True when all rows are on the topic, False while the run is in progress. Raises FlowFailed with the error of NiFi, or RunLost.

        An unavailable broker is not a failure yet: the file stays queued in front of the publisher, which retries.
        """
        taken = self._taken(run.source) > run.taken_before
        status = self.status(run.group)
        sent = self._sent_in(run)
        reason = self.reason(run)
        # Read last, so that a restart of NiFi between these calls is detected.
        version = self._processor(run.publisher).version
        if version < run.version or sent < 0:
            raise RunLost("NiFi restarted during the run, which reset its counters: the number of published rows is unknown")
        if version > run.version:
            self.renew()  # by another run that has taken the flow, or in the UI
            raise RunLost(f"{run.name} was started or stopped by someone else during the run")
        if status.threads:
            return False
        if status.failed:
            raise FlowFailed(reason or "NiFi routed the file to the failure connection, without a bulletin")
        if status.queued:
            return False
        if sent == run.rows:
            return True
        if sent:
            raise FlowFailed(
                f"NiFi published {counted(sent, 'message')}, but the file has {counted(run.rows, 'row')}: "
                "NiFi has another file with this name, or the file was changed during the run"
            )
        if reason:
            raise FlowFailed(reason)
        if taken:
            raise FlowFailed("no rows: the file with this name that NiFi has read is empty or has only a header")
        return False

    def _sent_in(self, run: Run) -> int:
        return self.sent(run.name, run.publisher) - run.sent_before

    def reason(self, run: Run) -> str | None:
        """The errors that NiFi reports for the run: the first error of each processor, because later ones repeat it."""
        errors = self._errors(run)
        # The failed abort comes first and only repeats that there was another error.
        causes = [e for e in errors if "Failed to abort producer transaction" not in e] or errors
        firsts = {e.partition(": ")[0]: e for e in reversed(causes)}
        return "; ".join(reversed(firsts.values())) or None

    def _errors(self, run: Run) -> list[str]:
        found = self.bulletins(run.group, run.bulletin_before)
        return [bulletin_line(b["bulletin"]) for b in found if b.get("bulletin", {}).get("level") == "ERROR"]

    def status(self, group: str) -> Status:
        snapshot = self.get(f"/flow/process-groups/{group}/status?recursive=true")["processGroupStatus"]["aggregateSnapshot"]
        connections = [c["connectionStatusSnapshot"] for c in snapshot["connectionStatusSnapshots"]]
        return Status(
            threads=snapshot["activeThreadCount"],
            queued=snapshot["flowFilesQueued"],
            failed=sum(c["flowFilesQueued"] for c in connections if c["destinationName"] == "Funnel"),
        )

    def sent(self, name: str, publisher: str) -> int:
        """The counter "Messages Sent" of one publisher since the start of NiFi."""
        counters = self.get("/counters")["counters"]["aggregateSnapshot"]["counters"]
        context = f"{name} ({publisher})"
        return sum(c["valueCount"] for c in counters if c["name"] == "Messages Sent" and c["context"] == context)

    def bulletins(self, group: str, after: int | None = None) -> list[Json]:
        """The bulletins of a group, oldest first. Without the limit NiFi returns only a few of the oldest."""
        parameters: Json = {"groupId": group, "limit": 1000}
        if after is not None:
            parameters["after"] = after
        return self.get("/flow/bulletin-board", params=parameters)["bulletinBoard"]["bulletins"]

    def _until(self, seconds: float, done: Callable[[], bool], problem: str | Callable[[], str]) -> None:
        start, interval = time.monotonic(), LogInterval()
        while not done():
            waited = time.monotonic() - start
            if waited > seconds or interval.is_due():
                text = problem if isinstance(problem, str) else problem()
                if waited > seconds:
                    raise NiFiError(f"after {seconds:g} s: {text}")
                self.say(f"waiting for NiFi since {waited:.0f} s: {text}")
            time.sleep(0.1)


def bulletin_line(bulletin: Json) -> str:
    """A bulletin as one line: processor, message, and those causes that the message does not repeat."""
    lines = [line.strip().removeprefix("- Caused by: ") for line in bulletin["message"].splitlines()]
    text = re.sub(r"^\w+\[id=[0-9a-f-]+\] ", "", lines[0]).strip()
    for cause in lines[1:]:
        if cause and cause not in text:
            text += f" – {cause}"
    if "does not have sufficient permissions" in text:  # NiFi reports the same for a missing directory
        text += ": check that the directory exists and that the NiFi user can write to it"
    return f"{bulletin['sourceName']}: {text}"[:1000]


def values_of(registry: Json) -> dict[str, str | None]:
    """The variables of a variable registry."""
    return {v["variable"]["name"]: v["variable"].get("value") for v in registry["variableRegistry"]["variables"]}


class LogInterval:
    """Decides when a wait is long enough for a line in the log."""

    def __init__(self) -> None:
        self._next = time.monotonic() + FIRST_LINE_AFTER

    def is_due(self) -> bool:
        if time.monotonic() < self._next:
            return False
        self._next = time.monotonic() + NEXT_LINE_AFTER
        return True


def from_environment() -> NiFi:
    """A client configured by NIFI_URL, NIFI_USER, NIFI_PASSWORD and NIFI_CA."""
    env = os.environ
    return NiFi(
        env.get("NIFI_URL") or "http://localhost:8080",
        env.get("NIFI_USER") or None,
        env.get("NIFI_PASSWORD") or None,
        env.get("NIFI_CA") or True,
    )


def run_and_wait(nifi: NiFi, group: Group, rows: int, variables: Mapping[str, str], seconds: float) -> None:
    """Runs the flow once, waits until it ends and stops it."""
    try:
        nifi.wait(nifi.run_once(group.id, rows, variables), seconds)
    except BaseException:
        with suppress(NiFiError):  # the first error is the one to report
            nifi.renew()
            if nifi.holds_claim:
                nifi.stop(group.id)
        raise
    nifi.stop(group.id)


class Parser(argparse.ArgumentParser):
    """Exits with 64 for a usage error, like the other programs of the project."""

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(64, f"{self.prog}: {message}\n")


def assignment(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise argparse.ArgumentTypeError(f"{text!r}: expected NAME=VALUE")
    return name, value


def duration(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r}: expected a number of seconds")
    return seconds


def main(arguments: list[str] | None = None) -> int:
    parser = Parser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=("deploy", "status", "run"))
    parser.add_argument("--template", default="nifi/flow_template.xml", metavar="FILE")
    parser.add_argument(
        "--wait",
        type=duration,
        default=300,
        metavar="SECONDS",
        help="limit of each wait: for NiFi to start, for another run to end, for the flow to end",
    )
    parser.add_argument("--csv", metavar="FILE", help="run: local copy of the file, to count its rows (default: in data/)")
    parser.add_argument(
        "--set",
        type=assignment,
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="run: set a variable of the group for this run only",
    )
    options = parser.parse_args(arguments)
    try:
        perform(options)
    except NiFiError as error:
        print(error, file=sys.stderr)
        return error.code
    except KeyboardInterrupt:
        return 130
    return 0


def perform(options: argparse.Namespace) -> None:
    """Runs the command. Checks all local files and options before the first request to NiFi."""
    template, variables, rows = Template.read(options.template), dict(options.set), 0
    if unknown := sorted(variables.keys() - template.variables.keys()):
        raise NiFiError(f"--set {unknown[0]}: not a variable of the group; its variables are {', '.join(template.variables)}", 64)
    if options.command == "run":
        rows = template.rows(options.csv or f"data/{template.source_file}")
    with from_environment() as nifi:
        nifi.say = functools.partial(print, file=sys.stderr, flush=True)
        version = nifi.wait_until_up(options.wait)
        group = nifi.find_group(template.group)
        if options.command == "status":
            state = "missing" if not group else "up to date" if group.hash == template.hash else "from another template"
            print(f"NiFi {version} at {nifi.url}: {template.group} is {state}")
            return
        if options.command == "run" or not group or group.hash != template.hash:
            holder = f"nifi.py {options.command} on {socket.gethostname()}, process {os.getpid()}, {uuid.uuid4().hex[:6]}"
            with nifi.claimed(template.group, holder, options.wait):
                group = nifi.deploy(template)
                if options.command == "run":
                    run_and_wait(nifi, group, rows, variables, options.wait)
        print(f"NiFi {version} at {nifi.url}: {group.name} is deployed, template {template.hash}")
        if options.command == "run":
            print(f"{counted(rows, 'message')} published")


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # stops and releases the flow first
    sys.exit(main())
