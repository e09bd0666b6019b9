# SPDX-License-Identifier: GPL-2.0-or-later
"""The observers: one look judges every promise of chaos_promises.py."""
import os

import chaos_promises as promises
import chaos_world as world
from chaos_schedule import LBS

WHOLE_LB = "tended checks speaks forwards"


class Broken(Exception):
    """A promise was not kept."""

    def __init__(self, promise, text):
        super().__init__(text)
        self.promise = promise


class Observers:
    def __init__(self, w, ledger):
        self.w, self.ledger = w, ledger
        self.held = promises.Held()
        self.status, self.kernel = {}, {}
        self.judged = 0  # changes of holders
        self.why = ""
        self.figures = ""
        self.least = {}
        self.losses = []
        self.seen = {lb: {} for lb in LBS}  # by role, the processes of the last look

    def look(self):
        now = world.now()
        for name, lb in self.w.lbs.items():
            status = lb.tend()
            if status is not None:
                raise Broken("lives", f"{name}'s main ended by itself, status {status}")
            self.ask(name, lb, now)
            self._lives(name, lb, now)
            self._table(name, now)
            self._fit(name, now)
        self._one(now)
        self._some(now)
        self._sessions(now)

    def _lasts(self, promise, key, bad, bound, text, now):
        if self.held.lasts((promise, key), bad, now) > bound:
            raise Broken(promise, f"{text}, for more than {bound:.1f} s")

    def ask(self, name, lb, now):
        """The status, with the kernel's table read between two equal ones."""
        main = lb.of_role("main")
        sound = self.ledger.sound(name, "tended", now, promises.ANSWER) and main
        before = lb.ask("status") if main else None
        self.kernel[name] = lb.kernel()
        after = lb.ask("status") if before else None
        if before and after and self._wanted(before) == self._wanted(after):
            self.status[name] = after
        else:
            self.status[name] = None
        self._lasts("answers", name, bool(sound and not after), promises.ANSWER,
                    f"{name}'s main does not answer", now)

    def _lives(self, name, lb, now):
        """A child ends with its main, or where the schedule ends or stops one."""
        before = self.seen[name]
        self.seen[name] = {role: lb.of_role(role) for role in ("main", *world.COMM)}
        if self.seen[name]["main"] != before.get("main") or \
                not self.ledger.sound(name, "lives", now, promises.ENDS):
            return
        for role, pids in self.seen[name].items():
            if set(before[role]) - set(pids):
                raise Broken("lives", f"{name}'s {role} ended by itself")

    @staticmethod
    def _wanted(status):
        service = status["virtual_servers"][0]
        return service["scheduler"], {
            server["address"]: server["weight_wanted"] for server in service["servers"]
            if server["weight_wanted"] is not None}

    def _table(self, name, now):
        status = self.status[name]
        if not status:
            self.held.lasts(("table", name), False, now)
            return
        wanted = self._wanted(status)
        self._lasts("table", name, wanted != self.kernel[name], promises.TABLE,
                    f"{name} wants {wanted}, the kernel has {self.kernel[name]}", now)

    def db_is_fit(self, name, now):
        return self.ledger.sound(name, "serves current", now, promises.FIT) and \
            now - max(self.w.undrain.get(name, 0), 0) > promises.FIT and \
            name not in self.w.drained

    def _fit(self, name, now):
        """Fit servers have a weight, unfit ones have none."""
        whole = self.ledger.sound(name, WHOLE_LB, now, promises.ABLE) and \
            self.w.lbs[name].of_role("main")
        _, servers = self.kernel[name]
        fit = [db for db in self.w.dbs if self.db_is_fit(db, now)]
        for db in self.w.dbs:
            weight = servers.get(f"10.78.0.{db[2:]}:3306", 0)
            self._lasts("fit", (name, db), whole and db in fit and weight == 0 and
                        self.ledger.sound(name, "edited", now, promises.TABLE),
                        promises.TABLE, f"{db} is fit, and out of {name}'s table", now)
            ill = self._is_ill(db, now)
            self._lasts("unfit", (name, db), bool(whole and fit and ill and weight),
                        promises.UNFIT, f"{db} is dead, and has weight {weight} in "
                        f"{name}'s table", now)

    def _is_ill(self, db, now):
        """Now, without a break since it was first said."""
        return any(row[0] == db and "serves" in row[1] and row[3] is None
                   for row in self.ledger.rows)

    def _one(self, now):
        """Two holders: from the moment at which the kernels said so."""
        changes = self.w.holders.changes
        while self.judged < len(changes):
            at, held = changes[self.judged]
            if self.judged + 1 < len(changes):
                until = changes[self.judged + 1][0]
            else:
                until = now
            if len(held) > 1 and until - at > promises.ONE:
                self._two(at, until)
            if self.judged + 1 == len(changes):
                break
            self.judged += 1

    def _two(self, at, until):
        """Was there a time of ONE in it in which both could hear each other?"""
        windows = sorted(
            (row[2], (row[3] if row[3] is not None else until) +
             (promises.STILL if row[3] is None or row[3] - row[2] < promises.STILL
              else 0))
            for row in self.ledger.rows if row[0] in LBS and "speaks" in row[1])
        free = at
        for begin, end in windows + [(until, until)]:
            if min(begin, until) - free > promises.ONE:
                raise Broken("one", f"both hold the address for {until - at:.1f} s, "
                                    f"{min(begin, until) - free:.1f} s of it while "
                                    "they could hear each other")
            free = max(free, end)

    def _some(self, now):
        able = [lb for lb in LBS if self.w.lbs[lb].of_role("main") and
                self.ledger.sound(lb, WHOLE_LB, now, promises.ABLE)]
        self._lasts("some", "", bool(able and not self.w.holders.held()),
                    promises.NONE, f"nobody holds the address; {able} could", now)

    def _sessions(self, now):
        for clients in self.w.clients:
            for opened, good, end, server, text in clients.new_losses():
                self.losses.append(server)
                if not self._loss_is_explained(opened, good, end,
                                                 server):
                    raise Broken("sessions", f"a session of {clients.name} with {server}"
                                 f" broke: {text}; it was opened "
                                 f"{now - opened:.1f} s ago, its last answer "
                                 f"{now - good:.1f} s ago, its end {now - end:.1f} s ago")

    def _loss_is_explained(self, opened, good, end, server):
        if self.ledger.touched(server, "serves", good - 1, end):
            return True
        if any(self.ledger.touched(lb, "wiped", good - promises.TABLE, end)
               for lb in LBS):
            return True
        if any(self.ledger.touched(lb, "forwards", opened, opened + promises.TOLD) or
               self.ledger.touched(lb, "speaks", opened, opened + promises.TOLD)
               for lb in LBS):
            return True
        both = [any(self.ledger.touched(lb, aspect, good - promises.SYNC, end)
                    for aspect in ("forwards", "told", "speaks")) for lb in LBS]
        return all(both)

    # What must be so at the end of a round.

    def pair_is_whole(self):
        """Two daemons with all their processes, equal tables, one holder, by the last look."""
        for name, lb in self.w.lbs.items():
            if not self.status.get(name):
                return self._not(f"{name} does not answer")
            wanted = self._wanted(self.status[name])
            if wanted != self.kernel[name] or len(wanted[1]) != len(self.w.dbs) or \
                    0 in wanted[1].values():
                return self._not(f"{name} wants {wanted}, has {self.kernel[name]}")
            missing = [role for role in world.COMM if len(lb.of_role(role)) != 1]
            if missing:
                return self._not(f"{name} is without its {missing}")
        if len(self.w.holders.held()) != 1:
            return self._not(f"held by {sorted(self.w.holders.held())}")
        return True

    def sessions_are_open(self):
        for clients in self.w.clients:
            if clients.value("placed") != clients.count:
                return self._not(f"{clients.value('placed')} of {clients.count} sessions "
                                 f"of {clients.name} are open")
        return True

    def is_whole(self):
        return self.pair_is_whole() and self.sessions_are_open()

    def _not(self, why):
        self.why = why
        return False

    # Growth.

    def measure(self):
        """Processes, descriptors and memory of each balancer, against its first."""
        said = []
        for name, lb in self.w.lbs.items():
            for role in ("main", *world.COMM):
                pid = lb.of_role(role)[0]
                files, memory = self._size(pid)
                if (name, role) not in self.least:
                    self.least[name, role] = files, memory
                first_files, first_memory = self.least[name, role]
                if files > first_files + promises.MORE_DESCRIPTORS or \
                        memory > first_memory + promises.MORE_MEMORY:
                    raise Broken("growth", f"{name}'s {role}: {files} descriptors, "
                                 f"{memory >> 20} MB; at first {first_files}, "
                                 f"{first_memory >> 20} MB")
                if role == "main":
                    said.append(f"{name} main {files} fds {memory >> 20} MB")
        stray = self._strays()
        if stray:
            raise Broken("growth", f"processes that belong to nobody: {stray}")
        self.figures = f"{', '.join(said)}, {len(self.losses)} sessions lost so far"

    def _strays(self):
        """Processes of evenkeel outside of the two trees."""
        known = {pid for lb in self.w.lbs.values() for pid in lb.pids()}
        return [(pid, world.comm_of(pid)) for pid in
                (int(word) for word in os.listdir("/proc") if word.isdigit())
                if world.comm_of(pid).startswith("evenkeel") and pid not in known and
                world.alive(pid)]

    @staticmethod
    def _size(pid):
        with open(f"/proc/{pid}/statm", encoding="ascii") as statm:
            pages = int(statm.read().split()[1])
        return len(os.listdir(f"/proc/{pid}/fd")), pages * 4096

    def explain(self):
        """For the reader of a failure."""
        for name in LBS:
            print(f"   {name}: kernel {self.kernel.get(name)}")
            status = self.status.get(name)
            if status:
                for server in status["virtual_servers"][0]["servers"]:
                    print(f"      {server['address']} {server['state']} wanted "
                          f"{server['weight_wanted']}: {server['reason']}")
        print(f"   holders: {[(round(at, 1), sorted(held)) for at, held in self.w.holders.changes[-8:]]}")
        for lb in LBS:
            print(world.run("tail", "-n", "25", f"{world.LOG}/evenkeeld.{lb}.log"))
