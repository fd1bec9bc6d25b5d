"""What torch imports lazily is there before the first fork, and a fork can work."""

from __future__ import annotations

import subprocess
import sys

SCRIPT = """
import os, sys, threading, warnings
from grader.wire.warm import warm_up

warm_up()
import torch
assert threading.active_count() == 1, threading.enumerate()
assert not torch.cuda.is_initialized()
before = set(sys.modules)
pid = os.fork()
if pid == 0:
    a = torch.ones(700, 700)
    assert (a @ a)[0, 0] == 700
    model = torch.nn.Linear(9, 9)
    optimizer = torch.optim.AdamW(model.parameters())
    model(torch.ones(2, 9)).sum().backward()
    optimizer.step()
    torch.testing.assert_close(a, a.clone())
    torch.linalg.eigh(a[:4, :4])
    late = sorted(set(sys.modules) - before)
    assert not late, late
    os._exit(7)
for _ in range(600):
    if os.waitpid(pid, os.WNOHANG) != (0, 0):
        break
    threading.Event().wait(0.1)
else:
    os.kill(pid, 9)
    sys.exit("the fork hangs in its first multiplication")
print("worked")
"""


def test_a_fork_of_the_warm_process_multiplies_trains_and_imports_nothing():
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=False)
    assert (done.stdout, done.returncode) == ("worked\n", 0), done.stderr
