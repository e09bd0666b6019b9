#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Debian's chromium, driven over a pipe with the standard library alone.

    with Browser(folder) as browser:
        browser.open("http://127.0.0.1:8080/")
        browser.evaluate("document.title")

What the page does wrong is collected in browser.faults: exceptions, errors in
the console, violations of the content security policy. The protocol is the
DevTools protocol: JSON, each message ended by a NUL, on descriptors 3 and 4.
"""
import base64
import collections
import fcntl
import json
import os
import select
import shutil
import subprocess
import time

PATIENCE = 120  # seconds for any answer: only there so that a test ends
# Run in each page before its own scripts: violations are kept for faults.
WATCH = """
window.cspViolations = [];
document.addEventListener("securitypolicyviolation", (event) =>
    window.cspViolations.push(event.violatedDirective + " " + event.blockedURI));
"""


class BrowserError(Exception):
    pass


class Browser:
    def __init__(self, folder, *options):
        self.folder = folder
        self.options = options
        self.number = 0
        self.buffer = b""
        self.answers = {}
        self.events = collections.deque(maxlen=1000)
        self.faults = []
        self.session = None

    def __enter__(self):
        program = shutil.which("chromium")
        if not program:
            raise BrowserError("chromium is missing: apt-get install chromium")
        reads, self.to_browser = os.pipe()
        self.from_browser, writes = os.pipe()
        # Out of the way of the two numbers that they get.
        far = [fcntl.fcntl(fd, fcntl.F_DUPFD, 20) for fd in (reads, writes)]
        os.close(reads)
        os.close(writes)
        command = [
            program, "--headless=new", "--no-sandbox", "--disable-gpu",
            "--disable-dev-shm-usage", "--no-first-run", "--disable-sync",
            "--disable-extensions", "--disable-component-update",
            "--disable-background-networking", "--hide-scrollbars",
            "--force-color-profile=srgb", "--remote-debugging-pipe",
            f"--user-data-dir={self.folder}/profile", *self.options,
            "about:blank"]
        with open(f"{self.folder}/browser.log", "ab") as log:
            self.process = subprocess.Popen(
                ["bash", "-c", f'exec "$@" 3<&{far[0]} 4>&{far[1]}', "-",
                 *command], pass_fds=far, stdin=subprocess.DEVNULL,
                stdout=log, stderr=log, start_new_session=True,
                env=dict(os.environ, HOME=self.folder))
        for fd in far:
            os.close(fd)
        self.tab()
        return self

    def tab(self):
        target = self.call("Target.createTarget", url="about:blank")
        self.target = target["targetId"]
        self.session = self.call("Target.attachToTarget", flatten=True,
                                 targetId=self.target)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(domain + ".enable")
        self.call("Page.addScriptToEvaluateOnNewDocument", source=WATCH)

    def __exit__(self, *_):
        try:
            self.session = None
            self.call("Browser.close")
        except (BrowserError, OSError):
            pass
        os.close(self.to_browser)
        os.close(self.from_browser)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, 9)
            self.process.wait()

    def read(self, seconds):
        """One message, or None after that time."""
        end = time.monotonic() + seconds
        while b"\0" not in self.buffer:
            left = end - time.monotonic()
            ready = select.select([self.from_browser], [], [], max(left, 0))[0]
            if not ready:
                return None
            more = os.read(self.from_browser, 1 << 20)
            if not more:
                raise BrowserError("the browser has ended; see browser.log")
            self.buffer += more
        text, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(text)

    def take(self, message):
        if "id" in message:
            self.answers[message["id"]] = message
            return
        method, params = message["method"], message.get("params", {})
        self.events.append((method, params))
        if method == "Runtime.exceptionThrown":
            details = params["exceptionDetails"]
            self.faults.append("exception: " + details.get(
                "exception", {}).get("description", details["text"]))
        elif method == "Runtime.consoleAPICalled" and \
                params["type"] in ("error", "warning"):
            self.faults.append(f"console: {params['args']}")
        elif method == "Log.entryAdded" and \
                params["entry"]["source"] in ("security", "violation",
                                              "deprecation", "javascript"):
            self.faults.append(f"log: {params['entry']['text']}")

    def call(self, method, **params):
        self.number += 1
        message = {"id": self.number, "method": method, "params": params}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.to_browser, json.dumps(message).encode() + b"\0")
        end = time.monotonic() + PATIENCE
        while self.number not in self.answers:
            answer = self.read(end - time.monotonic())
            if answer is None:
                raise BrowserError(f"no answer to {method}")
            self.take(answer)
        answer = self.answers.pop(self.number)
        if "error" in answer:
            raise BrowserError(f"{method}: {answer['error']}")
        return answer["result"]

    def open(self, url):
        result = self.call("Page.navigate", url=url)
        if result.get("errorText"):
            raise BrowserError(f"{url}: {result['errorText']}")
        self.until('document.readyState === "complete"', f"{url} is loaded")

    def evaluate(self, expression):
        result = self.call("Runtime.evaluate", expression=expression,
                           returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in result:
            details = result["exceptionDetails"]
            raise BrowserError(details.get("exception", {}).get(
                "description", details["text"]))
        return result["result"].get("value")

    def until(self, expression, what, seconds=PATIENCE):
        """Waits until EXPRESSION is true; its last value is in the error."""
        end = time.monotonic() + seconds
        while True:
            value = self.evaluate(expression)
            if value:
                return value
            if time.monotonic() > end:
                raise BrowserError(f"not within {seconds} s: {what} ({value})")
            message = self.read(0.05)
            if message:
                self.take(message)

    def look(self, width, height, scheme="light"):
        """The size of the window and the preferred colour scheme."""
        self.call("Emulation.setDeviceMetricsOverride", width=width,
                  height=height, deviceScaleFactor=1, mobile=False)
        self.call("Emulation.setEmulatedMedia", media="screen", features=[
            {"name": "prefers-color-scheme", "value": scheme}])

    def screenshot(self, path, whole=False):
        shot = self.call("Page.captureScreenshot", format="png",
                         captureBeyondViewport=whole)
        with open(path, "wb") as out:
            out.write(base64.b64decode(shot["data"]))

    def violations(self):
        return self.evaluate("window.cspViolations || []")
