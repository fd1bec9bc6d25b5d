"""Run beside the student's code, which can read this file. It holds no answers."""

from contextlib import contextmanager

import torch

from grader.probing import metered


def doubled(answer):
    """An answer in float64, whatever dtype it came in: dtypes have a check of their own."""
    if isinstance(answer, (list, tuple)):
        return [doubled(x) for x in answer]
    return answer.double() if isinstance(answer, torch.Tensor) else answer


def value(student, function, *args, **kwargs):
    """The answer, whatever its dtype is."""
    return doubled(getattr(student, function)(*args, **kwargs))


def with_inputs(student, function, *tensors, **kwargs):
    """The answer in its dtype, and the inputs as they are after the call."""
    return getattr(student, function)(*tensors, **kwargs), list(tensors), kwargs


def counted(student, which, function, *args, **kwargs):
    """The answer while FLOPs, operations and bytes are counted, and one of these counts."""
    with metered() as used:
        out = getattr(student, function)(*args, **kwargs)
    counts = used.counts()
    return out, sum(counts["ops"].values()) if which == "operations" else counts[which]


# ---- part 2: kernel --------------------------------------------------------------------------------------------


def own_feature_map(student, q, k, v, **kwargs):
    """Linear attention with a feature map that is a function, and makes two features of each."""
    both = lambda x: torch.cat([x.exp(), x.square()], -1)  # noqa: E731
    return doubled(student.linear_attention(q, k, v, feature_map=both, **kwargs))


# ---- part 4: causal --------------------------------------------------------------------------------------------


def state_after(student, q, k, v, chunk_size):
    """The state that comes with the answer, whatever its dtype is."""
    _, state = student.causal_linear_attention(q, k, v, chunk_size=chunk_size, return_state=True)
    return doubled(state)


def state_as_it_is(student, q, k, v):
    """The state that comes with the answer, in its dtype."""
    _, (S, z) = student.causal_linear_attention(q, k, v, return_state=True)
    return S, z


def with_initial_state(student, q, k, v, S, z, chunk_size):
    """The answer that goes on from a state; the state afterwards; the given one as it is then."""
    out, state = student.causal_linear_attention(
        q, k, v, chunk_size=chunk_size, initial_state=(S, z), return_state=True
    )
    return doubled(out), *doubled(state), S, z


def gradients_of_the_past(student, q, k, v, t, chunk_size):
    """The gradients of the first t answers with respect to all keys and values."""
    k.requires_grad_()
    v.requires_grad_()
    out = student.causal_linear_attention(q, k, v, chunk_size=chunk_size)
    out[:, :, :t].square().sum().backward()
    return k.grad.double(), v.grad.double()


# ---- part 5: decode --------------------------------------------------------------------------------------------


def new_state(student, sizes, dtype=None):
    """A new state, from init_state."""
    return list(student.init_state(*sizes) if dtype is None else student.init_state(*sizes, dtype=dtype))


def where_a_state_is(student, sizes, device):
    """On which device a new state is, where one is asked for that has no memory."""
    return [x.device.type for x in student.init_state(*sizes, device=device)]


def decoded(student, S, z, q, k, v, **kwargs):
    """The answers to the tokens, one step each, from a state on; and the state at the end."""
    state, out = (S, z), []
    for q_t, k_t, v_t in zip(*(x.unbind(-2) for x in (q, k, v)), strict=True):
        o_t, state = student.step(state, q_t, k_t, v_t, **kwargs)
        out.append(o_t)
    return torch.stack(out, -2).double(), *doubled(state)


def one_step(student, S, z, q_t, k_t, v_t):
    """One step: the answer, the new state, and the state that was given as it is then."""
    o_t, state = student.step((S, z), q_t, k_t, v_t)
    return o_t, list(state), [S, z]


def dtype_and_state(student, S, z, q_t, k_t, v_t):
    """One step: the dtype of the answer, and the new state in its dtype."""
    o_t, (S, z) = student.step((S, z), q_t, k_t, v_t)
    return o_t.dtype, S, z


def reordered(student, S, z, idx):
    """The state in another order, and the one that was given after the new one was written to."""
    new = student.reorder_state((S, z), idx)
    copies = doubled([x.clone() for x in new])
    for x in new:
        x.zero_()
    return copies, [S, z]


# ---- part 7: recompute -----------------------------------------------------------------------------------------


def gradients(student, q, k, v, g, chunk_size):
    """The gradients with respect to q, k and v, given that with respect to the answer."""
    leaves = [x.clone().requires_grad_() for x in (q, k, v)]
    student.causal_linear_attention_mem(*leaves, chunk_size=chunk_size).backward(g)
    return [leaf.grad.double() for leaf in leaves]


def gradients_of_views(student, q, k, v, g, chunk_size):
    """The gradients with respect to k and v, where inputs are transposed and q needs none."""
    k, v = k.clone().requires_grad_(), v.clone().requires_grad_()
    views = [x.transpose(1, 2) for x in (q, k, v)]
    student.causal_linear_attention_mem(*views, chunk_size=chunk_size).backward(g.transpose(1, 2))
    return [k.grad.double(), v.grad.double()]


def saved(student, q, k, v, chunk_size):
    """What is saved for backward, q, k and v among it, in bytes."""
    with metered() as used:
        leaves = [x.clone().requires_grad_() for x in (q, k, v)]
        out = student.causal_linear_attention_mem(*leaves, chunk_size=chunk_size)
    counts = used.counts()
    return counts["saved_bytes"] if out.requires_grad else 0  # the graph, and what it keeps, has lived until here


def peak_of_both(student, q, k, v, chunk_size):
    """The most bytes that were alive at once, forward and backward, and whether all gradients are there."""
    leaves = [x.requires_grad_() for x in (q, k, v)]
    with metered() as used:
        student.causal_linear_attention_mem(*leaves, chunk_size=chunk_size).square().sum().backward()
    return used.counts()["peak_bytes"], all(bool((leaf.grad != 0).any()) for leaf in leaves)


def kept_aside(student, q, k, v):
    """How many tensors hang on the nodes of the graph instead of being saved in it; -1 if there is no graph."""
    out = student.causal_linear_attention_mem(*(x.requires_grad_() for x in (q, k, v)))
    if out.grad_fn is None:
        return -1
    nodes, seen = [out.grad_fn], set()
    while nodes:
        node = nodes.pop()
        if node is not None and node not in seen:
            seen.add(node)
            nodes += [following for following, _ in node.next_functions]
    return sum(
        isinstance(x, torch.Tensor) for node in seen for x in _flat(list(getattr(node, "__dict__", {}).values()))
    )


def _flat(tree):
    if isinstance(tree, dict):
        tree = list(tree.values())
    return [leaf for item in tree for leaf in _flat(item)] if isinstance(tree, (list, tuple)) else [tree]


# ---- part 8: gpu -----------------------------------------------------------------------------------------------


def where_it_is(student, q, k, v):
    """The answer in its dtype, and whether it is on q's device."""
    out = student.causal_linear_attention(q, k, v)
    return out, out.device == q.device


def peaks(student, sizes, seed, device):
    """For each number of tokens the last answer, and the most bytes that were alive at once; fewer tokens on a CPU."""
    found = []
    for N in sizes if device.type == "cuda" else [N // 4 for N in sizes]:
        generator = torch.Generator().manual_seed(seed)
        q, k, v = (torch.randn(1, 2, N, 32, generator=generator).to(device) for _ in range(3))
        with peak_bytes(device) as peak:
            out = student.causal_linear_attention(q, k, v)
        found.append((doubled(out[:, :, -1]), peak()))
    return found


@contextmanager
def peak_bytes(device):
    """Yield a function that says, after the block, how many bytes above those before it were alive at once."""
    if device.type != "cuda":
        with metered() as used:
            yield lambda: used.counts()["peak_bytes"]
        return
    torch.cuda.synchronize(device)
    torch.cuda.reset_peak_memory_stats(device)
    before = torch.cuda.memory_allocated(device)
    yield lambda: torch.cuda.max_memory_allocated(device) - before
