"""The NiFi client over HTTPS with a login."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from airflow.sdk import Connection

from conftest import Double
from nifi import NiFi, NiFiRefused, Template
from secure import SecureFront


@pytest.fixture
def front(double: Double, tmp_path: Path) -> Iterator[SecureFront]:
    running = SecureFront(double.url, tmp_path, "netflix", "correct horse")
    yield running
    running.close()


def test_user_and_password_are_traded_for_a_token(front: SecureFront, home: Path) -> None:
    nifi = NiFi(front.url, "netflix", "correct horse", str(front.certificate))
    template = Template.read(home / "nifi" / "flow_template.xml")
    assert nifi.deploy(template).hash == template.hash
    assert len(front.tokens) == 1


def test_a_token_that_has_run_out_is_replaced(front: SecureFront) -> None:
    nifi = NiFi(front.url, "netflix", "correct horse", str(front.certificate))
    assert nifi.groups() == []
    front.tokens.clear()
    assert nifi.groups() == []
    assert len(front.tokens) == 1


def test_a_wrong_password_is_refused_and_not_repeated_in_the_text(front: SecureFront) -> None:
    nifi = NiFi(front.url, "netflix", "battery staple", str(front.certificate))
    with pytest.raises(NiFiRefused, match="refuses the login of netflix") as refused:
        nifi.groups()
    assert "battery" not in str(refused.value)


def test_no_login_where_one_is_wanted_is_refused(front: SecureFront) -> None:
    with pytest.raises(NiFiRefused, match="Unauthorized"):
        NiFi(front.url, verify=str(front.certificate)).groups()


def test_a_certificate_that_nobody_vouches_for_is_refused(front: SecureFront) -> None:
    with pytest.raises(NiFiRefused, match="is not trusted"):
        NiFi(front.url, "netflix", "correct horse").groups()


def test_airflows_connection_carries_address_login_and_certificate(front: SecureFront, monkeypatch: pytest.MonkeyPatch) -> None:
    import netflix_etl_dag

    port = int(front.url.rpartition(":")[2])
    connection = {
        "conn_type": "http",
        "schema": "https",
        "host": "127.0.0.1",
        "port": port,
        "login": "netflix",
        "password": "correct horse",
    }
    monkeypatch.setenv("AIRFLOW_CONN_NIFI", json.dumps({**connection, "extra": {"verify": str(front.certificate)}}))
    assert Connection.get("nifi").host == "127.0.0.1"
    assert netflix_etl_dag.connect().groups() == []
