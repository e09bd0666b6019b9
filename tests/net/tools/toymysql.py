#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
toymysql.py PORT FILE - says what a MySQL server would say, on 127.0.0.1.

Debian has no MySQL server, only MariaDB, and what a check asks of a MySQL 5.7,
8.0 or 8.4 and how those answer is worth a test on the wire. Every login is
welcome. Each query is looked up in FILE, which is read anew every time:

    version 8.4.3
    query SHOW REPLICA STATUS           the beginning of a statement
    columns Channel_Name Replica_IO_Running
    row - Yes                           "-" is an empty value, NULL is NULL
    query SELECT MEMBER_STATE
    error 1142 SELECT command denied

What is not in FILE is a syntax error (1064), as a statement is that a server of
that age does not know. Each query is also printed.
"""
import socketserver
import struct
import sys

FLAGS = 0x1 | 0x2 | 0x4 | 0x8 | 0x200 | 0x2000 | 0x8000 | 0x20000 | 0x80000
OK = b"\0\0\0\2\0\0\0"
EOF = b"\xfe\0\0\2\0"


class Answer:
    def __init__(self, start):
        self.start = start
        self.columns = []
        self.rows = []
        self.error = None


def read_answers(path):
    version, answers = "8.0.36", []
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            word, _, rest = line.strip().partition(" ")
            if word == "version":
                version = rest
            elif word == "query":
                answers.append(Answer(rest))
            elif word == "columns":
                answers[-1].columns = rest.split()
            elif word == "row":
                answers[-1].rows.append(rest.split())
            elif word == "error":
                number, _, text = rest.partition(" ")
                answers[-1].error = (int(number), text)
    return version, answers


def string(text):
    data = text.encode()
    assert len(data) < 251
    return bytes([len(data)]) + data


def column(name):
    return (string("def") + string("") * 3 + string(name) + string("")
            + b"\x0c" + struct.pack("<HIBHB", 33, 1024, 0xfd, 0, 0) + b"\0\0")


def value(word):
    if word == "NULL":
        return b"\xfb"
    return string("" if word == "-" else word)


def error(number, text):
    return b"\xff" + struct.pack("<H", number) + b"#HY000" + text.encode()


def packets_of(answer):
    if answer.error:
        return [error(*answer.error)]
    return ([bytes([len(answer.columns)])]
            + [column(name) for name in answer.columns] + [EOF]
            + [b"".join(value(word) for word in row) for row in answer.rows]
            + [EOF])


class Session(socketserver.StreamRequestHandler):
    def send(self, number, *packets):
        for packet in packets:
            self.wfile.write(struct.pack("<I", len(packet))[:3]
                             + bytes([number & 255]) + packet)
            number += 1

    def receive(self):
        head = self.rfile.read(4)
        if len(head) < 4:
            return None
        return self.rfile.read(int.from_bytes(head[:3], "little"))

    def handle(self):
        version, _ = read_answers(self.server.answers)
        self.send(0, b"\x0a" + version.encode() + b"\0"
                  + struct.pack("<I", 7) + b"12345678\0"
                  + struct.pack("<HBHHB", FLAGS & 0xffff, 45, 2, FLAGS >> 16,
                                21)
                  + bytes(10) + b"abcdefghijkl\0"
                  + b"mysql_native_password\0")
        if self.receive() is None:
            return
        self.send(2, OK)
        while (packet := self.receive()) and packet[0] != 1:
            self.send(1, *self.answer(packet))

    def answer(self, packet):
        sql = packet[1:].decode(errors="replace")
        if packet[0] != 3:
            return [OK]
        print(sql, flush=True)
        for answer in read_answers(self.server.answers)[1]:
            if sql.startswith(answer.start):
                return packets_of(answer)
        return [error(1064, "You have an error in your SQL syntax")]


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


with Server(("127.0.0.1", int(sys.argv[1])), Session) as server:
    server.answers = sys.argv[2]
    print("ready", flush=True)
    server.serve_forever()
