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
    query SELECT 1
    hang                                no answer for as long as this is here

A session that hangs does not notice that its client is gone. How many sessions
there are is printed whenever that changes, "sessions N".

What is not in FILE is a syntax error (1064), as a statement is that a server of
that age does not know. Each query is also printed.

How a login goes is said in FILE too, by lines of which none has to be there:

    plugin NAME        the method in the greeting, or "-" for an empty name; a
                       client that begins with another is switched to it
    switch NAME        the method that any login is switched to, the same
    full               ask for the whole password (caching_sha2_password, 01 04)
    key PUBLIC PRIVATE files; the public one is what a client that asks is told
    tls CERT KEY       offer TLS; a client that wants it gets it

Each packet of a login is printed, "login HEX" or, inside TLS, "secure HEX", and
a password that came encrypted for the private key, "opened TEXT".
"""
import socketserver
import ssl
import struct
import subprocess
import sys
import threading
import time

TLS = 0x800
SCRAMBLE = b"12345678abcdefghijkl"
FLAGS = 0x1 | 0x2 | 0x4 | 0x8 | 0x200 | 0x2000 | 0x8000 | 0x20000 | 0x80000
OK = b"\0\0\0\2\0\0\0"
EOF = b"\xfe\0\0\2\0"


class Answer:
    def __init__(self, start):
        self.start = start
        self.columns = []
        self.rows = []
        self.error = None
        self.hang = False


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
            elif word == "hang":
                answers[-1].hang = True
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


def read_login(path):
    login = {}
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            word, *rest = line.split() or [""]
            if word in ("plugin", "switch", "full", "key", "tls"):
                login[word] = rest
    return login


def method(words):
    return b"" if words == ["-"] else words[0].encode()


class Session(socketserver.StreamRequestHandler):
    rbufsize = 0
    number = 0
    secure = False

    def send(self, number, *packets):
        for packet in packets:
            self.wfile.write(struct.pack("<I", len(packet))[:3]
                             + bytes([number & 255]) + packet)
            number += 1

    def receive(self):
        head = self.exactly(4)
        if len(head) < 4:
            return None
        self.number = head[3]
        return self.exactly(int.from_bytes(head[:3], "little"))

    def exactly(self, length):
        """So many bytes, or fewer at the end. No byte beyond them is taken:
        the next one may be TLS's."""
        got = b""
        while len(got) < length:
            more = self.rfile.read(length - len(got))
            if not more:
                break
            got += more
        return got

    def told(self):
        """A packet of the login."""
        packet = self.receive()
        if packet is not None:
            print("secure" if self.secure else "login", packet.hex(),
                  flush=True)
        return packet

    def tell(self, packet):
        self.send(self.number + 1, packet)

    def greet(self, login):
        version, _ = read_answers(self.server.answers)
        flags = FLAGS | (TLS if "tls" in login else 0)
        self.send(0, b"\x0a" + version.encode() + b"\0"
                  + struct.pack("<I", 7) + SCRAMBLE[:8] + b"\0"
                  + struct.pack("<HBHHB", flags & 0xffff, 45, 2, flags >> 16,
                                21)
                  + bytes(10) + SCRAMBLE[8:] + b"\0"
                  + method(login.get("plugin", ["mysql_native_password"]))
                  + b"\0")

    def start_tls(self, login):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*login["tls"])
        self.connection = context.wrap_socket(self.connection,
                                              server_side=True)
        self.rfile = self.connection.makefile("rb")
        self.wfile = self.connection.makefile("wb", buffering=0)
        self.secure = True

    def opened(self, login, packet):
        done = subprocess.run(
            ["openssl", "pkeyutl", "-decrypt", "-inkey", login["key"][1],
             "-pkeyopt", "rsa_padding_mode:oaep"],
            input=packet, capture_output=True, check=False)
        text = bytes(byte ^ SCRAMBLE[i % len(SCRAMBLE)]
                     for i, byte in enumerate(done.stdout))
        print("opened", text.rstrip(b"\0").decode(errors="replace"),
              flush=True)

    def login(self, login):
        """Returns whether the client is in."""
        packet = self.told()
        if packet and len(packet) == 32 and "tls" in login:
            self.start_tls(login)
            packet = self.told()
        name = method(login.get("switch") or login.get("plugin", ["-"]))
        if packet and name not in packet or "switch" in login:
            self.tell(b"\xfe" + name + b"\0" + SCRAMBLE + b"\0")
            packet = self.told()
        if packet and "full" in login:
            self.tell(b"\1\4")
            packet = self.told()
            if packet == b"\2":
                with open(login["key"][0], "rb") as key:
                    self.tell(b"\1" + key.read())
                packet = self.told()
            if packet and len(packet) > 128:
                self.opened(login, packet)
        return packet is not None

    def handle(self):
        self.server.count(1)
        try:
            self.converse()
        finally:
            self.server.count(-1)

    def converse(self):
        login = read_login(self.server.answers)
        self.greet(login)
        try:
            if not self.login(login):
                return
        except (OSError, ssl.SSLError):
            return
        self.tell(OK)
        while (packet := self.receive()) and packet[0] != 1:
            self.send(1, *self.answer(packet))

    def answer(self, packet):
        sql = packet[1:].decode(errors="replace")
        if packet[0] != 3:
            return [OK]
        print(sql, flush=True)
        while (answer := self.find(sql)).hang:
            time.sleep(0.05)
        return packets_of(answer)

    def find(self, sql):
        for answer in read_answers(self.server.answers)[1]:
            if sql.startswith(answer.start):
                return answer
        unknown = Answer("")
        unknown.error = (1064, "You have an error in your SQL syntax")
        return unknown


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    lock = threading.Lock()
    sessions = 0

    def count(self, change):
        with self.lock:
            self.sessions += change
            print("sessions", self.sessions, flush=True)

    def handle_error(self, request, client_address):
        """A client that has gone is nothing to write home about."""



with Server(("127.0.0.1", int(sys.argv[1])), Session) as server:
    server.answers = sys.argv[2]
    print("ready", flush=True)
    server.serve_forever()
