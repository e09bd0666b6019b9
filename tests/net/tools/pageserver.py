#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Serves the status page's files and made-up answers, for what a real daemon
cannot be made to say: names with markup, a thousand servers, answers that hang,
come again, or are no answers.

    server = PageServer(FOLDER_OF_THE_PAGE)
    server.status = {...}; server.mode = "hang"
"""
import copy
import http.server
import json
import os
import threading
import time
import urllib.parse

POLICY = ("default-src 'none'; script-src 'self'; style-src 'self'; "
          "connect-src 'self'; img-src 'self'; base-uri 'none'; "
          "form-action 'none'; frame-ancestors 'none'")
TYPES = {"html": "text/html; charset=utf-8", "css": "text/css; charset=utf-8",
         "js": "text/javascript; charset=utf-8", "svg": "image/svg+xml"}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, code, kind, body):
        self.send_response(code)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Security-Policy", POLICY)
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        page = self.server.page
        path, _, query = self.path.partition("?")
        if path.startswith("/api/"):
            self.api(page, path[5:], urllib.parse.parse_qs(query))
            return
        name = path[1:] or "index.html"
        file = os.path.join(page.folder, name)
        if "/" in name or not os.path.isfile(file):
            self.answer(404, "text/plain", b"no such page\n")
            return
        with open(file, "rb") as source:
            self.answer(200, TYPES[name.rsplit(".", 1)[1]], source.read())

    def api(self, page, name, query):
        page.count(name)
        if page.mode == "hang":
            page.release.wait(600)
            return
        if page.mode == "break":
            self.close_connection = True
            return
        if page.mode == "gone":
            self.answer(503, "application/json",
                        b'{"error": "the daemon does not answer"}')
            return
        if page.mode == "garbage":
            self.answer(200, "application/json", b'{"daemon": ')
            return
        body = json.dumps(page.say(name, query)).encode()
        self.answer(200, "application/json", body)


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_):
        """A browser that leaves in the middle of an answer is none."""


class PageServer:
    def __init__(self, folder, port=0):
        self.folder = folder
        self.mode = "well"
        self.release = threading.Event()
        self.counts = {}
        self.lock = threading.Lock()
        self.start = time.monotonic()
        self.status = self.vrrp = self.headroom = self.events = None
        self.chain = []
        self.last = {}
        self.http = Server(("127.0.0.1", port), Handler)
        self.http.page = self
        self.port = self.http.server_address[1]
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    def count(self, name):
        with self.lock:
            self.counts[name] = self.counts.get(name, 0) + 1

    def say(self, name, query):
        if self.mode == "again" and name in self.last:
            return self.last[name]
        if name == "explain":
            answer = {"servers": [
                {"virtual_server": query.get("virtual", [""])[0],
                 "address": query.get("server", [""])[0],
                 "chain": self.chain}]}
        else:
            answer = copy.copy(getattr(self, name, None) or {})
        if name == "status":
            answer["daemon"] = dict(
                answer["daemon"],
                uptime_s=answer["daemon"]["uptime_s"] + time.monotonic() - self.start)
        self.last[name] = answer
        return answer
