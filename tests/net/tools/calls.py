#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""calls.py LISTS SPARE TRACE...: calls that were made against calls that are allowed.

LISTS is what the tool confines prints; SPARE has lines "CALL why"; each TRACE is
what strace -ff wrote of one process. A process counts from the moment when it
has put its filter in force. Nothing is allowed that no process was seen to do,
unless it is spare; nothing was done that is not allowed.
"""
import re
import sys

CALL = re.compile(r"([a-z_0-9]+)\(")
TITLES = {"evenkeel-check": "evenkeel-checker", "evenkeel-record": "evenkeel-recorder"}


def read_lists(path):
    lists = {}
    with open(path, encoding="ascii") as lines:
        for line in lines:
            name, calls = line.split(":")
            lists[name] = set(calls.split())
    return lists


def made(path):
    """Yields (process, call) for each call behind a filter."""
    name = None
    confined = False
    with open(path, encoding="utf-8", errors="replace") as lines:
        for line in lines:
            title = re.match(r'prctl\(PR_SET_NAME, "([^"]*)"', line)
            if title:
                name = TITLES.get(title[1], title[1])
                confined = False
            call = CALL.match(line)
            # A younger call is answered so on purpose: the library has another.
            if confined and call and "ENOSYS" not in line:
                yield name, call[1]
            if line.startswith("seccomp(SECCOMP_SET_MODE_FILTER") and " = 0" in line:
                confined = True


def main():
    lists = read_lists(sys.argv[1])
    with open(sys.argv[2], encoding="ascii") as lines:
        spare = {line.split()[0] for line in lines if line.strip() and line[0] != "#"}
    more = lists.pop("sanitizers")
    seen = {name: set() for name in lists}
    for path in sys.argv[3:]:
        for name, call in made(path):
            seen[name].add(call)
    bad = 0
    for name, calls in lists.items():
        if not seen[name]:
            print(f"{name}: was not seen at work")
            bad += 1
        for call in sorted(seen[name] - calls - more):
            print(f"{name}: made {call}, which is not in its list")
            bad += 1
    ever = set().union(*seen.values())
    for call in sorted(set().union(*lists.values()) - ever - spare):
        print(f"{call} is allowed, and nobody was seen to make it")
        bad += 1
    print(f"{len(ever)} calls seen, of {', '.join(sorted(n for n in seen if seen[n]))}")
    sys.exit(bad > 0)


if __name__ == "__main__":
    main()
