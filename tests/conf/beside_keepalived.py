#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Each keyword with each wrong value, beside what keepalived's -t says.

    beside_keepalived.py WORDCASES [--all]

WORDCASES prints the cases (tests/conf/wordcases.c). keepalived reads the cases of one
word as one file, and gives the lines of what it complains about; a case where the two
seem to differ is read alone, beside the same file without the word. The classes:

    silent   taken without a word
    said     a complaint, and the rest of the file is taken
    refused  nothing is taken

A difference has to be in differences.txt, with its reason; a line there that fits no
difference is one too many. Words that keepalived does not know are left out, and so is
whether a word that evenkeel does not act on has a sensible value.
"""

import collections
import fnmatch
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

VERSION = "2.2.7"
HERE = os.path.dirname(os.path.abspath(__file__))
Case = collections.namedtuple("Case", "block word value ours idle line text said")
LINE = re.compile(r"Line (\d+)\)")
# Of a word in a route or a rule that it does not know it says that it is no address.
UNKNOWN = r"(nknown keyword '|nknown (rule|route) option |parsed invalid IP )"
# Without a router_id, each start would look for the host's full name, and wait where
# nobody answers; names among the values do once.
HEAD = "global_defs {\nrouter_id test\n}\n"
ENVIRONMENT = dict(os.environ, RES_OPTIONS="timeout:1 attempts:1")
# Each place has the words that it needs.
SECOND = re.compile(r"already (set|specified)")
LIMIT = 60  # seconds, of one keepalived; they take 0.01


class Keepalived:
    def __init__(self, folder):
        self.folder = folder
        self.plain = {}

    def read(self, name, text):
        """The exit status and the lines that are said."""
        path = os.path.join(self.folder, name)
        with open(path, "w", encoding="ascii") as file:
            file.write(HEAD + text)
        run = subprocess.run(
            ["keepalived", "-t", "-f", path],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=LIMIT,
            env=ENVIRONMENT,
            text=True,
            errors="replace",
            check=False,
        )
        os.unlink(path)
        return run.returncode, run.stdout.replace(path + ": ", "").splitlines()

    def alone(self, case):
        """The class of CASE by a file of its own, and the complaint."""
        name = f"{case.block}.{case.word}.{case.value}"
        status, said = self.read(name, case.text.replace("#", "1"))
        return self.judge(case, status, said)

    def judge(self, case, status, said):
        usual = self.plain[case.block]
        more = [
            line
            for line in said
            if LINE.sub("", line) not in usual and not SECOND.search(line)
        ]
        if any(re.search(UNKNOWN + re.escape(case.word), line) for line in said):
            return "unknown", ""
        if status < 0:
            return "crashed:" + signal.Signals(-status).name, ""
        if status not in (0, 5):
            return "refused", (said or [""])[-1]
        return ("said", more[0]) if more else ("silent", "")

    def together(self, cases):
        """The classes of CASES by one file; None: read each alone."""
        text, owner = "", {}
        head = HEAD.count("\n")
        for number, case in enumerate(cases, 1):
            first = text.count("\n") + 1
            text += case.text.replace("#", str(number))
            for line in range(first, text.count("\n") + 1):
                owner[line] = number - 1
        status, said = self.read(f"{cases[0].block}.{cases[0].word}", text)
        if status not in (0, 5):
            return None
        lines = collections.defaultdict(list)
        for line in said:
            where = LINE.search(line)
            if where:
                lines[owner.get(int(where[1]) - head)].append(line)
        # What has to be alone in a file is read so.
        return [
            None
            if any(SECOND.search(line) for line in lines[number])
            else self.judge(case, 0, lines[number])
            for number, case in enumerate(cases)
        ]

    def word(self, cases):
        """The cases of one word, each with its class and complaint."""
        result = []
        rest = [case for case in cases if case.value != "none"]
        classes = self.together(rest) or [None] * len(rest)
        for case, theirs in list(zip(rest, classes)) + [
            (case, None) for case in cases if case.value == "none"
        ]:
            if theirs and theirs[0] == "unknown":
                return []
            if not theirs or theirs[0] != case.ours:
                theirs = self.alone(case)
            if theirs[0] == "unknown":
                return []
            result.append((case, *theirs))
        return result


def read_cases(program):
    text = subprocess.run(
        [program], stdout=subprocess.PIPE, text=True, check=True
    ).stdout
    plain, words = {}, collections.OrderedDict()
    for line in text.splitlines():
        case = Case(*line.split("\t"))
        case = case._replace(text=case.text.replace("\\n", "\n"))
        if case.word == "-":
            plain[case.block] = case
        else:
            words.setdefault((case.block, case.word), []).append(case)
    return plain, list(words.values())


def read_differences():
    """Rows of block, word, value, ours, theirs; patterns of the shell."""
    rows = []
    with open(os.path.join(HERE, "differences.txt"), encoding="ascii") as file:
        for line in file:
            words = line.split("#")[0].split()
            if words:
                assert len(words) == 5, line
                rows.append(words)
    return rows


def fits(row, case, theirs):
    seen = (case.block, case.word, case.value, case.ours, theirs)
    return all(
        any(fnmatch.fnmatchcase(word, part) for part in pattern.split(","))
        for word, pattern in zip(seen, row)
    )


def why_not():
    """Why there is nothing to compare with, if there is not."""
    if not shutil.which("keepalived"):
        return "there is no keepalived"
    said = subprocess.run(
        ["keepalived", "-v"],
        stderr=subprocess.STDOUT,
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    ).stdout
    if f"Keepalived v{VERSION} " not in said:
        return f"differences.txt is of keepalived {VERSION}, not {said.split(chr(10))[0]}"
    return None if os.geteuid() == 0 else "keepalived reads for root only"


def main():
    if reason := why_not():
        print("left out:", reason)
        return 0
    plain, words = read_cases(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder:
        keepalived = Keepalived(folder)
        for block, case in plain.items():
            _, said = keepalived.read(block, case.text.replace("#", "1"))
            keepalived.plain[block] = {LINE.sub("", line) for line in said}
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            results = [r for group in pool.map(keepalived.word, words) for r in group]
    rows, used, bad = read_differences(), set(), 0
    for case, theirs, complaint in results:
        if case.ours == theirs or case.idle == "idle":
            continue
        row = next((i for i, r in enumerate(rows) if fits(r, case, theirs)), None)
        if row is None or "--all" in sys.argv:
            print(
                f"not ok {case.block} {case.word} {case.value} {case.ours} {theirs}\n"
                f"    ours: {case.said}\n    keepalived: {complaint}"
            )
            bad += row is None
        used.add(row)
    for i, row in enumerate(rows):
        if i not in used:
            print("not ok no difference is as in differences.txt:", *row)
            bad += 1
    known = len({(case.block, case.word) for case, _, _ in results})
    print(f"{len(results)} cases of {known} words beside keepalived, {bad} differ")
    # Where keepalived knows hardly a word, something else is wrong.
    return bad > 0 or known < 300


if __name__ == "__main__":
    sys.exit(main())
