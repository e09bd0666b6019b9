#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Files that call each other in a circle, held against the rule of CONTRIBUTING.

A file calls another if a function that is defined there is named in it. Files
that reach each other this way are one module that was cut; a circle of at most
MOST files is allowed, and none that crosses a room's border.

Prints each circle that is too large, with the names that close it; "-v" prints
the small ones too. The exit status is 1 if one is too large.
"""
import collections
import os
import re
import sys

ROOMS = ("lib", "confine", "conf", "balance", "record", "sim", "ipvs", "announce", "checkers",
         "vrrp", "bfd", "web", "mail", "daemon", "ctl")
INNER = ("conf/lang", "conf/lvs", "conf/vrrp", "checkers/mysql", "daemon/proc",
         "daemon/netfilter", "daemon/pair", "daemon/operator",
         "daemon/control", "daemon/migrate", "daemon/integrity")
MOST = 3
# Chosen by file: of each pair only one is compiled.
ALTERNATIVES = {"mysql_tls_mysql.c"}
SKIP = re.compile(
    r'/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\'|^\s*#[^\n]*',
    re.S | re.M)
# A definition begins in the first column, and its body in a line of its own.
DEFINED = re.compile(
    r"^(?!static\b|struct \w+ \{|\}|\s)[\w\s*]*?\b(\w+)\([^;{}=]*\)\s*\n\{",
    re.M)
USED = re.compile(r"(?<![.>\w])\w+")


def room(path):
    for inner in INNER:
        if path.startswith(inner + "/"):
            return inner
    return path.split("/")[0]


def read():
    """{path: (functions defined, words used)} of every .c file."""
    files = {}
    for top in ROOMS:
        for folder, _, names in os.walk(top):
            for name in names:
                if not name.endswith(".c") or name in ALTERNATIVES:
                    continue
                path = os.path.join(folder, name)
                with open(path, encoding="utf-8") as file:
                    text = SKIP.sub(" ", file.read())
                files[path] = (set(DEFINED.findall(text)),
                               set(USED.findall(text)))
    return files


def calls(files):
    """{path: {path: names}}: who calls whom, and by which functions."""
    owner = {name: path for path, (own, _) in files.items() for name in own}
    edges = {path: collections.defaultdict(set) for path in files}
    for path, (own, used) in files.items():
        for name in used - own - {"__attribute__"}:
            if owner.get(name, path) != path:
                edges[path][owner[name]].add(name)
    return edges


def circles(edges):
    """The strongly connected components of more than one file (Tarjan)."""
    index, low, stack, found = {}, {}, [], []

    def visit(path):
        index[path] = low[path] = len(index)
        stack.append(path)
        for other in edges[path]:
            if other not in index:
                visit(other)
            if other in stack:
                low[path] = min(low[path], low[other])
        if low[path] == index[path]:
            circle = stack[stack.index(path):]
            del stack[stack.index(path):]
            if len(circle) > 1:
                found.append(sorted(circle))

    sys.setrecursionlimit(10000)
    for path in sorted(edges):
        if path not in index:
            visit(path)
    return found


def main():
    edges = calls(read())
    status = 0
    for circle in sorted(circles(edges)):
        rooms = tuple(sorted({room(path) for path in circle}))
        most = MOST if len(rooms) == 1 else 1
        bad = len(circle) > most
        status |= bad
        if not bad and "-v" not in sys.argv:
            continue
        print(f"{' and '.join(rooms)}: {len(circle)} files call each other in "
              f"a circle{f', at most {most} may' if bad else ''}")
        for path in circle:
            for other in sorted(set(edges[path]) & set(circle)):
                names = sorted(edges[path][other])
                print(f"  {path} -> {other}: {' '.join(names[:4])}"
                      f"{' ...' if len(names) > 4 else ''}")
    return status


if __name__ == "__main__":
    sys.exit(main())
