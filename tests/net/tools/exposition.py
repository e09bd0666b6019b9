#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Reads metrics from standard input as a strict parser of the format does.

    exposition.py text|openmetrics [NAME{LABELS}=VALUE...]

Ends with 1, and says why, if a rule of the format is broken or a sample that is
named is missing or has another value. LABELS are those that matter, "a=b,c=d"; "a="
is a label that is not there.
Rules: the exposition formats of Prometheus and OpenMetrics 1.0.
"""
import re
import sys

NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
LABEL = re.compile(r'([a-zA-Z_]\w*)="((?:[^"\\\n]|\\[\\"n])*)"(,|$)')
SAMPLE = re.compile(r"(%s)(?:\{(.*)\})? (\S+)" % NAME)
# Base units, which a name ends with and OpenMetrics says once more.
UNITS = {"seconds", "bytes", "ratio"}
# What is no base unit is in no name.
SCALED = {"ms", "milliseconds", "minutes", "hours", "percent", "kb", "kilobytes"}
RESERVED = {"type", "instance", "job", "cluster", "zone", "le", "quantile"}


def bad(number, text):
    sys.exit(f"line {number}: {text}")


def labels_of(number, text, bucket=False):
    labels, at = {}, 0
    while at < len(text):
        match = LABEL.match(text, at)
        if not match:
            bad(number, f"labels cannot be read: {text[at:]}")
        if match[1] in labels or match[1] in RESERVED - ({"le"} if bucket else set()):
            bad(number, f"the label {match[1]} stands twice or is reserved")
        if not match[2]:
            bad(number, f"the label {match[1]} is empty")
        labels[match[1]] = match[2]
        at = match.end()
    return labels


class Reader:
    def __init__(self, openmetrics):
        self.openmetrics = openmetrics
        self.types, self.units, self.helps = {}, {}, {}
        self.samples, self.buckets = {}, {}
        self.family = None
        self.seen = set()

    def head(self, number, line):
        match = re.fullmatch(r"# (TYPE|UNIT|HELP) (%s) (.+)" % NAME, line)
        if not match or (match[1] == "UNIT" and not self.openmetrics):
            bad(number, f"no head: {line}")
        kind, name, text = match.groups()
        if SCALED & set(name.split("_")):
            bad(number, f"no base unit: {name}")
        if name != self.family:
            if name in self.seen:
                bad(number, f"the family {name} is torn apart")
            self.seen.add(name)
            self.family = name
        known = {"TYPE": self.types, "UNIT": self.units, "HELP": self.helps}[kind]
        if name in known:
            bad(number, f"{kind} of {name} stands twice")
        known[name] = text
        if kind == "TYPE" and (name in self.units or name in self.helps):
            bad(number, f"the type of {name} is not first")
        if kind == "HELP":
            self.unit(number, name)
        elif kind == "UNIT":
            if name in self.helps:
                bad(number, f"the unit of {name} stands behind its help")
        elif text not in ("counter", "gauge", "histogram"):
            bad(number, f"no type: {text}")

    def unit(self, number, name):
        last = name.rsplit("_", 1)[-1]
        wanted = last if self.openmetrics and last in UNITS else None
        if self.units.get(name) != wanted:
            bad(number, f"the unit of {name} is {self.units.get(name)}, not {wanted}")

    def histogram(self, number, family, name, text, value):
        """Buckets rise to the one of +Inf, which is the count; then no bucket more."""
        end = name[len(family):] if name.startswith(family) else ""
        labels = labels_of(number, text, end == "_bucket")
        bound = labels.pop("le", None)
        key = (family, tuple(sorted(labels.items())))
        last = self.buckets.get(key, (float("-inf"), 0.0))
        if end == "_bucket":
            if not re.fullmatch(r"\d+\.\d+|\+Inf", bound or ""):
                bad(number, f"a bound that is not as it has to be written: {bound}")
            if float(bound) <= last[0] or float(value) < last[1]:
                bad(number, "a bucket that does not rise")
            self.buckets[key] = (float(bound), float(value))
        elif end not in ("_sum", "_count"):
            bad(number, f"{name} in the histogram {family}")
        elif last[0] != float("inf"):
            bad(number, f"{name} before the bucket of +Inf")
        elif end == "_count" and float(value) != last[1]:
            bad(number, f"{name} is not what the bucket of +Inf has")

    def sample(self, number, line):
        match = SAMPLE.fullmatch(line)
        if not match:
            bad(number, f"no sample: {line}")
        name, text, value = match[1], match[2] or "", match[3]
        family = self.family or ""
        counter = self.types.get(family) == "counter"
        wanted = family + ("_total" if counter and self.openmetrics else "")
        if self.types.get(family) == "histogram":
            self.histogram(number, family, name, text, value)
        elif name != wanted:
            bad(number, f"{name} in the family {family}")
        if counter != name.endswith("_total"):
            bad(number, f"a counter ends in _total, and nothing else: {name}")
        if family not in self.helps:
            bad(number, f"{family} has no help")
        bucket = self.types.get(family) == "histogram" and name == family + "_bucket"
        key = (name, tuple(sorted(labels_of(number, text, bucket).items())))
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
        labels = dict(pair.split("=", 1) for pair in (text or "").split(",") if pair)
        found = [v for (n, have), v in reader.samples.items()
                 if n == name and all(dict(have).get(label, "") == wanted
                                      for label, wanted in labels.items())]
        if found != [float(value)]:
            sys.exit(f"{wish}: found {found}")


main()
