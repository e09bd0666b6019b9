#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""clang-tidy over the tree, without what it has judged before.

    tidy.py ROOT BUILD CACHE JOBS <COMMANDS

COMMANDS are the lines that `make -n` prints for every object of BUILD, which
has been built with clang. A verdict depends on nothing but the words of the
command, the settings, the tool, the source and all the headers that it
includes, the system's too: the compiler wrote down which. (Criterion's is
replaced by one that is easier to see through, tests/dev/tidy.) The hash of all
these names a file in CACHE if there was no complaint, so the same is not
judged twice, however it came about; a complaint is never remembered.
"""
import concurrent.futures
import functools
import hashlib
import json
import os
import re
import shlex
import subprocess
import sys
import time

ROOT, BUILD, CACHE, JOBS = sys.argv[1:]
# Made by others, who keep their own style.
VENDORED = re.compile(r"/lib/(queue|tree)\.[ch]$")
KEPT_DAYS = 60
# Found before the system's headers of the same names.
HEADERS = os.path.join(ROOT, "tests/dev/tidy")
CRITERION = os.path.join(HEADERS, "criterion/criterion.h")


def commands():
    """Source, folder of the object's dependencies, words of the command."""
    lines = sys.stdin.read().replace("\\\n", " ")
    for line in lines.splitlines():
        found = re.search(r"(clang\b.*) -c -o (\S+) (?:`.*?`)?(\S+\.c)", line)
        if not found:
            continue
        words, target, source = found.groups()
        source = os.path.normpath(os.path.join(ROOT, source))
        if VENDORED.search(source):
            continue
        folder, name = os.path.split(target)
        deps = os.path.join(BUILD, folder, ".deps", name[:-2] + ".Po")
        words = re.sub(r" -(MT|MF) \S+| -M[DP]\b", "", words)
        yield source, deps, shlex.split(words) + ["-isystem", HEADERS, "-c",
                                                  source]


@functools.lru_cache(None)
def file_hash(path):
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def included(deps):
    """The files of the object's own rule in what the compiler wrote down."""
    with open(deps, encoding="utf-8") as file:
        text = file.read().replace("\\\n", " ")
    words = text.split("\n", 1)[0].split()
    if not words or not words[0].endswith(":"):
        return None
    return sorted({os.path.normpath(os.path.join(BUILD, w)) for w in words[1:]})


def fingerprint(source, deps, words, tool):
    """None if it cannot be told: then it is judged anew."""
    try:
        files = included(deps)
        if not files or source not in files:
            return None
        parts = [tool, file_hash(os.path.join(ROOT, ".clang-tidy")),
                 file_hash(CRITERION)]
        parts += [word.replace(ROOT, ".") for word in words]
        parts += [f.replace(ROOT, ".") + " " + file_hash(f) for f in files]
    except OSError:
        return None
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def judge(job):
    source, mark = job
    done = subprocess.run(["clang-tidy", "--quiet", "-p", BUILD, source],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True, check=False)
    clean = done.returncode == 0 and "warning:" not in done.stdout
    if clean and mark:
        with open(mark, "w", encoding="utf-8"):
            pass
    said = "\n".join(line for line in done.stderr.splitlines()
                     if "generated" not in line)
    return source, done.returncode == 0, done.stdout + said


def main():
    tool = subprocess.run(["clang-tidy", "--version"], stdout=subprocess.PIPE,
                          text=True, check=True).stdout
    os.makedirs(CACHE, exist_ok=True)
    database, jobs, known = [], [], 0
    for source, deps, words in commands():
        database.append({"directory": BUILD, "file": source,
                         "arguments": words})
        key = fingerprint(source, deps, words, tool)
        mark = key and os.path.join(CACHE, key)
        if mark and os.path.exists(mark):
            os.utime(mark)
            known += 1
        else:
            jobs.append((source, mark))
    if not database:
        sys.exit("make names no object that clang would compile")
    with open(os.path.join(BUILD, "compile_commands.json"), "w",
              encoding="utf-8") as file:
        json.dump(database, file)
    bad = 0
    with concurrent.futures.ThreadPoolExecutor(int(JOBS)) as pool:
        for source, good, said in pool.map(judge, jobs):
            bad += not good
            if said.strip():
                print(os.path.relpath(source, ROOT), said, sep="\n", flush=True)
    for name in os.listdir(CACHE):
        mark = os.path.join(CACHE, name)
        if os.path.getmtime(mark) < time.time() - KEPT_DAYS * 86400:
            os.unlink(mark)
    print(f"{len(jobs)} files judged, {bad} with faults; {known} known")
    sys.exit(bad != 0)


main()
