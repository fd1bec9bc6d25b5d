"""The public checks of assignment 1: the numbers of README.md, with real processes. They earn no points."""

import json
import os
import pickle
import runpy
import select
import signal
import socket
import time
from datetime import timedelta
from pathlib import Path

import pytest
import torch
import torch.distributed as dist
from ddp_lab import (
    BucketedDDP,
    average_gradients,
    ring_all_reduce,
    run_uneven_epoch,
    shard_indices,
    sync_module_state,
    train,
    train_bucketed,
    uneven_mean_loss,
)
from torch import nn

CONFIG = {
    "n": 24, "in_dim": 3, "hidden": 5, "batch_size": 4, "epochs": 2, "lr": 0.1, "momentum": 0.9, "seed": 7,
    "dtype": "float64", "ckpt": None, "resume": False, "grad_accum": 1, "bucket_cap_bytes": 100,
}  # fmt: skip

# ---- several processes -----------------------------------------------------------------------------------------


def ranks(function, *args, nprocs=2, join=True):
    """Run function(rank, *args) in so many processes at once, as torchrun would, and return what each returns."""
    if not hasattr(os, "fork"):
        pytest.skip("needs os.fork: use Linux, macOS or WSL")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    running = [start(rank, nprocs, port, join, function, args) for rank in range(nprocs)]
    until, answers = time.monotonic() + 20, {}
    try:
        while len(answers) < nprocs and time.monotonic() < until and not any("error" in a for a in answers.values()):
            ready, _, _ = select.select([pipe for _, pipe in running if pipe not in answers], [], [], 0.1)
            answers |= {pipe: pickle.loads(read(pipe)) for pipe in ready}
            until = min(until, time.monotonic() + 5) if ready else until  # the others do not come much later
    finally:
        for pid, pipe in running:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            os.close(pipe)
    for answer in answers.values():
        if "error" in answer:  # raised here as from the line where that process was
            exec(compile("\n" * (answer["line"] - 1) + "raise error", answer["file"], "exec"), answer)
    missing = [rank for rank, (_, pipe) in enumerate(running) if pipe not in answers]
    assert not missing, (
        f"rank {missing[0]} is still waiting: do all ranks call the same collectives, in the same order?"
    )
    return [answers[pipe]["value"] for _, pipe in running]


def start(rank, nprocs, port, join, function, args):
    """Start the process of one rank, and return it with the pipe through which it answers."""
    answers, says = os.pipe()
    pid = os.fork()
    if pid:
        os.close(says)
        return pid, answers
    try:
        torch.set_num_threads(1)
        numbers = {"RANK": rank, "LOCAL_RANK": rank, "WORLD_SIZE": nprocs, "LOCAL_WORLD_SIZE": nprocs}
        address = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port}
        os.environ.update({name: str(value) for name, value in (numbers | address).items()})
        keep_wrappers()
        if join:
            dist.init_process_group("gloo", timeout=timedelta(seconds=60))
        answer = {"value": function(rank, *args)}
    except BaseException as error:
        frames = [(t.tb_frame.f_code.co_filename, t.tb_lineno) for t in walk(error.__traceback__)]
        file, line = [frame for frame in frames if "torch" not in Path(frame[0]).parts][-1]
        answer = {"error": error, "file": file, "line": line}
    try:
        with os.fdopen(says, "wb") as pipe:
            pickle.dump(answer, pipe)
        time.sleep(60)  # to be killed: whoever ends while others wait for it gives them an error of its own
    finally:
        os._exit(0)


def walk(trace):
    """Go through a traceback, from the outermost line to the innermost."""
    while trace is not None:
        yield trace
        trace = trace.tb_next


def read(pipe):
    """Read all that a process says; nothing if it has died."""
    data = b""
    while chunk := os.read(pipe, 1 << 16):
        data += chunk
    return data or pickle.dumps({"error": AssertionError("a process has died"), "file": __file__, "line": 1})


def keep_wrappers(kept=[]):  # noqa: B006  that is what it is for
    """Keep torch's wrappers until the process ends: one that goes after its group can wait for ever."""
    make = nn.parallel.DistributedDataParallel.__init__

    def make_and_keep(self, *args, **kwargs):
        kept.append(self)
        make(self, *args, **kwargs)

    nn.parallel.DistributedDataParallel.__init__ = make_and_keep


def close(actual, expected, what, tolerance=1e-9):
    """Compare tensors, or lists of numbers, and say what was compared."""
    actual, expected = (torch.as_tensor(x, dtype=torch.float64).flatten() for x in (actual, expected))
    yours, ours = ([round(x, 6) for x in tensor.tolist()[:12]] for tensor in (actual, expected))
    same = actual.shape == expected.shape and torch.allclose(actual, expected, rtol=tolerance, atol=tolerance)
    assert same, f"{what}\nyours: {yours}\nwanted: {ours}"


def flat(parameters):
    """Put all parameters into one vector."""
    return torch.cat([p.detach().flatten() for p in parameters])


def by_train_py(**changed):
    """Train as the given train.py does, and return parameters and losses."""
    model, losses = runpy.run_path(str(Path(__file__).with_name("train.py")))["train"]({**CONFIG, **changed})
    return flat(model.parameters()), losses


# ---- part 1 ----------------------------------------------------------------------------------------------------


def trained(rank, config):
    """Train on one rank, in a folder of its own."""
    model, losses = train({**config, "ckpt": config["ckpt"] and f"{config['ckpt']}.{rank}"})
    return flat(model.parameters()), losses, dist.is_initialized()


def on_two_ranks(**changed):
    """Train with two processes."""
    import torch._dynamo  # torch's wrapper needs it: here once, and not in every process

    return ranks(trained, {**CONFIG, **changed}, join=False)


def test_without_torchrun_it_is_train_py():
    """Without torchrun, train does what train.py does, and gives the losses of the handout."""
    config = json.loads(Path(__file__).with_name("config.json").read_text(encoding="utf-8")) | {"ckpt": None}
    expected, losses = by_train_py(**config)
    model, yours = train(config)
    close(flat(model.parameters()), expected, "the parameters after five epochs of one process", 1e-4)
    close(yours, losses, "the losses of five epochs", 1e-4)
    close(yours, [0.5001, 0.3093, 0.1688, 0.1101, 0.0634], "the losses of the handout", 1e-2)


def test_two_ranks_are_one_with_larger_batches():
    """Two ranks with batches of 4 are train.py with batches of 8."""
    expected, losses = by_train_py(batch_size=8)
    for rank, (parameters, yours, joined) in enumerate(on_two_ranks()):
        close(parameters, expected, f"the parameters of rank {rank}: does every epoch have an order of its own?")
        close(yours, losses, f"the losses on rank {rank}: are they the mean over all samples?", 1e-6)
        assert not joined, f"rank {rank} is still in the process group when train returns"


def test_rank_0_writes_and_all_resume(tmp_path):
    """Rank 0 alone writes a checkpoint, train.py can read it, and it is possible to go on from it."""
    on_two_ranks(epochs=1, ckpt=str(tmp_path / "ckpt"))
    assert [path.name for path in tmp_path.iterdir()] == ["ckpt.0"], "rank 0 writes the checkpoint, and nobody else"
    (tmp_path / "ckpt.1").write_bytes((tmp_path / "ckpt.0").read_bytes())
    expected, _ = by_train_py(batch_size=8)
    for rank, (parameters, losses, _) in enumerate(on_two_ranks(ckpt=str(tmp_path / "ckpt"), resume=True)):
        assert len(losses) == 1, "one epoch of two was done before the break"
        close(parameters, expected, f"one epoch, a break and another one, on rank {rank}, are two epochs")


# ---- part 2 ----------------------------------------------------------------------------------------------------


def test_shards_interleave_and_are_filled_up():
    """The indices of the handout: interleaved, filled up from the start, or cut."""
    assert [shard_indices(6, 2, rank, shuffle=False) for rank in (0, 1)] == [[0, 2, 4], [1, 3, 5]]
    assert [shard_indices(5, 2, rank, shuffle=False) for rank in (0, 1)] == [[0, 2, 4], [1, 3, 0]]
    assert [shard_indices(5, 2, rank, shuffle=False, drop_last=True) for rank in (0, 1)] == [[0, 2], [1, 3]]
    assert [shard_indices(1, 4, rank) for rank in range(4)] == [[0]] * 4, "one sample for four ranks"


def test_shards_have_an_order_for_each_epoch():
    """Seed plus epoch choose the order, which is that of torch.randperm."""
    order = torch.randperm(8, generator=torch.Generator().manual_seed(3)).tolist()
    assert shard_indices(8, 1, 0, seed=3) == order
    assert shard_indices(8, 1, 0, seed=2, epoch=1) == order, "in epoch 1 with seed 2 the generator's seed is 3"
    assert sorted(shard_indices(8, 2, 0) + shard_indices(8, 2, 1)) == list(range(8)), "each index on one rank"


def test_shards_refuse_a_rank_that_is_not_there():
    """Rank 2 of two is a ValueError."""
    with pytest.raises(ValueError):  # noqa: PT011  the message is your own
        shard_indices(4, 2, 2)


# ---- part 3 ----------------------------------------------------------------------------------------------------


def synced(rank):
    """Give each rank a model of its own, and rank 0's to all."""
    torch.manual_seed(rank)
    model = nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2), nn.Linear(2, 2))
    model[2].weight = model[0].weight  # shared
    model[1].running_mean.fill_(rank)
    model[1].num_batches_tracked.fill_(rank)
    sent = sync_module_state(model)
    return sent, [tensor.clone().double() for tensor in model.state_dict().values()]


def test_all_ranks_begin_alike():
    """Parameters and buffers are rank 0's, and what two layers share was sent once."""
    (sent, first), (_, second) = ranks(synced)
    close(flat(second), flat(first), "the state of rank 1 should be that of rank 0: buffers, too")
    assert sent == 8, f"five parameters (two layers share one) and three buffers are 8 tensors, not {sent}"


def averaged(rank, grads, frozen=False):
    """Average the gradients that the ranks are given."""
    module = nn.ParameterList([nn.Parameter(torch.zeros(1)) for _ in grads[rank]])
    for p, g in zip(module, grads[rank], strict=True):
        p.grad = None if g is None else torch.tensor([g])
    module[0].requires_grad_(not frozen)
    average_gradients(module)
    return [None if p.grad is None else p.grad.item() for p in module]


def test_gradients_become_their_mean():
    """1 and 3 become 2, 6 and None become 3, None and None stay None."""
    for rank, seen in enumerate(ranks(averaged, [[1.0, 6.0, None], [3.0, None, None]])):
        assert seen == [2.0, 3.0, None], f"the gradients on rank {rank}: {seen}"


def test_frozen_gradients_are_left_alone():
    """What does not require a gradient keeps what it has."""
    assert ranks(averaged, [[1.0, 6.0], [3.0, 2.0]], True) == [[1.0, 4.0], [3.0, 4.0]]


# ---- part 4 ----------------------------------------------------------------------------------------------------


def reduced(rank, tensors, op="sum", transposed=False):
    """Reduce one tensor a rank."""
    x = tensors[rank].clone()
    ring_all_reduce(x.t() if transposed else x, op)
    return x


def test_ring_of_the_handout():
    """Three ranks end with 111, 222, 333."""
    tensors = [torch.tensor([1.0, 2.0, 3.0]) * 10**rank for rank in range(3)]
    for rank, seen in enumerate(ranks(reduced, tensors, nprocs=3)):
        close(seen, [111, 222, 333], f"the sum on rank {rank}")


@pytest.mark.parametrize("shape", [(7,), (), (0,), (2, 3)], ids=str)
def test_ring_of_any_shape(shape):
    """Seven elements, one, none, a matrix: the mean of two ranks."""
    tensors = [torch.full(shape, 1.0), torch.full(shape, 4.0)]
    for seen in ranks(reduced, tensors, "mean"):
        close(seen, torch.full(shape, 2.5), f"the mean of two tensors of shape {shape}")


def test_ring_of_a_transpose():
    """The transpose of a matrix is reduced in the matrix."""
    tensors = [torch.arange(6.0).view(2, 3), torch.ones(2, 3)]
    for seen in ranks(reduced, tensors, "sum", True):
        close(seen, sum(tensors), "the matrix whose transpose was given; unchanged: your result is in a copy")


# ---- part 5 ----------------------------------------------------------------------------------------------------


def losses(rank, xs):
    """Differentiate the sum of w x, at w = 2, on one rank; return the loss and its gradient."""
    w = torch.tensor(2.0, dtype=torch.float64, requires_grad=True)
    loss = uneven_mean_loss((w * xs[rank]).sum(), len(xs[rank]))
    loss.backward()
    return loss.item(), w.grad.item()


@pytest.mark.parametrize("idle", [False, True], ids=["five and two", "three and none"])
def test_all_samples_weigh_the_same(idle):
    """Samples 1 to 5 on one rank, 8 and 9 on the other: their mean is 32/7."""
    xs = [torch.arange(1.0, 6.0).double(), torch.tensor([8.0, 9.0]).double()]
    xs = [xs[0][:3], xs[0][:0]] if idle else xs
    both = ranks(losses, xs)
    mean = torch.cat(xs).mean().item()
    gradients = "the mean of the ranks' gradients (5.75 for five and two: a mean of means)"
    close(sum(gradient for _, gradient in both) / 2, mean, gradients)
    close(sum(loss for loss, _ in both) / 2, 2 * mean, "the mean of the ranks' losses")


# ---- parts 6 to 8 ----------------------------------------------------------------------------------------------


def two_layers():
    """Make the model of the handout: its parameters take 128, 32, 32 and 4 bytes."""
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(4, 8), nn.Linear(8, 1))


def wrapped(rank, cap):
    """Return the buckets, and the mean gradients of a wrapped model."""
    ddp = BucketedDDP(two_layers(), bucket_cap_bytes=cap)
    ddp(torch.full((1, 4), float(rank))).sum().backward()
    ddp.finish_gradient_sync()
    return ddp.bucket_param_names, flat([p.grad for p in ddp.parameters()])


def test_buckets_of_the_handout():
    """With 100 bytes there are two buckets, and gradients are the mean over both ranks."""
    model = two_layers()
    model(torch.tensor([[0.0] * 4, [1.0] * 4])).mean().backward()
    for buckets, gradients in ranks(wrapped, 100):
        assert buckets == [["1.bias", "1.weight", "0.bias"], ["0.weight"]]
        close(gradients, flat([p.grad for p in model.parameters()]), "the mean gradients", 1e-6)


def accumulated(rank):
    """Return a gradient after a silent step, and after a second one that is not."""
    ddp = BucketedDDP(nn.Linear(1, 1, bias=False))
    with ddp.no_sync():
        ddp(torch.full((1, 1), rank + 1.0)).sum().backward()
        ddp.finish_gradient_sync()
    (p,) = ddp.parameters()
    silent = p.grad.item()
    ddp(torch.full((1, 1), 10.0)).sum().backward()
    ddp.finish_gradient_sync()
    return silent, p.grad.item()


def test_buckets_accumulate():
    """In no_sync a gradient stays the rank's own; afterwards the sum of both steps is averaged."""
    assert ranks(accumulated) == [(1.0, 11.5), (2.0, 11.5)]


def partly_frozen(rank):
    """Return the gradients of a model whose first layer is frozen, and whose other two share their weight."""
    torch.manual_seed(0)
    module = nn.Sequential(nn.Linear(1, 1), nn.Linear(1, 1, bias=False), nn.Linear(1, 1, bias=False))
    module[0].requires_grad_(False)
    module[2].weight = module[1].weight
    module[1].weight.data.fill_(2.0)
    ddp = BucketedDDP(module)
    (ddp.module[2](ddp.module[1](torch.full((1, 1), rank + 1.0)))).sum().backward()
    ddp.finish_gradient_sync()
    return ddp.bucket_param_names, module[0].weight.grad, module[1].weight.grad.item()


def test_buckets_of_shared_and_frozen_parameters():
    """What is frozen is in no bucket, what is shared is in one, and its gradient is the mean."""
    assert ranks(partly_frozen) == [([["1.weight"]], None, 6.0)] * 2


def uneven(rank, batches):
    """Go through an epoch with as many batches as a rank has."""
    module = two_layers()
    optimizer = torch.optim.SGD(module.parameters(), lr=0.1)

    def sum_of_squares(prediction, y):
        return (prediction - y).square().sum()

    steps = run_uneven_epoch(BucketedDDP(module), optimizer, batches[rank], sum_of_squares)
    return steps, flat(module.parameters())


def test_epoch_of_ranks_with_three_batches_and_one():
    """Both make three steps, and stay alike."""
    batches = [[(torch.ones(2, 4) * t, torch.zeros(2, 1)) for t in range(1, n + 1)] for n in (3, 1)]
    (steps, first), (others, second) = ranks(uneven, batches)
    assert (steps, others) == (3, 3), "the rank with the most batches has three"
    close(second, first, "the parameters of rank 1 should be those of rank 0", 1e-6)
    assert not torch.equal(first, flat(two_layers().parameters())), "nothing has been trained"


def own(rank, config):
    """Train with one's own wrapper."""
    model, found = train_bucketed(config)
    return flat(model.parameters()), found


def test_own_training_accumulates():
    """Batches of 2, two of them a step, on two ranks: train.py with batches of 8."""
    expected, losses = by_train_py(batch_size=8)
    for rank, (parameters, yours) in enumerate(ranks(own, {**CONFIG, "batch_size": 2, "grad_accum": 2}, join=False)):
        close(parameters, expected, f"the parameters of rank {rank}")
        assert len(yours) == len(losses), "a loss for each epoch"


# ---- part 9 ----------------------------------------------------------------------------------------------------


def on_the_gpu(rank):
    """Average the gradient of a parameter on the GPU."""
    module = nn.ParameterList([nn.Parameter(torch.zeros(2, device="cuda"))])
    module[0].grad = torch.full((2,), float(rank), device="cuda")
    average_gradients(module)
    return module[0].grad.device.type, module[0].grad.cpu()


def test_gpu_of_two_ranks():
    """Two ranks on one GPU: gradients stay there."""
    if not torch.cuda.device_count():  # is_available() would leave CUDA unusable in the processes
        pytest.skip("needs a GPU")
    for kind, grad in ranks(on_the_gpu):
        assert kind == "cuda"
        close(grad, [0.5, 0.5], "the mean of 0 and 1")
