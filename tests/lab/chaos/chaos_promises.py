# SPDX-License-Identifier: GPL-2.0-or-later
"""What evenkeel promises while everything around it fails, and within which bound.

Each promise is judged by observers outside of evenkeel: the kernel's table as
ipvsadm prints it, the addresses as the kernel announces them, clients with open
sessions, /proc. Two things are asked of the daemon itself, since nobody else knows
them: which table it wants, and whether it answers.

A promise speaks of what is sound. A fault takes some of that away, for as long as
it lasts and for a bound thereafter: its kind says which aspects of its target it
touches (ASPECTS), and an observer leaves out who is touched. Whatever a fault does
not touch is judged all through it. No bound is a matter of the host's speed: the
lab's clock counts instructions. The bounds are the product's own figures, added
up, with what a slow machine (500 million instructions a second, sanitizers in
everything) needs for the work itself.

table    The kernel's table is the decided one, whoever has changed it by hand, on a
         balancer whose main process runs. Bound: TABLE.
one      At most one balancer holds the service address. Two may for the protocol's
         own window: while they cannot hear each other, or one stands still or was
         just killed, until the first advert after that is heard and acted upon.
         Bound: ONE.
some     One balancer holds the address if one of them is whole, and has been long
         enough to take part. A master that is silent is missed after three adverts
         and the skew. Bound: NONE.
sessions No established session breaks, except where its server failed meanwhile,
         or both balancers did, or somebody took the last service out of the kernel's
         table by hand: IPVS is off then, and the host itself refuses the packets
         until the repair. A new session is established when the other balancer
         has been told of it, which the kernel does in batches. Bound: TOLD. One
         that was away knows a session again at its next query. Bound: SYNC.
fit      A server that answers, replicates and is reachable is in the table of
         each balancer that is whole, with a weight. Bound: FIT.
unfit    A server that is dead, silent or cut off has no weight there, as long as
         one is fit. Bound: UNFIT.
answers  A main process that nobody has stopped answers its control socket.
         Bound: ANSWER.
lives    No process of evenkeel ends unless it was killed by the schedule, or by
         main since it stood still; a main that stood still itself kills none.
         (Reports of sanitizers are seen by the lab.) Bound: ENDS.
whole    When all is mended, everything is in its place again: the processes, the
         tables, the address, every session. Bound: WHOLE.
growth   Then there are as many processes as ever, and memory and descriptors of
         main and its children do not grow. Bounds: MORE_DESCRIPTORS, MORE_MEMORY.
replay   The recorded decisions of each balancer are those that the replay makes
         of the recorded inputs; judged by the scenario, after the end.
"""

from chaos_schedule import DBS

# The table is read and compared every 2 s (CORE_AUDIT_MIN); one such time, as the
# edit may have come just after it, a second for the work, one for the look.
TABLE = 4.0

# Two holders end when the one of less priority hears the other: an advert comes
# every ADVERT seconds, and the first one may be the one that is just missed. The
# address is removed then. A process that stands still is killed after five unanswered
# questions, one a second, and its successor removes the address when it starts.
ADVERT = 0.5
ONE = 2 * ADVERT + 1.5
STILL = 6.0

# Three adverts, a skew of up to one more, and a second for addresses and announcing.
NONE = 4 * ADVERT + 1.0
# A balancer takes part when its table is complete: it starts (2 s with sanitizers),
# its checks have their first results (FIT at most).
ABLE = 15.0

# The kernel sends what it has to tell when it fills a packet, or is two seconds old
# (IPVS_SYNC_FLUSH_TIME), which it looks for once a second.
TOLD = 4.0

# A session is told to the other balancer with its first packet, and again at every
# query; the idle ones ask every IDLE seconds.
IDLE = 6.0
SYNC = IDLE + 4.0

# A fit server's next check begins within delay_loop (1 s). One that hung in its time
# limit (2 s) is asked again after delay_before_retry (1 s). A helper that was
# killed costs one check, a cable that was cut up to 3 s of TCP's repetition, a
# replica up to 5 s to find its source again (master_connect_retry 1 s, its own
# login) and be less than resume_lag behind.
FIT = 15.0

# A check begins within delay_loop (1 s), runs into its limit (2 s), and is repeated
# once (retry 1) after 1 s, up to its limit; two seconds for the work.
UNFIT = 8.0

# Main may have killed a child just before the schedule lets it go on; the end is seen
# when main has been told and the observers look.
ENDS = 4.0

# The longest thing that main does in one go is a reload with sanitizers.
ANSWER = 5.0

# Main starts (a supervisor waits RESTART seconds), learns the table, checks, takes
# part; a checker that was killed soon after its start waits up to 4 s.
RESTART = 1.0
WHOLE = 60.0

# A log line that waits, a script that runs; the memory of a history that fills up.
MORE_DESCRIPTORS = 6
MORE_MEMORY = 24 << 20

# A fault's kind, and for some its detail, to the aspects of its target:
#   tended   main does its work
#   checks   results of checks come
#   speaks   VRRP is heard and spoken
#   forwards packets of sessions pass
#   told     what the other balancer tells of sessions arrives
#   serves   a database server answers
#   current  it is not behind its source
#   edited   the kernel's table is as main left it
#   wiped    it has a service at all
#   lives    none of its processes has ended
ASPECTS = {
    ("kill", "main"): "tended checks speaks lives",
    ("kill", "checker"): "checks lives",
    ("kill", "zygote"): "checks lives",
    ("kill", "helper"): "checks",
    ("kill", "vrrp"): "speaks lives",
    ("kill", "peer"): "lives",
    ("kill", "recorder"): "lives",
    ("stop", "main"): "tended",
    ("stop", "checker"): "checks lives",
    ("stop", "zygote"): "checks",
    ("stop", "helper"): "checks",
    ("stop", "vrrp"): "speaks lives",
    ("stop", "peer"): "lives",
    ("stop", "recorder"): "lives",
    ("stop", "all"): "tended checks speaks",
    "host-off": "tended checks speaks forwards told lives",
    "cable": "checks speaks forwards told",
    "partition": "checks speaks forwards told",
    "table": "edited",
    ("table", "delete-service"): "edited wiped",
    ("table", "clear"): "edited wiped",
    "reload": "",
    "restart": "tended checks speaks lives",
    "drain": "",
    "db-kill": "serves",
    "source-kill": "",
    "db-hang": "serves",
    "db-cable": "serves",
    "lag": "current",
    "loss": "checks speaks told",
    "sync-stop": "told",
    "disk": "",
    "log-stop": "",
    "clock": "",
}
# What is lost between the two is lost to the other one as well.
ASPECTS_OF_OTHER = {"loss": "told", "sync-stop": "told"}
ASPECTS_OF_REPLICAS = {"source-kill": "current"}


def aspects(fault):
    """[(target, aspects)] that it touches."""
    found = ASPECTS.get((fault.kind, fault.detail), ASPECTS.get(fault.kind))
    touched = [(fault.target, frozenset(found.split()))]
    if fault.kind in ASPECTS_OF_OTHER:
        other = "lb2" if fault.target == "lb1" else "lb1"
        touched.append((other, frozenset(ASPECTS_OF_OTHER[fault.kind].split())))
    if fault.kind in ASPECTS_OF_REPLICAS:
        touched += [(db, frozenset(ASPECTS_OF_REPLICAS[fault.kind].split()))
                    for db in DBS]
    return touched


class Ledger:
    """Who was touched, in which aspect, from when until when (None: still)."""

    def __init__(self):
        self.rows = []

    def begin(self, target, touched, now):
        row = [target, touched, now, None]
        self.rows.append(row)
        return row

    @staticmethod
    def end(row, now):
        row[3] = now

    def touched(self, target, aspect, since, until=float("inf")):
        """The target was touched in the aspect within that time."""
        return any(row[0] == target and aspect in row[1] and row[2] <= until and
                   (row[3] is None or row[3] >= since) for row in self.rows)

    def sound(self, target, wanted, now, bound):
        """The target was touched in none of the aspects for that long."""
        return not any(self.touched(target, aspect, now - bound)
                       for aspect in wanted.split())


class Held:
    """A condition that must not last: it began when it was first seen."""

    def __init__(self):
        self.since = {}

    def lasts(self, key, bad, now):
        """For how long it has been bad, without a good look between."""
        if not bad:
            self.since.pop(key, None)
            return 0.0
        return now - self.since.setdefault(key, now)
