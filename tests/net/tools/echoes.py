#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
echoes.py MODE ADDRESS [OTHER] - answers echo requests (ICMP) to ADDRESS, where
the kernel must not (icmp_echo_ignore_all):

    good      as it should be
    other     with another sequence number
    short     with less data than came
    long      with more
    altered   with its last byte changed
    stranger  from the address OTHER
    endless   with another sequence number, for ever
    crowd     from the address OTHER, for ever
    silent    not at all

It prints "ready" when it listens.
"""
import socket
import struct
import sys


def checksum(data):
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def reply(ident, sequence, data):
    head = struct.pack("!BBHHH", 0, 0, 0, ident, sequence)
    return struct.pack("!BBHHH", 0, 0, checksum(head + data), ident,
                       sequence) + data


def main():
    mode, address = sys.argv[1], sys.argv[2]
    sock = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
    sock.bind((address, 0))
    out = sock
    if mode in ("stranger", "crowd"):
        out = socket.socket(socket.AF_INET, socket.SOCK_RAW,
                            socket.IPPROTO_ICMP)
        out.bind((sys.argv[3], 0))
    print("ready", flush=True)
    while True:
        packet, peer = sock.recvfrom(65536)
        packet = packet[(packet[0] & 15) * 4:]
        if len(packet) < 8 or packet[0] != 8:
            continue
        ident, sequence = struct.unpack("!HH", packet[4:8])
        data = packet[8:]
        if mode == "silent":
            continue
        if mode in ("other", "endless"):
            sequence ^= 1
        elif mode == "short":
            data = data[:20]
        elif mode == "long":
            data += b"x" * 1000
        elif mode == "altered":
            data = data[:-1] + bytes([data[-1] ^ 1])
        answer = reply(ident, sequence, data)
        # Endless for a checker that takes a few dozen.
        for _ in range(500 if mode in ("endless", "crowd") else 1):
            try:
                out.sendto(answer, (peer[0], 0))
            except OSError:
                pass


main()
