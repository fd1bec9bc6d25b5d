"""Reads every file that it can reach, for a canary: the solutions, the course's folder, the gradebook's bytes."""
# ends: passed

import os
import re
import sys
import time

CANARY = re.compile(rb"CANARY-[0-9a-f]{32}")
LIBRARIES = {"/usr", "/proc", *map(os.path.realpath, (sys.prefix, sys.base_prefix))}
TELLING = ("canary.txt", "misconceptions.py", "course.toml", "assignment.toml", "gradebook.db")
until = time.monotonic() + 1.5


def look(path):
    try:
        if not os.path.isfile(path):  # a device has no end
            return
        with open(path, "rb") as file:
            for word in CANARY.findall(file.read(20_000_000)):
                print("LEAK", path, word.decode())
    except OSError:
        pass


for top in ("/", "..", "/proc/1/root", "/proc/self/root", "/proc/1/cwd", *LIBRARIES - {"/proc"}):
    for folder, folders, files in os.walk(top):
        if time.monotonic() > until:
            break
        if top not in LIBRARIES:
            folders[:] = [name for name in folders if os.path.realpath(f"{folder}/{name}") not in LIBRARIES]
        for name in files:
            if top not in LIBRARIES or name in TELLING or name.endswith((".db", ".sqlite")):
                look(f"{folder}/{name}")


def attack(honest, *args, **kwargs):
    return honest(*args, **kwargs)
