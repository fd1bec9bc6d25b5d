"""What to do, by what bubblewrap, the kernel or our own keeper said."""

from __future__ import annotations

ELSEWHERE = "or grade on another machine"
APPARMOR = (
    "AppArmor holds back user namespaces: apt install apparmor-profiles, then "
    "ln -s /usr/share/apparmor/extra-profiles/bwrap-userns-restrict /etc/apparmor.d/ and reload AppArmor; "
    "on a CI runner: sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0"
)
CONTAINER = "start the container so that it may: docker run --security-opt seccomp=unconfined"
UNMASKED = "and --security-opt systempaths=unconfined (podman: --security-opt unmask=ALL)"
UPGRADE = "upgrade bubblewrap to 0.8 or later: Debian 12, Ubuntu 24.04 and Fedora 38 have it"

ADVICE = (
    ("setting up uid map: Permission denied", APPARMOR),
    ("Failed RTM_NEWADDR", APPARMOR),
    ("No permissions to create new namespace", f"{CONTAINER}; elsewhere: sysctl kernel.unprivileged_userns_clone=1"),
    ("Can't mount proc", f"{CONTAINER} {UNMASKED}"),
    ("Failed to make / slave", f"this container may not mount: {CONTAINER} --cap-add SYS_ADMIN, {ELSEWHERE}"),
    ("a mount namespace of our own", f"root here may not mount: {CONTAINER} --cap-add SYS_ADMIN, {ELSEWHERE}"),
    ("nesting depth or /proc/sys/user/max_", f"ask the administrator to raise user.max_user_namespaces, {ELSEWHERE}"),
    ("ENOSPC", f"ask the administrator to raise user.max_user_namespaces, {ELSEWHERE}"),
    ("setuid mode", "chmod u-s on the bwrap program: the kernel's user namespaces do without that bit"),
    ("Unknown option", UPGRADE),
    ("Can't find source path", "others cannot read the interpreter's folder: chmod o+rx on it, or run as its owner"),
    ("setns", f"a security policy keeps a process from entering the sandboxes that it made: run as root, {ELSEWHERE}"),
    ("did not get ready", "try again when the machine is less busy; if it stays so, report this as a bug"),
    ("did not start", "what it wrote stands above; if a library is missing: apt install libseccomp2"),
)  # fmt: skip
UNKNOWN = "search the web for these words, and report this as a bug if they are not of this machine's settings"


def advice(message: str) -> str:
    """Return what to do about a message."""
    return next((step for words, step in ADVICE if words in message), UNKNOWN)
