#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
mailserver.py MODE ADDRESS PORT - a mail server, a bad one in most modes:

    good     as it should be; what it is told is printed, "said LINE"
    lines    its replies have several lines
    busy     its greeting is 421
    strange  HELO is answered with 502
    early    it answers before it is asked
    silent   accepts and says nothing
    stuck    says nothing after its greeting
    dribble  its greeting, one byte each 0.2 s
    endless  a greeting without an end
    long     one line without an end
    close    closes instead of a greeting
    leaves   closes instead of an answer to HELO
    resets   answers HELO and resets the connection

It prints "ready" when it listens, and "from ADDRESS" for each who comes.
"""
import socket
import socketserver
import struct
import sys
import time

MODE = sys.argv[1]
HANGS = 3600


class Server(socketserver.ThreadingTCPServer):
    # With "::" it is there for IPv4 as well.
    address_family = socket.AF_INET6 if ":" in sys.argv[2] else socket.AF_INET
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 64


class Talk(socketserver.StreamRequestHandler):
    def say(self, text):
        self.wfile.write(text.encode("ascii"))
        self.wfile.flush()

    def hear(self):
        line = self.rfile.readline(1000).decode("ascii", "replace").strip()
        print("said", line, flush=True)
        return line

    def endless(self, text):
        while True:
            self.say(text * 100)

    def handle(self):
        print("from", self.client_address[0], flush=True)
        try:
            self.talk()
        except OSError:
            pass

    def talk(self):
        if MODE == "silent":
            time.sleep(HANGS)
        elif MODE == "close":
            return
        elif MODE == "busy":
            self.say("421 try later\r\n")
        elif MODE == "early":
            self.say("220 here\r\n250 hello\r\n221 bye\r\n")
        elif MODE == "dribble":
            for char in "220 " + "slowly " * 1000:
                self.say(char)
                time.sleep(0.2)
        elif MODE == "endless":
            self.endless("220-on and on\r\n")
        elif MODE == "long":
            self.endless("x" * 1000)
        else:
            self.greet()

    def greet(self):
        self.say("220-mail\r\n220 here\r\n" if MODE == "lines" else
                 "220 here\r\n")
        if MODE == "stuck":
            time.sleep(HANGS)
        self.hear()
        if MODE == "leaves":
            return
        if MODE == "strange":
            self.say("502 never heard of it\r\n")
        else:
            self.say("250-hello\r\n250 SIZE\r\n" if MODE == "lines" else
                     "250 hello\r\n")
        if MODE == "resets":
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                       struct.pack("ii", 1, 0))
            return
        self.hear()
        self.say("221 bye\r\n")


with Server((sys.argv[2], int(sys.argv[3])), Talk) as server:
    print("ready", flush=True)
    server.serve_forever()
