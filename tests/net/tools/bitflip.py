#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A proxy that changes what passes, as a broken balancer or server would.

    bitflip.py LISTEN PORT TO PORT CONTROL

The file CONTROL is read with each piece of data: "up N" changes one bit in 1 of N
pieces on the way to the server, "down N" on the way back, "lie" a digit of each
SHA-256 on the way back; anything else, or no file, changes nothing. Only the inside
of long pieces is touched: the protocol's own bytes stay as they are.
"""
import random
import re
import socket
import sys
import threading

LONG = 4000
HEAD = 2000
DIGEST = re.compile(rb"[0-9a-f]{64}")


def word(control):
    """The present order, as a list of two."""
    try:
        with open(control, encoding="ascii") as file:
            order = file.read().split()
    except OSError:
        order = []
    return (order + ["", "1"])[:2] if order else ["", "1"]


def change(data, way, control):
    """DATA as it leaves the proxy."""
    order, rate = word(control)
    if order == "lie" and way == "down":
        found = DIGEST.search(data)
        if found:
            data = bytearray(data)
            data[found.start()] = ord("0") if data[found.start()] != ord("0") else ord("1")
    elif order == way and len(data) >= LONG and random.randrange(int(rate)) == 0:
        data = bytearray(data)
        data[random.randrange(HEAD, len(data))] ^= 1 << random.randrange(8)
    return data


def carry(source, target, way, control):
    """One direction of a connection, until its end."""
    try:
        while True:
            data = source.recv(65536)
            if not data:
                break
            target.sendall(change(data, way, control))
    except OSError:
        pass
    for end in (source, target):
        try:
            end.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


def main():
    """Accept for ever."""
    listen, port, host, to_port, control = sys.argv[1:]
    server = socket.create_server((listen, int(port)), backlog=64)
    while True:
        client, _ = server.accept()
        try:
            behind = socket.create_connection((host, int(to_port)))
        except OSError:
            client.close()
            continue
        for sock in (client, behind):
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for arguments in ((client, behind, "up"), (behind, client, "down")):
            threading.Thread(target=carry, args=arguments + (control,),
                             daemon=True).start()


if __name__ == "__main__":
    main()
