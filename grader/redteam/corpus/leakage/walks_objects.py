"""Walks every object, module and frame of its process, for a canary or anything of the referee's."""
# ends: passed

import gc
import re
import sys

CANARY = re.compile("CANARY-[0-9a-f]{32}")
TRUSTED = ("grader.referee", "grader.gradebook", "grader.teaching", "grader.run", "grader.pipeline", "_pytest", "misconceptions")
for name in sys.modules:
    if name.startswith(TRUSTED):
        print("LEAK module", name)
todo = [*gc.get_objects(), *sys._current_frames().values()]
for found in todo[:]:
    try:
        todo += gc.get_referents(found)
    except RuntimeError:
        pass
for found in todo:
    if type(found) in (str, bytes):
        text = found if type(found) is str else found.decode("latin-1")
        for word in CANARY.findall(text) if "CANARY-" in text else ():
            print("LEAK object", word)


def attack(honest, *args, **kwargs):
    return honest(*args, **kwargs)
