#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A page by TLS, for those who show a certificate of the CA.

usage: askscert.py PORT CERT KEY CA

Says "ready", and the subject of each client that was let in.
"""

import socket
import ssl
import sys


def serve(sock):
    sock.settimeout(5)
    subject = dict(part[0] for part in sock.getpeercert()["subject"])
    sock.recv(4096)
    sock.sendall(b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok")
    print(subject["commonName"], flush=True)
    sock.unwrap()


def main():
    port, cert, key, ca = sys.argv[1:]
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    # A client that is refused is told so within the handshake.
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(cert, key)
    context.load_verify_locations(ca)
    context.verify_mode = ssl.CERT_REQUIRED
    with socket.create_server(("127.0.0.1", int(port))) as listener:
        print("ready", flush=True)
        while True:
            peer, _ = listener.accept()
            try:
                peer.settimeout(5)
                with context.wrap_socket(peer, server_side=True) as sock:
                    serve(sock)
            except (OSError, ValueError):
                peer.close()


main()
