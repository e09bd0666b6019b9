#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
datagrams.py MODE ADDRESS PORT [HEX] - a UDP server, a bad one in most modes:

    echo     what comes goes back
    say      HEX is the answer
    silent   no answer
    stranger the answer comes from another port
    endless  HEX is the answer, again and again
    dns      a name server's: HEX is the four bytes of id (ffff: the query's),
             flags, and how many bytes of the query are repeated behind them

It prints "ready" when it listens.
"""
import socket
import sys


def endless(sock, answer, peer):
    """Endless for a checker that takes a few dozen."""
    for _ in range(500):
        try:
            sock.sendto(answer, peer)
        except OSError:
            pass


def main():
    mode, address, port = sys.argv[1], sys.argv[2], int(sys.argv[3])
    said = bytes.fromhex(sys.argv[4]) if len(sys.argv) > 4 else b""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_DGRAM)
    sock.bind((address, port))
    other = socket.socket(family, socket.SOCK_DGRAM)
    print("ready", flush=True)
    while True:
        data, peer = sock.recvfrom(65536)
        try:
            if mode == "echo":
                sock.sendto(data, peer)
            elif mode == "say":
                sock.sendto(said, peer)
            elif mode == "dns":
                ident = data[:2] if said[:2] == b"\xff\xff" else said[:2]
                sock.sendto(ident + said[2:4] + data[4:4 + said[4]], peer)
            elif mode == "stranger":
                other.sendto(data, peer)
            elif mode == "endless":
                endless(sock, said, peer)
        except OSError:
            pass


main()
