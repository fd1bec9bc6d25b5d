"""What students get wrong in part 8 about operations and recording, as they would write it."""

from contextlib import contextmanager

import torch

from grader.checks import misconception


def made(like, data, *edges):
    """A TensorVar of the same class that remembers its inputs."""
    cls = type(like)
    out = cls(data)
    if cls.recording:
        out.edges = [(x, pull) for x, pull in edges if x.requires_grad]
        out.requires_grad = bool(out.edges)
    return out


def lifted(x, like, dtype=None):
    if isinstance(x, type(like)):
        return x
    return type(like)(torch.full_like(like.data, x, dtype=dtype))


def multiplied(a, b):
    return made(
        a,
        a.data * b.data,
        (a, lambda g: (g * b.data).sum_to_size(a.shape)),
        (b, lambda g: (g * a.data).sum_to_size(b.shape)),
    )


# ---- operations ------------------------------------------------------------------------------------------------


@misconception(
    replaces="TensorVar.__add__",
    hint="Compare x.grad.shape and x.shape.",
    fails=["broadcast"],
)
def sum_without_unbroadcast(self, other):
    other = lifted(other, self)
    return made(self, self.data + other.data, (self, lambda g: g), (other, lambda g: g))


@misconception(
    replaces="TensorVar.__mul__",
    hint="Compare x.grad.shape and x.shape, for both factors.",
    fails=["broadcast"],
)
def product_without_unbroadcast(self, other):
    a, b = self, lifted(other, self)
    return made(a, a.data * b.data, (a, lambda g: g * b.data), (b, lambda g: g * a.data))


def averaged_to(g, shape):
    times = g.numel() // max(1, torch.Size(shape).numel())
    return g.sum_to_size(shape) / times


@misconception(
    replaces="TensorVar.__add__",
    hint="An entry that broadcasting used three times: does it matter three times as much, or once?",
    fails=["broadcast"],
)
def broadcast_gradients_averaged(self, other):
    a, b = self, lifted(other, self)
    return made(a, a.data + b.data, (a, lambda g: averaged_to(g, a.shape)), (b, lambda g: averaged_to(g, b.shape)))


@misconception(
    replaces="TensorVar.__matmul__",
    hint="A of shape (2, 3, 4) times B of shape (4, 5): which shape has the gradient of B?",
    fails=["matmul"],
)
def matmul_without_unbroadcast(self, other):
    a, b = self, other
    return made(a, a.data @ b.data, (a, lambda g: g @ b.data.mT), (b, lambda g: a.data.mT @ g))


@misconception(
    replaces="TensorVar.__matmul__",
    hint=".T turns all axes around. Which two of a batch of matrices should be swapped?",
    fails=["matmul"],
)
def matmul_transposes_all_axes(self, other):
    a, b = self, other

    def turned(x):
        return x.permute(*reversed(range(x.dim())))

    return made(
        a,
        a.data @ b.data,
        (a, lambda g: (g @ turned(b.data)).sum_to_size(a.shape)),
        (b, lambda g: (turned(a.data) @ g).sum_to_size(b.shape)),
    )


@misconception(
    replaces="TensorVar.__getitem__",
    hint="Row 0 was used twice.",
    fails=["repeated_rows"],
)
def index_assigns(self, index):
    def back(g):
        out = torch.zeros_like(self.data)
        out[index] = g
        return out

    return made(self, self.data[index], (self, back))


@misconception(
    replaces="TensorVar.__getitem__",
    hint="Row 0 was used twice. `out[index] += g` reads and writes each row once.",
    fails=["repeated_rows"],
)
def index_adds_once(self, index):
    def back(g):
        out = torch.full_like(self.data, 0.0)
        if isinstance(index, torch.Tensor):
            for i in index.unique():
                out[i] += g[index == i][0]
        else:
            out[index] += g
        return out

    return made(self, self.data[index], (self, back))


@misconception(
    replaces="TensorVar.relu",
    hint="Which value does torch give at exactly 0?",
    fails=["relu_at_zero"],
)
def relu_of_arrays_lets_zero_through(self):
    return made(self, self.data.clamp(min=0), (self, lambda g: g * (self.data >= 0)))


@misconception(
    replaces="TensorVar.__mul__",
    hint="Your constants are less precise than your data.",
    fails=["numbers_in_float64"],
)
def float32_constants(self, other):
    if not isinstance(other, type(self)):
        other = type(self)(torch.tensor(other, dtype=torch.float32))
    return multiplied(self, other)


@misconception(
    replaces="TensorVar.sum",
    hint="A sum over one axis without keepdim has lost that axis. Where does its gradient get it back?",
    fails=["reductions"],
)
def sum_loses_the_axis(self, dim=None, keepdim=False):
    if dim is None:
        return made(self, self.data.sum(), (self, lambda g: g.expand(self.shape)))
    return made(self, self.data.sum(dim, keepdim), (self, lambda g: g.expand(self.shape)))


@misconception(
    replaces="TensorVar.transpose",
    hint="A reshape to the old shape does not undo a transpose. Follow one number there and back.",
    fails=["shapes"],
)
def transpose_reshaped_back(self, dim0, dim1):
    return made(self, self.data.transpose(dim0, dim1), (self, lambda g: g.reshape(self.shape)))


@misconception(
    replaces="TensorVar.tanh",
    hint="The slope of tanh is written in terms of its value. Which of the two do you use?",
    fails=["elementwise"],
)
def tanh_slope_of_arrays(self):
    return made(self, self.data.tanh(), (self, lambda g: g * (1 - self.data**2)))


# ---- no_grad ---------------------------------------------------------------------------------------------------


@misconception(
    replaces="TensorVar.no_grad",
    hint="What ends when the inner one of two no_grad() ends?",
    fails=["what_is_recorded"],
)
@classmethod
@contextmanager
def always_records_again(cls):
    cls.recording = False
    try:
        yield
    finally:
        cls.recording = True


@misconception(
    replaces="TensorVar.no_grad",
    hint="An exception left your no_grad(). Is anything recorded after it?",
    fails=["what_is_recorded"],
)
@classmethod
@contextmanager
def stays_off_after_an_exception(cls):
    before, cls.recording = cls.recording, False
    yield
    cls.recording = before


@misconception(
    replaces="TensorVar.__mul__",
    hint="A constant that meets a leaf: does it get a gradient, and does what is made of constants require one?",
    fails=["what_is_recorded"],
)
def records_constants(self, other):
    a, b = self, lifted(other, self)
    out = multiplied(a, b)
    if type(self).recording:
        out.requires_grad = True
        out.edges = [
            (a, lambda g: (g * b.data).sum_to_size(a.shape)),
            (b, lambda g: (g * a.data).sum_to_size(b.shape)),
        ]
    return out
