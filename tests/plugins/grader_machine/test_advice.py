"""Each way in which sandboxes are known to fail has its own way out."""

from __future__ import annotations

import pytest

from grader_machine.advice import ADVICE, UNKNOWN, advice


@pytest.mark.parametrize(
    ("message", "words"),
    [
        ("bwrap: setting up uid map: Permission denied", "bwrap-userns-restrict"),
        ("bwrap: loopback: Failed RTM_NEWADDR: Operation not permitted", "apparmor_restrict_unprivileged_userns=0"),
        (
            "bwrap: No permissions to create new namespace, likely because the kernel does not allow",
            "seccomp=unconfined",
        ),
        ("bwrap: Can't mount proc on /newroot/proc: Operation not permitted", "systempaths=unconfined"),
        ("bwrap: Failed to make / slave: Operation not permitted", "may not mount"),
        ("a mount namespace of our own: Operation not permitted", "SYS_ADMIN"),
        (
            "bwrap: Creating new namespace failed: nesting depth or /proc/sys/user/max_*_namespaces exceeded (ENOSPC)",
            "user.max_user_namespaces",
        ),
        ("bwrap: --size is not permitted in setuid mode", "chmod u-s"),
        ("bwrap: Unknown option --size", "upgrade bubblewrap to 0.8"),
        ("bwrap: Can't find source path /home/eva/.venv: Permission denied", "run as its owner"),
        ("a sandbox could not be entered: OSError: [Errno 1] setns: Operation not permitted", "security policy"),
        ("bubblewrap cannot confine on this machine: it did not get ready", "less busy"),
        ("the warm process that sandboxes are forked from did not start", "libseccomp2"),
    ],
)
def test_what_is_known_has_its_advice(message, words):
    assert words in advice(f"bubblewrap cannot confine on this machine: {message}")


def test_what_is_not_known_says_what_to_do_all_the_same():
    assert advice("bwrap: something that nobody has seen") == UNKNOWN


@pytest.mark.parametrize("step", [*dict(ADVICE).values(), UNKNOWN])
def test_no_advice_takes_the_walls_down_in_silence(step):
    assert "--sandbox none" not in step
    assert step == step.strip()
    assert len(step) < 250
