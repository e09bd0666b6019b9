#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""`./dev demo --keep`: the pair's pages and metrics are reached from this host,
from its loopback alone, and an interrupt ends it with nothing left behind.

Prints "ok - TEXT" or "not ok - TEXT" for each check.
"""
import glob
import json
import os
import re
import selectors
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
# Only there so that a test ends: an emulated machine may take minutes.
PATIENCE = 900
ADDRESS = re.compile(r"(page|metrics) of (lb[12])\s+(http://127\.0\.0\.1:(\d+)/\S*)")

failed = 0


def check(text, good, seen=""):
    global failed
    failed += not good
    print(f"{'ok' if good else 'not ok'} - {text}", flush=True)
    if not good:
        print(f"    {str(seen)[-2000:]}", flush=True)


def start():
    """In a session of its own, and not deaf to interrupts as a job is."""
    return subprocess.Popen(
        [ROOT + "/dev", "demo", "--keep", "--no-story"], stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler))


def read_until(process, done, said):
    """Adds to SAID until DONE(text) or the end; False: it took too long."""
    end = time.monotonic() + PATIENCE
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        while not done(said.decode(errors="replace")):
            if not selector.select(max(end - time.monotonic(), 0)):
                return False
            more = os.read(process.stdout.fileno(), 65536)
            if not more:
                return True
            said += more
    return True


def get(url):
    try:
        with urllib.request.urlopen(url, timeout=PATIENCE / 10) as answer:
            return answer.status, answer.read().decode()
    except (urllib.error.URLError, OSError) as error:
        return 0, str(error)


def listeners(port):
    """The addresses at which something listens at PORT, as the kernel prints them."""
    found = []
    for name in ("/proc/net/tcp", "/proc/net/tcp6"):
        with open(name, encoding="ascii") as table:
            for line in table.readlines()[1:]:
                words = line.split()
                address, number = words[1].split(":")
                if int(number, 16) == port and words[3] == "0A":
                    found.append(address)
    return found


def group_members(group):
    members = []
    for stat in glob.glob("/proc/[0-9]*/stat"):
        try:
            with open(stat, encoding="utf-8", errors="replace") as file:
                words = file.read().rsplit(")", 1)[1].split()
        except OSError:
            continue
        # By the session, as timeout(1) makes a group of its own.
        if int(words[3]) == group and words[0] != "Z":
            members.append(stat)
    return members


def vrrp_state(address):
    status, text = get(address + "api/vrrp")
    return json.loads(text)["instances"][0]["state"] if status == 200 else text


def judge(found):
    ports = [int(port) for *_, port in found]
    where = {(what, box): url for what, box, url, _ in found}
    check("two pages and two metrics are named", len(where) == 4, found)
    for box, state in (("lb1", "MASTER"), ("lb2", "BACKUP")):
        status, text = get(where["page", box])
        check(f"the page of {box} answers", status == 200 and
              "page.js" in text, text)
        seen = vrrp_state(where["page", box])
        check(f"    which is {state}", seen == state, seen)
        status, text = get(where["metrics", box])
        check(f"metrics of {box} answer", status == 200 and
              "\nevenkeel_up 1\n" in text, text)
    status, text = get(where["page", "lb1"] + "api/status")
    servers = json.loads(text)["virtual_servers"][0]["servers"] if status == 200 else []
    seen = [one["connections_total"] for one in servers]
    check("the kernel counts connections of each server",
          len(seen) == 3 and sum(one or 0 for one in seen) > 0, seen)
    seen = {port: listeners(port) for port in ports}
    check("at this host's loopback only",
          all(one == ["0100007F"] for one in seen.values()), seen)
    return ports


def main():
    runs = set(glob.glob(ROOT + "/build/test-logs/lab/run.*"))
    process, said = start(), bytearray()
    try:
        in_time = read_until(process, lambda text: "Ctrl-C ends it." in
                             text.rsplit("It runs", 1)[-1] and "It runs" in text, said)
        text = said.decode(errors="replace")
        check("it says where it is reached", in_time and "It runs" in text, text)
        ports = judge(ADDRESS.findall(text)) if "It runs" in text else []
        os.killpg(process.pid, signal.SIGINT)
        in_time = read_until(process, lambda _: False, said)
        process.wait(PATIENCE)
    finally:
        for member in group_members(process.pid):
            try:
                os.kill(int(member.split("/")[2]), signal.SIGKILL)
            except OSError:
                pass
    text = said.decode(errors="replace")
    check("an interrupt ends it, in good order", in_time and
          process.returncode == 0 and "lb1 ends in good order" in text,
          (process.returncode, text))
    check("    and nothing listens any more", ports and
          not any(listeners(port) for port in ports), ports)
    left = set(glob.glob(ROOT + "/build/test-logs/lab/run.*")) - runs
    check("    and nothing is left", left == set(), left)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
