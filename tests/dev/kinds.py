#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The files that name a kind of check, held against the rule of CONTRIBUTING.

A kind is told in files of its own: conf/lvs/check_KIND.c, checkers/KIND.c and
its helpers, checkers/mysql/. Beside them only the REGISTERS may name it, each of
which holds one line or struct for every kind: conf/kinds.h above all. All other code goes by the traits
of a check (struct conf_traits) and by its probe type.

Prints for each kind how many files name it, and each file that should not; the
exit status is 1 if there is one.
"""
import os
import re
import sys

ROOMS = ("lib", "confine", "conf", "balance", "record", "sim", "ipvs", "announce", "checkers",
         "vrrp", "bfd", "web", "mail", "daemon", "ctl")
REGISTERS = {
    "conf/kinds.h", "conf/conf.h", "conf/lvs/draft.h",
}
# Files of a kind are named after another kind.
HOMES = {"ssl": "http"}
MAY = {
    # A library and helpers that are begun once for all checks of their kind.
    ("checkers/probe.c", "http"),
    ("checkers/probe.c", "mysql"),
    # The simulator writes configurations for the servers that it simulates.
    ("sim/scenario_conf.c", "mysql"),
    # The words of keepalived's files, and what is proposed for them.
    ("daemon/migrate/migrate.c", "misc"),
    ("daemon/migrate/migrate.c", "bfd"),
    ("daemon/migrate/migrate.c", "file"),
    ("daemon/migrate/migrate_check.c", "mysql"),
    ("daemon/migrate/migrate_print.c", "mysql"),
    # The home of an old keyword, in the text for people.
    ("conf/lang/guess.c", "http"),
}
COMMENT = re.compile(r"/\*.*?\*/", re.S)


def kinds(register):
    """The kinds and their words, in the order of the register."""
    return re.findall(r'\b(?:KIND|LIKE)\((\w+), \w+, "(\w+)"', register)


def pattern(kind, word, conf):
    """What names KIND in any file."""
    low = kind.lower()
    words = [rf"\bCHECK_{kind}\b", rf"\bconf_{low}\b", rf"\b{word}\b"]
    if f"const struct conf_{low} *{low};" in conf:
        words.append(rf"(?:->|\.){low}->")
    for body in re.findall(rf"enum {low}_\w+ \{{(.*?)\}};", conf, re.S):
        words += [rf"\b{name}\b" for name in re.findall(r"\b[A-Z]\w+", body)]
    return "|".join(words)


def owns(kind, path):
    home = HOMES.get(kind, kind)
    folder, name = os.path.split(path)
    stem = os.path.splitext(name)[0]
    if folder == f"checkers/{home}":
        return True
    if folder == "conf/lvs":
        return stem == f"check_{home}"
    return folder == "checkers" and (stem == home or
                                     stem.startswith(home + "_"))


def sources():
    for room in ROOMS:
        for folder, _, names in os.walk(room):
            for name in sorted(names):
                if name.endswith((".c", ".h")):
                    yield os.path.join(folder, name)


def main():
    texts = {}
    for path in sources():
        with open(path, encoding="utf-8") as file:
            texts[path] = COMMENT.sub(" ", file.read())
    conf = texts["conf/conf.h"]
    status = 0
    for name, word in kinds(texts["conf/kinds.h"]):
        kind, own, registers, others = name.lower(), 0, 0, []
        anywhere = re.compile(pattern(name, word, conf))
        # In the checker's own room the names of the kind's headers count too.
        names = {word for path, text in texts.items()
                 if owns(kind, path) and path.endswith(".h")
                 for word in re.findall(rf"\b{kind}_\w+", text)}
        inside = re.compile("|".join(
            [anywhere.pattern] + [rf"\b{word}\b" for word in sorted(names)]))
        for path, text in texts.items():
            room = path.split("/")[0]
            found = (inside if room == "checkers" else anywhere).search(text)
            if owns(kind, path):
                own += found is not None
            elif path in REGISTERS:
                registers += found is not None
            elif found and (path, kind) not in MAY:
                others.append((path, found.group(0)))
        print(f"{name}: {own} files of its own and {registers} registers "
              f"name it")
        for path, word in others:
            print(f"  {path} names it too: {word}")
            status = 1
    return status


if __name__ == "__main__":
    sys.exit(main())
