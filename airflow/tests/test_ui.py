"""The DAG as a user meets it: log in, look, press Trigger. In headless Chromium, against an Airflow that is up:

AIRFLOW_URL=http://localhost:8081 SCREENSHOTS=. python -m pytest airflow/tests/test_ui.py        (needs playwright and chromium)
"""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path

import pytest
import requests

from conftest import needed

playwright = pytest.importorskip("playwright.sync_api")


def test_one_click_on_trigger_is_all_it_takes(tmp_path: Path) -> None:
    url = needed("AIRFLOW_URL").rstrip("/")
    user, password = os.environ.get("AIRFLOW_USER", "admin"), os.environ.get("AIRFLOW_PASSWORD", "admin")
    pictures = Path(os.environ.get("SCREENSHOTS", tmp_path))
    token = requests.post(f"{url}/auth/token", json={"username": user, "password": password}, timeout=30).json()["access_token"]
    api = requests.Session()
    api.headers["Authorization"] = f"Bearer {token}"
    runs_url = f"{url}/api/v2/dags/netflix_etl_dag/dagRuns"
    before = {run["dag_run_id"] for run in api.get(runs_url, timeout=30).json()["dag_runs"]}

    with playwright.sync_playwright() as chromium:
        browser = chromium.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1400, "height": 1000})
        page.goto(f"{url}/dags/netflix_etl_dag")
        page.fill("input[name=username]", user)
        page.fill("input[name=password]", password)
        page.click("input[type=submit], button[type=submit]")
        page.get_by_test_id("trigger-dag-button").wait_for(timeout=60_000)
        page.screenshot(path=str(pictures / "dag.png"))
        page.get_by_test_id("trigger-dag-button").click()
        page.locator("input[name=element_csv]").wait_for(timeout=30_000)
        assert page.locator("input[name=element_csv]").input_value() == "data/netflix_revenue_updated.csv"
        assert page.locator("input[name=element_topic]").input_value() == "netflix"
        page.screenshot(path=str(pictures / "trigger.png"))
        page.get_by_role("button", name="Trigger", exact=True).last.click()

        deadline = time.monotonic() + 300
        state = ""
        while state not in ("success", "failed"):
            assert time.monotonic() < deadline, state
            time.sleep(2)
            new = [run for run in api.get(runs_url, timeout=30).json()["dag_runs"] if run["dag_run_id"] not in before]
            assert len(new) <= 1
            state = new[0]["state"] if new else ""
        page.goto(f"{url}/dags/netflix_etl_dag/runs/{new[0]['dag_run_id']}")
        page.get_by_text("consume_from_kafka_and_load").first.wait_for(timeout=30_000)
        page.wait_for_load_state("networkidle")
        page.screenshot(path=str(pictures / "run.png"))
        browser.close()
    assert state == "success"
