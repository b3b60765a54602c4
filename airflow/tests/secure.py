"""A front of TLS and logins for a NiFi that speaks plain HTTP, as a secured NiFi has it."""

from __future__ import annotations

import datetime
import ipaddress
import ssl
import threading
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs

import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


class SecureFront:
    """Listens on https://127.0.0.1, trades user and password for tokens, and passes on what carries a valid one."""

    def __init__(self, behind: str, folder: Path, user: str, password: str) -> None:
        self.certificate, key = self._certificate(folder)
        self.tokens: set[str] = set()
        front = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def any(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                if self.path == "/nifi-api/access/token":
                    form = {k: v[0] for k, v in parse_qs(body.decode()).items()}
                    if (form.get("username"), form.get("password")) != (user, password):
                        return self.answer(400, b"The supplied username and password are not valid.", "text/plain")
                    token = uuid.uuid4().hex
                    front.tokens.add(token)
                    return self.answer(201, token.encode(), "text/plain")
                if self.headers.get("Authorization", "").removeprefix("Bearer ") not in front.tokens:
                    return self.answer(401, b"Unauthorized", "text/plain")
                headers = {"Content-Type": self.headers["Content-Type"]} if self.headers.get("Content-Type") else {}
                passed = requests.request(self.command, behind + self.path, data=body, headers=headers, timeout=30)
                return self.answer(passed.status_code, passed.content, passed.headers.get("Content-Type", "text/plain"))

            def answer(self, status: int, content: bytes, kind: str) -> None:
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: object) -> None:
                pass

            do_GET = do_POST = do_PUT = do_DELETE = any

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, key)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.url = f"https://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    @staticmethod
    def _certificate(folder: Path) -> tuple[Path, Path]:
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "nifi")])
        now = datetime.datetime.now(datetime.UTC)
        certificate = (
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
        cert_file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        key_file.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
        return cert_file, key_file
