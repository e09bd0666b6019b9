# SPDX-License-Identifier: GPL-2.0-or-later
"""The schedule: which fault begins when, and for how long, from a seed alone.

A run is a row of rounds. In a round one to four faults begin within a few
seconds of each other and last a while, so that they meet; then all is mended, and
the next round begins when the observers have seen everything in its place. So a
failure has few faults before it, and any subset of the faults is a schedule too:
that is how a failing one is made small.

The same seed gives the same faults in the same order, whatever is left out.
"""
import random
import sys
from dataclasses import dataclass

LBS = ("lb1", "lb2")
DBS = ("db2", "db3", "db4")
SOURCE = "db1"
# The processes of a balancer; the "zygote" is the checker's child, and the parent of
# each "helper".
ROLES = ("main", "checker", "zygote", "helper", "vrrp", "peer", "recorder")
# What a round takes on a busy host, by which the number of rounds is drawn; by the
# lab's clock it is about half of that.
ROUND_SECONDS = 30


@dataclass(frozen=True)
class Fault:
    number: int  # in the schedule, from 0
    round: int
    begin: float  # seconds from the round's begin
    length: float  # seconds until it is mended
    kind: str
    target: str  # a balancer or a server
    detail: str = ""

    def __str__(self):
        return (f"{self.number}: round {self.round} +{self.begin:.1f} s {self.kind} "
                f"{self.target} {self.detail} for {self.length:.1f} s")


def _seconds(rng, least, most):
    return round(rng.uniform(least, most), 1)


# Kind: how often it is drawn, where it happens, its detail, how long it lasts.
KINDS = {
    "kill": (4, LBS, ROLES, (1, 3)),
    "stop": (5, LBS, ROLES + ("all",), (1, 20)),
    "host-off": (3, LBS, ("",), (3, 15)),
    "cable": (2, LBS, ("",), (1, 12)),
    "partition": (2, LBS, ("100%",), (1, 12)),
    "table": (4, LBS, ("delete-server", "weight", "delete-service", "clear",
                       "add-server", "scheduler"), (1, 1)),
    "reload": (2, LBS, ("same", "weight", "broken"), (1, 10)),
    "restart": (1, LBS, ("",), (1, 3)),
    "drain": (2, DBS, LBS, (3, 10)),
    "db-kill": (3, DBS, ("",), (2, 15)),
    "source-kill": (1, (SOURCE,), ("",), (2, 12)),
    "db-hang": (2, DBS, ("",), (2, 15)),
    "db-cable": (1, DBS, ("",), (2, 12)),
    "lag": (2, DBS, ("",), (15, 20)),
    "loss": (1, LBS, ("10%", "30%"), (3, 12)),
    "sync-stop": (1, LBS, ("master", "backup"), (1, 3)),
    "disk": (2, LBS, ("",), (3, 12)),
    "log-stop": (2, LBS, ("",), (3, 20)),
    "clock": (1, LBS, ("+3600", "-3600", "+2"), (1, 3)),
}


def draw(seed, minutes):
    """All faults of a run."""
    rng = random.Random(seed)
    kinds = list(KINDS)
    weights = [KINDS[kind][0] for kind in kinds]
    faults = []
    for number in range(max(1, round(minutes * 60 / ROUND_SECONDS))):
        taken = set()
        for _ in range(rng.choice((1, 1, 2, 2, 3, 4))):
            kind = rng.choices(kinds, weights)[0]
            _, targets, details, (least, most) = KINDS[kind]
            target, detail = rng.choice(targets), rng.choice(details)
            begin = _seconds(rng, 0, 6)
            length = _seconds(rng, least, most)
            # A server is ill in one way at a time; a process is stopped once.
            what = target if target in DBS else (target, kind, detail)
            if what in taken:
                continue
            taken.add(what)
            faults.append(Fault(len(faults), number, begin, length, kind, target,
                                detail))
    return faults


if __name__ == "__main__":
    for drawn in draw(int(sys.argv[2]), float(sys.argv[1])):
        print(drawn)
