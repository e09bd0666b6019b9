# SPDX-License-Identifier: GPL-2.0-or-later
"""The lab's pair as the chaos sees it: processes to begin and end, cables, looks.

Daemons and servers are started by the lab's own library (tests/lab/lib), so that
their options stand in one place; they are children of this process, which is their
supervisor too: a daemon that was killed is started again as systemd would do it.
"""
import ctypes
import json
import os
import selectors
import signal
import socket
import struct
import subprocess
import threading
import time

from chaos_promises import RESTART
from chaos_schedule import DBS, LBS

LOG = "/run/log"
VIP = "10.77.0.100"
TOOLS = "/src/build/lab-tools"
NS = TOOLS + "/ns"
COMM = {"checker": "evenkeel-check", "vrrp": "evenkeel-vrrp",
        "peer": "evenkeel-peer", "recorder": "evenkeel-record"}
CLONE_NEWNET = 0x40000000
RTMGRP_IPV4_IFADDR = 0x10
RTM_NEWADDR, RTM_DELADDR = 20, 21


class Blind(Exception):
    """What the observers look at has ended: nothing would be noticed any more."""


def now():
    """The clock of every bound: no jump of the wall clock moves it."""
    return time.clock_gettime(time.CLOCK_MONOTONIC)


def run(*words):
    """A command, to its end; what it printed is returned, errors with it."""
    done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          check=False, text=True)
    return done.stdout


def spawn(*words):
    """A command that is not waited for."""
    subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                     stdin=subprocess.DEVNULL)


def library(log, function, *words):
    """A process that the lab's library becomes by FUNCTION."""
    # Descriptors of this process are none of a daemon's.
    return subprocess.Popen(
        ["bash", "-c", '. /src/tests/lab/lib.sh; "$@"', "-", function, *words],
        stdout=log, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)


def alive(pid):
    return state_of(pid) not in ("", "Z", "X")


def state_of(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as stat:
            return stat.read().rpartition(")")[2].split()[0]
    except (OSError, IndexError):
        return ""


def comm_of(pid):
    try:
        with open(f"/proc/{pid}/comm", encoding="ascii", errors="replace") as comm:
            return comm.read().strip()
    except OSError:
        return ""


def children(pid):
    try:
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
            return [int(word) for word in file.read().split()]
    except OSError:
        return []


def tree(pid):
    """The process and all its descendants."""
    found = [pid]
    for child in children(pid):
        found += tree(child)
    return found


def send(pid, number):
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        pass


class Holders(threading.Thread):
    """Who holds the address, as the kernels announce it, with the time of each change."""

    def __init__(self):
        super().__init__(daemon=True)
        self.changes = [(now(), frozenset())]
        self.sockets = {lb: self._socket(lb) for lb in LBS}
        self.start()

    @staticmethod
    def _socket(lb):
        """A socket stays in the namespace in which it was made."""
        libc = ctypes.CDLL(None, use_errno=True)
        with open("/proc/self/ns/net", "rb") as own, \
                open(f"/run/netns/{lb}", "rb") as other:
            if libc.setns(other.fileno(), CLONE_NEWNET):
                raise OSError(ctypes.get_errno(), "setns")
            sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
            sock.bind((0, RTMGRP_IPV4_IFADDR))
            libc.setns(own.fileno(), CLONE_NEWNET)
        return sock

    def run(self):
        with selectors.DefaultSelector() as selector:
            for lb, sock in self.sockets.items():
                selector.register(sock, selectors.EVENT_READ, lb)
            while True:
                for key, _ in selector.select():
                    self._take(key.data, key.fileobj.recv(65536))

    def _take(self, lb, data):
        while len(data) >= 16:
            length, kind = struct.unpack_from("=IH", data)
            if kind in (RTM_NEWADDR, RTM_DELADDR) and \
                    self._address(data[24:length]) == VIP:
                held = self.changes[-1][1]
                held = held | {lb} if kind == RTM_NEWADDR else held - {lb}
                self.changes.append((now(), held))
            data = data[(length + 3) & ~3:]

    @staticmethod
    def _address(attributes):
        while len(attributes) >= 8:
            length, kind = struct.unpack_from("=HH", attributes)
            if kind == 2:
                return socket.inet_ntoa(attributes[4:8])
            attributes = attributes[max((length + 3) & ~3, 4):]
        return None

    def held(self):
        if not self.is_alive():
            raise Blind("nobody reads the kernels' addresses any more")
        return self.changes[-1][1]


class Balancer:
    """One of the two: its daemon, which is started again unless its host is off."""

    def __init__(self, name, conf):
        self.name, self.conf = name, conf
        self.run_dir = f"/run/evenkeel-{name}"
        self.process = None
        self.off = False
        self.ended = None  # when, if it does not run
        self.expected = False  # its end was ours
        self.starts = 0
        self.log = subprocess.Popen(
            ["sh", "-c", f"exec cat >>{LOG}/evenkeeld.{name}.log"],
            stdin=subprocess.PIPE)

    def start(self):
        self.expected, self.ended = False, None
        self.starts += 1
        self.process = library(self.log.stdin, "evenkeel_exec", self.conf, self.name)

    def pids(self):
        return tree(self.process.pid) if self.process else []

    def of_role(self, role):
        """The living processes of that role; of helpers the last.

        A zygote has its name a moment after it is there, a helper likewise; by its
        parent it is known at once.
        """
        if not self.process or self.process.poll() is not None:
            return []
        main = self.process.pid
        if role == "main":
            return [main]
        if role in ("zygote", "helper"):
            zygotes = [pid for checker in self.of_role("checker")
                       for pid in children(checker) if alive(pid)]
            if role == "zygote":
                return zygotes
            return [pid for zygote in zygotes for pid in children(zygote)
                    if alive(pid)][-1:]
        # One that was killed is there until its parent, which may be stopped, looks.
        return [pid for pid in children(main)
                if comm_of(pid) == COMM[role] and alive(pid)]

    def ask(self, word, patience=1.0):
        """What the daemon answers, or None."""
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as sock:
                sock.settimeout(patience)
                sock.connect(self.run_dir + "/control.sock")
                sock.sendall(word.encode() + b"\n")
                data = b""
                while more := sock.recv(1 << 18):
                    data += more
            return json.loads(data)
        except (OSError, ValueError):
            return None

    def tend(self):
        """Starts it if that is due; returns its status if it ended by itself."""
        if self.process is None:
            return None
        status = self.process.poll()
        if status is None:
            return None
        if self.ended is None:
            self.ended = now()
            if not self.expected:
                return status
        if not self.off and now() - self.ended >= RESTART:
            self.start()
        return None

    def kernel(self):
        """The kernel's table: {server: weight} of the service, or None; and all lines."""
        lines = sorted(run(NS, self.name, "ipvsadm", "-Sn").splitlines())
        service, servers = None, {}
        for line in lines:
            words = line.split()
            if words[:3] == ["-A", "-t", VIP + ":3306"]:
                service = words[words.index("-s") + 1]
            elif words[:3] == ["-a", "-t", VIP + ":3306"]:
                servers[words[4]] = int(words[words.index("-w") + 1])
        return service, servers


class Database:
    """A MariaDB server of the lab."""

    def __init__(self, name, options):
        self.name, self.number, self.options = name, name[2:], options
        self.process = None

    def start(self):
        with open(f"{LOG}/mariadb{self.number}.log", "ab") as log:
            self.process = library(log, "mariadb_exec", self.number, *self.options)

    def sql(self, text):
        return run("mariadb", "--no-defaults", "-u", "root", "-S",
                   f"/run/mariadb/{self.number}/sock", "-BN", "-e", text)

    def answers(self):
        return self.sql("SELECT 1").strip() == "1"

    def kill(self, number=signal.SIGKILL):
        send(self.process.pid, number)
        if number == signal.SIGKILL:
            self.process.wait()


class Clients:
    """Sessions through the service; what broke is a line of a file each."""

    def __init__(self, name, count, interval):
        self.name, self.count = name, count
        self.report, self.losses = f"/run/held.{name}", f"/run/losses.{name}"
        self.seen = 0
        with open(self.losses, "wb"), open(f"{LOG}/heldconn.{name}.log", "wb") as log:
            self.process = subprocess.Popen(
                [NS, "client", TOOLS + "/heldconn",
                 "-h", VIP, "-P", "3306", "-u", "app", "-p", "app-secret", "--reopen",
                 "--connections", str(count), "--interval", str(int(interval * 1000)),
                 "--timeout", "30", "--losses", self.losses, "-o", self.report],
                stdout=log, stderr=log)

    def value(self, key):
        try:
            with open(self.report, encoding="ascii", errors="replace") as report:
                for line in report:
                    words = line.split()
                    if words and words[0] == key:
                        return int(words[1])
        except OSError:
            pass
        return 0

    def new_losses(self):
        """(opened, last answer, end, server, text), times as now(), of new losses."""
        if self.process.poll() is not None:
            raise Blind(f"the {self.name} clients ended, {self.process.returncode}")
        found = []
        with open(self.losses, encoding="utf-8", errors="replace") as file:
            for line in file.readlines()[self.seen:]:
                self.seen += 1
                *times, server, text = line.rstrip("\n").split(" ", 4)
                opened, good, end = (int(word) / 1000 for word in times)
                found.append((opened, good, end, f"db{server}", text))
        return found


class World:
    def __init__(self):
        options = ["--log-bin=bin", "--slave-net-timeout=5"]
        self.source = Database("db1", options)
        self.dbs = {name: Database(name, options + ["--read-only=1"]) for name in DBS}
        self.lbs = {name: Balancer(name, f"/run/recorded/{name}.conf") for name in LBS}
        self.holders = Holders()
        self.clients = []

    def cable(self, name, state):
        run("ip", "-n", "wire", "link", "set", "dev", name, state)
