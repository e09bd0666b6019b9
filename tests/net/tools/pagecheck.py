#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The status page in a browser, before made-up answers.

    pagecheck.py PAGE_FOLDER WORK_FOLDER [SCREENSHOT_FOLDER]

Prints "ok - TEXT" or "not ok - TEXT" for each check. No verdict is by the host's
speed: what has an age is judged by the page's own count of looks.
"""
import glob
import json
import os
import sys
import tarfile
import time

import pagedata as data
from browser import Browser, BrowserError
from pageserver import PageServer

INTERVAL = 0.5
HERE = os.path.dirname(os.path.abspath(__file__))
STALE = "document.documentElement.classList.contains('stale')"
FRESH = "!" + STALE
# Whether anything is shown in a colour that is none of the page's greys: the
# parts that tell states. Links and the alarm's ground are no states.
COLOURED = """[...document.querySelectorAll(".state, .shape, .share .bar")].filter((n) =>
    n.checkVisibility()).filter((n) => {
        const style = getComputedStyle(n);
        return [n.matches(".bar") ? style.fill : style.color].some((text) => {
            const c = text.match(/[\\d.]+/g).map(Number);
            return Math.max(...c.slice(0, 3)) - Math.min(...c.slice(0, 3)) > 30;
        });
    }).length"""
# The page's looks and state at each change of its state.
RECORD = """
window.record = [];
new MutationObserver(() => {
    const stale = document.documentElement.classList.contains("stale");
    const last = record[record.length - 1];
    if (!last || last.stale !== stale)
        record.push({ stale, missed: page.fresh.missed });
}).observe(document.documentElement, { attributes: true });
"""
HOSTILE = [
    "<img src=x onerror=alert(1)>", "<script>alert(1)</script>",
    "\"><svg onload=alert(1)>", "';alert(1);//", "javascript:alert(1)",
    "</td></tr></table><h1>gone", "a'b; rm -rf / #$(reboot)`reboot`",
    "\u202egnp.exe", "\x1b[2J\x07", "&lt;b&gt;", "__proto__", "constructor",
    "x" * 5000, "\u0000", "%00%0a", "\U0001f6a8 db"]

failed = 0


def check(text, good, seen=""):
    global failed
    failed += not good
    print(f"{'ok' if good else 'not ok'} - {text}", flush=True)
    if not good:
        print(f"    {str(seen)[:3000]}", flush=True)


class Page:
    """A browser before a server of made-up answers."""

    def __init__(self, browser, folder):
        self.browser = browser
        self.server = PageServer(folder)
        self.url = f"http://127.0.0.1:{self.server.port}/"
        self.story()

    def story(self):
        pools = data.story()
        self.server.mode = "well"
        self.server.status = data.status(pools)
        self.server.headroom = data.headroom(pools)
        self.server.vrrp = data.vrrp(data.instance())
        self.server.events = data.events(*[
            f"10.78.0.{i % 6 + 1}:3306: up -> down: event {i}"
            for i in range(70)])
        self.server.chain = data.chain()

    def open(self, interval=INTERVAL):
        self.browser.open(f"{self.url}?interval={interval}")
        self.browser.until(FRESH, "fresh figures")

    def looks(self, count):
        """Until so many more looks have been answered and shown."""
        self.browser.evaluate("""window.turns ??= 0; window.turnsBefore = window.turns;
            window.counting ??= (new MutationObserver((list) => list.forEach((one) =>
            one.oldValue !== document.documentElement.getAttribute("style") && window.turns++))
            .observe(document.documentElement, { attributes: true, attributeOldValue: true,
            attributeFilter: ["style", "class"] }), true); true""")
        self.browser.until(f"turns - turnsBefore >= {2 * count}", "looks")

    def text(self, selector):
        return self.browser.evaluate(
            f"[...document.querySelectorAll({json.dumps(selector)})]"
            ".map((n) => n.textContent)")


def axe_source():
    """axe-core's program, as ./dev setup has left it in the cache; None: it has not."""
    cache = os.environ.get("EVENKEEL_LAB_CACHE") or os.path.join(
        os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "evenkeel")
    for name in sorted(glob.glob(f"{cache}/axe-core-*.tgz"), reverse=True):
        with tarfile.open(name) as pack:
            return pack.extractfile("package/axe.min.js").read().decode()
    return None


AXE = axe_source()


def audit(page, what):
    with open(f"{HERE}/page_audit.js", encoding="utf-8") as source:
        found = page.browser.evaluate(source.read())
    check(f"accessibility: {what}", found == [], "\n    ".join(found))
    if not AXE:
        return
    # All rules, those of good practice too; the debugger is not bound by the policy.
    found = page.browser.evaluate(
        f"window.axe ?? (() => {{ {AXE} }})(); axe.run(document, {{ "
        "resultTypes: ['violations'] }).then((seen) => [seen.passes.length, "
        "...seen.violations.flatMap((one) => one.nodes.map((node) => "
        "`${one.id}: ${one.help}: ${node.target} ${node.failureSummary}`))])")
    check(f"axe-core, {found[0]} rules kept: {what}",
          len(found) == 1 and found[0] > 20, "\n    ".join(map(str, found[1:])))


def clean(page, what):
    faults = page.browser.faults + page.browser.violations()
    # A server that breaks connections is told by the browser as well.
    check(f"no exception, error or violation of the policy: {what}",
          faults == [], faults)
    page.browser.faults.clear()


def test_content(page):
    page.browser.look(1440, 900)
    page.open()
    sentence = page.text(".pool .sentence .word")
    check("one sentence says how a pool is", sentence[0] ==
          "3 of 6 serve; 10.78.0.2:3306 down for 2 min: Connection refused; "
          "2 others are not well either; may lose 1 more", sentence)
    check("    and one where all is well",
          sentence[1] == "1 of 2 serve; 1 to spare; may lose 1 more", sentence)
    row = page.browser.evaluate("""[...document.querySelectorAll(".pool tbody tr")][1]
        .innerText.replace(/\\s+/g, " ")""")
    check("a server's row: state, since, weight, shares, lag, why",
          row.startswith("10.78.0.2:3306 down 2 min out of 100 0 % of 0 %") and
          row.endswith("Connection refused"), row)
    tones = page.browser.evaluate("""[...document.querySelectorAll(
        ".pool:first-child tbody use")].map((n) => n.getAttribute("href"))
        .filter(Boolean)""")
    check("up, down and the rest have shapes of their own", tones == [
        "#shape-good", "#shape-bad", "#shape-warn", "#shape-warn",
        "#shape-good", "#shape-good"], tones)
    shares = page.text(".pool:first-child tr td.shares span")
    check("its share of connections, and of weight",
          shares[0].strip() == "36 % of 42 %", shares)
    pair = page.browser.evaluate("document.querySelector('#pair').innerText")
    check("both balancers side by side", all(word in pair for word in (
        "MASTER", "silent, as a backup is", "10.78.0.253", "sending")), pair)
    events = page.text("#events tbody tr")
    check("the last 50 events, the newest first", len(events) == 50 and
          events[0].endswith("event 69") and events[49].endswith("event 20"),
          events[:2])
    check("the title has the worst state", "▲ 1 of 2 pools" in
          page.browser.evaluate("document.title"))
    before = page.server.counts.get("explain", 0)
    page.browser.evaluate(
        "document.querySelectorAll('.pool button')[1].click()")
    page.browser.until("document.querySelectorAll('.detail dd').length === 5",
                       "the chain")
    check("a click shows the chain of explain", page.text(".detail dd")[1] ==
          "down for 2 min", page.text(".detail dd"))
    check("    and asks for that server", page.server.last["explain"]
          ["servers"][0]["address"] == "10.78.0.2:3306" and
          page.server.counts["explain"] > before, page.server.last["explain"])
    check("    and has commands to copy", page.text(".detail code") == [
        f"evenkeel {word} 10.78.0.2:3306 10.78.0.100:3306" for word in
        ("explain", "drain", "ready", "disable")], page.text(".detail code"))
    page.browser.evaluate("document.querySelectorAll('.pool .name button')[1].focus()")
    page.looks(2)
    check("the details stay while figures change, and so does the focus",
          page.browser.evaluate("""document.activeElement.textContent ===
          "10.78.0.2:3306" && document.querySelectorAll(".detail").length === 1"""))
    urls = {params["request"]["url"].split("?")[0].rsplit("/", 1)[0]
            for method, params in page.browser.events
            if method == "Network.requestWillBeSent"}
    base = f"http://127.0.0.1:{page.server.port}"
    check("nothing is fetched from elsewhere", urls <= {
        base, base + "/api"}, urls)
    clean(page, "content")


def test_filter(page):
    page.open()
    def wanted(text, only):
        page.browser.evaluate(f"""(() => {{ const t = document.getElementById("filter-text");
            t.value = {json.dumps(text)}; t.dispatchEvent(new Event("input"));
            const b = document.getElementById("filter-bad");
            if (b.checked !== {json.dumps(only)}) b.click(); }})()""")
        return page.browser.evaluate("""[...document.querySelectorAll(".pool tbody tr")]
            .filter((n) => n.checkVisibility()).map((n) => n.querySelector("button").textContent)""")
    rows = wanted("", True)
    check("only what is not well", rows == [
        "10.78.0.2:3306", "10.78.0.3:3306", "10.78.0.4:3306",
        "10.78.0.10:3306"], rows)
    rows = wanted("0.3:", False)
    check("only what has a text", rows == ["10.78.0.3:3306"], rows)
    check("    and its events", all("0.3:" in text for text in
                                    page.text("#events tbody tr")) and
          len(page.text("#events tbody tr")) > 3)
    page.looks(2)
    check("    stays so", page.text("#filter-count") == ["1 of 8 servers shown"],
          page.text("#filter-count"))
    check("all again", len(wanted("", False)) == 8)
    clean(page, "filter")


def test_audit(page, shots):
    for scheme, widths in (("light", (1440, 320)), ("dark", (1920, 1280, 320))):
        for width in widths:
            page.story()
            page.browser.look(width, 900, scheme)
            page.open()
            page.browser.evaluate(
                "document.querySelectorAll('.pool .name button')[1].click()")
            page.browser.until(
                "document.querySelectorAll('.detail dd').length === 5", "chain")
            page.looks(3)
            audit(page, f"{scheme}, {width} px")
            if shots:
                page.browser.screenshot(f"{shots}/{scheme}-{width}.png", True)
            page.server.mode = "gone"
            page.browser.until(STALE, "old figures")
            audit(page, f"{scheme}, {width} px, old figures")
            if shots:
                page.browser.screenshot(f"{shots}/{scheme}-{width}-old.png")
    page.story()
    page.server.status["daemon"]["checker"]["running"] = False
    page.server.status["daemon"]["log_lines_lost"] = 3
    page.open()
    audit(page, "troubles of the balancer")
    page.browser.look(320, 900)
    roles = page.browser.call("Accessibility.getFullAXTree")["nodes"]
    counts = {}
    for node in roles:
        role = node.get("role", {}).get("value")
        if not node.get("ignored"):
            counts[role] = counts.get(role, 0) + 1
    check("tables are tables to a screen reader, as cards too",
          counts.get("table", 0) >= 5 and counts.get("rowheader", 0) >= 8 and
          counts.get("columnheader", 0) >= 20 and counts.get("cell", 0) >= 80,
          counts)
    page.browser.look(1440, 900)
    page.browser.faults.clear()


def test_hostile(page):
    pools = [data.pool(name, [data.server(name, reason=name, operator=name,
                                          checks=[data.check(text=name)])])
             for name in HOSTILE]
    for one, name in zip(pools, HOSTILE):
        one.update(level=name, scheduler=name, services=[name])
        one["servers"][0]["state"] = name
    page.server.status = data.status(pools, version=HOSTILE[0],
                                     config_file=HOSTILE[1])
    page.server.status["host"] = HOSTILE[2]
    page.server.headroom = data.headroom(pools)
    page.server.events = data.events(*HOSTILE)
    page.server.vrrp = data.vrrp(*[data.instance(
        name=name, why=name, interface=name, peer=name, addresses=[name],
        faults=[name], dropped={name: 1}) for name in HOSTILE])
    page.server.vrrp["trackers"] = [
        {"name": n, "kind": n, "value": 0, "since_s": 1, "text": n}
        for n in HOSTILE]
    page.server.chain = [{"step": n, "text": n} for n in HOSTILE]
    page.browser.events.clear()
    page.open()
    page.browser.evaluate(
        "document.querySelectorAll('.pool .name button').forEach((b) => b.click())")
    page.browser.until(f"document.querySelectorAll('.detail dd').length === "
                       f"{len(HOSTILE) ** 2}", "all details")
    page.looks(2)
    odd = page.browser.evaluate("""[...document.querySelectorAll(
        "img, iframe, object, embed, a, h1, script:not([src]), [onerror], [onload], [onclick], style")]
        .filter((n) => n.tagName !== "H1" || n.textContent === "gone").map((n) => n.outerHTML)""")
    check("names with markup are text", odd == [], odd)
    dialogs = [e for e in page.browser.events
               if e[0] == "Page.javascriptDialogOpening"]
    check("    and run nothing", dialogs == [], dialogs)
    seen = page.text(".pool h3")
    check("    and are shown as they are", seen[:6] == HOSTILE[:6], seen[:6])
    commands = page.text(".detail code")
    bad = [c for c in commands if any(ord(x) < 32 or x == "\u202e" for x in c)]
    check("no command moves a terminal's cursor", bad == [], bad)
    import shlex
    words = [shlex.split(c) for c in commands if "reboot" in c]
    check("a name is one word to a shell", words != [] and all(
        w[0] == "evenkeel" and w[2] == HOSTILE[6] and w[3] == HOSTILE[6] and
        len(w) == 4 for w in words), words)
    page.browser.look(320, 800)
    width = page.browser.evaluate("document.documentElement.scrollWidth")
    check("a long name does not widen the page", width <= 320, width)
    page.browser.look(1440, 900)
    width = page.browser.evaluate("document.documentElement.scrollWidth")
    check("    nor a wide one", width <= 1440, width)
    clean(page, "hostile names")
    page.story()


def turns_grey(page, how):
    """Within three looks that brought nothing new."""
    page.browser.until(STALE, f"old figures: {how}")
    # Each colour change of the style is over in the same task.
    coloured = page.browser.evaluate(COLOURED)
    record = page.browser.evaluate("record")
    last = [one for one in record if one["stale"]][-1]
    warning = page.text("#warning")[0]
    check(f"{how}: grey after three intervals at the most",
          coloured == 0 and last["missed"] <= 4, (coloured, last))
    check("    and the words say so", page.browser.evaluate(
        "!document.getElementById('warning').hidden") and
          ("OLD" in warning or "Nothing" in warning) and
          "old figures" in page.browser.evaluate("document.title") and
          "was" in page.browser.evaluate("getComputedStyle(document.querySelector"
          "('.pool td .word'), '::before').content"), warning)


def test_stale(page):
    page.browser.look(1440, 900)
    for mode in ("gone", "hang", "break", "garbage", "again"):
        page.story()
        page.open()
        page.browser.evaluate(RECORD)
        page.looks(1)
        check(f"{mode}: coloured before", page.browser.evaluate(COLOURED) > 5)
        page.server.release.clear()
        page.server.mode = mode
        turns_grey(page, mode)
        if mode == "again":
            page.browser.evaluate("window.restarts = 0; pageRestart = () => restarts++; 1")
            asked = page.server.counts["status"]
            while page.server.counts["status"] < asked + 3:
                page.browser.evaluate("1")
            check("    and an old answer does not start the style's clock anew",
                  page.browser.evaluate("restarts") == 0)
        page.server.mode = "well"
        page.server.release.set()
        if mode == "again":
            page.open()
        page.browser.until(FRESH, f"fresh after {mode}")
        check("    and coloured again when it answers",
              page.browser.evaluate(COLOURED) > 5)
    page.browser.faults.clear()
    for part in ("vrrp", "headroom", "events"):
        page.story()
        page.open()
        page.browser.evaluate(RECORD)
        setattr(page.server, part, {"error": "the daemon does not know it"})
        turns_grey(page, f"no {part}")
    page.browser.faults.clear()


def test_clocks(page):
    page.story()
    page.open()
    page.browser.evaluate("Date.now = ((old) => () => old() - 86400000)(Date.now)")
    page.looks(3)
    check("a browser's clock that is a day behind changes nothing",
          page.browser.evaluate(FRESH))
    page.browser.evaluate(RECORD)
    page.server.release.clear()
    page.server.mode = "hang"
    page.browser.evaluate("Date.now = ((old) => () => old() - 3600000)(Date.now)")
    turns_grey(page, "set back while nothing is answered")
    age = page.browser.evaluate("freshAge(page.fresh, freshClock())")
    check("    and the age goes on", age >= INTERVAL, age)
    page.story()
    page.server.release.set()
    page.open()
    check("a machine that slept shows old figures at once",
          page.browser.evaluate("""(() => {
              Date.now = ((old) => () => old() + 60000)(Date.now);
              dispatchEvent(new Event("focus"));
              return document.documentElement.classList.contains("stale"); })()"""))
    page.browser.until(FRESH, "fresh after sleep")
    page.server.status["age_s"] = 40
    page.browser.evaluate(RECORD)
    turns_grey(page, "an answer that says that it is old")
    page.story()
    page.open()
    page.browser.evaluate("""(() => { Object.defineProperty(document, "hidden",
        { value: true, configurable: true });
        document.dispatchEvent(new Event("visibilitychange")); })()""")
    check("out of sight it is old at once", page.browser.evaluate(STALE))
    page.server.release.clear()
    page.server.mode = "hang"
    page.browser.evaluate("""(() => { Object.defineProperty(document, "hidden",
        { value: false, configurable: true });
        document.dispatchEvent(new Event("visibilitychange")); })()""")
    check("    and on return, until there is an answer",
          page.browser.evaluate(STALE + f" && {COLOURED} === 0"))
    page.server.mode = "well"
    page.server.release.set()
    page.browser.until(FRESH, "fresh on return")
    check("    and then no more", page.browser.evaluate(COLOURED) > 5)
    page.browser.evaluate("""for (let i = 0; i < 100000; i++) clearInterval(i)""")
    page.browser.until("getComputedStyle(document.querySelector('main')).filter"
                       " === 'grayscale(1)'", "the style alone")
    check("no script runs any more: the style alone takes the colour away",
          page.browser.evaluate("""getComputedStyle(document.getElementById("dead"))
          .visibility === "visible" """))
    page.server.mode = "gone"
    page.browser.open(f"{page.url}?interval={INTERVAL}")
    page.browser.until("!document.getElementById('warning').hidden", "warning")
    check("a page that never had figures says so", page.browser.evaluate(STALE) and
          "Nothing is known" in page.text("#warning")[0], page.text("#warning"))
    page.story()
    page.open()
    page.server.status["virtual_servers"][0]["servers"] = None
    page.browser.evaluate(RECORD)
    page.browser.until(STALE, "an answer that cannot be shown")
    check("an answer that cannot be shown is none",
          page.browser.evaluate(COLOURED) == 0 and
          "this page failed" in page.text("#warning")[0], page.text("#warning"))
    page.browser.faults.clear()


def other_balancer(page):
    """The cells of the other balancer by the fact: their text and their tone."""
    return page.browser.evaluate("""Object.fromEntries(
        [...document.querySelectorAll("#pair tbody tr")].map((row) =>
        [row.querySelector(".fact").innerText, [
        row.querySelector(".there").innerText.replace(/\\s+/g, " ").trim(),
        row.querySelector(".there .state").className]]))""")


def test_other_balancer(page):
    well = [data.pool("10.78.0.1:1", [data.server("10.78.0.2:1")])]
    page.server.headroom = data.headroom(well)
    page.server.vrrp = data.vrrp(data.instance())
    page.server.status = data.status(well)
    page.open()
    seen = other_balancer(page)
    check("an other balancer that does not report is not told", all(
        seen[fact][0] == "not told" for fact in
        ("Version", "Configuration", "Checks", "Kernel's table")), seen)
    page.server.status = data.status(well, peer=data.report())
    page.open()
    seen = other_balancer(page)
    check("one that reports is shown beside this one", [
        seen[fact][0].split(" 10.")[0] for fact in ("VRRP VI_1", "Version",
        "Configuration", "Checks", "Kernel's table", "Servers up", "Clock")] == [
        "BACKUP", "the same 0.1.0", "the same virtual servers",
        "all have spoken", "complete", "1", "the same behind by 0.0 s"], seen)
    page.server.status = data.status(well, peer=data.report(
        version="0.2.0", same_version=False, same_configuration=False,
        table_complete=False, verdicts_complete=False, clock_ahead_s=7.25,
        instances=[{"name": "VI_1", "state": "FAULT"}],
        pools=[{"name": "10.78.0.1:1", "up": None}]))
    page.open()
    seen = other_balancer(page)
    check("one that is not well is not green", not any(
        "good" in seen[fact][1] for fact in ("VRRP VI_1", "Version",
        "Configuration", "Checks", "Kernel's table", "Servers up", "Clock")) and
        seen["Clock"][0] == "another time ahead by 7.3 s", seen)
    page.server.status = data.status(well, peer=data.report(
        reports=False, silent=True, clocks_apart=True))
    page.open()
    page.looks(1)
    seen = other_balancer(page)["Operator channel"]
    check("one with another time is told from one that is silent",
          "bad" in seen[1] and seen[0].startswith("another time") and
          [("60 s apart" in text, "silent" in text)
           for text in page.text("#troubles li") if data.report()["address"] in text
           or "silent" in text] == [(True, False)],
          (seen, page.text("#troubles")))
    page.server.status = data.status(well, peer=data.report(
        same_configuration=False))
    page.open()
    page.looks(1)
    check("another file over there is a trouble", any(
        "other virtual servers" in text for text in page.text("#troubles li")),
        page.text("#troubles"))


def test_several_balancers(page):
    """Three others: each is heard or not by its own, and whoever differs is named."""
    well = [data.pool("10.78.0.1:1", [data.server("10.78.0.2:1")])]
    page.server.headroom = data.headroom(well)
    page.server.vrrp = data.vrrp(data.instance(state="BACKUP", heard_s=0.4))
    peers = [data.report(address=f"10.78.0.{i}:2444") for i in (3, 4, 5)]
    for one in peers[:2]:
        one["instances"] = []
    peers[2]["instances"] = [{"name": "VI_1", "state": "MASTER"}]
    page.server.status = data.status(well, peer=peers[0], peers=peers)
    page.open()
    seen = other_balancer(page)
    check("several other balancers have a row for each channel", [
        seen[f"Channel to 10.78.0.{i}:2444"][0].split()[0] for i in (3, 4, 5)] ==
        ["heard"] * 3, seen)
    check("the one of them that holds the address is told", seen["VRRP VI_1"][0].startswith(
        "MASTER") and "good" in seen["VRRP VI_1"][1], seen["VRRP VI_1"])
    check("what all have in common is one word", [seen[fact] for fact in (
        "Version", "Clock")] == [["all 3: the same", "state good"]] * 2, seen)
    peers[1].update(version="0.2.0", same_version=False, clock_ahead_s=-70.5)
    peers[2].update(reports=False, silent=True)
    page.open()
    page.looks(1)
    seen = other_balancer(page)
    check("whoever differs is named", (seen["Version"][0], seen["Clock"][0]) == (
        "1 of 2: another one 10.78.0.4:2444 0.2.0",
        "1 of 2: another time 10.78.0.4:2444 behind by 70.5 s"), seen)
    check("and is not green", "warn" in seen["Version"][1] + seen["Clock"][1], seen)
    check("a silent one of several is named among the troubles", any(
        "10.78.0.5:2444 is silent" in text for text in page.text("#troubles li")),
        page.text("#troubles"))
    audit(page, "several other balancers")
    clean(page, "several other balancers")


def test_neighbours(page):
    well = [data.pool("10.78.0.1:1", [data.server("10.78.0.2:1")])]
    page.story()
    for states, tone, said in ((("up", "up"), "good", "2 of 2 up"),
                               (("up", "down"), "bad", "1 of 2 up router_2 down"),
                               (("up", "unknown"), "faint", "1 of 2 up router_2 unknown")):
        page.server.status = data.status(well, bfd=data.process(sessions=[
            data.neighbour(f"router_{i + 1}", state) for i, state in enumerate(states)]))
        page.open()
        page.looks(1)
        seen = page.browser.evaluate("""[...document.querySelectorAll("#pair tbody tr")]
            .filter((row) => row.querySelector(".fact").innerText === "BFD neighbours")
            .map((row) => [row.querySelector(".here").innerText.replace(/\\s+/g, " ").trim(),
            row.querySelector(".here .state").className])[0]""")
        check(f"BFD neighbours {' and '.join(states)} are {tone}",
              seen is not None and seen[0] == said and tone in seen[1], seen)
        check("    and a trouble only if one is down",
              any("BFD router_2: 10.78.0.254 is down" in text
                  for text in page.text("#troubles li")) == ("down" in states),
              page.text("#troubles"))


def test_announced(page):
    """The addresses that routers are told of, here and at the other balancers."""
    well = [data.pool("10.78.0.1:1", [data.server("10.78.0.2:1")])]
    page.server.headroom = data.headroom(well)
    page.server.vrrp = data.vrrp(sync=None)
    off = {"state": "not announced", "announced": False, "interface": None}
    for what, group, here, there, trouble in (
            ("announced by all", data.announced("g", "announced", "announced"),
             ("announced 203.0.113.10 on evk-up; for 1 h: its virtual servers work", "good"),
             ("2 of 2 announce it", "good"), None),
            ("that one is not heard to announce", data.announced("g", "announced", None),
             ("announced", "good"),
             ("1 of 2 announce it 10.78.0.4:2444 is not heard", "warn"), None),
            ("that fails here", data.announced("g", "not announced", works=False,
             turns_to="not announced", turns_in_s=1.5, why="a virtual server has failed"),
             ("announced, although it fails", "warn"),
             ("0 of 1 announce it 10.78.0.3:2444 not announced", "bad"),
             "not announced in 1.5 s"),
            ("that is drained", data.announced(
                "g", why="the operator drains this balancer", **off),
             ("not announced 203.0.113.10; for 1 h: the operator", "warn"),
             ("not told", ""), "drains this balancer"),
            ("with a trouble", data.announced("g", trouble="no dummy in this kernel", **off),
             ("not announced", "bad"), ("not told", ""), "no dummy in this kernel"),
            ("of a table that is not read yet",
             {"name": "g", "addresses": ["203.0.113.10"]},
             ("not known", "faint"), ("not told", ""), None)):
        page.server.status = data.status(well)
        page.server.status["announce"] = {"drained": False, "groups": [group]}
        page.open()
        seen = page.browser.evaluate("""[...document.querySelectorAll("#pair tbody tr")]
            .filter((row) => row.querySelector(".fact").innerText === "Announced g")
            .flatMap((row) => [".here", ".there"].map((side) => [
            row.querySelector(side).innerText.replace(/\\s+/g, " ").trim(),
            row.querySelector(side + " .state").className]))""")
        check(f"a group {what}", len(seen) == 2 and all(
            side[0].startswith(want[0]) and want[1] in side[1]
            for side, want in zip(seen, (here, there))), seen)
        said = [text for text in page.text("#troubles li") if "announce_group g" in text]
        check("    and a trouble only if it is one", len(said) == (trouble is not None) and
              all(trouble in text for text in said), said)
    audit(page, "announced addresses")
    clean(page, "announced addresses")


def test_lies(page):
    """What is green elsewhere while servers are dead."""
    page.story()
    stale = data.story()
    for one in stale[0]["servers"]:
        one["checks"][0]["stale"] = True
    page.server.status = data.status(stale)
    page.open()
    words = page.text(".pool:first-child td.what .word")
    check("a server whose check is stale is not green",
          "up, check is stale" in words and page.browser.evaluate(
              "document.querySelectorAll('.pool:first-child tbody .good').length") == 0,
          words)
    for what, change in (
            ("a dead checker", {"checker": data.process(running=False, stale_checks=0, verdicts=0, ready=False)}),
            ("a checker that stands still", {"checker": data.process(answering=False, stale_checks=0, verdicts=0, ready=False)}),
            ("a table that cannot be read", {"kernel": {"reached": False, "changes": 0, "failures": 0, "repairs": 0, "audited_s": None}})):
        well = [data.pool("10.78.0.1:1", [data.server("10.78.0.2:1")])]
        page.server.status = data.status(well, **change)
        page.server.headroom = data.headroom(well)
        page.open()
        page.looks(1)
        check(f"{what} is a trouble", page.browser.evaluate(
            "document.querySelector('#verdict .state').className") != "state good" and
            page.text("#troubles li") != [], page.text("#troubles"))
    paused = [data.pool("10.78.0.1:1", [data.server("10.78.0.2:1")], paused=True,
                        pause_keeps_table=True, pause_left_s=720)]
    page.server.status = data.status(paused)
    page.open()
    check("a paused pool is not green, and says so", page.text(".pool .sentence")[0]
          .startswith("paused, 12 min left: nobody is taken out or put in;") and
          page.browser.evaluate("document.querySelector('.pool .sentence .state')"
                                ".className") == "state warn",
          page.text(".pool .sentence"))
    page.server.status = data.status(well)
    page.server.vrrp = data.vrrp(data.instance(
        heard_s=0.4, lower_masters_heard=9))
    page.open()
    page.looks(1)
    check("two masters are a trouble", "two masters" in
          page.text("#troubles")[0], page.text("#troubles"))
    page.server.vrrp = data.vrrp(data.instance())
    page.open()
    check("all well is green", page.browser.evaluate(
        "document.querySelector('#verdict .state').className") == "state good",
        page.text("#troubles"))
    clean(page, "lies")


def many(count, changed=0):
    servers = [data.server(f"10.{i >> 16}.{i >> 8 & 255}.{i & 255}:3306")
               for i in range(1, count + 1)]
    for one in servers[:changed]:
        one["active"] = 977
    return [data.pool("10.78.0.100:3306", servers)]


# Counts what loops cost, whichever way they go round: an array's length for each
# walk through it, a step for each access to the document or a map.
WORK = """
window.work = 0;
for (const name of ["forEach", "map", "filter", "find", "findIndex", "some", "every",
                    "reduce", "flatMap", "sort", "indexOf", "includes", "slice", "reverse",
                    "values", "join", "concat"]) {
    const old = Array.prototype[name];
    Array.prototype[name] = function (...rest) { work += this.length; return old.apply(this, rest); };
}
Array.prototype[Symbol.iterator] = Array.prototype.values;
for (const [kind, name] of [[Map, "get"], [Map, "set"], [Map, "has"], [Set, "has"],
                            [Node, "insertBefore"], [Node, "appendChild"],
                            [Element, "setAttribute"], [Element, "getAttribute"],
                            [Element, "querySelector"], [Element, "append"]]) {
    const old = kind.prototype[name];
    kind.prototype[name] = function (...rest) { work++; return old.apply(this, rest); };
}
for (const name of ["nextSibling", "textContent", "firstChild"]) {
    const old = Object.getOwnPropertyDescriptor(Node.prototype, name);
    Object.defineProperty(Node.prototype, name, { ...old,
        get() { work++; return old.get.call(this); } });
}
"""


def work(page, count):
    """What the first look at so many servers costs, and a later one."""
    page.server.status = data.status(many(count))
    page.server.headroom = data.headroom(many(count))
    script = page.browser.call("Page.addScriptToEvaluateOnNewDocument",
                               source=WORK + """
        window.eachLook = [];
        addEventListener("DOMContentLoaded", () => {
            const show = pageShow;
            pageShow = (look) => { const before = work; show(look); eachLook.push(work - before); };
        });""")
    page.open()
    page.browser.until("eachLook.length >= 2", "two looks")
    seen = page.browser.evaluate("eachLook.slice(0, 2)")
    page.browser.call("Page.removeScriptToEvaluateOnNewDocument",
                      identifier=script["identifier"])
    return seen


def test_many(page):
    page.server.events = data.events()
    page.server.status = data.status(many(1000))
    page.server.headroom = data.headroom(many(1000))
    page.open(2)
    page.browser.evaluate("document.querySelectorAll('.pool .name button')[500].focus()")
    page.looks(2)
    page.browser.evaluate("""window.kept = document.querySelectorAll(".pool tbody tr")[500];
        window.changes = 0; window.added = 0;
        new MutationObserver((list) => list.forEach((one) => { window.changes++;
            for (const node of one.addedNodes) window.added += node.nodeType === 1; }))
        .observe(document.querySelector("#pools"), { subtree: true, childList: true,
            characterData: true, attributes: true }); true""")
    # Only the first three have changed; all sums are others for it, so each
    # server's share is written as well.
    page.server.status = data.status(many(1000, 3))
    page.browser.until("document.querySelector('.pool .active').textContent || true",
                       "a look")
    page.browser.until("""document.querySelectorAll("td.active")[2].textContent
        .startsWith("977")""", "the change is shown")
    page.looks(2)
    changes, added = page.browser.evaluate("[changes, added]")
    check("a thousand servers: no element is made anew", added == 0, added)
    check("    and the row in the middle is the same, with the focus",
          page.browser.evaluate("""kept.isConnected &&
          kept === document.querySelectorAll(".pool tbody tr")[500] &&
          document.activeElement === kept.querySelector("button")"""))
    spark = page.browser.evaluate("""document.querySelectorAll(".spark-line").length""")
    check("    each with its own line of check times", spark == 1000, spark)
    for what, small, large in zip(("first", "next"), work(page, 250), work(page, 1000)):
        check(f"four times the servers cost about four times the work: the {what} look",
              1000 < small and large < 5 * small, (small, large))
    page.server.status = data.status(many(1000))
    page.open()
    servers = many(1000)[0]["servers"]
    page.server.status = data.status([data.pool("10.78.0.100:3306", servers[::-1][:900])])
    page.browser.until("""document.querySelectorAll(".pool tbody tr").length === 900""",
                       "servers that a reload took")
    first = page.text(".pool tbody tr:first-child th button")
    check("a reload that takes and reorders servers is followed",
          first == [servers[-1]["address"]], first)
    clean(page, "a thousand servers")


def main():
    folder, work = sys.argv[1:3]
    shots = sys.argv[3] if len(sys.argv) > 3 else None
    try:
        with Browser(work) as browser:
            page = Page(browser, folder)
            for name, test in list(globals().items()):
                if not name.startswith("test_"):
                    continue
                page.story()
                print(f"# {name[5:]}", flush=True)
                if name == "test_audit":
                    test(page, shots)
                else:
                    test(page)
    except BrowserError as error:
        check("the browser goes through all tests", False, error)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
