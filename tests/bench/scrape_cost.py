#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What scrapes, a status page and `evenkeel top` cost.

    scrape_cost.py MAIN WEB scrapes URL COUNT MS BYTES
    scrape_cost.py MAIN WEB viewers METRICS PAGE SECONDS PERCENT
    scrape_cost.py MAIN WEB top SECONDS PERCENT COMMAND...
    scrape_cost.py MAIN WEB memory URL MB

MAIN and WEB are process ids. Prints the figures, and ends with 1 if one is above its
bound. Processor time is the scheduler's own count in ns.
"""
import fcntl
import os
import pty
import struct
import sys
import termios
import threading
import time
import urllib.request


def spent(pid):
    """Processor time of a process in seconds."""
    with open(f"/proc/{pid}/schedstat", encoding="ascii") as file:
        return int(file.read().split()[0]) / 1e9


def memory(pid):
    """The most memory that it has had resident, in MB."""
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmHWM")) / 1e3


def fetch(url):
    with urllib.request.urlopen(url, timeout=20) as reply:
        return sum(len(piece) for piece in iter(lambda: reply.read(1 << 20), b""))


def scrapes(main, web, url, count, most_ms, most_bytes):
    times, main_ms, web_ms = [], [], []
    for _ in range(int(count)):
        # Answers of the same second are shared, so each has a second of its own.
        time.sleep(1.1)
        begin, main_begin, web_begin = time.monotonic(), spent(main), spent(web)
        size = fetch(url)
        times.append((time.monotonic() - begin) * 1e3)
        main_ms.append((spent(main) - main_begin) * 1e3)
        web_ms.append((spent(web) - web_begin) * 1e3)
    best, middle = min(times), sorted(times)[len(times) // 2]
    print(f"{size / 1e6:.1f} MB in {best:.0f} ms at best, {middle:.0f} ms the median; "
          f"processor time: main {min(main_ms):.1f} ms, web {min(web_ms):.1f} ms; "
          f"memory of the web process {memory(web):.1f} MB; load {os.getloadavg()[0]:.1f}")
    return best <= float(most_ms) and size <= float(most_bytes)


def again(url, interval, delay, end):
    time.sleep(delay)
    while time.monotonic() < end:
        fetch(url)
        time.sleep(interval)


def viewers(main, web, metrics, page, seconds, percent):
    start, main_begin, web_begin = time.monotonic(), spent(main), spent(web)
    end = start + float(seconds)
    jobs = [(metrics, 15, 2), (metrics, 15, 9)]
    jobs += [(f"{page}/{part}", 2, 0.1) for part in ("status", "headroom", "vrrp", "events")]
    threads = [threading.Thread(target=again, args=(*job, end)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took = time.monotonic() - start
    share = (spent(main) - main_begin) / took * 100
    print(f"of a core: main {share:.2f} %, web {(spent(web) - web_begin) / took * 100:.2f} %")
    return share <= float(percent)


def top(main, _web, seconds, percent, *command):
    pid, terminal = pty.fork()
    if pid == 0:
        os.environ["TERM"] = "xterm"
        os.execvp(command[0], command)
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 160, 0, 0))
    threading.Thread(target=swallow, args=(terminal,), daemon=True).start()
    time.sleep(3)
    start, begin, main_begin = time.monotonic(), spent(pid), spent(main)
    time.sleep(float(seconds))
    took = time.monotonic() - start
    share = (spent(pid) - begin) / took * 100
    print(f"of a core: top {share:.2f} %, main {(spent(main) - main_begin) / took * 100:.2f} %")
    os.kill(pid, 15)
    os.waitpid(pid, 0)
    return share <= float(percent)


def held(pid):
    """Answers of main that it keeps open, in MB."""
    sizes = {}
    for name in os.listdir(f"/proc/{pid}/fd"):
        path = f"/proc/{pid}/fd/{name}"
        try:
            if "evenkeel-answer" in os.readlink(path):
                stat = os.stat(path)
                sizes[stat.st_ino] = stat.st_size
        except FileNotFoundError:
            pass  # closed meanwhile
    return sum(sizes.values()) / 1e6


def most_memory(_main, web, url, most):
    kept = 0
    for _ in range(8):
        time.sleep(1.1)
        size = fetch(url)
        kept = max(kept, held(web))
    print(f"an answer of {size / 1e6:.1f} MB; memory of the web process at most "
          f"{memory(web):.1f} MB; answers of main that it keeps {kept:.1f} MB")
    return memory(web) < float(most) and kept < float(most)


def swallow(terminal):
    try:
        while os.read(terminal, 1 << 16):
            pass
    except OSError:
        pass


what = {"scrapes": scrapes, "viewers": viewers, "top": top, "memory": most_memory}[sys.argv[3]]
sys.exit(not what(int(sys.argv[1]), int(sys.argv[2]), *sys.argv[4:]))
