#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The observers of the chaos against a world that breaks one promise at a time, on a
clock of its own: each is noticed, by its name, and none before its bound is over."""
import os
import subprocess
import sys

import chaos_promises as promises
import chaos_schedule as schedule
import chaos_world as world
from chaos_observers import Broken, Observers

failed = 0
clock = 0.0
world.now = lambda: clock


def check(text, good, seen=""):
    global failed
    failed += not good
    print(f"{'ok' if good else 'not ok'} - {text}")
    if not good:
        print(f"    {seen}")


class Lb:
    def __init__(self, number):
        self.number = number
        self.table = {f"10.78.0.{n}:3306": 100 for n in (2, 3, 4)}
        self.wanted = dict(self.table)
        self.runs, self.silent, self.ended = True, False, None
        self.child = number  # its children share a pid

    def tend(self):
        return self.ended

    def of_role(self, role):
        return [self.number if role == "main" else self.child] if self.runs else []

    def ask(self, _word):
        if self.silent or not self.runs:
            return None
        return {"virtual_servers": [{"scheduler": "rr", "servers": [
            {"address": name, "weight_wanted": weight}
            for name, weight in self.wanted.items()]}]}

    def kernel(self):
        return "rr", dict(self.table)


class Pool:
    name, count = "busy", 9

    def __init__(self):
        self.losses = []

    def new_losses(self):
        losses, self.losses = self.losses, []
        return losses


class Addresses:
    def __init__(self):
        self.changes = [(0.0, frozenset({"lb1"}))]

    def held(self):
        return self.changes[-1][1]

    def set(self, *lbs):
        self.changes.append((clock, frozenset(lbs)))


class World:
    def __init__(self):
        self.lbs = {"lb1": Lb(1), "lb2": Lb(2)}
        self.dbs = dict.fromkeys(schedule.DBS)
        self.holders, self.clients = Addresses(), [Pool()]
        self.drained, self.undrain = set(), {}


def play(before, after=None, seconds=60.0):
    """BEFORE(world, ledger) at 100 s, AFTER 10 s later; the broken promise and when."""
    global clock
    clock, w, ledger = 0.0, World(), promises.Ledger()
    observers = Observers(w, ledger)
    while clock < 100 + seconds:
        if clock == 100:
            before(w, ledger)
        if clock == 110 and after:
            after(w, ledger)
        try:
            observers.look()
        except Broken as broken:
            return broken.promise, clock - 100
        clock += 0.5
    return "kept", 0


def breaks(promise, bound, text, before, after=None):
    """It is noticed, after the bound and within three looks."""
    seen = play(before, after)
    check(f"{promise}: {text}", seen[0] == promise and bound <= seen[1] <= bound + 2,
          seen)


def keeps(text, before, after=None):
    seen = play(before, after)
    check(f"kept: {text}", seen[0] == "kept", seen)


def touch(target, words):
    return lambda w, ledger: ledger.begin(target, frozenset(words.split()), clock)


def heal(_w, ledger):
    ledger.end(ledger.rows[-1], clock)


def both(*parts):
    def all_of_them(w, ledger):
        for part in parts:
            part(w, ledger)
    return all_of_them


def table(lb, server, weight):
    return lambda w, _: w.lbs[lb].table.update({f"10.78.0.{server}:3306": weight})


def decided(lb, server, weight):
    return both(table(lb, server, weight), lambda w, _: w.lbs[lb].wanted.update(
        {f"10.78.0.{server}:3306": weight}))


def holders(*lbs):
    return lambda w, _: w.holders.set(*lbs)


def loss(opened, good, server="db3"):
    return lambda w, _: w.clients[0].losses.append(
        (clock - opened, clock - good, clock, server, "2013"))


def of_lb(lb, **members):
    return lambda w, _: w.lbs[lb].__dict__.update(members)


keeps("nothing happens", lambda w, ledger: None)
breaks("table", promises.TABLE, "another weight than the decided one",
       table("lb1", 3, 7))
keeps("a table that nobody tends", both(of_lb("lb2", silent=True),
                                        touch("lb2", "tended"), table("lb2", 3, 7)))
breaks("one", promises.ONE, "two holders", holders("lb1", "lb2"))
keeps("two holders while they cannot hear each other",
      both(touch("lb2", "speaks"), holders("lb1", "lb2")))
breaks("one", 10 + promises.ONE, "two holders after they can hear each other again",
       both(touch("lb2", "speaks"), holders("lb1", "lb2")), heal)
keeps("one of them gives way in time",
      both(touch("lb2", "speaks"), holders("lb1", "lb2")),
      both(heal, holders("lb1")))
breaks("some", promises.NONE, "no holder", holders())
keeps("no holder, and nobody could be", both(
    holders(), touch("lb1", "speaks"), touch("lb2", "tended")))
breaks("sessions", 0, "a session breaks", loss(60, 5))
keeps("its server had failed",
      both(touch("db3", "serves"), decided("lb1", 3, 0), decided("lb2", 3, 0),
           loss(60, 5)))
breaks("sessions", 0, "another server had failed",
       both(touch("db2", "serves"), loss(60, 5)))
breaks("sessions", 0, "one balancer had failed",
       both(touch("lb1", "forwards"), loss(60, 5)))
keeps("both had", both(touch("lb1", "forwards"), touch("lb2", "forwards"), loss(60, 5)))
keeps("somebody had wiped the table", both(touch("lb1", "wiped"), loss(60, 5)))
breaks("sessions", 0, "somebody had edited it",
       both(touch("lb1", "edited"), loss(60, 5)))
keeps("it was new when its balancer failed",
      both(touch("lb1", "forwards"), loss(2, 1)))
breaks("fit", promises.TABLE, "a fit server is out", decided("lb1", 4, 0))
keeps("an operator drains it",
      both(decided("lb1", 4, 0), lambda w, _: w.drained.add("db4")))
keeps("a balancer that does not check", both(
    touch("lb1", "checks"), decided("lb1", 4, 0)))
breaks("unfit", promises.UNFIT, "a dead server is in", touch("db4", "serves"))
keeps("on a balancer that is cut off", both(touch("db4", "serves"), *(
    touch(lb, "checks") for lb in schedule.LBS)))
breaks("answers", promises.ANSWER, "main does not answer", of_lb("lb1", silent=True))
keeps("it is stopped", both(touch("lb1", "tended"), of_lb("lb1", silent=True)))
breaks("lives", 0, "main ends", of_lb("lb2", ended=1))
breaks("lives", 0, "a child ends by itself", of_lb("lb2", child=3))
breaks("lives", 0, "a child ends while its main stands still",
       both(of_lb("lb2", child=3), touch("lb2", "tended")))
keeps("the schedule had stopped it", both(of_lb("lb2", child=3), touch("lb2", "lives")))
keeps("its main ends too", of_lb("lb2", child=3, number=4))
breaks("fit", promises.TABLE, "a replica is out, its source alive", decided("lb2", 2, 0))
keeps("its source is dead", both(
    decided("lb2", 2, 0), *(lambda w, ledger, row=row: ledger.begin(*row, clock)
                            for row in promises.aspects(schedule.Fault(
                                0, 0, 0, 9, "source-kill", "db1")))))


class Sized(Observers):
    """Every process has the same size; one may belong to nobody."""

    size, strays = (20, 30 << 20), []

    def _size(self, _pid):
        return self.size

    def _strays(self):
        return self.strays


def growth(**members):
    """The promise that is broken when MEMBERS of the observers change after a look."""
    observers = Sized(World(), promises.Ledger())
    observers.measure()
    observers.__dict__.update(members)
    try:
        observers.measure()
    except Broken as broken:
        return broken.promise
    return "kept"


MOST = 20 + promises.MORE_DESCRIPTORS, (30 << 20) + promises.MORE_MEMORY
for what, seen, expected in (
        ("as much as is allowed", growth(size=MOST), "kept"),
        ("one descriptor more", growth(size=(MOST[0] + 1, MOST[1])), "growth"),
        ("one page more", growth(size=(MOST[0], MOST[1] + 4096)), "growth"),
        ("a process of nobody", growth(strays=[(9, "evenkeel-check")]), "growth")):
    check(f"growth: {what}", seen == expected, seen)


def blind(text, asked):
    """An observer whose source of truth has ended says so."""
    try:
        asked()
    except world.Blind:
        check(f"blind: {text}", True)
    else:
        check(f"blind: {text}", False)


pool = world.Clients.__new__(world.Clients)
pool.name, pool.losses, pool.seen = "busy", os.devnull, 0
pool.process = subprocess.Popen(["true"])
pool.process.wait()
blind("the clients have ended", pool.new_losses)
watcher = world.Holders.__new__(world.Holders)
world.threading.Thread.__init__(watcher)
watcher.changes = [(0.0, frozenset({"lb1"}))]
blind("nobody reads the kernels' addresses", watcher.held)

# A main that is stopped, and a peer process that was killed meanwhile.
stopped = world.Balancer.__new__(world.Balancer)
stopped.process = subprocess.Popen(
    ["python3", "-c", "import os, signal, time\n"
     "if os.fork() == 0:\n"
     "    open('/proc/self/comm', 'w').write('evenkeel-peer')\n"
     "    print(flush=True)\n"
     "    time.sleep(600)\n"
     "os.kill(os.getpid(), signal.SIGSTOP)"], stdout=subprocess.PIPE)
stopped.process.stdout.readline()
(peer,) = world.children(stopped.process.pid)
check("roles: a peer process that lives", stopped.of_role("peer") == [peer])
world.send(peer, world.signal.SIGKILL)
while world.alive(peer):
    pass
check("roles: none that was killed, though its main is stopped",
      stopped.of_role("peer") == [])
stopped.process.kill()
stopped.process.wait()
stopped.process.stdout.close()

drawn = schedule.draw(7, 3)
check("a seed has one schedule", drawn == schedule.draw(7, 3))
check("another seed has another one", drawn != schedule.draw(8, 3))
check("longer is the same and more", schedule.draw(7, 30)[:len(drawn)] == drawn)
check("every kind has its aspects", all(
    isinstance(promises.aspects(fault), list)
    for fault in schedule.draw(1, 200)))
check("every kind is drawn", {fault.kind for fault in schedule.draw(1, 200)} ==
      set(schedule.KINDS))

# The search for a small schedule, with a machine that fails if 3 and 7 are in it: at
# once, or, as a sanitizer's report, at the end.
SEARCH = """
say() { echo "$*"; }
LAB_DIR=none LOGS=$(mktemp -d)
. "$1/tests/dev/chaos.sh"
mkdir -p "$LOGS/lab/chaos"
lab_show() {
	local keep=",${LAB_CHAOS##* },"
	local said="kept -"
	if [[ $keep = *,3,* && $keep = *,7,* ]]; then
		[ "$END" = end ] && failed=$((failed + 1)) || said="broken one"
	fi
	keep=${keep%,}
	echo "$said ${keep#,}" >"$LOGS/lab/chaos/chaos.said"
}
minutes=3 seed=5 flavour=asan CHAOS_TRIES=$2 END=$3 passed=0 failed=0
chaos_run 0,1,2,3,4,5,6,7,8,9
chaos_shrink
rm -r "$LOGS"
"""
ROOT = os.path.abspath(os.path.dirname(__file__) + "/../../..")


def search(tries, end=""):
    return subprocess.run(["bash", "-c", SEARCH, "-", ROOT, str(tries), end], check=False,
                          text=True, stdout=subprocess.PIPE).stdout.splitlines()


check("the search finds the two faults that it takes",
      search(24)[-1] == "./dev chaos 3 5 --keep 3,7", search(24))
check("so it does if the end is judged otherwise",
      search(24, "end")[-1] == "./dev chaos 3 5 --keep 3,7", search(24, "end"))
check("and ends when it may not try", search(0)[-1].endswith("0,1,2,3,4,5,6,7,8,9"),
      search(0))
sys.exit(failed > 0)
