#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""chaos.py MINUTES SEED [KEEP]: one run, inside of the lab's machine.

The scenario has laid the cables and written the files; the promises and their bounds
are in chaos_promises.py, the schedule in chaos_schedule.py. KEEP is the numbers of
the faults to play, with commas; without it all of them. The last line of the file
chaos.said in the job folder says how it ended: "kept - NUMBERS" or "broken PROMISE
NUMBERS", with the faults that had begun.
"""
import contextlib
import heapq
import os
import signal
import sys

import chaos_faults
import chaos_promises as promises
import chaos_schedule as schedule
import chaos_world as world
from chaos_observers import Broken, Observers

LOOK = 1.0  # seconds from one look of the observers to the next
JOB = os.environ["LAB_JOB"]


class Run:
    def __init__(self, faults):
        self.faults = faults
        self.w = world.World()
        self.w.drained, self.w.undrain, self.w.words = set(), {}, []
        self.w.others = []
        self.ledger = promises.Ledger()
        self.observers = Observers(self.w, self.ledger)
        self.begun = []
        self.start = world.now()

    def say(self, text):
        print(f"   {world.now() - self.start:7.1f} s  {text}", flush=True)

    def look(self, seconds, done=lambda: False):
        """Observes until the time is over or DONE(); returns whether it is done."""
        end = world.now() + seconds
        while world.now() < end:
            begun = world.now()
            chaos_faults.operators(self.w)
            self.observers.look()
            if done():
                return True
            left = min(begun + LOOK, end) - world.now()
            if left > 0:
                world.time.sleep(left)
        return done()

    def pair_begins(self):
        """MariaDB, replication, the balancers, the clients: until all is in its place."""
        w = self.w
        for db in [w.source, *w.dbs.values()]:
            db.start()
        for db in [w.source, *w.dbs.values()]:
            self.wait(60, f"{db.name} answers", db.answers)
        w.source.sql("CREATE TABLE app.beat (id INT PRIMARY KEY, at DATETIME)")
        for db in w.dbs.values():
            db.sql("CHANGE MASTER TO master_host = "
                   "'10.78.0.1', master_user = 'repl', master_password = "
                   "'repl-secret', master_use_gtid = slave_pos, "
                   "master_connect_retry = 1; START SLAVE")
        self.beat_begins()
        for lb in w.lbs.values():
            lb.start()
        self.wait(60, "the pair is whole", self.pair_is_whole)
        w.clients = [world.Clients("busy", 9, 0.4),
                     world.Clients("idle", 9, promises.IDLE)]
        self.wait(60, "all sessions are open", self.observers.sessions_are_open)

    def wait(self, limit, text, done):
        """Before the promises count: nothing is judged yet."""
        end = world.now() + limit
        while not done():
            if world.now() > end:
                raise Broken("whole", f"not within {limit} s: {text}; "
                                      f"{self.observers.why}")
            world.time.sleep(0.5)

    def pair_is_whole(self):
        for name, lb in self.w.lbs.items():
            self.observers.ask(name, lb, world.now())
        return self.observers.pair_is_whole()

    def beat_begins(self):
        """The source is written to all the time: there is something to replicate."""
        self.w.others.append(world.subprocess.Popen(
            ["bash", "-c", "while :; do echo 'REPLACE INTO app.beat VALUES "
             "(1, NOW()); DO SLEEP(0.5);'; sleep 0.5; done | mariadb --no-defaults "
             "-u root -S /run/mariadb/1/sock >/dev/null 2>&1"]))

    def round(self, faults):
        """One round: its faults begin and end, then all must be whole again."""
        agenda = []
        for fault in faults:
            player = chaos_faults.KINDS[fault.kind]()
            heapq.heappush(agenda, (fault.begin, fault.number, 0, fault, player))
            heapq.heappush(agenda, (fault.begin + fault.length, fault.number, 1, fault,
                                    player))
        start, rows = world.now(), {}
        while agenda:
            at, number, ends, fault, player = heapq.heappop(agenda)
            self.look(start + at - world.now())
            if not ends:
                self.say(f"begins {fault}")
                self.begun.append(number)
                rows[number] = [
                    self.ledger.begin(target, touched, world.now())
                    for target, touched in promises.aspects(fault)]
                player.begin(fault, self.w)
            else:
                player.end(fault, self.w)
                for row in rows[number]:
                    self.ledger.end(row, world.now())
                self.say(f"ends   {number}: {fault.kind} {fault.target}")
        if not self.look(promises.WHOLE, self.observers.is_whole):
            raise Broken("whole", f"not within {promises.WHOLE:.0f} s after the "
                                  f"last fault: {self.observers.why}")
        self.observers.measure()
        self.say(f"whole  {self.observers.figures}")

    def play(self):
        self.pair_begins()
        self.say("the pair is whole, all sessions are open")
        self.look(promises.TOLD)
        self.observers.measure()
        rounds = {}
        for fault in self.faults:
            rounds.setdefault(fault.round, []).append(fault)
        for faults in rounds.values():
            self.round(faults)

    def stop(self):
        """Everything ends, the daemons in good order: the leak check runs then."""
        for process in [*(c.process for c in self.w.clients), *self.w.others]:
            process.kill()
        for lb in self.w.lbs.values():
            for pid in lb.pids():
                world.send(pid, signal.SIGCONT)
            lb.expected, lb.off = True, True
            if lb.process and lb.process.poll() is None:
                lb.process.terminate()
            world.send(lb.log.pid, signal.SIGCONT)
        for lb in self.w.lbs.values():
            self.wait(60, f"{lb.name} ends when it is told to",
                      lambda one=lb: not one.process or one.process.poll() is not None)


def main():
    minutes, seed = float(sys.argv[1]), int(sys.argv[2])
    faults = schedule.draw(seed, minutes)
    if len(sys.argv) > 3 and sys.argv[3]:
        keep = {int(word) for word in sys.argv[3].split(",")}
        faults = [fault for fault in faults if fault.number in keep]
    run = Run(faults)
    said = "kept -"
    try:
        run.play()
        run.stop()
    except Broken as broken:
        run.say(f"BROKEN  {broken.promise}: {broken}")
        run.observers.explain()
        said = f"broken {broken.promise}"
        with contextlib.suppress(Broken):
            run.stop()
    with open(JOB + "/chaos.said", "w", encoding="ascii") as file:
        file.write(f"{said} {','.join(map(str, run.begun))}\n")
    print(f"   {len(run.begun)} faults, {world.now() - run.start:.0f} s by the guest's "
          f"clock; {run.observers.figures}", flush=True)
    return 0 if said.startswith("kept") else 1


if __name__ == "__main__":
    sys.exit(main())
