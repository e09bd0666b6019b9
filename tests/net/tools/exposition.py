#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Reads metrics from standard input as a strict parser of the format does.

    exposition.py text|openmetrics [NAME{LABELS}=VALUE...]

Ends with 1, and says why, if a rule of the format is broken or a sample that is
named is missing or has another value. LABELS are those that matter, "a=b,c=d".
Rules: the exposition formats of Prometheus and OpenMetrics 1.0.
"""
import re
import sys

NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
LABEL = re.compile(r'([a-zA-Z_]\w*)="((?:[^"\\\n]|\\[\\"n])*)"(,|$)')
SAMPLE = re.compile(r"(%s)(?:\{(.*)\})? (\S+)" % NAME)
RESERVED = {"type", "instance", "job", "cluster", "zone", "le", "quantile"}


def bad(number, text):
    sys.exit(f"line {number}: {text}")


def labels_of(number, text):
    labels, at = {}, 0
    while at < len(text):
        match = LABEL.match(text, at)
        if not match:
            bad(number, f"labels cannot be read: {text[at:]}")
        if match[1] in labels or match[1] in RESERVED:
            bad(number, f"the label {match[1]} stands twice or is reserved")
        if not match[2]:
            bad(number, f"the label {match[1]} is empty")
        labels[match[1]] = match[2]
        at = match.end()
    return labels


class Reader:
    def __init__(self, openmetrics):
        self.openmetrics = openmetrics
        self.types, self.helps, self.samples = {}, set(), {}
        self.family = None
        self.seen = set()

    def head(self, number, line):
        match = re.fullmatch(r"# (TYPE|HELP) (%s) (.+)" % NAME, line)
        if not match:
            bad(number, f"no head: {line}")
        kind, name, text = match.groups()
        if name != self.family:
            if name in self.seen:
                bad(number, f"the family {name} is torn apart")
            self.seen.add(name)
            self.family = name
        known = self.types if kind == "TYPE" else self.helps
        if name in known:
            bad(number, f"{kind} of {name} stands twice")
        if kind == "HELP":
            self.helps.add(name)
        elif text not in ("counter", "gauge"):
            bad(number, f"no type: {text}")
        else:
            self.types[name] = text

    def sample(self, number, line):
        match = SAMPLE.fullmatch(line)
        if not match:
            bad(number, f"no sample: {line}")
        name, text, value = match[1], match[2] or "", match[3]
        family = self.family or ""
        counter = self.types.get(family) == "counter"
        wanted = family + ("_total" if counter and self.openmetrics else "")
        if name != wanted:
            bad(number, f"{name} in the family {family}")
        if counter != name.endswith("_total"):
            bad(number, f"a counter ends in _total, and nothing else: {name}")
        if family not in self.helps:
            bad(number, f"{family} has no help")
        key = (name, tuple(sorted(labels_of(number, text).items())))
        if key in self.samples:
            bad(number, f"stands twice: {line}")
        self.samples[key] = float(value)
        if self.samples[key] != self.samples[key]:
            bad(number, "NaN")
        if counter and self.samples[key] < 0:
            bad(number, "a negative counter")


def main():
    openmetrics = sys.argv[1] == "openmetrics"
    data = sys.stdin.buffer.read().decode("utf-8")
    reader = Reader(openmetrics)
    if not data.endswith("# EOF\n" if openmetrics else "\n"):
        sys.exit("the end is missing")
    lines = data.split("\n")[: -2 if openmetrics else -1]
    for number, line in enumerate(lines, 1):
        if line.startswith("#"):
            reader.head(number, line)
        else:
            reader.sample(number, line)
    for wish in sys.argv[2:]:
        name, text, value = re.fullmatch(r"(\w+)(?:\{(.*)\})?=([^=]+)", wish).groups()
        labels = set(tuple(pair.split("=", 1)) for pair in (text or "").split(",") if pair)
        found = [v for (n, have), v in reader.samples.items()
                 if n == name and labels <= set(have)]
        if found != [float(value)]:
            sys.exit(f"{wish}: found {found}")


main()
