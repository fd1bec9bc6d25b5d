"""Looks for a canary in all memory that it can read: what the zygote has freed is still there, if it ever held it."""
# ends: passed

import ctypes
import re

CANARY = re.compile(rb"CANARY-[0-9a-f]{32}")
CHUNK = 1 << 22
with open("/proc/self/maps") as maps:
    lines = maps.read().splitlines()
seen = 0
for line in lines:
    span, flags, _, _, inode, *path = line.split()
    if flags[0] != "r" or inode != "0" or path and path[0].startswith("[v"):
        continue  # libraries are files, and the kernel's own pages may not be copied
    low, high = (int(part, 16) for part in span.split("-"))
    for at in range(low, high, CHUNK):
        text = ctypes.string_at(at, min(CHUNK + 64, high - at))
        seen += len(text)
        for word in CANARY.findall(text) if b"CANARY-" in text else ():
            print("LEAK", hex(at), word.decode())
if seen < 1 << 24:
    print("LEAK nothing: it saw too little of its memory to say anything")


def attack(honest, *args, **kwargs):
    return honest(*args, **kwargs)
