"""The page: each selection, the forecast, the findings, and live updates."""

import calendar
import hashlib
import json
import urllib.request

import pytest
from conftest import SCREENSHOTS, settle


def ask(dashboard, path):
    with urllib.request.urlopen(dashboard.url + "/api/" + path) as answer:
        return json.load(answer)


def chart(page, name):
    """The values passed to Chart.js for each labeled dataset, and a digest of the pixels it drew."""
    page.wait_for_function(f"() => !Chart.getChart('{name}-chart').animating")
    values = page.evaluate(f"Chart.getChart('{name}-chart').data.datasets.map((one) => [one.label ?? '', one.data])")
    pixels = page.evaluate(f"document.getElementById('{name}-chart').toDataURL()")
    return values, hashlib.sha256(pixels.encode()).hexdigest()


def choose(page, name, value):
    page.locator(f'label:has(input[name="{name}"][value="{value}"])').click()
    settle(page)


def test_each_selection_changes_the_chart(netflix, visitor):
    page = visitor.open(netflix.url, reduced_motion="reduce")
    dataset = ask(netflix, "dataset")
    seen = set()
    for metric in dataset["metrics"]:
        choose(page, "metric", metric["id"])
        for region in dataset["regions"]:
            box = page.locator(f'input[name="region"][value="{region["id"]}"]')
            if {"region": region["id"], "metric": metric["id"]} not in dataset["series"]:
                assert box.is_disabled()
                continue
            choose(page, "region", region["id"])
            series = ask(netflix, f"series?region={region['id']}&metric={metric['id']}")
            values, pixels = chart(page, "trend")
            assert values[0][1] == [point["value"] for point in series["points"]]
            assert pixels not in seen
            seen.add(pixels)
            title = page.locator("#trend-title").inner_text()
            assert title.startswith(f"{metric['title']}, {region['title']}: ")
            assert page.locator("#growth-rows tr").count() == len(series["points"])
            assert metric["title"] in page.title()
    assert len(seen) == 14


def test_titles_summarize_the_data(netflix, visitor):
    page = visitor.open(netflix.url)
    assert page.locator("h1").inner_text() == "Netflix revenue by region"
    assert page.locator("#span").inner_text() == "21 quarters, Q1 2019 to Q1 2024"
    assert page.locator("#trend-title").inner_text() == "Revenue, Global: $9.37\u00a0bn in Q1 2024, 14.8\u00a0% above the year before"
    assert page.locator("#forecast-title").inner_text().startswith("Forecast: $")
    choose(page, "metric", "arpu")
    assert page.locator("#trend-title").inner_text().startswith("Average revenue per membership, United States and Canada: $")


def test_the_forecast_has_intervals_and_the_model_can_be_selected(netflix, visitor):
    page = visitor.open(netflix.url, reduced_motion="reduce")
    values, automatic = chart(page, "forecast")
    assert [label for label, _ in values][-2:] == ["Forecast", "Revenue, Global"]
    assert page.locator("#forecast-rows tr").count() == 4
    page.select_option("#model", "1,1,1")
    settle(page)
    assert page.locator("#model-title").inner_text() == "Model: ARIMA (1,1,1)"
    assert page.locator("#model-reason").inner_text() == "ARIMA(1,1,1) as requested."
    report = ask(netflix, "forecast?region=Global&metric=revenue&order=1,1,1")["report"]
    values, drawn = chart(page, "forecast")
    assert dict(values)["Forecast"][-4:] == [step["mean"] for step in report["forecast"]]
    assert drawn != automatic
    page.select_option("#horizon", "8")
    settle(page)
    assert page.locator("#forecast-rows tr").count() == 8
    assert page.locator("#backtest-rows tr").count() >= 4
    assert "horizon=8" in page.url and "model=1%2C1%2C1" in page.url
    page.reload()
    settle(page)
    assert page.locator("#model").input_value() == "1,1,1"
    assert page.locator("#forecast-rows tr").count() == 8


def test_a_model_that_cannot_be_fitted_shows_a_message(own_orchard, visitor):
    visitor.expected = ("422",)
    own_orchard.csv.write_text("\n".join(own_orchard.csv.read_text().split("\n")[:4]) + "\n")
    page = visitor.open(own_orchard.url)
    page.wait_for_function("() => document.querySelectorAll('#growth-rows tr').length === 3")
    page.select_option("#model", "0,2,2")
    settle(page)
    assert page.locator("#forecast-problem").is_visible()
    assert not page.locator("#forecast-body").is_visible()
    assert page.locator("#trend-chart").is_visible()


KIOSK = """
{"name": "kiosks", "resources": [{"name": "kiosk", "title": "%(hostile)s", "path": "orchard.csv", "topic": "kiosk", "table": "kiosk_raw",
  "schema": {"primaryKey": "month", "fields": [{"name": "month", "type": "date"}, {"name": "none", "type": "integer"},
    {"name": "line", "type": "integer"}, {"name": "tiny", "type": "number"}, {"name": "gap", "type": "number"},
    {"name": "loss", "type": "integer"}]},
  "star": {"fact": "f", "date": "month", "period": "month", "metrics": [{"name": "sales", "title": "%(hostile)s", "kind": "flow"}],
    "regions": [{"name": "none", "columns": {"sales": "none"}}, {"name": "line", "columns": {"sales": "line"}},
      {"name": "tiny", "columns": {"sales": "tiny"}}, {"name": "gap", "columns": {"sales": "gap"}},
      {"name": "loss", "title": "%(hostile)s", "columns": {"sales": "loss"}}]}}]}
"""
HOSTILE = "<img src=x onerror=window.hostile=1>&quot;'</script><script>window.hostile=1</script>"


@pytest.fixture
def kiosk(own_orchard):
    """Special series, with titles that contain HTML and JavaScript."""
    own_orchard.stop()
    (own_orchard.folder / "datapackage.json").write_text(KIOSK % {"hostile": HOSTILE})
    rows = [f"2022-{month:02}-{calendar.monthrange(2022, month)[1]}" for month in range(1, 13)]
    rows += [f"2023-{month:02}-{calendar.monthrange(2023, month)[1]}" for month in range(1, 13)]
    lines = [f"{date},0,{10 + 2 * n},{(n * 7919 % 9 + 1) / 1e9:.9f},{'' if n == 7 else n},{n - 20}" for n, date in enumerate(rows)]
    own_orchard.csv.write_text("\n".join(["month,none,line,tiny,gap,loss", *lines]) + "\n")
    own_orchard.start()
    return own_orchard


def test_special_series_are_shown_as_by_the_command(kiosk, visitor):
    visitor.expected = ("422",)
    page = visitor.open(kiosk.url + "/?region=none&metric=sales", width=420)
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    verdict = "All 24 values are equal: the forecast is that value, and its intervals have no width."
    assert page.locator("#verdict").inner_text() == verdict
    assert page.locator("#forecast-title").inner_text() == "Forecast: 0 in 2024-12"
    assert not page.locator("#backtest-rows").is_visible()
    page.screenshot(path=SCREENSHOTS / "constant-420.png", full_page=True)
    choose(page, "region", "line")
    assert page.locator("#forecast-title").inner_text() == "Forecast: 80 in 2024-12"
    choose(page, "region", "tiny")
    assert "0.000000004" in page.locator("#growth-rows").inner_text()
    assert "0.00000000" in page.locator("#forecast-title").inner_text()
    page.screenshot(path=SCREENSHOTS / "tiny-420.png", full_page=True)
    choose(page, "region", "gap")
    assert page.locator("#forecast-problem").inner_text() == (
        "gap_sales has no value at 2022-08-31. A forecast needs every month; 'netflix check' lists the gaps."
    )
    choose(page, "region", "loss")
    # From -9 in the previous year to 3 there is no percentage; from 2 in the previous month there is one.
    assert page.locator("#trend-title").inner_text().endswith(": 3 in 2023-12, 50.0\u00a0% above the month before")
    assert page.locator("#growth-rows tr").first.locator("td").all_inner_texts() == ["3", "+50.0\u00a0%", "–"]
    page.screenshot(path=SCREENSHOTS / "loss-420.png", full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_names_that_contain_code_are_shown_as_text(kiosk, visitor):
    visitor.expected = ("422",)
    page = visitor.open(kiosk.url + "/?region=loss&metric=sales", width=1280)
    assert page.locator("h1").inner_text() == HOSTILE
    assert HOSTILE in page.locator("#trend-title").inner_text()
    assert page.locator("h1 *, #trend-title :not(.unbroken), #regions img, main script").count() == 0
    page.screenshot(path=SCREENSHOTS / "hostile-1280.png", full_page=True)
    api = visitor.open(kiosk.url + "/api", wait=False)
    api.wait_for_selector(".route")
    for one in (page, api):
        assert one.evaluate("window.hostile === undefined")


def test_findings_are_shown_in_the_list_the_trend_and_the_growth_table(netflix, visitor):
    page = visitor.open(netflix.url + "/?region=UCAN&metric=revenue")
    assert page.locator("#findings-title").inner_text().startswith("Data quality: 1 finding from ")
    finding = page.locator(".finding").inner_text()
    assert "Revenue, United States and Canada, Q4 2023: flagged." in finding
    assert "$3,594,791,000" in finding and "$3,930,557,000" in finding
    assert "Q4 2023: flagged by the quality rules" in page.locator("#trend-note").inner_text()
    assert page.locator("#growth-rows .flagged").count() == 1
    page.locator("summary").click()
    assert page.locator("#rules tr").count() == 7


    results = [row.locator("td").first.inner_text() for row in page.locator("#rules tr").all()]
    assert page.locator("#findings thead th").all_inner_texts() == ["Rule", "Result", "Worst measured", "Allowed"]
    assert results == ["passed", "passed", "passed", "passed", "1 of 21 failed", "1 of 80 failed", "1 of 210 failed"]


def test_one_of_a_thing_is_singular(own_orchard, visitor):
    own_orchard.csv.write_text("\n".join(own_orchard.csv.read_text().split("\n")[:1]) + "\n2021-01-31,90.00,29.62,44.43\n")
    visitor.expected = ("422",)
    page = visitor.open(own_orchard.url, wait=False)
    page.wait_for_function("() => document.getElementById('span').textContent.startsWith('1 month, ')")
    settle(page)
    assert page.locator("#findings-title").inner_text() == "Data quality: 1 finding from 3 rules"
    assert page.locator("#horizon option").first.inner_text() == "1 month"
    assert "; 1 row. " in page.locator("#origin").inner_text()


def test_axes_have_their_unit(netflix, orchard, kiosk, visitor):
    cases = [
        (netflix, "UCAN", "revenue", "Quarter", "USD"), (netflix, "Global", "memberships", "Quarter", "memberships"),
        (netflix, "UCAN", "arpu", "Quarter", "USD a month"), (orchard, "all", "sales", "Month", "EUR"),
        # Without a unit in the description: the metric.
        (kiosk, "line", "sales", "Month", HOSTILE),
    ]
    for dashboard, region, metric, x, y in cases:
        page = visitor.open(f"{dashboard.url}/?region={region}&metric={metric}")
        for name in ("trend", "forecast"):
            titles = page.evaluate(f"['x', 'y'].map((axis) => Chart.getChart('{name}-chart').options.scales[axis].title)")
            assert [(one["display"], one["text"]) for one in titles] == [(True, x), (True, y)]


BROKEN = """
(pattern) => [...document.querySelectorAll("h1, h2, h3, p, dt, li")].flatMap((element) => {
  const found = [], walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    for (const match of node.data.matchAll(new RegExp(pattern, "g"))) {
      const range = document.createRange();
      range.setStart(node, match.index);
      range.setEnd(node, match.index + match[0].length);
      const tops = new Set([...range.getClientRects()].map((one) => Math.round(one.top)));
      found.push([match[0], tops.size]);
    }
  }
  return found;
})
"""


def test_no_line_ends_within_a_date_or_a_percentage(netflix, orchard, visitor):
    for dashboard in (netflix, orchard):
        page = visitor.open(dashboard.url)
        for width in range(320, 700, 20):
            page.set_viewport_size({"width": width, "height": 900})
            found = page.evaluate(BROKEN, r"\d{4}-\d\d(-\d\d)?|Q[1-4] \d{4}|\d[\s\u00a0]%")
            assert len(found) > 10
            assert [text for text, lines in found if lines != 1] == [], width


def test_intervals_are_readable_on_a_phone(orchard, visitor):
    page = visitor.open(orchard.url, width=420)
    box = page.locator(".scroll:has(#forecast-rows)")
    assert box.evaluate("(box) => box.scrollWidth <= box.clientWidth && box.scrollHeight <= box.clientHeight")
    gaps = page.evaluate("""
      [...document.querySelectorAll("#forecast-rows tr")].flatMap((row) => {
        const texts = [...row.children].map((cell) => {
          const walker = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT), boxes = [];
          while (walker.nextNode()) {
            const range = document.createRange();
            range.selectNode(walker.currentNode);
            boxes.push(range.getBoundingClientRect());
          }
          return { left: Math.min(...boxes.map((box) => box.left)), right: Math.max(...boxes.map((box) => box.right)) };
        });
        return texts.slice(1).map((text, index) => text.left - texts[index].right);
      })
    """)
    assert min(gaps) >= 16
    assert page.locator("#forecast-rows td.interval").first.inner_text().replace("\n", "") == "€127.32–135.44"
    assert page.locator("#forecast-rows td.interval").first.inner_text().count("\n") == 1
    page.set_viewport_size({"width": 1280, "height": 900})
    assert page.locator("#forecast-rows td.interval").first.inner_text() == "€127.32–135.44"


def test_another_dataset_has_its_own_page(orchard, visitor):
    page = visitor.open(orchard.url)
    assert page.locator("h1").inner_text() == "Orchard sales"
    assert page.locator("#span").inner_text() == "36 months, 2021-01 to 2023-12"
    assert page.locator('label:has(input[value="north"])').inner_text() == '<b>North</b> & "hill"'
    assert page.locator("#findings-title").inner_text() == "All quality rules passed"
    assert "€" in page.locator("#trend-title").inner_text()
    assert "etflix" not in page.content()


def test_rows_that_land_show_without_reloading(own_orchard, visitor):
    page = visitor.open(own_orchard.url)
    page.evaluate("window.notReloaded = true")
    page.wait_for_selector('#state[data-state="live"]')
    own_orchard.append("2024-01-31,301.00,150.00,151.00\n")
    page.wait_for_function("() => document.getElementById('trend-title').textContent.includes('2024-01')")
    settle(page)
    assert page.evaluate("window.notReloaded")
    assert "€301.00" in page.locator("#trend-title").inner_text()
    assert page.locator("#news").inner_text().startswith("New rows have landed.")
    assert page.locator("#growth-rows tr").first.inner_text().startswith("2024-01")
    assert page.locator("#forecast-rows th").first.inner_text() == "2024-02"


def test_a_lost_connection_is_shown_until_the_server_is_back(own_orchard, visitor):
    visitor.expected = ("Failed to load resource", "ERR_")
    page = visitor.open(own_orchard.url)
    page.wait_for_selector('#state[data-state="live"]')
    own_orchard.stop()
    page.wait_for_selector('#state[data-state="lost"]')
    own_orchard.start()
    page.wait_for_selector('#state[data-state="live"]')
    choose(page, "region", "south")
    assert page.locator("#trend-title").inner_text().startswith("Sales, South: ")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_screenshots(netflix, visitor, width, scheme):
    """Screenshots for manual review, in both color schemes."""
    page = visitor.open(netflix.url + "/?region=UCAN&metric=revenue", width=width, scheme=scheme, reduced_motion="reduce")
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"dashboard-{width}-{scheme}.png", full_page=True)
    page.screenshot(path=SCREENSHOTS / f"dashboard-{width}-{scheme}-first.png")
    background = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (background == "rgb(19, 21, 25)") == (scheme == "dark")


@pytest.mark.parametrize("width", [320, 390, 768, 1280, 1920])
def test_pages_do_not_scroll_horizontally(netflix, orchard, visitor, width):
    for dashboard in (netflix, orchard):
        page = visitor.open(dashboard.url, width=width)
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
        page = visitor.open(dashboard.url + "/api", width=width, wait=False)
        page.wait_for_selector(".route")
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_an_open_page_follows_the_system_color_scheme(netflix, visitor):
    page = visitor.open(netflix.url, reduced_motion="reduce")
    chart(page, "trend")
    light = page.evaluate("document.getElementById('trend-chart').toDataURL()")
    page.emulate_media(color_scheme="dark")
    page.wait_for_function("(light) => document.getElementById('trend-chart').toDataURL() !== light", arg=light)
