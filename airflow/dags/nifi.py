"""A small client of Apache NiFi 1.x over REST: it deploys a template and runs its flow once.

Used by the DAG beside it and from the command line:

    python nifi.py deploy --template nifi/flow_template.xml     deploys the flow unless NiFi has it already
    python nifi.py status --template nifi/flow_template.xml     says what NiFi has of it
    python nifi.py run    --template nifi/flow_template.xml     runs it once and waits for the end

The address and the login come from NIFI_URL, NIFI_USER, NIFI_PASSWORD and NIFI_CA (a file with the certificate to trust).
Exit codes: 0, 64 usage, 65 bad data or template, 66 no such file, 69 NiFi or the broker is not available, another run has the flow,
or NiFi was restarted during the run, 70 an unexpected answer of NiFi, 77 login or permissions, 78 a NiFi without templates.
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
from nifi_rest import FlowFailed, Json, NiFiError, NiFiRefused, NiFiUnreachable, text_of
from nifi_template import Template, hash_in

__all__ = ["FlowFailed", "NiFi", "NiFiBusy", "NiFiError", "NiFiRefused", "NiFiUnreachable", "Run", "RunLost", "Template"]

#: A request to run once is lost without a word within a second of an error: where nothing moves for so long, it is asked again.
ASK_AGAIN_AFTER = 3.0
#: How often a source is asked for a file before it counts as having found none.
TIMES_TO_ASK = 3
#: A wait is reported after so long, and then every so often.
FIRST_LINE_AFTER, NEXT_LINE_AFTER = 10.0, 30.0
#: How long a task waits for a NiFi that starts, before Airflow tries it again. A restart takes 40 s.
START_SECONDS = 30.0
#: Stopping takes up to the publisher's max.block.ms (10 s) longer than its work.
STOP_SECONDS = 60.0
#: Enabling services, validating processors, emptying queues: parts of a second, seconds on a busy machine.
SETTLE_SECONDS = 60.0


@dataclass(frozen=True)
class Group:
    """A process group of NiFi's root canvas."""

    id: str
    name: str
    comments: str

    @classmethod
    def of(cls, entity: Json) -> Group:
        component = entity["component"]
        return cls(entity["id"], component["name"], component.get("comments") or "")

    @property
    def hash(self) -> str | None:
        """The hash of the template that it was made from, out of its comments."""
        return hash_in(self.comments)


@dataclass(frozen=True)
class Processor:
    """A processor as NiFi shows it at a moment."""

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
    """What moves in a group: FlowFiles that wait, by connection, and threads at work."""

    threads: int
    queued: int
    failed: int


@dataclass(frozen=True)
class Run:
    """One run of the flow, with what NiFi counted before it. Plain values: an XCom can hold it."""

    group: str
    #: The ids of GetFile and of the publisher, and the publisher's name.
    source: str
    publisher: str
    name: str
    #: The publisher's revision: it stays the same as long as nobody starts or stops it, and begins at 0 when NiFi restarts.
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
    """What a run would be judged by is gone: NiFi was restarted, or the flow was used by someone else. Another run may succeed."""

    code = 69


class NiFi(Claims):
    """What a flow needs of NiFi: to be deployed, made ready, run once, watched and stopped."""

    def wait_until_up(self, seconds: float) -> str:
        """Waits for a NiFi that is starting; answers its version."""
        start = time.monotonic()
        patience = Patience()
        while True:
            try:
                return self.version()
            except NiFiUnreachable as error:
                if time.monotonic() > start + seconds:
                    raise
                if patience.is_over():
                    self.say(f"waiting for NiFi since {time.monotonic() - start:.0f} s: {error}")
            time.sleep(1)

    def claim(self, flow: str, holder: str, seconds: float) -> None:
        """As `Claims.claim`, of a NiFi that has templates: nothing is changed in another one."""
        version = self.version()
        if not version.startswith("1."):
            raise NiFiError(f"NiFi {version} at {self.url} has no templates: the flow needs NiFi 1.x", 78)
        super().claim(flow, holder, seconds)

    # -- the flow's group

    def groups(self, parent: str | None = None) -> list[Group]:
        """The groups on the root canvas, or in another group."""
        entities = self.get(f"/process-groups/{parent or self.root()}/process-groups")["processGroups"]
        return [Group.of(e) for e in entities if "component" in e]  # a group that this user may not read has none

    def find_group(self, name: str) -> Group | None:
        """The group of that name, if there is one: a second instance would be called "Copy of"."""
        return next((group for group in self.groups() if group.name == name), None)

    def deploy(self, template: Template) -> Group:
        """The template's group, made of it now unless NiFi has it already; a group of another hash is replaced.

        Before anything is removed, NiFi builds and validates the template in a trial group: one that it refuses costs nothing.
        """
        group = self.find_group(template.group)
        if group and group.hash == template.hash:
            return group
        claim = self._only_with_claim()
        self._try_out(template)
        if group:
            self.remove(group.id)
            claim.restore = {}  # what a run has set in the old group
            self.renew()
        self._delete_template(template.name)
        try:
            made = self._instantiate(self.upload(template), self.root())
        except NiFiError:
            if half := self.find_group(template.group):
                self.remove(half.id)
            raise
        if made.name != template.group:
            raise NiFiError(f"NiFi made {made.name} of the template, not {template.group}")
        return made

    def _try_out(self, template: Template) -> None:
        name = f"{template.group}.trial"
        self._clear_trial(name)  # of a run that was killed
        body = {"revision": {"version": 0}, "component": {"name": name, "position": {"x": 0.0, "y": 0.0}}}
        trial = self.json("POST", f"/process-groups/{self.root()}/process-groups", json=body, expect=(201,))["id"]
        try:
            self.enable(self._instantiate(self.upload(template, name), trial).id)
        except NiFiError as error:
            with suppress(NiFiError):
                self._clear_trial(name)
            if error.code in (65, 70):
                raise NiFiError(f"NiFi does not accept {template.path}, what it had is unchanged: {error}", 65) from None
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
        """Hands the template to NiFi, under its own or another name; answers its id. Malformed XML is answered with 200."""
        content = template.renamed(name) if name else template.path.read_bytes()
        files = {"template": (template.path.name, content, "application/xml")}
        path = f"/process-groups/{self.root()}/templates/upload"
        response = self.call("POST", path, files=files, expect=(200, 201))
        try:
            entity = ElementTree.fromstring(response.content)
        except ElementTree.ParseError:
            raise NiFiError(f"{self.url} answers POST {path} with something other than NiFi's XML: {text_of(response)[:100]}") from None
        identifier = entity.findtext("template/id")
        if response.status_code != 201 or not identifier:
            raise NiFiError(f"NiFi does not accept {template.path}: {entity.get('statusText') or response.text[:300]}", 65)
        return identifier

    def _instantiate(self, template_id: str, parent: str) -> Group:
        body = {"templateId": template_id, "originX": 0.0, "originY": 0.0, "disconnectedNodeAcknowledged": False}
        answer = self.json("POST", f"/process-groups/{parent}/template-instance", json=body, expect=(201,))
        return Group.of(answer["flow"]["processGroups"][0])

    def remove(self, group: str) -> None:
        """Stops a group, empties it and deletes it."""
        self.stop(group)
        self.purge(group)
        self._switch_services(group, "DISABLED")
        version = self.get(f"/process-groups/{group}")["revision"].get("version", 0)
        parameters = {"version": version, "disconnectedNodeAcknowledged": "false"}
        self.call("DELETE", f"/process-groups/{group}", params=parameters)

    # -- making ready

    def stop(self, group: str) -> None:
        """Stops all processors of the group and waits until none is at work."""
        body = {"id": group, "state": "STOPPED", "disconnectedNodeAcknowledged": False}
        self.call("PUT", f"/flow/process-groups/{group}", json=body)
        self._until(STOP_SECONDS, lambda: self.status(group).threads == 0, "the flow's threads do not end")

    def purge(self, group: str) -> None:
        """Drops what waits in the group's queues: a failed run's file would be published with the next one."""
        if not self.get(f"/process-groups/{group}/connections")["connections"]:
            return  # NiFi answers 500 to a group without connections
        path = f"/process-groups/{group}/empty-all-connections-requests"
        request = f"{path}/{self.json('POST', path, expect=(200, 202))['dropRequest']['id']}"
        try:
            self._until(SETTLE_SECONDS, lambda: self.get(request)["dropRequest"]["finished"], "the queues are not emptied")
        finally:
            self.call("DELETE", request)

    def set_variables(self, group: str, wanted: Mapping[str, str | None]) -> None:
        """Sets the group's variables that differ, and no others; None removes one."""
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
        """Sets variables until the claim is released. What they were is written down first: a killed run cannot put them back."""
        claim = self._only_with_claim()
        before = {**values_of(self.get(f"/process-groups/{group}/variable-registry?includeAncestorGroups=false")), **claim.restore}
        target: dict[str, str | None] = {**claim.restore, **variables}
        claim.restore = {name: before.get(name) for name, value in target.items() if before.get(name) != value}
        self.renew()
        self.set_variables(group, target)

    def release(self) -> None:
        """Gives the flow up, its variables as they were before the run."""
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
        """Enables the group's services and waits until its processors are valid."""
        self._switch_services(group, "ENABLED")
        deadline = time.monotonic() + SETTLE_SECONDS
        while invalid := [p for p in self.processors(group) if p.validation != "VALID"]:
            if time.monotonic() > deadline or all(p.validation == "INVALID" for p in invalid):
                # NiFi shows the old verdict for a moment after a change: look twice before believing it
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

        def complain() -> str:
            late = [s["component"] for s in services if s["component"]["state"] != state]
            return "; ".join(f"{c['name']} is {c['state']} {' '.join(c.get('validationErrors') or ())}" for c in late)

        self._until(SETTLE_SECONDS, switched, complain)

    def processors(self, group: str) -> list[Processor]:
        return [Processor.of(e) for e in self.get(f"/process-groups/{group}/processors")["processors"]]

    # -- running

    def run_once(self, group: str, rows: int, variables: Mapping[str, str]) -> Run:
        """Runs the flow once on a file of so many rows, and answers as soon as the file is on its way.

        The source is asked for one run, never started: a source left running would read the file again whenever NiFi starts.
        """
        claim = self._only_with_claim()
        self.renew()
        self.stop(group)
        self._set_for_this_run(group, variables)
        self.enable(group)
        if any(p.state != "STOPPED" for p in self.processors(group)):  # what waited for its services starts now
            self.stop(group)
        self.purge(group)
        processors = self.processors(group)
        source = next((p for p in processors if p.type == "GetFile"), None)
        publisher = next((p for p in processors if p.type.startswith("PublishKafkaRecord")), None)
        if not source or not publisher:
            raise FlowFailed("the group lacks GetFile or PublishKafkaRecord: delete it, and it is deployed again")
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
        for _ in range(TIMES_TO_ASK):
            self._set_state(source, "RUN_ONCE")
            if self._moves(run):
                return run
        self.stop(group)
        folder = variables.get("csv.folder") or "its folder"
        raise FlowFailed(f"NiFi finds no file to read in {folder}: GetFile was asked {TIMES_TO_ASK} times and took none")

    def run_again(self, run: Run) -> Run:
        """Runs the flow once more, in the time that is left for `run`. It counts from here."""
        return replace(self.run_once(run.group, run.rows, run.variables), started=run.started)

    def last_run(self) -> Run | None:
        """The run of this claim, also after a retry of the task that started it."""
        return Run.from_json(self._claim.run) if self._claim and self._claim.run else None

    def wait(self, run: Run, seconds: float) -> None:
        """Waits until all rows are on the topic, or for `seconds` from the run's start, and says what NiFi reports in between."""
        patience, said = Patience(), None
        while True:
            late = time.time() > run.started + seconds
            try:
                if self.finished(run):
                    return
                reason = self.reason(run)
            except NiFiUnreachable as error:  # it restarts: then `finished` reports the run as lost
                if late:
                    raise
                reason = str(error)
            if late:
                raise FlowFailed(f"NiFi did not publish the file within {seconds:g} s. It says: {reason or 'nothing'}", 69)
            if reason and reason != said:
                self.say(f"NiFi tries again by itself after: {reason}")
                said = reason
            elif patience.is_over():
                self.say(f"waiting for NiFi's flow since {time.time() - run.started:.0f} s")
            time.sleep(0.5)

    def _only_with_claim(self) -> Claim:
        """Only one run at a time may change the flow."""
        if not self._claim:
            raise NiFiError("the flow is not claimed for this run")
        return self._claim

    def _moves(self, run: Run) -> bool:
        """Whether the file is on its way, or the run has ended in an error that `finished` will report."""
        idle_since, patience = time.monotonic(), Patience()
        while time.monotonic() < idle_since + ASK_AGAIN_AFTER:
            status = self.status(run.group)
            if status.queued or self._taken(run.source) > run.taken_before or self._sent_in(run) != 0:
                return True
            if self._errors(run):
                return True
            if status.threads or self._processor(run.source).state != "STOPPED":
                idle_since = time.monotonic()  # it is at work: the content repository may make it wait for a minute
            if time.time() > run.started + 180:
                return True
            if patience.is_over():
                self.say(f"waiting for NiFi to read the file since {time.time() - run.started:.0f} s")
            time.sleep(0.2)
        return False

    def _taken(self, source: str) -> int:
        """How many files the source has taken in the last five minutes."""
        return self.get(f"/flow/processors/{source}/status")["processorStatus"]["aggregateSnapshot"]["flowFilesOut"]

    def _processor(self, identifier: str) -> Processor:
        return Processor.of(self.get(f"/processors/{identifier}"))

    def _set_state(self, processor: Processor, state: str) -> None:
        """Changes a processor as it was when `processor` was read: if another has changed it since, the claim is checked first."""
        version = processor.version
        for attempt in range(3):
            body = {"revision": {"version": version}, "state": state, "disconnectedNodeAcknowledged": False}
            try:
                self.call("PUT", f"/processors/{processor.id}/run-status", json=body)
                return
            except NiFiError as error:  # somebody at the UI was faster
                if "up-to-date revision" not in str(error) or attempt == 2:
                    raise
            self.renew()
            version = self._processor(processor.id).version

    def finished(self, run: Run) -> bool:
        """True when all rows are on the topic, False while they may still come; otherwise raises FlowFailed with NiFi's reason, or RunLost.

        A broker that is away is no failure yet: the file waits in front of the publisher, which tries again by itself.
        """
        taken = self._taken(run.source) > run.taken_before
        status = self.status(run.group)
        sent = self._sent_in(run)
        reason = self.reason(run)
        # Read last: then all of the above is from the same life of NiFi.
        version = self._processor(run.publisher).version
        if version < run.version or sent < 0:
            raise RunLost("NiFi was restarted during the run, and its counters with it: what this run has published is not known")
        if version > run.version:
            self.renew()  # by another run that has taken the flow, or by a person
            raise RunLost(f"{run.name} was started or stopped by someone else during the run")
        if status.threads:
            return False
        if status.failed:
            raise FlowFailed(reason or "NiFi put the file into the failure connection, without a bulletin")
        if status.queued:
            return False
        if sent == run.rows:
            return True
        if sent:
            raise FlowFailed(
                f"NiFi published {sent} messages where the file has {run.rows} rows: "
                "its file of that name is another one, or was changed during the run"
            )
        if reason:
            raise FlowFailed(reason)
        if taken:
            raise FlowFailed("no rows: NiFi has read its file of that name and found none in it")
        return False

    def _sent_in(self, run: Run) -> int:
        return self.sent(run.name, run.publisher) - run.sent_before

    def reason(self, run: Run) -> str | None:
        """Why the run failed, in NiFi's words: the first error of each processor, the others repeat it."""
        errors = self._errors(run)
        # The failed abort comes first and only says that another error was there.
        telling = [e for e in errors if "Failed to abort producer transaction" not in e] or errors
        firsts = {e.partition(": ")[0]: e for e in reversed(telling)}
        return "; ".join(reversed(firsts.values())) or None

    def _errors(self, run: Run) -> list[str]:
        found = self.bulletins(run.group, run.bulletin_before)
        return [told(b["bulletin"]) for b in found if b.get("bulletin", {}).get("level") == "ERROR"]

    def status(self, group: str) -> Status:
        snapshot = self.get(f"/flow/process-groups/{group}/status?recursive=true")["processGroupStatus"]["aggregateSnapshot"]
        connections = [c["connectionStatusSnapshot"] for c in snapshot["connectionStatusSnapshots"]]
        return Status(
            threads=snapshot["activeThreadCount"],
            queued=snapshot["flowFilesQueued"],
            failed=sum(c["flowFilesQueued"] for c in connections if c["destinationName"] == "Funnel"),
        )

    def sent(self, name: str, publisher: str) -> int:
        """The counter "Messages Sent" of one publisher, since NiFi's start."""
        counters = self.get("/counters")["counters"]["aggregateSnapshot"]["counters"]
        context = f"{name} ({publisher})"
        return sum(c["valueCount"] for c in counters if c["name"] == "Messages Sent" and c["context"] == context)

    def bulletins(self, group: str, after: int | None = None) -> list[Json]:
        """The bulletins of a group, oldest first. Without the limit NiFi answers with a few of the oldest."""
        parameters: Json = {"groupId": group, "limit": 1000}
        if after is not None:
            parameters["after"] = after
        return self.get("/flow/bulletin-board", params=parameters)["bulletinBoard"]["bulletins"]

    def _until(self, seconds: float, done: Callable[[], bool], complaint: str | Callable[[], str]) -> None:
        start, patience = time.monotonic(), Patience()
        while not done():
            waited = time.monotonic() - start
            if waited > seconds or patience.is_over():
                text = complaint if isinstance(complaint, str) else complaint()
                if waited > seconds:
                    raise NiFiError(f"after {seconds:g} s: {text}")
                self.say(f"waiting for NiFi since {waited:.0f} s: {text}")
            time.sleep(0.1)


def told(bulletin: Json) -> str:
    """A bulletin as one line: who says it, what, and the causes that add something."""
    lines = [line.strip().removeprefix("- Caused by: ") for line in bulletin["message"].splitlines()]
    text = re.sub(r"^\w+\[id=[0-9a-f-]+\] ", "", lines[0]).strip()
    for cause in lines[1:]:
        if cause and cause not in text:
            text += f" – {cause}"
    if "does not have sufficient permissions" in text:  # NiFi says the same of a folder that is not there
        text += ": check that the folder exists and that NiFi's user may write to it"
    return f"{bulletin['sourceName']}: {text}"[:1000]


def values_of(registry: Json) -> dict[str, str | None]:
    """The values of a group's variable registry."""
    return {v["variable"]["name"]: v["variable"].get("value") for v in registry["variableRegistry"]["variables"]}


class Patience:
    """Says when a wait is long enough for a line in the log."""

    def __init__(self) -> None:
        self._next = time.monotonic() + FIRST_LINE_AFTER

    def is_over(self) -> bool:
        if time.monotonic() < self._next:
            return False
        self._next = time.monotonic() + NEXT_LINE_AFTER
        return True


def from_environment() -> NiFi:
    """NiFi as NIFI_URL, NIFI_USER, NIFI_PASSWORD and NIFI_CA name it."""
    env = os.environ
    return NiFi(
        env.get("NIFI_URL") or "http://localhost:8080",
        env.get("NIFI_USER") or None,
        env.get("NIFI_PASSWORD") or None,
        env.get("NIFI_CA") or True,
    )


def run_and_wait(nifi: NiFi, group: Group, rows: int, variables: Mapping[str, str], seconds: float) -> None:
    """Runs the flow once, waits for its end and stops it."""
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
    """Ends with the exit code that the project's programs have for a usage error."""

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
        "--wait", type=duration, default=300, metavar="SECONDS", help="for NiFi to start, for another run to end, and for the flow to end"
    )
    parser.add_argument("--csv", metavar="FILE", help="run: the file as this machine sees it, to count its rows (default: in data/)")
    parser.add_argument(
        "--set", type=assignment, action="append", default=[], metavar="NAME=VALUE", help="run: a variable of the group, for this run only"
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
    """Does what the command line asks for. Everything on this machine is checked before NiFi is asked for anything."""
    template, variables, rows = Template.read(options.template), dict(options.set), 0
    if unknown := sorted(variables.keys() - template.variables.keys()):
        raise NiFiError(f"--set {unknown[0]}: not a variable of the group, which has {', '.join(template.variables)}", 64)
    if options.command == "run":
        rows = template.rows(options.csv or f"data/{template.source_file}")
    with from_environment() as nifi:
        nifi.say = functools.partial(print, file=sys.stderr, flush=True)
        version = nifi.wait_until_up(options.wait)
        group = nifi.find_group(template.group)
        if options.command == "status":
            state = "absent" if not group else "as the template" if group.hash == template.hash else "of another template"
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
            print(f"{rows} messages published")


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # stops the flow and gives it up first
    sys.exit(main())
