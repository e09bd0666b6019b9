#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Holds the Grafana dashboard against what Grafana and a Prometheus expect of it.

    dashboard.py check FILE         the structure: ends with 1 and says what is wrong
    dashboard.py names FILE         the metrics that its queries name
    dashboard.py words FILE         the words that its states and levels are shown by
    dashboard.py ask FILE URL       every query, as Grafana would ask, of a Prometheus:
                                    each has an answer with the labels that its legend
                                    names

The structure is that of Grafana's published kind "dashboard" with its panels, as far
as this file uses it: members that have to be there, their ranges, and references that
lead somewhere.
"""
import json
import re
import sys
import urllib.parse
import urllib.request

PANELS = {"row", "stat", "timeseries", "state-timeline"}
VARIABLES = {"query", "datasource", "interval", "custom", "constant", "textbox", "adhoc"}
# Variables that Grafana makes itself.
OWN = {"__rate_interval", "__interval", "__range"}
# Labels that some series have and others need not; Grafana shows nothing for them.
OPTIONAL = {"protocol", "number"}
NAME = re.compile(r"\bevenkeel_[a-z_]+")

wrong = []


def need(truth, text):
    if not truth:
        wrong.append(text)


def whole(value, low, high):
    return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high


def texts(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from texts(one)
    elif isinstance(value, list):
        for one in value:
            yield from texts(one)


def targets(dashboard):
    for panel in dashboard["panels"]:
        for target in panel.get("targets", []):
            yield panel, target


def check_place(panel, taken):
    where = panel["gridPos"]
    fits = (whole(where.get("x"), 0, 23) and whole(where.get("w"), 1, 24) and
            whole(where.get("y"), 0, 10000) and whole(where.get("h"), 1, 100))
    need(fits and where["x"] + where["w"] <= 24, f"{panel['title']}: off the grid: {where}")
    if not fits:
        return
    cells = {(x, y) for x in range(where["x"], where["x"] + where["w"])
             for y in range(where["y"], where["y"] + where["h"])}
    need(not cells & taken, f"{panel['title']}: lies over another panel")
    taken |= cells


def check_field(panel):
    name, config = panel["title"], panel["fieldConfig"]
    need(isinstance(config.get("overrides"), list), f"{name}: no list of overrides")
    defaults = config["defaults"]
    if "thresholds" in defaults:
        steps = defaults["thresholds"]["steps"]
        need(defaults["thresholds"].get("mode") in ("absolute", "percentage"),
             f"{name}: the mode of its thresholds")
        values = [step["value"] for step in steps[1:]]
        need(steps[0]["value"] is None and values == sorted(values),
             f"{name}: thresholds begin with null and rise")
    for mapping in defaults.get("mappings", []):
        need(mapping["type"] in ("value", "range", "regex", "special"),
             f"{name}: {mapping['type']} is no type of a mapping")
        for key, result in mapping["options"].items():
            need(re.fullmatch(r"-?\d+", key) and {"text", "color", "index"} <= set(result),
                 f"{name}: the mapping of {key}")


def check_panel(panel):
    name = panel["title"]
    need(panel["type"] in PANELS, f"{name}: {panel['type']} is no panel that is known here")
    if panel["type"] == "row":
        need(panel.get("panels") == [] and panel.get("collapsed") is False,
             f"{name}: an open row has no panels inside")
        return
    need(panel.get("description"), f"{name}: says nothing of itself")
    need(panel["datasource"] == {"type": "prometheus", "uid": "${datasource}"},
         f"{name}: the data source is not the chosen one")
    letters = [target["refId"] for target in panel["targets"]]
    need(letters and len(set(letters)) == len(letters), f"{name}: its queries have one letter")
    for target in panel["targets"]:
        need(target["datasource"] == panel["datasource"], f"{name}: a query asks elsewhere")
        need(target.get("expr") and target.get("legendFormat"),
             f"{name}: a query without text or legend")
        need(target.get("range", False) != target.get("instant", False),
             f"{name}: a query is either of a range or of an instant")
    check_field(panel)


def check(dashboard):
    need(dashboard.get("title") and re.fullmatch(r"[A-Za-z0-9_-]{1,40}", dashboard.get("uid", "")),
         "title and uid")
    need("id" not in dashboard, "an id is the matter of each Grafana")
    need(whole(dashboard.get("schemaVersion"), 36, 42), "schemaVersion")
    need(dashboard.get("graphTooltip") in (0, 1, 2), "graphTooltip")
    need({"from", "to"} == set(dashboard.get("time", {})), "time")
    numbers = [panel["id"] for panel in dashboard["panels"]]
    need(len(set(numbers)) == len(numbers), "two panels have one id")
    taken = set()
    for panel in dashboard["panels"]:
        check_place(panel, taken)
        check_panel(panel)
    known = set(OWN)
    for variable in dashboard["templating"]["list"]:
        need(variable["type"] in VARIABLES, f"{variable['name']}: its type")
        need(whole(variable.get("refresh"), 0, 2) and whole(variable.get("hide"), 0, 2) and
             whole(variable.get("sort", 0), 0, 8), f"{variable['name']}: refresh, hide, sort")
        for used in variables(texts({**variable, "name": ""})):
            need(used in known, f"{variable['name']} uses {used}, which comes later")
        known.add(variable["name"])
    used = set(variables(texts(dashboard["panels"])))
    need(used <= known, f"unknown variables: {sorted(used - known)}")
    need(known - OWN <= used, f"variables that nothing uses: {sorted(known - OWN - used)}")


def variables(lines):
    for text in lines:
        for match in re.finditer(r"\$\{?(\w+)\}?", text):
            yield match[1]


def names(dashboard):
    for variable in dashboard["templating"]["list"]:
        yield from NAME.findall(variable.get("definition", ""))
    for _, target in targets(dashboard):
        yield from NAME.findall(target["expr"])


def words(dashboard):
    for panel in dashboard["panels"]:
        for mapping in panel.get("fieldConfig", {}).get("defaults", {}).get("mappings", []):
            for result in mapping["options"].values():
                yield result["text"]


def answer(url, expression):
    data = urllib.parse.urlencode({"query": expression}).encode()
    with urllib.request.urlopen(url + "/api/v1/query", data, timeout=60) as reply:
        return json.load(reply)["data"]["result"]


def ask(dashboard, url):
    for panel, target in targets(dashboard):
        text = target["expr"].replace("$__rate_interval", "1m")
        text = re.sub(r"\$(job|instance|virtual)\b", ".*", text)
        # Panels that show only what is not as it should be.
        series = answer(url, re.sub(r" [<>] \d+$", "", text))
        answer(url, text)
        need(series, f"{panel['title']}: no series for {text}")
        legend = set(re.findall(r"\{\{(\w+)\}\}", target["legendFormat"]))
        for one in series:
            need(legend - OPTIONAL <= set(one["metric"]),
                 f"{panel['title']}: {legend} are not among the labels {one['metric']}")
        shown = [tuple(sorted((k, v) for k, v in one["metric"].items() if k in legend))
                 for one in series]
        need(len(set(shown)) == len(shown), f"{panel['title']}: two lines have one legend")


def main():
    with open(sys.argv[2], encoding="utf-8") as file:
        dashboard = json.load(file)
    if sys.argv[1] == "check":
        check(dashboard)
    elif sys.argv[1] == "ask":
        ask(dashboard, sys.argv[3])
    else:
        found = {"names": names, "words": words}[sys.argv[1]](dashboard)
        print("\n".join(sorted(set(found))))
    if wrong:
        sys.exit("\n".join(wrong))


main()
