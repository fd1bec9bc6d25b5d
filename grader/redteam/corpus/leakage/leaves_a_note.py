"""Leaves a note wherever it can write, for the submission after it, and looks for one."""
# ends: passed

import os
import site
import sys
import tempfile

places = {
    "/", "/tmp", "/var/tmp", "/dev", "/dev/shm", "/dev/mqueue", "/work", "/output", "/run", "/etc", "/home", "..",
    tempfile.gettempdir(), os.path.expanduser("~"), sys.prefix, os.path.dirname(os.__file__), *site.getsitepackages(),
}


def leave():
    for place in places:
        try:
            with open(f"{place}/{MARK}-note-leaves_a_note", "w") as file:
                file.write("from an earlier submission")
        except OSError:
            pass


for place in places:
    try:
        for name in os.listdir(place):
            if name.startswith(f"{MARK}-note-"):
                print("LEAK", place, name)
    except OSError:
        pass
leave()


def attack(honest, *args, **kwargs):
    leave()
    return honest(*args, **kwargs)
