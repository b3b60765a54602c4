"""The dashboard behind nginx with its defaults: below a path, and with another host name."""

import os
import socket
import subprocess
import time
import urllib.request

import pytest
from conftest import HERE, dashboard, settle

CONFIGURATION = """
daemon off; master_process off; pid {folder}/nginx.pid; error_log stderr warn;
events {{ worker_connections 64; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  server {{
    listen 127.0.0.1:{port};
    location /dash/ {{ proxy_pass {url}/; }}
    location /named/ {{ proxy_pass {url}/; proxy_set_header Host stats.example.org; }}
  }}
}}
"""


def free_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


@pytest.fixture
def proxied(tmp_path):
    """A dashboard that allows one host name, behind nginx."""
    orchard = tmp_path / "orchard"
    orchard.mkdir()
    running = dashboard(orchard, HERE / "orchard", "orchard.csv", "--allowed-host", "stats.example.org")
    folder = tmp_path / "nginx"
    folder.mkdir()
    port = free_port()
    configuration = folder / "nginx.conf"
    configuration.write_text(CONFIGURATION.format(folder=folder, port=port, url=running.url))
    nginx = subprocess.Popen([os.environ.get("NGINX", "nginx"), "-p", folder, "-c", configuration])
    running.proxy = f"http://127.0.0.1:{port}"
    deadline = time.monotonic() + 20
    while nginx.poll() is None and time.monotonic() < deadline:
        try:
            urllib.request.urlopen(running.proxy + "/dash/healthz")
            break
        except OSError:
            time.sleep(0.05)
    yield running
    nginx.terminate()
    nginx.wait(timeout=20)
    running.stop()


@pytest.mark.parametrize("path", ["/dash/", "/named/"])
def test_the_page_is_live_behind_nginx_and_follows_new_rows(proxied, visitor, path):
    page = visitor.open(proxied.proxy + path)
    page.wait_for_selector('#state[data-state="live"]')
    assert page.locator("h1").inner_text() == "Orchard sales"
    proxied.append("2024-01-31,301.00,150.00,151.00\n")
    page.wait_for_function("() => document.getElementById('trend-title').textContent.includes('2024-01')")
    settle(page)
    assert "€301.00" in page.locator("#trend-title").inner_text()
