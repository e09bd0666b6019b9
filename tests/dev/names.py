#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What the rules of CONTRIBUTING say of names and comments, held against the tree.

  - no two sources have the same file name, no struct tag is defined twice;
  - a static function bears the name of its file (or a part of it, such as
    "pool_" in mysql_pool.c, or the short form below) or that of its room, and
    no such name stands in two files;
  - a comment's sentence can be read alone: few begin with a pronoun, few hang on
    "what" and "who". The shares are printed, and limited;
  - a prototype in a header has a comment of its own, or stands in a group that
    begins with one.

Prints each finding; the exit status is 1 if there is one.
"""
import collections
import os
import re
import sys

ROOMS = ("lib", "confine", "conf", "balance", "record", "sim", "ipvs", "announce", "checkers",
         "vrrp", "bfd", "web", "mail", "daemon", "ctl")
SHORT = {
    "virtual_server": "vs_", "real_server": "rs_", "evenkeeld": "main_",
    "evenkeel": "ctl_", "check_common": "check_",
}
ROOM = {
    "conf": ["conf_"], "vrrp": ["vrrp_"], "ipvs": ["ipvs_"],
    "record": ["record_", "reader_", "writer_"],
    "balance": ["balance_"], "sim": ["sim_"], "ctl": ["ctl_"],
    "checkers": ["check_", "checker_"],
}
# Chosen by file: of each pair only one is compiled.
ALTERNATIVES = {
    "mysql_tls_mariadb.c",
    "mysql_tls_mysql.c",
    "mysql_trust_function.c",
    "mysql_trust_option.c",
}
STATIC = re.compile(
    r"^static\s+(?:__attribute__\(\(\w+\)\)\s+)?"
    r"(?:inline\s+|const\s+|unsigned\s+|struct\s+|enum\s+|union\s+)*"
    r"[A-Za-z_]\w*[\s*]+(?:const\s+)?\**\s*(\w+)\((?![^)]*\)\s*;)", re.M)
TAG = re.compile(r"^struct (\w+) \{", re.M)
COMMENT = re.compile(
    r'"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\'|/\*(.*?)\*/', re.S)
FREE = re.compile(
    r"(?i)\b(what|whatever|whoever|that which|who|(?:one|those|all|he|the ones"
    r"|everything|nothing) (?:that|who|which))\b")
PRONOUN = re.compile(
    r"(It|Its|This|That|These|Those|They|Them|Their|He|She|His|What|Who|Whoever"
    r"|Both|One|None|Some|All|Nobody|Nothing|Everything|Each|Neither|Either|Such"
    r"|Others|The same|Whatever)\b")
PROTOTYPE = re.compile(r"(?!static\b|typedef\b)[a-z_][\w \*]*?\b(\w+)\(")
FREE_MOST, PRONOUN_MOST, SILENT_MOST = 2.0, 4.0, 2.0  # percent


def sources():
    for room in ROOMS:
        for folder, _, names in os.walk(room):
            for name in names:
                if name.endswith((".c", ".h")):
                    yield os.path.join(folder, name)


def prefixes(path):
    stem = os.path.splitext(os.path.basename(path))[0]
    parts = stem.split("_")
    some = {"_".join(parts[i:j]) + "_" for i in range(len(parts))
            for j in range(i + 1, len(parts) + 1)}
    return some | {stem} | set(ROOM.get(path.split("/")[0], [])) | (
        {SHORT[stem]} if stem in SHORT else set())


def sentences(text):
    for found in COMMENT.finditer(text):
        body = re.sub(r"^\s*\*+ ?", "", found.group(1) or "", flags=re.M)
        for part in re.split(r"\n\s*\n|\n(?=\s{2,}\S)", body):
            part = re.sub(r"\s+", " ", part).strip()
            for line in re.split(r'(?<=[.!?:;])\s+(?=[A-Z"(])', part):
                if len(re.findall("[A-Za-z]+", line)) >= 3 and \
                        not line.startswith("SPDX"):
                    yield line


def prototypes(text):
    """Each prototype's name, and whether it has a comment or shares one."""
    grouped, lines = False, iter(text.split("\n"))
    for line in lines:
        found = PROTOTYPE.match(line)
        if not line.strip():
            grouped = False
        elif line.startswith(("/*", " *")):
            grouped = True
        elif found:
            while ";" not in line and "{" not in line:
                line += next(lines)
            if "{" not in line:
                yield found.group(1), grouped or "/*" in line


def main():
    faults = []
    files = collections.defaultdict(list)
    tags = collections.defaultdict(list)
    statics = collections.defaultdict(list)
    total = free = pronoun = 0
    public = silent = 0
    for path in sorted(sources()):
        with open(path, encoding="utf-8") as source:
            text = source.read()
        files[os.path.basename(path)].append(path)
        for tag in TAG.findall(text):
            tags[tag].append(path)
        mine = prefixes(path)
        for name in STATIC.findall(text):
            if os.path.basename(path) not in ALTERNATIVES:
                statics[name].append(path)
            if not name.startswith("__") and \
                    not any(name.startswith(p) for p in mine):
                faults.append(f"{path}: {name}() does not bear the file's name")
        for _, explained in prototypes(text) if path.endswith(".h") else ():
            public += 1
            silent += not explained
        for line in sentences(text):
            total += 1
            free += bool(FREE.search(line))
            pronoun += bool(PRONOUN.match(line))
    for what, table in (("file", files), ("struct", tags), ("function", statics)):
        for name, where in sorted(table.items()):
            if len(set(where)) > 1:
                faults.append(f"{what} {name} twice: " + ", ".join(where))
    for what, count, most in (("hang on 'what' or 'who'", free, FREE_MOST),
                              ("begin with a pronoun", pronoun, PRONOUN_MOST)):
        share = 100 * count / max(total, 1)
        print(f"{count} of {total} sentences of comments ({share:.1f} %) {what}"
              f", {most:.0f} % may")
        if share > most:
            faults.append(f"too many sentences {what}")
    share = 100 * silent / max(public, 1)
    print(f"{silent} of {public} prototypes ({share:.1f} %) have no comment, "
          f"{SILENT_MOST:.0f} % may")
    if share > SILENT_MOST:
        faults.append("too many prototypes without a comment")
    print("\n".join(faults))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
