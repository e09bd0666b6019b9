#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Functions of the product that nothing but tests can reach.

From main(), and from the tables and macros outside of functions, the names that
stand in each function's body are followed through all sources of the product.
Prints each function that is not static and is not reached; the exit status is 1
if there is one. Names are not resolved, so a member or a variable of the same
name as a function hides that the function is not used.
"""
import collections
import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from names import sources  # noqa: E402

NOISE = re.compile(
    r'/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\'', re.S)
# A definition begins in the first column and its body ends there.
FUNCTION = re.compile(
    r"^(?P<head>[A-Za-z_][^;{}#=]*?\b(?P<name>[A-Za-z_]\w*)\("
    r"[^;{}]*\))\s*^\{(?P<body>.*?)^\}", re.M | re.S)
# A name that a macro pastes together: the parts that are written out.
PASTED = re.compile(r"(\w+_)##")
MACRO = re.compile(r"^#\s*define\s+\w+(?P<body>(?:.*\\\n)*.*)", re.M)
ATTRIBUTE = re.compile(r"__attribute__\(\((?:[^()]|\([^()]*\))*\)\)")
# Where tests take hold of the product; nothing in the product could be in
# their place.
SEAMS = {
    "arena_size": "memory is linear in the length of the file",
    "kernel_use": "the daemon's side of IPVS on a kernel in memory",
    "log_use_socket": "a syslog of the test's own",
    "recording_reader_trust": "fuzzing goes on behind the checksums",
}
WORD = re.compile(r"[A-Za-z_]\w*")


def outside(text):
    """The text between braces and behind "=", outside of functions."""
    found, depth = [], 0
    for part in re.split(r"([{}])", text):
        depth += (part == "{") - (part == "}")
        found += WORD.findall(part if depth else part.partition("=")[2])
    return found


def main():
    files = collections.defaultdict(set)
    uses = collections.defaultdict(set)
    reached, pasted = {"main"}, set()
    for path in sorted(sources()):
        with open(path, encoding="utf-8") as source:
            text = ATTRIBUTE.sub("", NOISE.sub(" ", source.read()))
        for macro in MACRO.finditer(text):
            reached.update(WORD.findall(macro["body"]))
            pasted.update(PASTED.findall(macro["body"]))
        text = MACRO.sub("", text)
        for function in FUNCTION.finditer(text):
            name = function["name"]
            uses[name].update(WORD.findall(function["body"]))
            if not re.match(r"static\b", function["head"]):
                files[name].add(path)
        reached.update(outside(FUNCTION.sub("", text)))
    reached.update(n for n in uses if n.startswith(tuple(pasted)))
    todo = list(reached)
    while todo:
        new = uses[todo.pop()] - reached
        reached |= new
        todo += new
    unused = [(sorted(where)[0], name) for name, where in files.items()
              if name not in reached and name not in SEAMS
              and not name.isupper()]
    for path, name in sorted(unused):
        print(f"{path}: no product file uses {name}()")
    print(f"{len(unused)} of {len(files)} functions that are not static are "
          "used by no product file, none may")
    return 1 if unused else 0


if __name__ == "__main__":
    sys.exit(main())
