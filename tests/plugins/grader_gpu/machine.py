"""A machine with GPUs that is none: an nvidia-smi that prints what it is told, and a torch that answers so."""

from __future__ import annotations

from pathlib import Path

GPU = """
  <gpu id="00000000:{bus}:00.0">
    <product_name>{name}</product_name>
    <mig_mode><current_mig>{mig}</current_mig><pending_mig>{mig}</pending_mig></mig_mode>
    <uuid>{uuid}</uuid>
    <minor_number>{minor}</minor_number>
    <fb_memory_usage><total>{memory}</total><reserved>600 MiB</reserved><free>80000 MiB</free></fb_memory_usage>
  </gpu>"""
LOG = """<?xml version="1.0" ?>
<!DOCTYPE nvidia_smi_log SYSTEM "nvsmi_device_v12.dtd">
<nvidia_smi_log>
  <timestamp>Mon Nov 23 09:00:00 2026</timestamp>
  <driver_version>570.86.15</driver_version>
  <cuda_version>12.8</cuda_version>
  <attached_gpus>{count}</attached_gpus>{gpus}
</nvidia_smi_log>
"""
H100, L4 = "NVIDIA H100 80GB HBM3", "NVIDIA L4"


def gpu(
    uuid: str = "GPU-aaaa", name: str = H100, memory: str = "81559 MiB", minor: int = 0, mig: str = "Disabled"
) -> str:
    return GPU.format(uuid=uuid, name=name, memory=memory, minor=minor, mig=mig, bus=f"{minor:02X}")


def log(*gpus: str) -> str:
    return LOG.format(count=len(gpus), gpus="".join(gpus))


def install(folder: Path, answer: str, status: int = 0) -> None:
    """Put an nvidia-smi that answers so into a folder for PATH."""
    folder.mkdir(exist_ok=True)
    (folder / "answer.xml").write_text(answer)
    program = folder / "nvidia-smi"
    program.write_text(f'#!/bin/sh\n[ "$*" = "-q -x" ] || exit 64\n/bin/cat {folder}/answer.xml\nexit {status}\n')
    program.chmod(0o755)
