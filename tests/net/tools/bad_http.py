#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""bad_http.py HOST PORT WHAT [COUNT]: a client that no server deserves.

A WHAT of one connection passes if the server answers with an error, answers, or
closes; it fails if the server says 200 to what must be refused, or keeps the
connection for longer than it says it does. slow, deaf and sip stay until killed.
"""
import socket
import sys
import time

HEAD = b"Host: 10.79.0.1\r\n\r\n"
REFUSED = {
    "long-line": b"GET /" + b"a" * (1 << 20) + b" HTTP/1.1\r\n" + HEAD,
    "long-head": b"GET /metrics HTTP/1.1\r\nX: " + b"a" * (1 << 20) +
                 b"\r\n" + HEAD,
    "many-heads": b"GET /metrics HTTP/1.1\r\n" + b"X: y\r\n" * 100000 + HEAD,
    "no-head": b"GET\r\n\r\n",
    "nonsense": bytes(range(256)) * 64 + b"\r\n\r\n",
    "zero-bytes": b"\0" * 65536,
    "body": b"GET /metrics HTTP/1.1\r\nContent-Length: 10000000\r\n" + HEAD +
            b"x" * 65536,
    "chunked": b"GET /metrics HTTP/1.1\r\nTransfer-Encoding: chunked\r\n" +
               HEAD + b"ffffffff\r\n" + b"x" * 65536,
}
METHODS = ["POST", "PUT", "DELETE", "PATCH", "TRACE", "CONNECT", "OPTIONS",
           "PROPFIND", "get", "G" * 300]


def connect(host, port):
    return socket.create_connection((host, port), timeout=60)


def answer(sock, data):
    """Everything that comes until the server closes, or falls silent."""
    got = b""
    try:
        sock.sendall(data)
    except OSError:
        pass  # it has closed, perhaps after an answer
    try:
        sock.shutdown(socket.SHUT_WR)
    except OSError:
        pass
    try:
        while piece := sock.recv(65536):
            got += piece
    except ConnectionError:
        pass
    return got


def refused(host, port, data):
    got = answer(connect(host, port), data)
    first = got.split(b"\r\n")[0]
    print(repr(first[:80]))
    return b" 200 " not in first


def methods(host, port):
    return all(refused(host, port,
                       method.encode() + b" /metrics HTTP/1.1\r\n" + HEAD)
               for method in METHODS)


def pipeline(host, port):
    """Many requests in one piece: the first have their answers."""
    one = b"GET /nowhere HTTP/1.1\r\n" + HEAD
    sock = connect(host, port)
    sock.sendall(one * 1000)
    got = b""
    while got.count(b"HTTP/1.1 404") < 3:
        piece = sock.recv(65536)
        if not piece:
            break
        got += piece
    return b"HTTP/1.1 404" in got and b" 200 " not in got


def again(sock, host, port, socks):
    """Sent away: back at once."""
    socks.remove(sock)
    sock.close()
    sock = socket.socket()
    sock.setblocking(False)
    sock.connect_ex((host, port))
    socks.append(sock)


def crowd(host, port, count, deaf):
    socks = []
    for _ in range(count):
        try:
            sock = connect(host, port)
            if deaf:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
            sock.sendall(b"GET /metrics HTTP/1.1\r\n" + (HEAD if deaf else b""))
            socks.append(sock)
        except OSError:
            pass  # sent away while it spoke
    print("connected", len(socks), flush=True)
    while True:
        time.sleep(0.5)
        for sock in list(socks) if not deaf else []:
            try:
                sock.send(b"X")
            except OSError:
                again(sock, host, port, socks)


def sip(host, port, count):
    """COUNT readers of the page's data, one more each tenth of a second, so that
    they have many answers between them; each reads a little of it at a time, and
    asks anew when it is given up."""
    question = b"GET /api/status HTTP/1.1\r\n" + HEAD
    socks = []

    def ask():
        sock = socket.socket()
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        sock.connect((host, port))
        sock.sendall(question)
        sock.setblocking(False)
        socks.append(sock)

    while True:
        try:
            if len(socks) < count:
                ask()
            if len(socks) == count:
                print("connected", count, flush=True)
        except OSError:
            pass  # sent away while it asked
        for sock in list(socks):
            try:
                if sock.recv(16384):
                    continue
            except BlockingIOError:
                continue
            except OSError:
                pass
            socks.remove(sock)
            sock.close()
        time.sleep(0.1)


def unread(host, port):
    """An answer that is not read is an answer kept: seconds until the server gives
    its reader up."""
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
    sock.connect((host, port))
    sock.settimeout(1)
    began = time.monotonic()
    while time.monotonic() - began < 120:
        try:
            sock.send(b"GET /metrics HTTP/1.1\r\n" + HEAD)
        except TimeoutError:
            pass
        except OSError:
            break
    took = time.monotonic() - began
    print("given up after", took)
    return took < 40


def lodgers(host, port, count):
    """All seats are of connections that were answered and stay. Forty newcomers
    who connect before the first of them asks are answered all the same."""
    question = b"GET /nowhere HTTP/1.1\r\n" + HEAD
    stay = [connect(host, port) for _ in range(count)]
    for sock in stay:
        try:
            sock.sendall(question)
            sock.recv(65536)
        except OSError:
            pass  # displaced by a later one
    newcomers = [connect(host, port) for _ in range(40)]
    time.sleep(1)  # all of them have their seats
    answered = 0
    for sock in newcomers:
        try:
            sock.sendall(question)
            answered += b" 404 " in sock.recv(65536)
        except OSError:
            pass
    print(answered, "of", len(newcomers), "are answered")
    return answered == len(newcomers)


def churn(host, port, count):
    socks = []
    for i in range(count):
        sock = connect(host, port)
        try:
            if i % 3 == 0:
                sock.send(b"GET ")
        except OSError:
            pass
        socks.append(sock)
        if len(socks) > 500:
            socks.pop(0).close()
    return True


def main():
    host, port, what = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    if what in REFUSED:
        return refused(host, port, REFUSED[what])
    if what in ("slow", "deaf"):
        crowd(host, port, int(sys.argv[4]), what == "deaf")
    if what == "sip":
        sip(host, port, int(sys.argv[4]))
    if what == "churn":
        return churn(host, port, int(sys.argv[4]))
    if what == "lodgers":
        return lodgers(host, port, int(sys.argv[4]))
    return {"methods": methods, "unread": unread, "pipeline": pipeline}[what](host, port)


sys.exit(0 if main() else 1)
