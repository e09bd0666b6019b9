#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Figures of a running daemon, with those that a kernel with IPVS would give.

    kernelsheet.py DAEMON_SOCKET SOCKET

Answers at SOCKET what the daemon answers: each empty field of the columns below,
which no host without IPVS and no server without replication has, has a number, and
each server has changed its state.
lab/status-file shows that the kernel's own numbers come as far as the metrics.
"""
import os
import socket
import sys

COLUMNS = {
    "sync": ["running"],
    "pool": ["new_connections", "bytes_in", "bytes_out"],
    "server": ["weight_kernel", "active", "inactive", "connections", "bytes_in",
               "bytes_out", "packets_in", "packets_out", "lag"],
}


def ask(path, request):
    with socket.socket(socket.AF_UNIX) as daemon:
        daemon.connect(path)
        daemon.sendall(request)
        return b"".join(iter(lambda: daemon.recv(65536), b"")).decode()


TRANSITION = ["#transition\tfrom\tto\tcount", "transition\tup\tdown\t1"]


def filled(sheet):
    heads = {}
    for line in sheet.split("\n"):
        fields = line.split("\t")
        if line.startswith("#"):
            heads[fields[0][1:]] = fields
        for column in COLUMNS.get(fields[0], []):
            at = heads[fields[0]].index(column)
            fields[at] = fields[at] or "1"
        yield "\t".join(fields)
        if fields[0] == "server":
            yield from TRANSITION


def main():
    daemon, path = sys.argv[1:]
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path + ".new")
        listener.listen(8)
        os.rename(path + ".new", path)
        while True:
            client = listener.accept()[0]
            with client:
                request = client.makefile("rb").readline()
                client.sendall("\n".join(filled(ask(daemon, request))).encode())


main()
