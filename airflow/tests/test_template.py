"""NiFi's generated flow and netflix-producer send the same bytes, for this dataset and for another."""

from __future__ import annotations

import json
import subprocess
import time
from pathlib import Path

import pytest

from conftest import Double, messages, needed
from nifi import NiFi, Template

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
    "No;Title  (original);Seen;Rating;Made;Good\r\n"
    '1;"Amélie; or ""Le Fabuleux Destin""";24/12/2001;8.30;2001;true\r\n'
    "-7;C:\\films\\8½;;16;1963;false\r\n"
    '3;"two\nlines";01/02/2003;;1999;\r\n'
    "9223372036854775807;;29/02/2024;0.0001;2024;true\r\n"
)


@pytest.fixture
def films(home: Path) -> Path:
    (home / "data" / "films.csv").write_text(ROWS, newline="")
    description = home / "data" / "films.json"
    description.write_text(json.dumps(FILMS))
    return description


@pytest.mark.parametrize("dataset", ["netflix", "films"])
def test_nifi_and_the_producer_send_the_same_bytes(dataset: str, home: Path, films: Path, double: Double, broker: str, topic: str) -> None:
    programs = needed("NETFLIX_PROGRAMS")
    description = films if dataset == "films" else home / "data" / "datapackage.json"
    csv = home / "data" / ("films.csv" if dataset == "films" else "netflix_revenue_updated.csv")
    file = home / "nifi" / "generated.xml"
    subprocess.run([f"{programs}/netflix", "nifi-template", "--dataset", str(description), "--output", str(file)], check=True)
    dry = subprocess.run(
        [f"{programs}/netflix-producer", "--dry-run", "--dataset", str(description), str(csv)], check=True, capture_output=True, text=True
    ).stdout

    nifi, template = NiFi(double.url), Template.read(file)
    rows = template.rows(csv)
    variables = {"kafka.bootstrap.servers": broker, "kafka.topic": topic, "csv.folder": "/opt/nifi/data"}
    run = nifi.run_once(nifi.deploy(template).id, rows, variables)
    deadline = time.monotonic() + 30
    while not nifi.finished(run):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    published = sorted(f"{key}\t{value}" for _, key, value in messages(broker, topic))
    assert published == sorted(dry.splitlines())
    assert len(published) == rows
