"""A student's module whose functions are run by several ranks together."""

SOURCE = """
import os, signal, sys, threading, time
import torch, torch.distributed as dist
from torch.nn.parallel import DistributedDataParallel

def me(): return dist.get_rank()
def echo(x): return x
def adds_its_rank(x): return x.add_(me())
def group(): return [me(), dist.get_world_size(), dist.get_debug_level().name]
NAMES = ("RANK", "LOCAL_RANK", "WORLD_SIZE", "MASTER_PORT")
def environment(): return {name: os.environ.get(name, "") for name in NAMES}
def resolver(): return os.environ.get("RES_OPTIONS")
def threads(): return torch.get_num_threads()
def session(): return [os.getsid(0) == os.getpid(), os.getpgid(0) == os.getpid()]

# ---- with torch's own DistributedDataParallel

def step():
    torch.manual_seed(me())
    model = DistributedDataParallel(torch.nn.Linear(3, 2))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for _ in range(2):
        optimizer.zero_grad()
        model(torch.full((4, 3), 1.0 + me())).sum().backward()
        optimizer.step()
    return {name: value.detach() for name, value in model.module.named_parameters()}

def imported_by_a_step():
    before = set(sys.modules)
    step()
    return sorted(set(sys.modules) - before)

def trains_and_destroys():
    model = DistributedDataParallel(torch.nn.Linear(3, 2))
    model(torch.ones(4, 3)).sum().backward()
    dist.destroy_process_group()
    return 1

def makes_its_group():
    dist.init_process_group("gloo")
    x = torch.ones(1)
    dist.all_reduce(x)
    dist.destroy_process_group()
    return x

# ---- which fail

def all_raise(): raise KeyError("everywhere")
def stub(): raise NotImplementedError

def one_raises():
    if me() == 1:
        raise ValueError("in the student's words")
    dist.all_reduce(torch.ones(3))

def one_raises_and_the_other_complains():
    if me() == 1:
        raise ValueError
    try:
        dist.all_reduce(torch.ones(3))
    except RuntimeError as error:
        raise TypeError from error

def one_exits():
    if me() == 1:
        os._exit(3)
    dist.all_reduce(torch.ones(3))

def one_exits_and_the_other_complains():
    if me() == 1:
        os._exit(3)
    try:
        dist.all_reduce(torch.ones(3))
    except RuntimeError as error:
        raise ValueError from error

def one_is_killed():
    if me() == 1:
        os.kill(os.getpid(), signal.SIGSEGV)
    dist.all_reduce(torch.ones(3))

def sizes_differ():
    dist.all_reduce(torch.ones(4 if me() else 8))

def operations_differ():
    if me():
        dist.broadcast(torch.ones(2, 3), 0)
    else:
        dist.all_reduce(torch.ones(2, 3))

# ---- which wait

def one_sleeps():
    if me():
        time.sleep(60)
    dist.all_reduce(torch.ones(3))

def one_sleeps_longer_than_its_group_waits():
    from datetime import timedelta
    dist.init_process_group("gloo", timeout=timedelta(seconds=2))
    if me():
        time.sleep(61)
    dist.all_reduce(torch.ones(3))

def one_computes():
    rank = me()
    while rank: pass
    dist.all_reduce(torch.ones(3))

def one_ignores_everything():
    for number in range(1, 65 if me() else 0):
        try: signal.signal(number, signal.SIG_IGN)
        except (OSError, ValueError): pass
    while me(): pass
    dist.all_reduce(torch.ones(3))

def one_stops():
    if me():
        os.kill(os.getpid(), signal.SIGSTOP)
    dist.all_reduce(torch.ones(3))

def one_returns():
    if me() == 0:
        dist.all_reduce(torch.ones(5))

def one_skips_a_step():
    model = DistributedDataParallel(torch.nn.Linear(3, 2))
    if me() == 0:
        model(torch.ones(4, 3)).sum().backward()

def all_receive():
    dist.recv(torch.ones(3), 1 - me())

def all_ignore_everything():
    for number in range(1, 65):
        try: signal.signal(number, signal.SIG_IGN)
        except (OSError, ValueError): pass
    time.sleep(60)

def floods_its_trace():
    def writes():
        for number in range(3, 64):
            try: os.set_blocking(number, False)
            except OSError: pass
        while True:
            for number in range(3, 64):
                try: os.write(number, b"x" * 4096)
                except OSError: pass
    if me():
        writes()
    time.sleep(60)

def all_wait():
    work = dist.irecv(torch.ones(3), 1 - me())
    work.wait()

# ---- which leave something behind

def forks(path):
    if os.fork() == 0:
        os.setsid()
        with open(f"{path}{me()}", "w") as file:
            file.write(str(os.getpid()))
        time.sleep(600)
    while not os.path.exists(f"{path}{me()}") or not open(f"{path}{me()}").read(): time.sleep(0.01)
    return me()

def aborts_afterwards():
    if me():
        threading.Thread(target=lambda: (time.sleep(0.1), os.abort())).start()
    else:
        time.sleep(0.5)
    return me()

class Hangs:
    def __del__(self): time.sleep(600)

def hangs_afterwards():
    global kept
    import atexit
    kept = Hangs()
    atexit.register(time.sleep, 600)
    return me()

# ---- which print

def takes_turns(turns):
    for turn in range(turns):
        if turn % 2 == me():
            print("turn", turn)
        dist.barrier()
    raise ValueError

def prints(line, times):
    for _ in range(times):
        print(line)
    return me()

def big(mb): return torch.zeros(mb << 18)
"""
