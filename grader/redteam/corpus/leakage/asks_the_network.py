"""Looks for a way out: names, datagrams and streams to resolvers and routers, by both kinds of address."""
# ends: passed

import select
import socket

QUERY = b"\x12\x34\1\0\0\1\0\0\0\0\0\0\x0dgrader-attack\7invalid\0\0\1\0\1"
try:
    socket.getaddrinfo(f"{MARK}.invalid", 80)
    print("LEAK a name was answered")
except OSError:
    pass
routes = [(socket.AF_INET, "192.0.2.1"), (socket.AF_INET, "10.0.0.1"), (socket.AF_INET, "169.254.169.254"), (socket.AF_INET6, "2001:db8::1")]
for family, address in routes:  # connecting a datagram socket sends nothing: it only asks for a route
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as sock:
            sock.connect((address, 53))
            print("LEAK a route to", address)
    except OSError:
        pass
for address in ("127.0.0.53", "127.0.0.1", "127.0.0.11"):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        try:
            sock.connect((address, 53))
            sock.send(QUERY)
            if select.select([sock], [], [], 0.1)[0] and sock.recv(512):
                print("LEAK a resolver at", address)
        except OSError:
            pass
for port in (22, 80, 443, 631, 2375, 3306, 5432, 6379, 8786, 8888):
    with socket.socket() as sock:
        if sock.connect_ex(("127.0.0.1", port)) == 0:
            print("LEAK a service of the host on port", port)


def attack(honest, *args, **kwargs):
    return honest(*args, **kwargs)
