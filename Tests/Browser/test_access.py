"""Access by keyboard, by screen reader (axe-core, landmarks, names), and by program (the API's description)."""

import json
import urllib.request

import pytest
from axe_playwright_python.sync_playwright import Axe
from conftest import settle
from openapi_schema_validator import OAS31Validator
from openapi_spec_validator import OpenAPIV31SpecValidator


def problems(page):
    # axe-core is injected into the page past its content security policy, which would block it; its findings are about the page.
    violations = Axe().run(page).response["violations"]
    return [f"{one['id']} ({one['impact']}): {[node['target'] for node in one['nodes']]}" for one in violations]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_axe_finds_nothing(netflix, visitor, width, scheme):
    page = visitor.open(netflix.url + "/?region=UCAN&metric=revenue", width=width, scheme=scheme, reduced_motion="reduce")
    page.locator("summary").click()
    assert problems(page) == []
    page = visitor.open(netflix.url + "/api", width=width, scheme=scheme, wait=False)
    page.wait_for_selector(".route")
    assert problems(page) == []


def test_everything_can_be_reached_and_changed_by_keyboard(netflix, visitor):
    page = visitor.open(netflix.url)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.name") == "metric"
    page.keyboard.press("ArrowRight")
    settle(page)
    assert page.locator("#trend-title").inner_text().startswith("Paid memberships, Global: ")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.name") == "region"
    page.keyboard.press("ArrowRight")
    settle(page)
    assert page.locator("#trend-title").inner_text().startswith("Paid memberships, United States and Canada: ")
    outline = page.evaluate("getComputedStyle(document.activeElement.parentElement).outlineStyle")
    assert outline == "solid"
    reached = []
    for _ in range(12):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.id || document.activeElement.textContent.trim().slice(0, 20)"))
    assert {"csv", "model", "horizon"} <= set(reached)
    assert any(text.startswith("All rules") for text in reached)


def test_skip_link_moves_focus_to_the_trend(netflix, visitor):
    page = visitor.open(netflix.url)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "trend"


def test_charts_have_names_and_their_values_are_in_tables(netflix, visitor):
    page = visitor.open(netflix.url)
    charts = page.get_by_role("img")
    assert charts.count() == 2
    assert page.get_by_role("img", name="Revenue, Global: $9.37").count() == 1
    assert page.get_by_role("banner").count() == 1
    assert page.get_by_role("main").count() == 1
    assert page.get_by_role("contentinfo").count() == 1
    assert page.get_by_role("radiogroup").count() + page.get_by_role("group").count() >= 2
    assert page.get_by_role("row").count() > 21
    page.locator('label:has(input[value="APAC"])').click()
    settle(page)
    assert page.get_by_role("status").first.inner_text() == "Showing Revenue, Asia-Pacific."


def test_text_can_be_doubled(netflix, visitor):
    page = visitor.open(netflix.url, width=640)
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def fetched(dashboard, path):
    with urllib.request.urlopen(dashboard.url + path) as answer:
        return json.load(answer)


def test_the_openapi_description_is_valid_and_responses_match_it(netflix, orchard):
    for dashboard in (netflix, orchard):
        description = fetched(dashboard, "/api/openapi.json")
        OpenAPIV31SpecValidator(description).validate()
        names = fetched(dashboard, "/api/dataset")["series"][0]
        for path, item in description["paths"].items():
            content = item["get"]["responses"]["200"]["content"]
            schema = content.get("application/json", {}).get("schema")
            if not schema or "$ref" not in schema:
                continue
            needed = [one["$ref"].split("/")[-1] for one in item["get"]["parameters"]]
            query = "&".join(f"{name}={names[name]}" for name in needed if name in names)
            answer = fetched(dashboard, f"{path}?{query}" if query else path)
            whole = {**schema, "components": description["components"]}
            OAS31Validator(whole).validate(answer)


def test_the_api_page_lists_each_route_and_runs_its_example(netflix, visitor):
    page = visitor.open(netflix.url + "/api", wait=False)
    page.wait_for_selector(".route")
    assert page.locator("h1").inner_text() == "Netflix revenue by region: API"
    assert page.locator(".route").count() == 10
    row = page.get_by_role("row", name="region (required)").first
    assert row.locator("td").last.inner_text() == "Global, UCAN, EMEA, LATM, APAC"
    page.get_by_role("button", name="Try it").nth(1).click()
    page.wait_for_function("() => [...document.querySelectorAll('pre')].some((one) => !one.hidden && one.textContent.includes('points'))")
