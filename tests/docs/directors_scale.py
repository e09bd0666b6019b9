#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
What several directors cost, for the guide's chapter "More than a pair": sync
messages and memory by the number of directors and of connections, the share of
connections that a router moves, and the share that `mh` places elsewhere. Prints
the tables as they stand in the guide; tests/docs/run holds the guide to them.

The figures of the kernel (net/netfilter/ipvs/ip_vs_sync.c, ip_vs_mh.c):
"""
import hashlib

ENTRY = 36  # bytes of a connection of IPv4 in a sync message
HEAD = 8  # of a message
MESSAGE = 1472  # what a packet of 1500 bytes holds beside IP and UDP
FRAME = 1500 + 14
REFRESH = 10  # s, sync_refresh_period of lvs_sync_tuning
TIMES = 3  # each connection in each period: once, and sync_retries 2
RECEIVE = 212992  # bytes of the receiving socket, net.core.rmem_default
PACKET = 2304  # of those, what one packet takes in the kernel
CONNECTION = 320  # bytes a connection, rounded to what the kernel's cache gives
BUCKET = 8  # bytes each in the table of connections, one for each connection
PLACES = 4093  # of mh, as Debian builds it

ENTRIES = (MESSAGE - HEAD) // ENTRY


def number(value):
    return f"{value:,.0f}"


def size(value):
    return f"{value / 1e6:,.0f} MB"


def sync_table():
    print("| directors | busy connections | messages a second, all together "
          "| on the wire | a receiver that stands still so long loses some "
          "| memory of each, sync | memory of each, `mh` |")
    print("|---|---|---|---|---|---|---|")
    for directors in (4, 8, 16):
        for connections in (10**5, 10**6):
            messages = connections * TIMES / REFRESH / ENTRIES
            heard = messages * (directors - 1) / directors
            stall = RECEIVE // PACKET / heard
            memory = connections * (CONNECTION + BUCKET)
            print(f"| {directors} | {number(connections)} "
                  f"| {number(messages)} "
                  f"| {messages * FRAME * 8 / 1e6:.0f} Mbit/s "
                  f"| {stall * 1000:.0f} ms | {size(memory)} "
                  f"| {size(memory / directors)} |")


def threshold_moved(directors, lost):
    """
    The share of flows whose director changes when one of N is lost, with the hash
    threshold of RFC 2992: equal ranges of the hash, in the directors' order.
    """
    cuts = sorted({i / directors for i in range(directors + 1)} |
                  {i / (directors - 1) for i in range(directors)})
    left = [d for d in range(directors) if d != lost]
    moved = 0
    for low, high in zip(cuts, cuts[1:]):
        middle = (low + high) / 2
        if int(middle * directors) != left[int(middle * (directors - 1))]:
            moved += high - low
    return moved


def router_table():
    print("| directors | ordinary hash: flows that change director "
          "| resilient groups |")
    print("|---|---|---|")
    for directors in (2, 4, 8, 16):
        shares = [threshold_moved(directors, d) for d in range(directors)]
        print(f"| {directors} | {min(shares) * 100:.0f} to "
              f"{max(shares) * 100:.0f} % | {100 / directors:.0f} % |")


def mh_places(servers):
    """Which server has which place: Maglev, each server one place a turn."""
    walks = []
    for server in servers:
        digest = hashlib.sha256(str(server).encode()).digest()
        offset = int.from_bytes(digest[:8], "big") % PLACES
        skip = int.from_bytes(digest[8:16], "big") % (PLACES - 1) + 1
        walks.append([offset, skip])
    places = [None] * PLACES
    taken = 0
    while taken < PLACES:
        for server, walk in zip(servers, walks):
            while places[walk[0]] is not None:
                walk[0] = (walk[0] + walk[1]) % PLACES
            places[walk[0]] = server
            taken += 1
            if taken == PLACES:
                break
    return places


def mh_moved(number_of_servers):
    """Of the places of others: the share that moves if a server is removed."""
    moved = kept = 0
    for trial in range(8):
        servers = [(trial, i) for i in range(number_of_servers)]
        before = mh_places(servers)
        after = mh_places(servers[1:])
        for old, new in zip(before, after):
            if old != servers[0]:
                kept += 1
                moved += old != new
    return moved / kept


def mh_table():
    print("| servers | one is at weight 0: connections of the others that move "
          "| one is removed or added |")
    print("|---|---|---|")
    for servers in (3, 4, 8, 16, 32):
        print(f"| {servers} | none | {mh_moved(servers) * 100:.1f} % |")


if __name__ == "__main__":
    sync_table()
    print()
    router_table()
    print()
    mh_table()
