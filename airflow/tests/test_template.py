"""The generated NiFi flow and netflix-producer send the same bytes, for this dataset and for another."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from conftest import Double, messages, needed
from nifi import FlowFailed, NiFi, Template

FILMS = {
    "resources": [
        {
            "name": "films",
            "path": "films.csv",
            "topic": "films",
            "dialect": {"delimiter": ";"},
            "schema": {
                "fields": [
                    {"name": "No", "column": "id", "type": "integer"},
                    {"name": "Title  (original)", "column": "title", "type": "string"},
                    {"name": "Seen", "type": "date", "format": "%d/%m/%Y"},
                    {"name": "Rating", "type": "number", "decimals": 1},
                    {"name": "Made", "type": "year"},
                    {"name": "Good", "type": "boolean", "trueValues": ["true"], "falseValues": ["false"]},
                ],
                "primaryKey": "No",
            },
        }
    ]
}
ROWS = (
    "No;Title  (original) ; Seen;Rating;Made;Good\r\n"
    '1;"Amélie; or ""Le Fabuleux Destin""";24/12/2001;8.30;2001;true\r\n'
    "-7;C:\\films\\8½;;16;1963;false\r\n"
    '3;"two\nlines";01/02/2003;;1999;\r\n'
    "4;  blanks at both ends\t ;;;;\r\n"
    "5; ;;;;\r\n"
    "9223372036854775807;;29/02/2024;0.0001;2024;true\r\n"
)


@pytest.fixture
def films(home: Path) -> Path:
    (home / "data" / "films.csv").write_text(ROWS, newline="")
    description = home / "data" / "films.json"
    description.write_text(json.dumps(FILMS))
    return description


@pytest.fixture
def generated(home: Path, films: Path) -> Path:
    """The template of the films dataset."""
    return generate(home, films)


def generate(home: Path, description: Path) -> Path:
    file = home / "nifi" / "generated.xml"
    command = [f"{needed('NETFLIX_PROGRAMS')}/netflix", "nifi-template", "--dataset", str(description), "--output", str(file)]
    subprocess.run(command, check=True)
    return file


def dry_run(description: Path, csv: Path) -> subprocess.CompletedProcess[str]:
    """The messages that netflix-producer would send."""
    command = [f"{needed('NETFLIX_PROGRAMS')}/netflix-producer", "--dry-run", "--dataset", str(description), str(csv)]
    return subprocess.run(command, check=False, capture_output=True, text=True)


def publish(double: Double, template: Template, csv: Path, broker: str, topic: str) -> list[str]:
    """The messages that NiFi sends: key, tab, value."""
    nifi = NiFi(double.url)
    variables = {"kafka.bootstrap.servers": broker, "kafka.topic": topic, "csv.folder": "/opt/nifi/data"}
    with nifi.claimed(template.group, "test", 5):
        nifi.wait(nifi.run_once(nifi.deploy(template).id, template.rows(csv), variables), 30)
        nifi.stop(nifi.deploy(template).id)
    return sorted(f"{key}\t{value}" for _, key, value in messages(broker, topic))


@pytest.mark.parametrize("dataset", ["netflix", "films"])
def test_nifi_and_the_producer_send_the_same_bytes(dataset: str, home: Path, films: Path, double: Double, broker: str, topic: str) -> None:
    description = films if dataset == "films" else home / "data" / "datapackage.json"
    csv = home / "data" / ("films.csv" if dataset == "films" else "netflix_revenue_updated.csv")
    template = Template.read(generate(home, description))
    expected = sorted(dry_run(description, csv).stdout.splitlines())
    published = publish(double, template, csv, broker, topic)
    assert published == expected
    assert len(published) == template.rows(csv)


def test_other_escapes_are_the_same_values(home: Path, films: Path, generated: Path, double: Double, broker: str, topic: str) -> None:
    csv = home / "data" / "films.csv"
    csv.write_text(ROWS.split("\r\n")[0] + "\r\n1;\U0001f600 and \x1f;;;;\r\n", newline="")
    ours = dry_run(films, csv).stdout.strip()
    (theirs,) = publish(double, Template.read(generated), csv, broker, topic)
    assert "\\uD83D\\uDE00 and \\u001F" in theirs
    assert theirs != ours
    assert json.loads(theirs.partition("\t")[2]) == json.loads(ours.partition("\t")[2])


def test_values_that_nifi_accepts_and_the_producer_rejects(
    home: Path, films: Path, generated: Path, double: Double, broker: str, topic: str
) -> None:
    csv, header = home / "data" / "films.csv", ROWS.partition("\r\n")[0]
    rows = {
        "1;;31/02/2021;;;": '"seen":"2021-02-28"',
        "2;;;;1;": '"made":1',
        "3;;;;-5;": '"made":-5',
        "4;;;;10000;": '"made":10000',
        "\u0665;;;;;": '"id":5',
        "6;;;;;tRuE": '"good":true',
    }
    for row in rows:
        csv.write_text(f"{header}\r\n{row}\r\n", newline="")
        assert dry_run(films, csv).returncode == 65, row
    # The producer accepts this date unchanged; Java has no such day.
    rows["7;;05/10/1582;;;"] = '"seen":"1582-10-15"'
    csv.write_text("\r\n".join([header, *rows, ""]), newline="")
    published = publish(double, Template.read(generated), csv, broker, topic)
    for message, value in zip(published, rows.values(), strict=True):
        assert value in message


def test_a_number_with_blanks_around_it_fails_beside_text(
    home: Path, films: Path, generated: Path, double: Double, broker: str, topic: str
) -> None:
    csv = home / "data" / "films.csv"
    csv.write_text(f"{ROWS.partition(chr(13))[0]}\r\n1;;; 12.5 ;;\r\n", newline="")
    with pytest.raises(FlowFailed, match=r"value \[ 12\.5 \] .* to BigDecimal"):
        publish(double, Template.read(generated), csv, broker, topic)
    assert dry_run(films, csv).returncode == 0
