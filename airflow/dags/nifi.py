"""A small client of Apache NiFi 1.x over REST: it deploys a template and runs its flow once.

Used by the DAG beside it and by hand:

    python nifi.py deploy --template nifi/flow_template.xml     deploys the flow unless NiFi has it already
    python nifi.py status --template nifi/flow_template.xml     says what NiFi has of it
    python nifi.py run    --template nifi/flow_template.xml     runs it once and waits for the end

The address and the login come from NIFI_URL, NIFI_USER, NIFI_PASSWORD and NIFI_CA (a file with the certificate to trust).
"""

from __future__ import annotations

import argparse
import os
import re
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any
from xml.etree import ElementTree

from nifi_rest import FlowFailed, Json, NiFiError, NiFiRefused, NiFiUnreachable, Rest
from nifi_template import Template, hash_in

#: A request to run once is lost without a word within a second of an error: where nothing moves for so long, it is asked again.
ASK_AGAIN_AFTER = 3.0
#: How often a source is asked for a file before it counts as having found none.
TIMES_TO_ASK = 3
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

    @property
    def hash(self) -> str | None:
        """The hash of the template that it was made from, as its comments tell."""
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
    """One run of the flow, with what the counters and the bulletin board said before it. Plain values: an XCom can hold it."""

    group: str
    publisher: str
    rows: int
    variables: dict[str, str]
    sent_before: int
    bulletin_before: int | None
    started: float

    def to_json(self) -> Json:
        return asdict(self)

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Run:
        return cls(**value)


class NiFi(Rest):
    """What a flow needs of NiFi: to be deployed, made ready, run once, watched and stopped."""

    def wait_until_up(self, seconds: float) -> str:
        """Waits for a NiFi that is starting; answers its version."""
        deadline = time.monotonic() + seconds
        while True:
            try:
                return self.get("/flow/about")["about"]["version"]
            except NiFiRefused:
                raise
            except NiFiError:  # while it starts it answers 503 or nothing
                if time.monotonic() > deadline:
                    raise
            time.sleep(1)

    # -- the flow's group

    def root(self) -> str:
        """The id of the canvas that holds all groups."""
        return self.get("/flow/process-groups/root")["processGroupFlow"]["id"]

    def groups(self) -> list[Group]:
        """The groups on the root canvas."""
        entities = self.get(f"/process-groups/{self.root()}/process-groups")["processGroups"]
        return [
            Group(e["id"], e["component"]["name"], e["component"].get("comments") or "")
            for e in entities
            if "component" in e  # a group that this user may not read has none
        ]

    def find_group(self, name: str) -> Group | None:
        """The group of that name, if there is one: a second instance would be called «Copy of …»."""
        return next((group for group in self.groups() if group.name == name), None)

    def deploy(self, template: Template) -> Group:
        """The template's group, made of it now unless NiFi has it already; a group of another hash is replaced."""
        group = self.find_group(template.group)
        if group and group.hash == template.hash:
            return group
        if group:
            self.remove(group.id)
        for listed in self.get("/flow/templates")["templates"]:
            if listed["template"]["name"] == template.name:
                self.call("DELETE", f"/templates/{listed['id']}")
        return self.instantiate(self.upload(template), template.group)

    def upload(self, template: Template) -> str:
        """Hands the template to NiFi; answers its id. Only 201 is success: malformed XML is answered with 200."""
        files = {"template": (template.path.name, template.path.read_bytes(), "application/xml")}
        path = f"/process-groups/{self.root()}/templates/upload"
        response = self.call("POST", path, files=files, expect=(200, 201))
        entity = ElementTree.fromstring(response.content)
        identifier = entity.findtext("template/id")
        if response.status_code != 201 or not identifier:
            raise NiFiError(f"NiFi takes no template from {template.path}: {entity.get('statusText') or response.text[:300]}")
        return identifier

    def instantiate(self, template_id: str, name: str) -> Group:
        """Puts an uploaded template on the canvas. What NiFi leaves half-built when it fails is removed again."""
        before = {group.id for group in self.groups()}
        body = {"templateId": template_id, "originX": 0.0, "originY": 0.0, "disconnectedNodeAcknowledged": False}
        try:
            self.call("POST", f"/process-groups/{self.root()}/template-instance", json=body, expect=(201,))
        except NiFiError:
            for group in self.groups():
                if group.id not in before:
                    self.remove(group.id)
            raise
        made = [group for group in self.groups() if group.id not in before]
        group = next((group for group in made if group.name == name), None)
        if group is None:
            raise NiFiError(f"NiFi made {[g.name for g in made]} of the template, not {name}")
        return group

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
        request = f"{path}/{self.call('POST', path, expect=(200, 202)).json()['dropRequest']['id']}"
        try:
            self._until(SETTLE_SECONDS, lambda: self.get(request)["dropRequest"]["finished"], "the queues are not emptied")
        finally:
            self.call("DELETE", request)

    def set_variables(self, group: str, wanted: Mapping[str, str]) -> None:
        """Sets the group's variables that differ, and no others."""
        registry = self.get(f"/process-groups/{group}/variable-registry")
        current = {v["variable"]["name"]: v["variable"].get("value") for v in registry["variableRegistry"]["variables"]}
        changed = [{"variable": {"name": n, "value": v}} for n, v in wanted.items() if current.get(n) != v]
        if not changed:
            return
        path = f"/process-groups/{group}/variable-registry/update-requests"
        body = {
            "processGroupRevision": registry["processGroupRevision"],
            "variableRegistry": {"processGroupId": group, "variables": changed},
            "disconnectedNodeAcknowledged": False,
        }
        request = f"{path}/{self.call('POST', path, json=body, expect=(200, 202)).json()['request']['requestId']}"
        try:
            self._until(SETTLE_SECONDS, lambda: self._variables_set(request), "the variables are not taken over")
        finally:
            self.call("DELETE", request)

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
        listing = f"/flow/process-groups/{group}/controller-services?includeAncestorGroups=false"
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
        self.stop(group)
        self.set_variables(group, variables)
        self.enable(group)
        if any(p.state != "STOPPED" for p in self.processors(group)):  # what waited for its services runs off now
            self.stop(group)
        self.purge(group)
        processors = self.processors(group)
        source = next((p for p in processors if p.type == "GetFile"), None)
        publisher = next((p for p in processors if p.type.startswith("PublishKafkaRecord")), None)
        if not source or not publisher:
            raise FlowFailed("the group lacks GetFile or PublishKafkaRecord: delete it, and it is deployed anew")
        label = f"{publisher.name} ({publisher.id})"
        run = Run(
            group=group,
            publisher=label,
            rows=rows,
            variables=dict(variables),
            sent_before=self.sent(label),
            bulletin_before=max((b["id"] for b in self.bulletins(group)), default=None),
            started=time.time(),
        )
        taken_before = self._taken(source)
        self._set_state(publisher, "RUNNING")
        self._until(SETTLE_SECONDS, lambda: self._processor(publisher).state == "RUNNING", f"{publisher.name} does not start")
        for _ in range(TIMES_TO_ASK):
            self._set_state(source, "RUN_ONCE")
            if self._moves(run, source, taken_before):
                return run
        self.stop(group)
        folder = variables.get("csv.folder") or "its folder"
        raise FlowFailed(f"NiFi finds no file to read in {folder}: GetFile was asked {TIMES_TO_ASK} times and took none")

    def run_again(self, run: Run) -> None:
        """Runs the flow once more for the same `run`, whose counts stay the ones to compare with."""
        self.run_once(run.group, run.rows, run.variables)

    def _moves(self, run: Run, source: Processor, taken_before: int) -> bool:
        """Whether the file is on its way, or its way has ended in an error that `finished` will tell."""
        idle_since = time.monotonic()
        while time.monotonic() < idle_since + ASK_AGAIN_AFTER:
            status = self.status(run.group)
            if status.queued or self._taken(source) > taken_before or self.sent(run.publisher) != run.sent_before:
                return True
            if self._errors(run):
                return True
            if status.threads or self._processor(source).state != "STOPPED":
                idle_since = time.monotonic()  # it is at work: the content repository may make it wait for a minute
            if time.time() > run.started + 180:
                return True
            time.sleep(0.2)
        return False

    def _taken(self, source: Processor) -> int:
        """How many files the source has taken in the last five minutes."""
        return self.get(f"/flow/processors/{source.id}/status")["processorStatus"]["aggregateSnapshot"]["flowFilesOut"]

    def _processor(self, processor: Processor) -> Processor:
        return Processor.of(self.get(f"/processors/{processor.id}"))

    def _set_state(self, processor: Processor, state: str) -> None:
        for attempt in range(3):
            body = {
                "revision": {"version": self._processor(processor).version},
                "state": state,
                "disconnectedNodeAcknowledged": False,
            }
            try:
                self.call("PUT", f"/processors/{processor.id}/run-status", json=body)
                return
            except NiFiError as error:  # somebody at the UI was faster
                if "up-to-date revision" not in str(error) or attempt == 2:
                    raise

    def finished(self, run: Run) -> bool:
        """True when all rows are on the topic, False while they may still come; raises FlowFailed with NiFi's reason.

        A broker that is away is no failure yet: the file waits in front of the publisher, which tries again by itself.
        """
        status = self.status(run.group)
        sent = self.sent(run.publisher) - run.sent_before
        if status.threads:
            return False
        if status.failed:
            raise FlowFailed(self.reason(run) or "NiFi put the file into the failure connection, without a bulletin")
        if status.queued:
            return False
        if sent and sent % run.rows == 0:  # more than once, where the flow was run again
            return True
        if sent:
            raise FlowFailed(f"NiFi published {sent} messages where the file has {run.rows} rows: was it changed meanwhile?")
        if reason := self.reason(run):
            raise FlowFailed(reason)
        return False

    def reason(self, run: Run) -> str | None:
        """Why the run failed, as NiFi tells it: the first error of each processor, the others repeat it in other words."""
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

    def sent(self, publisher: str) -> int:
        """The counter «Messages Sent» of one publisher, since NiFi's start."""
        counters = self.get("/counters")["counters"]["aggregateSnapshot"]["counters"]
        return sum(c["valueCount"] for c in counters if c["name"] == "Messages Sent" and c["context"] == publisher)

    def bulletins(self, group: str, after: int | None = None) -> list[Json]:
        """The bulletins of a group, oldest first. Without the limit NiFi answers with a few of the oldest."""
        parameters: Json = {"groupId": group, "limit": 1000}
        if after is not None:
            parameters["after"] = after
        return self.get("/flow/bulletin-board", params=parameters)["bulletinBoard"]["bulletins"]

    @staticmethod
    def _until(seconds: float, done: Callable[[], bool], complaint: str | Callable[[], str]) -> None:
        deadline = time.monotonic() + seconds
        while not done():
            if time.monotonic() > deadline:
                raise NiFiError(f"after {seconds:g} s: {complaint if isinstance(complaint, str) else complaint()}")
            time.sleep(0.1)


def told(bulletin: Json) -> str:
    """A bulletin as one line: who says it, what, and the causes that add something."""
    lines = [line.strip().removeprefix("- Caused by: ") for line in bulletin["message"].splitlines()]
    text = re.sub(r"^\w+\[id=[0-9a-f-]+\] ", "", lines[0]).strip()
    for cause in lines[1:]:
        if cause and cause not in text:
            text += f" – {cause}"
    return f"{bulletin['sourceName']}: {text}"[:1000]


def from_environment() -> NiFi:
    """NiFi as NIFI_URL, NIFI_USER, NIFI_PASSWORD and NIFI_CA name it."""
    env = os.environ
    return NiFi(
        env.get("NIFI_URL", "http://localhost:8080"),
        env.get("NIFI_USER") or None,
        env.get("NIFI_PASSWORD") or None,
        env.get("NIFI_CA") or True,
    )


def run_and_wait(nifi: NiFi, group: Group, rows: int, variables: Mapping[str, str], seconds: float) -> None:
    """Runs the flow once, waits for its end and stops it."""
    try:
        run = nifi.run_once(group.id, rows, variables)
        while not nifi.finished(run):
            if time.time() > run.started + seconds:
                raise FlowFailed(nifi.reason(run) or f"the flow did not end within {seconds:g} s")
            time.sleep(0.5)
    finally:
        nifi.stop(group.id)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=("deploy", "status", "run"))
    parser.add_argument("--template", default="nifi/flow_template.xml", metavar="FILE")
    parser.add_argument("--wait", type=float, default=300, metavar="SECONDS", help="for NiFi to come up, and for the flow to end")
    parser.add_argument("--csv", metavar="FILE", help="run: the file as this machine sees it, to count its rows (default: in data/)")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="run: a variable of the group")
    options = parser.parse_args(arguments)
    try:
        template = Template.read(options.template)
        with from_environment() as nifi:
            version = nifi.wait_until_up(options.wait)
            if options.command == "status":
                group = nifi.find_group(template.group)
                state = "absent" if not group else "as the template" if group.hash == template.hash else "of another template"
                print(f"NiFi {version} at {nifi.url}: {template.group} is {state}")
                return 0
            group = nifi.deploy(template)
            print(f"NiFi {version} at {nifi.url}: {group.name} is deployed, template {template.hash}")
            if options.command == "run":
                rows = template.rows(options.csv or f"data/{template.source_file}")
                run_and_wait(nifi, group, rows, dict(v.split("=", 1) for v in options.set), options.wait)
                print(f"{rows} messages published")
        return 0
    except NiFiUnreachable as error:
        print(error, file=sys.stderr)
        return 69
    except NiFiRefused as error:
        print(error, file=sys.stderr)
        return 77
    except NiFiError as error:
        print(error, file=sys.stderr)
        return 65


if __name__ == "__main__":
    sys.exit(main())
