#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""An HTTP server that behaves as its clients ask, for tests of HTTP_GET.

usage: httpserver.py ADDRESS PORT COUNT [CERT KEY]

Listens on COUNT ports from PORT on. The path says what to do:

  /status/N      answer with the status N and a short page
  /page          200 and "hello\\n"
  /long          200 and 300 KiB of letters, with "hello" first
  /said/TEXT     200 and the text
  /file/PATH     the status in the file, 200 if it is empty, 404 without it
  /silent        read the request and never answer
  /slow          a header, one byte each 0.2 s, without an end
  /endless       a body without an end
  /trickle       a body, one byte each 0.2 s, without an end
  /header        a header line after the other, without an end
  /line          one header line without an end
  /garbage       what no HTTP client can read
  /close         close without an answer
  /short         close in the middle of the promised body
  /redirect      302 to /page
  /interim       103, then 200
  /sni           200 if TLS asked for the name in the Host header, else 421
  /asked/NAME    200 if TLS asked for NAME, else 421
  /host          200 if the Host header is www.example.com, else 421

Each request is a line on standard output: port, number of the request on its
connection, the request line, the Host header.
"""
import asyncio
import os
import ssl
import sys

NAMES = {}


def page(status, body, more=""):
    return (
        f"HTTP/1.1 {status} Whatever\r\nContent-Length: {len(body)}\r\n"
        f"{more}\r\n{body}"
    ).encode()


async def forever(writer, first, piece, wait):
    writer.write(first)
    while True:
        writer.write(piece)
        await writer.drain()
        await asyncio.sleep(wait)


async def answer(path, host, writer):
    """Returns whether the connection may stay."""
    kind, _, rest = path.lstrip("/").partition("/")
    tls = writer.get_extra_info("ssl_object")
    if kind == "status":
        writer.write(page(rest, "hello\n"))
    elif kind == "page":
        writer.write(page(200, "hello\n"))
    elif kind == "long":
        writer.write(page(200, "hello" + "x" * 307200))
    elif kind == "said":
        writer.write(page(200, rest))
    elif kind == "file":
        status = "404"
        if os.path.exists("/" + rest):
            with open("/" + rest) as file:
                status = file.read().strip() or "200"
        writer.write(page(status, "file\n"))
    elif kind == "silent":
        await asyncio.sleep(3600)
    elif kind == "slow":
        await forever(writer, b"HTTP/1.1 200 OK\r\nX: ", b"x", 0.2)
    elif kind == "endless":
        await forever(writer, b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 65536, 0)
    elif kind == "trickle":
        await forever(writer, b"HTTP/1.1 200 OK\r\n\r\n", b"x", 0.2)
    elif kind == "header":
        await forever(writer, b"HTTP/1.1 200 OK\r\n", b"X: " + b"y" * 1000 + b"\r\n", 0)
    elif kind == "line":
        await forever(writer, b"HTTP/1.1 200 OK\r\nX: ", b"y" * 65536, 0)
    elif kind == "garbage":
        writer.write(b"\x00\x01\x02 220 mail.example.com ESMTP\r\n" * 8)
        return False
    elif kind == "close":
        return False
    elif kind == "short":
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhello")
        return False
    elif kind == "redirect":
        writer.write(page(302, "", "Location: /page\r\n"))
    elif kind == "interim":
        writer.write(b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n")
        writer.write(page(200, "hello\n"))
    elif kind == "sni":
        asked = NAMES.get(id(tls))
        writer.write(page(200 if asked and asked == host else 421, "sni\n"))
    elif kind == "asked":
        writer.write(page(200 if NAMES.get(id(tls)) == rest else 421, "asked\n"))
    elif kind == "host":
        writer.write(page(200 if host == "www.example.com" else 421, "host\n"))
    else:
        writer.write(page(404, "nothing\n"))
    return True


async def serve(reader, writer):
    port = writer.get_extra_info("sockname")[1]
    number = 0
    try:
        while True:
            line = (await reader.readline()).decode("latin-1").strip()
            if not line:
                break
            host, close = "", line.endswith("1.0")
            while True:
                header = (await reader.readline()).decode("latin-1").strip()
                if not header:
                    break
                name, _, value = header.partition(":")
                if name.lower() == "host":
                    host = value.strip()
                if name.lower() == "connection" and "close" in value:
                    close = True
            number += 1
            print(port, number, line, host, flush=True)
            path = line.split(" ")[1] if " " in line else "/"
            if not await answer(path, host, writer) or close:
                break
            await writer.drain()
    except (ConnectionError, asyncio.IncompleteReadError, ssl.SSLError, ValueError):
        pass
    finally:
        NAMES.pop(id(writer.get_extra_info("ssl_object")), None)
        writer.close()


async def main():
    address, port, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    context = None
    if len(sys.argv) > 5:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(sys.argv[4], sys.argv[5])
        context.sni_callback = lambda obj, name, _: NAMES.__setitem__(id(obj), name)
    for i in range(count):
        await asyncio.start_server(serve, address, port + i, ssl=context, backlog=1024)
    print("ready", flush=True)
    await asyncio.sleep(3600)


asyncio.run(main())
