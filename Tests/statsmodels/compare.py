"""Holds `netflix forecast` against statsmodels, series by series, model by model.

For each model three things must agree: statsmodels' likelihood at our parameters is the one we report, its own search finds
no higher one, and its forecasts and standard errors from our parameters are ours.
"""

import json
import math
import subprocess
import sys
import warnings
from pathlib import Path

import numpy
from statsmodels.tsa.arima.model import ARIMA

SERIES = Path(__file__).resolve().parent.parent / "series"

# series, period, order, seasonal order, drift
MODELS = [
    ("netflix-revenue", 4, (1, 1, 1), (0, 0, 0), False),
    ("netflix-revenue", 4, (1, 1, 1), (0, 0, 0), True),
    ("netflix-revenue", 4, (0, 1, 0), (0, 0, 0), True),
    ("netflix-revenue", 4, (0, 1, 1), (0, 0, 0), True),
    ("netflix-revenue", 4, (1, 1, 0), (0, 0, 0), True),
    ("netflix-revenue", 4, (0, 2, 2), (0, 0, 0), False),
    ("netflix-revenue", 4, (1, 1, 0), (1, 0, 0), True),
    ("lh", 1, (1, 0, 0), (0, 0, 0), False),
    ("lh", 1, (3, 0, 0), (0, 0, 0), False),
    ("lh", 1, (1, 0, 1), (0, 0, 0), False),
    ("nile", 1, (1, 1, 1), (0, 0, 0), False),
    ("nile", 1, (0, 1, 1), (0, 0, 0), False),
    ("lake-huron", 1, (2, 0, 0), (0, 0, 0), False),
    ("lake-huron", 1, (1, 0, 1), (0, 0, 0), False),
    ("www-usage", 1, (3, 1, 0), (0, 0, 0), False),
    ("www-usage", 1, (1, 1, 1), (0, 0, 0), False),
    ("accident-deaths", 12, (0, 1, 1), (0, 1, 1), False),
    ("accident-deaths", 12, (1, 0, 0), (1, 0, 0), False),
    ("air-passengers", 12, (2, 1, 1), (0, 1, 0), False),
    ("air-passengers", 12, (0, 1, 1), (0, 1, 1), False),
    ("air-passengers", 12, (1, 1, 0), (1, 1, 0), False),
]
HORIZON = 8


def ours(program, name, period, order, seasonal, drift):
    """What `netflix forecast --json` says."""
    command = [program, "forecast", "--values", str(SERIES / f"{name}.txt"), "--period", str(period), "--horizon", str(HORIZON)]
    command += ["--order", ",".join(map(str, order)), "--no-chart", "--json"]
    if any(seasonal):
        command += ["--seasonal", ",".join(map(str, seasonal))]
    if drift:
        command += ["--drift"]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def compare(program, model):
    """One line of the table, and whether all three agree."""
    name, period, order, seasonal, drift = model
    report = ours(program, name, period, order, seasonal, drift)
    fit = report["model"]
    values = numpy.loadtxt(SERIES / f"{name}.txt")
    # Near one, where statsmodels' diffuse start and its optimizer are at home.
    unit = values.std()
    trend = "t" if drift else "c" if order[1] + seasonal[1] == 0 else "n"
    theirs = ARIMA(values / unit, order=order, seasonal_order=(*seasonal, period if any(seasonal) else 0), trend=trend)

    found = fit["parameters"]
    constant = [found[key] / unit for key in ("mean", "drift") if key in found]
    groups = [("ar", order[0]), ("ma", order[2]), ("sar", seasonal[0]), ("sma", seasonal[2])]
    parameters = constant + [found[f"{group}{i + 1}"] for group, count in groups for i in range(count)]
    parameters.append(fit["sigma2"] / unit**2)
    shift = fit_length(values, order, seasonal, period) * math.log(unit)

    at_ours = theirs.loglike(parameters) - shift
    best = max(theirs.fit().llf, theirs.fit(start_params=parameters).llf) - shift
    forecast = theirs.smooth(parameters).get_forecast(HORIZON)
    means, errors = forecast.predicted_mean * unit, forecast.se_mean * unit
    our_means = numpy.array([step["mean"] for step in report["forecast"]])
    our_errors = numpy.array([(step["upper95"] - step["mean"]) / 1.959963984540054 for step in report["forecast"]])
    mean_gap = float(numpy.max(numpy.abs(our_means / means - 1)))
    error_gap = float(numpy.max(numpy.abs(our_errors / errors - 1)))

    agrees = abs(fit["loglik"] - at_ours) < 0.005 and fit["loglik"] > best - 0.005 and mean_gap < 0.001 and error_gap < 0.005
    season = f"{seasonal}{period}".replace(" ", "") if any(seasonal) else ""
    label = f"{name} {order}".replace(", ", ",") + season + (" drift" if drift else "")
    return f"{label:47} {fit['loglik']:11.4f} {at_ours:11.4f} {best:11.4f} {mean_gap:9.5%} {error_gap:9.5%}  {'' if agrees else 'DIFFERS'}", agrees


def fit_length(values, order, seasonal, period):
    """Values that differencing leaves."""
    return len(values) - order[1] - seasonal[1] * period


def main():
    warnings.simplefilter("ignore")
    program = sys.argv[1] if len(sys.argv) > 1 else ".build/debug/netflix"
    print(f"{'':47} {'ours':>11} {'at ours':>11} {'statsmodels':>11} {'forecast':>9} {'error':>9}")
    failures = 0
    for model in MODELS:
        line, agrees = compare(program, model)
        print(line, flush=True)
        failures += not agrees
    print(f"{len(MODELS) - failures} of {len(MODELS)} models agree with statsmodels")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
