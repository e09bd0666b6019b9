# SPDX-License-Identifier: GPL-2.0-or-later
"""The faults, by kind: begin one, and mend it. Each is a class with two methods.

Every fault holds on to the processes it has touched, by their pid: what was started
meanwhile is another one. All may meet, so none relies on what it finds.
"""
import os
import signal
import time

import chaos_world as world


class Kill:
    """kill -9 of one process of a balancer. Its supervisor is main, or we are main's."""

    def begin(self, fault, w):
        lb = w.lbs[fault.target]
        for pid in lb.of_role(fault.detail):
            if fault.detail == "main":
                lb.expected = True
            world.send(pid, signal.SIGKILL)

    def end(self, fault, w):
        pass


class Stop:
    """SIGSTOP and SIGCONT."""

    def __init__(self):
        self.pids = []

    def begin(self, fault, w):
        lb = w.lbs[fault.target]
        self.pids = lb.pids() if fault.detail == "all" else lb.of_role(fault.detail)
        for pid in self.pids:
            world.send(pid, signal.SIGSTOP)

    def end(self, fault, w):
        for pid in self.pids:
            world.send(pid, signal.SIGCONT)


class HostOff:
    """As if the power failed: no cable, every process at once; the kernel forgets nothing."""

    def begin(self, fault, w):
        lb = w.lbs[fault.target]
        w.cable(lb.name, "down")
        lb.off, lb.expected = True, True
        for pid in lb.pids():
            world.send(pid, signal.SIGKILL)

    def end(self, fault, w):
        lb = w.lbs[fault.target]
        w.cable(lb.name, "up")
        lb.off = False


class Cable:
    def begin(self, fault, w):
        w.cable(fault.target, "down")

    def end(self, fault, w):
        w.cable(fault.target, "up")


class Table:
    """Somebody edits the kernel's table by hand."""

    SERVICE = world.VIP + ":3306"
    EDITS = {
        "delete-server": ("-d", "-t", SERVICE, "-r", "10.78.0.2:3306"),
        "weight": ("-e", "-t", SERVICE, "-r", "10.78.0.3:3306", "-g", "-w", "7"),
        "delete-service": ("-D", "-t", SERVICE),
        "clear": ("-C",),
        "add-server": ("-a", "-t", SERVICE, "-r", "10.78.0.9:3306", "-g"),
        "scheduler": ("-E", "-t", SERVICE, "-s", "lc"),
    }

    def begin(self, fault, w):
        world.run(world.NS, fault.target, "ipvsadm", *self.EDITS[fault.detail])

    def end(self, fault, w):
        pass


class Reload:
    """A reload of the same file, or of one with other weights, and back.

    A broken one is refused, unless the daemon is started from it: then there is none.
    """

    WORDS = {"same": ("weight 100", "weight 100"), "weight": ("weight 100", "weight 60"),
             "broken": ("weight 100", "wieght 100")}

    def begin(self, fault, w):
        self._write(fault, *self.WORDS[fault.detail])
        w.lbs[fault.target].ask("reload")
        if fault.detail == "broken":
            self._write(fault, *reversed(self.WORDS[fault.detail]))

    def end(self, fault, w):
        self._write(fault, *reversed(self.WORDS[fault.detail]))
        w.lbs[fault.target].ask("reload")

    @staticmethod
    def _write(fault, before, after):
        path = f"/tmp/{fault.target}.conf"
        with open(path, encoding="ascii") as file:
            text = file.read()
        with open(path + ".new", "w", encoding="ascii") as file:
            file.write(text.replace(before + "\n", after + "\n"))
        os.rename(path + ".new", path)


class Restart:
    """An orderly stop; the supervisor starts it again."""

    def begin(self, fault, w):
        lb = w.lbs[fault.target]
        lb.expected = True
        for pid in lb.of_role("main"):
            world.send(pid, signal.SIGTERM)

    def end(self, fault, w):
        pass


class Drain:
    """An operator drains a server by a word to one balancer, and takes it back."""

    def begin(self, fault, w):
        w.drained.add(fault.target)
        w.lbs[fault.detail].ask(f"drain 10.78.0.{fault.target[2:]}:3306")

    def end(self, fault, w):
        """He says it until somebody answers: to that balancer, else to the other one."""
        w.words.append((fault.target, fault.detail))


def operators(w):
    """What operators still have to say."""
    for server, lb in list(w.words):
        for one in (w.lbs[lb], *w.lbs.values()):
            answer = one.ask(f"ready 10.78.0.{server[2:]}:3306")
            if answer and "error" not in answer:
                w.words.remove((server, lb))
                w.drained.discard(server)
                w.undrain[server] = world.now()
                break


class DbKill:
    def begin(self, fault, w):
        w.dbs[fault.target].kill()

    def end(self, fault, w):
        w.dbs[fault.target].start()


class SourceKill:
    """The replicas answer, and have nobody to follow."""

    def begin(self, fault, w):
        w.source.kill()

    def end(self, fault, w):
        w.source.start()


class DbHang:
    def begin(self, fault, w):
        w.dbs[fault.target].kill(signal.SIGSTOP)

    def end(self, fault, w):
        w.dbs[fault.target].kill(signal.SIGCONT)


class Lag:
    """The replica applies changes half a minute late."""

    def begin(self, fault, w):
        self._delay(w.dbs[fault.target], 30)

    def end(self, fault, w):
        self._delay(w.dbs[fault.target], 0)

    @staticmethod
    def _delay(db, seconds):
        # Not through a client that would wait for a server that hangs.
        world.spawn("timeout", "10", "mariadb", "--no-defaults", "-u", "root", "-S",
                    f"/run/mariadb/{db.number}/sock", "-e",
                    f"STOP SLAVE; CHANGE MASTER TO master_delay = {seconds}; START SLAVE")


class Loss:
    """Packets are lost on the balancer's cable, in both directions.

    With all of them lost the link is up and nobody is heard: a partition.
    """

    def begin(self, fault, w):
        world.run("modprobe", "sch_netem")
        for where, dev in ((fault.target, "eth0"), ("wire", fault.target)):
            world.run(world.NS, where, "tc", "qdisc", "add", "dev", dev, "root",
                      "netem", "loss", fault.detail)

    def end(self, fault, w):
        for where, dev in ((fault.target, "eth0"), ("wire", fault.target)):
            world.run(world.NS, where, "tc", "qdisc", "del", "dev", dev, "root")


class SyncStop:
    """Somebody stops a sync thread of the kernel."""

    def begin(self, fault, w):
        world.run(world.NS, fault.target, "ipvsadm", "--stop-daemon", fault.detail)

    def end(self, fault, w):
        pass


class Disk:
    """The disk with the run directory and the state is full."""

    def begin(self, fault, w):
        path = w.lbs[fault.target].run_dir + "/filler"
        try:
            with open(path, "wb", buffering=0) as file:
                while file.write(bytes(4096)):
                    pass
        except OSError:
            pass

    def end(self, fault, w):
        os.unlink(w.lbs[fault.target].run_dir + "/filler")


class LogStop:
    """Whoever reads the log stands still."""

    def begin(self, fault, w):
        world.send(w.lbs[fault.target].log.pid, signal.SIGSTOP)

    def end(self, fault, w):
        world.send(w.lbs[fault.target].log.pid, signal.SIGCONT)


class Clock:
    """The wall clock jumps, for everybody, and stays there."""

    def begin(self, fault, w):
        time.clock_settime(time.CLOCK_REALTIME, time.time() + int(fault.detail))

    def end(self, fault, w):
        pass


KINDS = {
    "lag": Lag, "loss": Loss, "partition": Loss,
    "sync-stop": SyncStop, "disk": Disk, "log-stop": LogStop,
    "clock": Clock,
    "kill": Kill, "stop": Stop, "host-off": HostOff, "cable": Cable, "table": Table,
    "reload": Reload, "restart": Restart, "drain": Drain, "db-kill": DbKill,
    "source-kill": SourceKill, "db-hang": DbHang, "db-cable": Cable,
}
