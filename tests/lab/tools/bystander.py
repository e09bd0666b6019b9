#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Those around a balancer who watch it, read its log or ask it, and stand still.

    bystander.py holders FILE        each change of who holds the service address goes
                                     into FILE: the time, as date(1)'s seconds, and
                                     the balancers that hold it then
    bystander.py log FIFO FILE       copies, until SIGUSR1: then the pipe is filled to
                                     the brim and the reader stops; SIGCONT ends that
    bystander.py clients SOCKET N    N clients of a control socket: some ask and read
                                     nothing, some ask half a question
"""
import fcntl
import os
import signal
import socket
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../chaos"))
from chaos_world import Holders, now  # noqa: E402

PIPE = 4096


def holders(path):
    """For ever. Holders reads the kernels' own announcements."""
    watch = Holders()
    told = 1
    with open(path, "w", encoding="ascii", buffering=1) as out:
        while True:
            time.sleep(0.02)
            epoch = time.time() - now()
            for when, names in watch.changes[told:]:
                print(f"{epoch + when:.6f}", *sorted(names), file=out)
                told += 1


def log(fifo, path):
    """For ever."""
    pipe = os.open(fifo, os.O_RDWR)
    fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, PIPE)
    full = os.open(fifo, os.O_WRONLY | os.O_NONBLOCK)

    def stop(*_):
        try:
            while True:
                os.write(full, b"the reader stands still\n")
        except BlockingIOError:
            os.kill(os.getpid(), signal.SIGSTOP)

    signal.signal(signal.SIGUSR1, stop)
    with open(path, "ab", buffering=0) as out:
        while True:
            out.write(os.read(pipe, PIPE))


def clients(path, count):
    """Until it is killed."""
    seats = []
    for i in range(int(count)):
        client = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        client.connect(path)
        client.sendall((b"status\n", b"metrics\n", b"stat")[i % 3])
        seats.append(client)
    print("connected", flush=True)
    signal.pause()


if __name__ == "__main__":
    {"holders": holders, "log": log, "clients": clients}[sys.argv[1]](*sys.argv[2:])
