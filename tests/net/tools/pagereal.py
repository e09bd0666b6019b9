#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The status page in a browser, as a real daemon serves it at ADDRESS.

    pagereal.py BUILD_FOLDER WORK_FOLDER ADDRESS INTERFACE

Prints "ok - TEXT" or "not ok - TEXT" for each check.
"""
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time

import pagedata as data
import pagecheck
from browser import PATIENCE, Browser, BrowserError
from pagecheck import COLOURED, FRESH, RECORD, STALE, check

PORT = 8080
NAME = "<img src=x onerror=alert(1)>"
CONF = """global_defs {
	status_listen %(address)s %(port)d
}
vrrp_instance VI_1 {
	state BACKUP
	interface %(interface)s
	virtual_router_id 51
	priority 120
	version 3
	advert_int 0.2
	virtual_ipaddress {
		%(address)s00/32
	}
}
virtual_server_group "%(name)s" {
	192.0.2.11 7000
}
virtual_server 192.0.2.10 7000 {
	lvs_sched wlc
	lvs_method NAT
	protocol TCP
	delay_loop 0.2
	real_server 127.0.0.2 7000 {
		weight 30
		TCP_CHECK {
		}
	}
	%(second)s
}
virtual_server group "%(name)s" {
	lvs_sched rr
	lvs_method NAT
	protocol TCP
	delay_loop 0.2
	real_server 127.0.0.2 7000 {
		TCP_CHECK {
		}
	}
}
"""
SECOND = """real_server 127.0.0.3 7000 {
		TCP_CHECK {
		}
	}"""


class Daemon:
    def __init__(self, build, work, address, interface):
        self.build, self.run, self.conf = build, work + "/run", work + "/conf"
        self.words = {"address": address, "port": PORT, "name": NAME,
                      "interface": interface, "second": SECOND}
        self.log = open(work + "/daemon.log", "ab")
        self.process = None

    def write(self, **words):
        self.words.update(words)
        with open(self.conf, "w", encoding="utf-8") as out:
            out.write(CONF % self.words)

    def start(self):
        self.process = subprocess.Popen(
            [self.build + "/evenkeeld", "-n", "-l", "-f", self.conf,
             "--run-dir", self.run], stdout=self.log, stderr=self.log)

    def ask(self, *words):
        done = subprocess.run(
            [self.build + "/evenkeel", "--run-dir", self.run, "--json", *words],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
        try:
            return json.loads(done.stdout)
        except ValueError:
            return None

    def web(self):
        """The number of its web process, or None."""
        for name in os.listdir("/proc"):
            try:
                with open(f"/proc/{name}/stat", encoding="utf-8") as stat:
                    text = stat.read()
                with open(f"/proc/{name}/cmdline", encoding="utf-8") as line:
                    words = line.read()
            except OSError:
                continue
            if int(text.rsplit(")", 1)[1].split()[1]) == self.process.pid and \
                    words.startswith("evenkeel-web"):
                return int(name)
        return None

    def end(self):
        if self.process:
            self.process.send_signal(signal.SIGCONT)
            self.process.terminate()
            self.process.wait(60)


def serve():
    """A server that is up: it accepts, and says goodbye."""
    listener = socket.create_server(("127.0.0.2", 7000), backlog=100)
    while True:
        listener.accept()[0].close()


def listens(address):
    try:
        socket.create_connection((address, PORT)).close()
    except OSError:
        return False
    return True


def wait(what, condition):
    end = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > end:
            raise BrowserError(f"not within {PATIENCE} s: {what}")
        time.sleep(0.1)


def missing(made, real, path):
    """The fields of made-up data that a real daemon's answer has not."""
    if isinstance(made, list):
        return missing(made[0], real[0], path + "[]") if made and real else []
    if not isinstance(made, dict) or real is None:
        return []
    found = [f"{path}.{key}" for key in made if key not in real]
    for key, value in made.items():
        if key in real:
            found += missing(value, real[key], f"{path}.{key}")
    return found


def test_fields(daemon):
    story = data.story()
    pairs = {
        "status": (data.status(story), daemon.ask("status")),
        "vrrp": (data.vrrp(data.instance()), daemon.ask("vrrp")),
        "headroom": (data.headroom(story), daemon.ask("headroom")),
        "events": (data.events("x"), daemon.ask("events")),
        "explain": ({"servers": [{"virtual_server": "", "address": "",
                                  "chain": data.chain()}]},
                    daemon.ask("explain", "127.0.0.3:7000")),
    }
    for name, (made, real) in pairs.items():
        found = missing(made, real, name)
        check(f"made-up answers have the fields of real ones: {name}",
              found == [], found)


def test_shown(page, daemon):
    browser = page.browser
    page.open()
    browser.until("""document.querySelectorAll(".pool td .word").length === 3 &&
        document.querySelectorAll(".pool td .word")[1].textContent === "down" """,
                  "servers and what the checks say")
    rows = page.text(".pool tbody tr th button")
    check("servers are there", rows == [
        "127.0.0.2:7000", "127.0.0.3:7000", "127.0.0.2:7000"], rows)
    words = page.text(".pool td.what .word")
    check("and their states", words == ["up", "down", "up"], words)
    check("a name with markup is text", page.text(".pool h3")[1] == "group " + NAME and
          browser.evaluate("document.querySelectorAll('img').length") == 0,
          page.text(".pool h3"))
    browser.evaluate("document.querySelectorAll('.pool .name button')[2].click()")
    browser.until("document.querySelectorAll('.detail dd').length > 3", "chain")
    check("its server's chain is asked for under that name", any(
        "1 of 1 servers up" in text for text in page.text(".detail dd")),
        page.text(".detail dd"))
    browser.evaluate("document.querySelector('.detail .copy').click()")
    browser.until("document.querySelector('.detail .said').textContent", "copy")
    check("a command can be copied without https", browser.evaluate(
        "getSelection().toString()") == f"evenkeel explain 127.0.0.2:7000 'group {NAME}'",
        browser.evaluate("getSelection().toString()"))
    check("events are shown", len(page.text("#events tbody tr")) > 0)
    check("a table that cannot be read is said, and nothing is green here",
          "cannot be read" in page.text("#troubles")[0] and browser.evaluate(
              "document.querySelectorAll('.pool .good').length") == 0,
          page.text("#troubles"))
    heads = [params["response"]["headers"] for method, params in browser.events
             if method == "Network.responseReceived"]
    policies = {head.get("Content-Security-Policy", "none") for head in heads}
    check("every answer has a strict policy", len(heads) > 8 and all(
        "default-src 'none'" in policy and "unsafe" not in policy
        for policy in policies), policies)
    check("    and is kept by nobody", all(
        head.get("Cache-Control") == "no-store" for head in heads), heads[:1])
    pagecheck.audit(page, "a real daemon's figures")
    pagecheck.clean(page, "a real daemon")


def test_reload(page, daemon):
    daemon.write(second="")
    daemon.process.send_signal(signal.SIGHUP)
    page.browser.until("document.querySelectorAll('.pool tbody th').length === 2",
                       "a server is gone")
    check("a server that a reload takes is gone from the page",
          page.text(".pool tbody th button") == ["127.0.0.2:7000"] * 2 and
          page.browser.evaluate(FRESH))
    page.browser.until("!/127.0.0.3/.test(document.querySelector('#pools').textContent)",
                       "no word of it is left")
    daemon.write(second=SECOND)
    daemon.process.send_signal(signal.SIGHUP)
    page.browser.until("document.querySelectorAll('.pool tbody th').length === 3",
                       "it is back")
    pagecheck.clean(page, "reload")


def fresh_again(page, how):
    page.browser.until(FRESH, f"fresh after {how}")
    check(f"{how}: coloured again", page.browser.evaluate(COLOURED) > 0)


def test_stale(page, daemon):
    browser = page.browser
    for how, pid in (("the daemon stands still", daemon.process.pid),
                     ("the web process stands still", daemon.web())):
        page.open()
        # The answer to the first look may be one for which others waited long.
        page.looks(2)
        browser.until(FRESH, "fresh figures")
        browser.evaluate(RECORD)
        check(f"{how}: coloured before", browser.evaluate(COLOURED) > 0)
        os.kill(pid, signal.SIGSTOP)
        try:
            pagecheck.turns_grey(page, how)
        finally:
            os.kill(pid, signal.SIGCONT)
        fresh_again(page, f"{how} no more")
    old = daemon.web()
    os.kill(old, signal.SIGKILL)
    wait("a new web process", lambda: daemon.web() not in (None, old) and
         listens(daemon.words["address"]))
    page.looks(2)
    fresh_again(page, "a web process that was killed, and started again")
    page.open()
    browser.evaluate(RECORD)
    daemon.process.kill()
    daemon.process.wait()
    pagecheck.turns_grey(page, "the daemon is killed")
    daemon.start()
    browser.until(FRESH, "fresh after a restart")
    fresh_again(page, "a new daemon")
    check("and nobody had to load the page again",
          browser.evaluate("record.length === 2 && !record[1].stale"), browser.evaluate("record"))
    browser.faults.clear()


class RealPage(pagecheck.Page):
    def __init__(self, browser, url):  # pylint: disable=super-init-not-called
        self.browser, self.url = browser, url


def main():
    build, work, address, interface = sys.argv[1:]
    threading.Thread(target=serve, daemon=True).start()
    daemon = Daemon(build, work, address, interface)
    daemon.write()
    daemon.start()
    try:
        wait("the daemon answers", lambda: daemon.ask("events") and
             daemon.ask("events")["events"] and
             daemon.ask("vrrp")["instances"][0].get("adverts_sent") is not None)
        wait("the page is served", lambda: listens(address))
        with Browser(work) as browser:
            page = RealPage(browser, f"http://{address}:{PORT}/")
            browser.look(1440, 900)
            print("# a real daemon", flush=True)
            test_fields(daemon)
            test_shown(page, daemon)
            test_reload(page, daemon)
            test_stale(page, daemon)
    except (BrowserError, OSError) as error:
        check("the browser goes through all tests", False, error)
    finally:
        daemon.end()
    return 1 if pagecheck.failed else 0


if __name__ == "__main__":
    sys.exit(main())
