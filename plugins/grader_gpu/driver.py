"""What the driver tells of the GPUs, in the XML of nvidia-smi, which comes with it."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree as ET

from msgspec import Struct

from grader.errors import DeviceFault
from grader.work import Device

PROGRAM = "nvidia-smi"
SECONDS = 60  # a driver that nothing keeps loaded takes a while
MIB = 1 << 20
SHARED_FILES = ("/dev/nvidiactl", "/dev/nvidia-uvm", "/dev/nvidia-uvm-tools")  # of all GPUs
READS = ("/sys/devices", "/sys/bus/pci/devices", "/sys/module/nvidia", "/sys/module/nvidia_uvm")
NOBODY = ("", "-1", "NoDevFiles")
STEP = "nvidia-smi says more; reboot if the driver was updated"


class Driver(Struct, frozen=True):
    """What the driver says. A GPU that is divided by MIG is no device: its slices are not used."""

    version: str
    devices: tuple[Device, ...]
    divided: tuple[str, ...] = ()  # the names of those


def ask_driver() -> Driver | None:
    """Return what the driver says; None where there is none.

    Raises:
        DeviceFault: if there is one, and it does not answer.
    """
    program = shutil.which(PROGRAM)
    if program is None:
        return None
    try:
        done = subprocess.run([program, "-q", "-x"], capture_output=True, timeout=SECONDS, check=False)
        if done.returncode != 0:
            said = (done.stdout + done.stderr).decode(errors="replace").strip().splitlines()
            raise DeviceFault(f"the driver does not answer: {said[-1] if said else done.returncode}", step=STEP)
        return read(done.stdout)
    except subprocess.TimeoutExpired as error:
        raise DeviceFault(f"the driver did not answer in {SECONDS} s", step=STEP) from error
    except (OSError, ET.ParseError, ValueError) as error:
        raise DeviceFault(f"the driver's answer cannot be read: {error}", step=STEP) from error


def read(xml: bytes) -> Driver:
    """Take the answer apart."""
    root = ET.fromstring(xml)
    gpus = root.findall("gpu")
    divided = [gpu for gpu in gpus if gpu.findtext("mig_mode/current_mig") == "Enabled"]
    return Driver(
        version=root.findtext("driver_version", "of unknown version"),
        devices=tuple(_device(gpu) for gpu in gpus if gpu not in divided),
        divided=tuple(gpu.findtext("product_name", "a GPU") for gpu in divided),
    )


def _device(gpu: ET.Element) -> Device:
    amount, unit = gpu.findtext("fb_memory_usage/total", "").split()
    if unit != "MiB":
        raise ValueError(f"memory in {unit}")
    own = f"/dev/nvidia{gpu.findtext('minor_number')}"
    return Device(
        name=gpu.findtext("product_name", "a GPU"),
        uuid=gpu.findtext("uuid", ""),
        memory=int(amount) * MIB,
        files=tuple(path for path in (own, *SHARED_FILES) if Path(path).exists()),
        reads=READS,
    )


def allotted(devices: Sequence[Device], visible: str | None) -> list[Device]:
    """Return the GPUs that this process may use: in CUDA_VISIBLE_DEVICES a scheduler numbers or names them."""
    if visible is None:
        return list(devices)
    chosen: list[Device] = []
    for name in map(str.strip, visible.split(",")):
        found = _named(name, devices)
        if found is None or found in chosen:
            break  # as CUDA does: what comes behind a name that is none is not used
        chosen.append(found)
    return chosen


def _named(name: str, devices: Sequence[Device]) -> Device | None:
    if name in NOBODY:
        return None
    if name.isdecimal():
        return devices[int(name)] if int(name) < len(devices) else None
    alike = [device for device in devices if device.uuid.startswith(name)]
    return alike[0] if len(alike) == 1 else None
