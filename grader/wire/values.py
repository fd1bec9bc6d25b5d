"""Trees of plain data as msgpack bytes, and back. Decoding can build data and nothing else.

Sent: None, bool, int, float, complex, str, bytes, list, tuple, dict with str or int keys, torch.Tensor,
numpy.ndarray, torch.dtype, torch.device. A tensor goes as (dtype, shape, device, raw bytes); it comes back
contiguous, on the CPU, without its gradient history, as one that owns its memory.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from math import prod
from typing import Annotated, Any

import msgspec
import numpy as np
import torch
from msgspec import Meta
from msgspec.msgpack import Ext

from grader.errors import WireError
from grader.wire.parts import parts

DEPTH = 64  # of nesting; a student's list may contain itself
LEAVES = 1_000_000
LONGEST_SCALAR = 4000  # bytes: of a large int's digits, which Python itself reads up to 4300
TENSOR_LEAVES = 16  # that a tensor counts for: it takes so much longer to build than a number

TENSOR, ARRAY, TUPLE, BIGINT, COMPLEX, DTYPE, DEVICE = range(1, 8)

DTYPES = {
    str(dtype).removeprefix("torch."): dtype
    for dtype in (
        torch.float64, torch.float32, torch.float16, torch.bfloat16, torch.complex64, torch.complex128, torch.bool,
        torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64,
    )
}  # fmt: skip
ARRAY_KINDS = "biufc"
LONGEST_NAME = 32  # of a dtype or a device: numpy reads "i4,i4,…" as the fields of a record, for minutes

_encoder = msgspec.msgpack.Encoder()


Name = Annotated[str, Meta(max_length=LONGEST_NAME)]


class Placed(msgspec.Struct, frozen=True):
    """A tensor's header on the wire. Lengths are told before anything is built: a shape of 64 MB would take 1 GB."""

    dtype: Name
    shape: Annotated[tuple[int, ...], Meta(max_length=DEPTH)]
    device: Name
    data: bytes


_placed = msgspec.msgpack.Decoder(Placed)


# ---- out -------------------------------------------------------------------------------------------------------


def pack(value: object) -> bytes:
    """Return a tree of values as bytes.

    Raises:
        WireError: if something in it is not data; the message names its type and where it is.
    """
    try:
        return _encoder.encode(_plain(value, "", DEPTH))
    except UnicodeEncodeError as error:
        raise WireError("a string with half of a surrogate pair is not text and cannot be sent") from error


def _plain(value: Any, where: str, depth: int) -> Any:
    if depth == 0:
        raise WireError(f"an answer is nested more than {DEPTH} deep")
    kind = type(value)
    if value is None or kind in (bool, float, str, bytes):
        return value
    if kind is int:
        return value if -(2**63) <= value < 2**64 else Ext(BIGINT, _digits(value, where))
    if isinstance(value, torch.Tensor):
        return Ext(TENSOR, _encoder.encode(_tensor(value, where)))
    if isinstance(value, tuple):
        return Ext(TUPLE, _encoder.encode([_plain(v, f"{where}[{i}]", depth - 1) for i, v in enumerate(value)]))
    if isinstance(value, list):
        return [_plain(v, f"{where}[{i}]", depth - 1) for i, v in enumerate(value)]
    if isinstance(value, Mapping):
        return {_key(k, where): _plain(v, f"{where}[{k!r}]", depth - 1) for k, v in value.items()}
    return _scalar(value, where)


def _scalar(value: Any, where: str) -> Any:
    if isinstance(value, bool | int | float | str):  # subclasses: IntEnum, numpy.float64
        return _plain(next(t for t in (bool, int, float, str) if isinstance(value, t))(value), where, 1)
    if isinstance(value, np.ndarray | np.generic):
        array = np.asarray(value)
        if array.dtype.kind not in ARRAY_KINDS:
            raise WireError(f"a numpy array of {array.dtype} cannot be sent{_at(where)}")
        header = Placed(
            array.dtype.newbyteorder("=").str,
            array.shape,
            "numpy",
            np.ascontiguousarray(array, array.dtype.newbyteorder("=")).tobytes(),
        )
        return Ext(ARRAY, _encoder.encode(header))
    if isinstance(value, complex):
        return Ext(COMPLEX, _encoder.encode([value.real, value.imag]))
    if isinstance(value, torch.dtype):
        return Ext(DTYPE, str(value).removeprefix("torch.").encode())
    if isinstance(value, torch.device):
        return Ext(DEVICE, str(value).encode())
    raise WireError(f"a {type(value).__name__} is not data and cannot be sent{_at(where)}")


def _digits(value: int, where: str) -> bytes:
    if value.bit_length() > 3 * LONGEST_SCALAR:  # 10 is more than three bits: fewer digits than may be sent
        raise WireError(f"an int of {value.bit_length()} bits is too large to be sent{_at(where)}")
    return str(value).encode()


def _at(where: str) -> str:
    return f" (at {where[:80]})" if where else ""


def _key(key: object, where: str) -> str | int:
    if type(key) is str or (type(key) is int and -(2**63) <= key < 2**64):
        return key
    raise WireError(f"a dict with a key of type {type(key).__name__} cannot be sent{_at(where)}")


def _tensor(value: torch.Tensor, where: str) -> Placed:
    name = str(value.dtype).removeprefix("torch.")
    if name not in DTYPES or value.layout is not torch.strided or value.device.type == "meta":
        raise WireError(f"a {value.layout} tensor of {name} on {value.device} cannot be sent{_at(where)}")
    flat = value.detach().resolve_conj().resolve_neg().cpu().contiguous().reshape(-1)
    data = flat.view(torch.uint8).numpy().tobytes() if flat.numel() else b""
    return Placed(name, tuple(value.shape), str(value.device), data)


# ---- in --------------------------------------------------------------------------------------------------------


def unpack(data: bytes) -> Any:
    """Return the tree of values that `pack` made bytes of.

    Raises:
        WireError: if the bytes are anything else.
    """
    tree = _Decoding().decode(data, DEPTH)
    visit(tree, DEPTH)
    return tree


class _Decoding:
    """One decoding, with what is left of its allowance of leaves."""

    def __init__(self) -> None:
        self.left = LEAVES

    def decode(self, data: bytes | memoryview, depth: int) -> Any:
        def ext(code: int, body: memoryview) -> Any:
            return self.extension(code, body, depth - 1)

        if depth <= 0:
            raise WireError(f"an answer is nested more than {DEPTH} deep")
        self.spend(parts(data, self.left))
        try:
            tree = msgspec.msgpack.Decoder(ext_hook=ext).decode(data)
        except WireError:
            raise
        except Exception as error:  # numpy parses a dtype's name, and raises SyntaxError
            raise WireError(f"bytes that are not values: {type(error).__name__}") from error
        return tree

    def spend(self, leaves: int) -> None:
        """Take from the allowance, before anything is built."""
        self.left -= leaves
        if self.left < 0:
            raise WireError("an answer has too many parts or is nested too deeply")

    def extension(self, code: int, content: memoryview, depth: int) -> Any:
        if code == TUPLE:
            items = self.decode(content, depth)  # not a copy: sixty-four of 64 MB would lie in each other
            if type(items) is not list:
                raise WireError("a tuple that is no list of values")
            return tuple(items)
        if code in (TENSOR, ARRAY):
            self.spend(TENSOR_LEAVES)
            return _restored(code, _placed.decode(content))
        if len(content) > LONGEST_SCALAR:
            raise WireError(f"extension {code} of {len(content)} bytes")
        body = bytes(content)
        if code == BIGINT:
            return int(body)
        if code == COMPLEX:
            return complex(*msgspec.msgpack.decode(body, type=tuple[float, float]))
        if code == DTYPE and body.decode() in DTYPES:
            return DTYPES[body.decode()]
        if code == DEVICE and len(body) < 32:
            return _device(body.decode())
        raise WireError(f"extension {code} is not one of ours")


def visit(tree: Any, depth: int) -> None:
    """Refuse what is nested deeper than `depth`, and what msgpack has and we do not send: such keys, and timestamps."""
    if depth <= 0 or isinstance(tree, datetime):
        raise WireError("an answer has too many parts or is nested too deeply")
    if type(tree) in (list, tuple):
        for item in tree:
            visit(item, depth - 1)
    elif type(tree) is dict:
        for key, item in tree.items():
            _key(key, "")
            visit(item, depth - 1)


def _device(name: str) -> torch.device:
    try:
        return torch.device(name)
    except RuntimeError as error:
        raise WireError("a device that torch does not know") from error


def _restored(code: int, placed: Placed) -> torch.Tensor | np.ndarray[Any, Any]:
    if min(placed.shape, default=0) < 0:
        raise WireError("a shape that no tensor has")
    if code == ARRAY:
        dtype = np.dtype(placed.dtype)
        if (
            dtype.kind not in ARRAY_KINDS
            or not dtype.isnative
            or prod(placed.shape) * dtype.itemsize != len(placed.data)
        ):
            raise WireError("an array whose shape and bytes differ")
        return np.frombuffer(bytearray(placed.data), dtype=dtype).reshape(placed.shape)
    if placed.dtype not in DTYPES:
        raise WireError("a tensor of a dtype that is not sent")
    kind = DTYPES[placed.dtype]
    if prod(placed.shape) * kind.itemsize != len(placed.data):
        raise WireError("a tensor whose shape and bytes differ")
    if kind is torch.bool and placed.data.translate(None, b"\0\1"):
        raise WireError("a bool that is neither true nor false")
    if not placed.data:
        return torch.empty(placed.shape, dtype=kind)
    return torch.frombuffer(bytearray(placed.data), dtype=kind).reshape(placed.shape)
