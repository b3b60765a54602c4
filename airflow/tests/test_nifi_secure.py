"""The NiFi client over HTTPS with a login."""

from __future__ import annotations

import datetime
import ipaddress
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from airflow.sdk import Connection
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

import nifi as client
from conftest import Double, messages
from nifi import NiFi, NiFiError, NiFiRefused, Template

USER, PASSWORD = "netflix", "correct horse battery"


def certificate(folder: Path) -> tuple[Path, Path]:
    """A self-signed certificate of 127.0.0.1 and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "nifi")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(minutes=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    cert_file, key_file = folder / "nifi.pem", folder / "nifi.key"
    cert_file.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    return cert_file, key_file


@pytest.fixture
def ca(tmp_path: Path) -> Path:
    return certificate(tmp_path)[0]


@pytest.fixture
def secure(home: Path, ca: Path) -> Iterator[Double]:
    running = Double(home / "data", "--https", f"{ca},{ca.with_suffix('.key')}", "--user", USER, "--password", PASSWORD)
    yield running
    running.close()


def tokens(double: Double) -> int:
    return len(double.calls("POST /nifi-api/access/token -> 201"))


def test_a_login_deploys_and_runs_the_flow_from_the_command_line(
    secure: Double, ca: Path, home: Path, broker: str, topic: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in {"NIFI_URL": secure.url, "NIFI_USER": USER, "NIFI_PASSWORD": PASSWORD, "NIFI_CA": str(ca)}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(home)
    assert client.main(["run", "--set", f"kafka.topic={topic}", "--set", f"kafka.bootstrap.servers={broker}"]) == 0, capsys.readouterr().err
    assert capsys.readouterr().out.endswith("21 messages published\n")
    assert len(messages(broker, topic)) == 21
    assert tokens(secure) == 1


def test_one_token_is_requested_with_user_and_password(secure: Double, ca: Path, home: Path) -> None:
    nifi = NiFi(secure.url, USER, PASSWORD, str(ca))
    template = Template.read(home / "nifi" / "flow_template.xml")
    with nifi.claimed(template.group, "test", 5):
        assert nifi.deploy(template).hash == template.hash
    assert tokens(secure) == 1


def test_no_cookie_is_kept(secure: Double, ca: Path) -> None:
    nifi = NiFi(secure.url, USER, PASSWORD, str(ca))
    assert nifi.groups() == []
    assert list(nifi._session.cookies) == []


def test_an_expired_token_is_replaced(secure: Double, ca: Path) -> None:
    nifi = NiFi(secure.url, USER, PASSWORD, str(ca))
    assert nifi.groups() == []
    nifi.call("DELETE", "/access/logout")
    assert nifi.groups() == []
    assert tokens(secure) == 2


def test_a_wrong_password_is_rejected_and_not_repeated_in_the_text(secure: Double, ca: Path) -> None:
    nifi = NiFi(secure.url, USER, "battery staple", str(ca))
    with pytest.raises(NiFiRefused, match="rejected the login of netflix") as rejected:
        nifi.groups()
    assert "staple" not in str(rejected.value)


def test_a_missing_login_is_rejected(secure: Double, ca: Path) -> None:
    with pytest.raises(NiFiRefused, match="Unauthorized"):
        NiFi(secure.url, verify=str(ca)).groups()


def test_an_untrusted_certificate_is_rejected(secure: Double) -> None:
    with pytest.raises(NiFiRefused, match="is not trusted"):
        NiFi(secure.url, USER, PASSWORD).groups()


def test_a_ca_file_that_is_not_a_certificate_is_reported_by_name(secure: Double, ca: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.pem"
    other.write_text("not a certificate")
    with pytest.raises(NiFiError, match=str(other)) as reported:
        NiFi(secure.url, USER, PASSWORD, str(other)).groups()
    assert reported.value.code == 66


def test_https_for_a_nifi_with_http_is_a_usage_error(double: Double) -> None:
    with pytest.raises(NiFiError, match="is it http, not https") as reported:
        NiFi(double.url.replace("http:", "https:")).version()
    assert reported.value.code == 64


def test_airflows_connection_carries_address_login_and_certificate(secure: Double, ca: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import netflix_etl_dag

    port = int(secure.url.rpartition(":")[2])
    connection = {"conn_type": "http", "schema": "https", "host": "127.0.0.1", "port": port, "login": USER, "password": PASSWORD}
    monkeypatch.setenv("AIRFLOW_CONN_NIFI", json.dumps({**connection, "extra": {"verify": str(ca)}}))
    assert Connection.get("nifi").host == "127.0.0.1"
    assert netflix_etl_dag.connect().groups() == []
