"""The DAG in the UI: log in, open the DAG, press Trigger. In headless Chromium, against private servers or a running Airflow:

make test-airflow ARGS=tests/test_ui.py AIRFLOW_URL=http://localhost:8081 SCREENSHOTS=.
"""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from servers import session


@pytest.fixture
def url(request: pytest.FixtureRequest) -> str:
    return os.environ.get("AIRFLOW_URL", "").rstrip("/") or request.getfixturevalue("stack").airflow.url


@pytest.fixture
def chromium() -> str:
    path = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if not path:
        pytest.skip("needs chromium")
    return path


def test_one_click_on_trigger_runs_the_dag(url: str, chromium: str, tmp_path: Path) -> None:
    user, password = os.environ.get("AIRFLOW_USER", "admin"), os.environ.get("AIRFLOW_PASSWORD", "admin")
    screenshots = Path(os.environ.get("SCREENSHOTS", tmp_path))
    api = session(url, user, password)
    runs_url = f"{url}/api/v2/dags/netflix_etl_dag/dagRuns"
    before = {run["dag_run_id"] for run in api.get(runs_url, timeout=30).json()["dag_runs"]}

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1400, "height": 1000})
        page.goto(f"{url}/dags/netflix_etl_dag")
        page.fill("input[name=username]", user)
        page.fill("input[name=password]", password)
        page.click("input[type=submit], button[type=submit]")
        page.get_by_test_id("trigger-dag-button").wait_for(timeout=60_000)
        page.screenshot(path=str(screenshots / "dag.png"))
        page.get_by_test_id("trigger-dag-button").click()
        page.locator("input[name=element_csv]").wait_for(timeout=30_000)
        assert page.locator("input[name=element_csv]").input_value() == "data/netflix_revenue_updated.csv"
        assert page.locator("input[name=element_topic]").input_value() == "netflix"
        page.screenshot(path=str(screenshots / "trigger.png"))
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
        page.screenshot(path=str(screenshots / "run.png"))
        browser.close()
    assert state == "success"
