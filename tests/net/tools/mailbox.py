#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
mailbox.py FOLDER ADDRESS PORT - a mail server that takes mail, or does not.

What it does stands in FOLDER/mode, read for each who comes and each mail:

    good     takes every mail
    old      the same, and knows HELO alone
    later    451 to each mail
    never    554 to each mail
    nobody   550 to one of the addresses, the one with "nobody" in it
    silent   accepts and says nothing
    stuck    says nothing behind DATA
    dribble  one byte of its greeting each 0.1 s
    endless  a greeting without an end
    busy     554 instead of a greeting
    strange  550 to each name that it is told
    closes   closes instead of an answer to DATA's end

Each mail that was taken, or would have been, is a file FOLDER/PID-N.got or
FOLDER/PID-N.lost, with the envelope in its first lines. It prints "ready" when it
listens and "from ADDRESS" for each who comes.
"""
import itertools
import os
import socketserver
import sys
import time

FOLDER = sys.argv[1]
NUMBERS = itertools.count(1)
HANGS = 3600


def mode():
    with open(os.path.join(FOLDER, "mode"), encoding="ascii") as file:
        return file.read().strip()


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 64


class Talk(socketserver.StreamRequestHandler):
    def say(self, text):
        self.wfile.write(text.encode("ascii") + b"\r\n")
        self.wfile.flush()

    def handle(self):
        print("from", self.client_address[0], flush=True)
        try:
            if self.greet(mode()):
                self.talk()
        except OSError:
            pass

    def greet(self, how):
        if how == "silent":
            time.sleep(HANGS)
        elif how == "dribble":
            for char in "220 " + "slowly " * 1000:
                self.wfile.write(char.encode("ascii"))
                self.wfile.flush()
                time.sleep(0.1)
        elif how == "busy":
            self.say("554 no time for anybody")
            return False
        while how == "endless":
            self.say("220-on and on")
        self.say("220 here")
        return True

    def talk(self):
        envelope = []
        for line in iter(self.rfile.readline, b""):
            line = line.decode("utf-8", "replace").rstrip("\r\n")
            verb = line[:4].upper()
            envelope.append(line)
            if verb in ("EHLO", "HELO") and mode() == "strange":
                self.say("550 who are you?")
            elif verb == "EHLO" and mode() == "old":
                self.say("502 what?")
            elif verb == "EHLO":
                self.say("250-hello\r\n250 8BITMIME")
            elif verb == "MAIL" and mode() == "later":
                self.say("451 not now")
            elif verb == "RCPT" and mode() == "nobody" and "nobody" in line:
                self.say("550 no such user")
            elif verb == "DATA":
                if not self.data(envelope):
                    return
                envelope = []
            elif verb == "QUIT":
                self.say("221 bye")
                return
            else:
                self.say("250 fine")

    def data(self, envelope):
        how = mode()
        if how == "stuck":
            time.sleep(HANGS)
        self.say("354 go on")
        text = b""
        for line in iter(self.rfile.readline, b".\r\n"):
            if not line:
                return False
            text += line[1:] if line.startswith(b".") else line
        taken = how not in ("never", "closes")
        name = os.path.join(FOLDER, "%d-%d.%s" % (
            os.getpid(), next(NUMBERS), "got" if taken else "lost"))
        with open(name + ".new", "wb") as file:
            file.write("\n".join(envelope + [""]).encode() + text)
        os.rename(name + ".new", name)
        if how == "closes":
            return False
        self.say("250 taken" if taken else "554 spam")
        return True


with Server((sys.argv[2], int(sys.argv[3])), Talk) as server:
    print("ready", flush=True)
    server.serve_forever()
