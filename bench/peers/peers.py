"""One estimator's whole job in NumPy, PyTorch or JAX: python3 peers.py numpy|torch|jax.

Lines of JSON. The first on standard input is the job (job.ts has its fields); the answer is {"version", "backend"} or
{"missing": why}. Each line after it is {"batchCount": N}, and its answer the mean gradient, the variance and J1 of so many
batches of fresh draws, with the seconds that they took. Ends when its input does.
"""

import json
import os
import sys
import time


def cpu_seconds():
    """Of all threads of this process; None where that is not to be had."""
    try:
        import resource
    except ImportError:
        return None
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def core_count():
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()


class Job:
    """What is asked for, in arrays that every library reads."""

    def __init__(self, spec, np):
        self.prompts, self.horizon, self.vocab = spec["promptCount"], spec["horizon"], spec["vocab"]
        self.size, self.modulus, self.residue = spec["groupSize"], spec["modulus"], spec["residue"]
        self.seed = spec["seed"]
        shape = (self.prompts, self.horizon, self.vocab)
        policy = np.asarray(spec["probabilities"], np.float64).reshape(shape)
        self.policy = policy.astype(np.float32)
        # Where tokens begin in [0, 1), the first left out: [prompts, horizon, vocab - 1].
        self.starts = np.cumsum(policy, -1)[..., :-1].astype(np.float32)
        self.correct = np.asarray(spec["correct"], np.float32)
        self.wrong = np.asarray(spec["wrong"], np.float32)


def open_numpy(spec):
    """A prompt at a time, prompts over as many threads as there are cores: most of NumPy's loops let others run."""
    import numpy as np
    from concurrent.futures import ThreadPoolExecutor

    job, groups = Job(spec, np), 512
    threads = core_count()
    pool = ThreadPoolExecutor(threads)
    seeds = np.random.SeedSequence(job.seed).spawn(job.prompts)
    streams = [np.random.Generator(np.random.SFC64(seed)) for seed in seeds]
    cells = job.horizon * job.vocab
    first_cell = np.arange(groups)[:, None] * cells

    def prompt_sums(prompt):
        uniform = streams[prompt].random((job.horizon, groups * job.size), dtype=np.float32)
        tokens = np.empty((job.horizon, groups, job.size), np.int64)
        for t in range(job.horizon):
            found = np.searchsorted(job.starts[prompt, t], uniform[t], side="right")
            tokens[t] = found.reshape(groups, job.size)
        is_correct = tokens.sum(0) % job.modulus == job.residue
        c = is_correct.sum(1)
        weights = np.where(is_correct, job.correct[c][:, None], job.wrong[c][:, None])
        tokens += (np.arange(job.horizon) * job.vocab)[:, None, None] + first_cell
        spread = np.broadcast_to(weights, tokens.shape)
        chosen = np.bincount(tokens.ravel(), weights=spread.ravel(), minlength=groups * cells)
        gradient = chosen.reshape(groups, job.horizon, job.vocab)
        gradient -= weights.sum(1)[:, None, None] * job.policy[prompt]
        return c.sum(), gradient.sum(0), np.einsum("gtv,gtv->", gradient, gradient)

    def batch():
        correct, gradient, square = zip(*pool.map(prompt_sums, range(job.prompts)))
        return np.array(correct, np.float64), np.stack(gradient), np.array(square)

    return {"version": np.__version__, "backend": f"cpu, {threads} threads"}, groups, batch, job, np


def open_torch(spec):
    import numpy as np
    import torch

    job = Job(spec, np)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    on_gpu = device.type == "cuda"
    # A GPU is filled by more at once; on a CPU more leaves the caches.
    groups = 2048 if on_gpu else 256
    torch.set_num_threads(core_count())
    torch.manual_seed(job.seed)
    put = lambda array: torch.tensor(array, device=device)
    policy, starts = put(job.policy)[:, :, None, :], put(job.starts).contiguous()
    of_correct, of_wrong = put(job.correct), put(job.wrong)
    shape = (job.prompts, job.horizon, groups, job.size)

    def batch_on_device():
        uniform = torch.rand(job.prompts, job.horizon, groups * job.size, device=device)
        tokens = torch.searchsorted(starts, uniform, right=True).view(shape)
        is_correct = tokens.sum(1) % job.modulus == job.residue
        c = is_correct.sum(2)
        weights = torch.where(is_correct, of_correct[c].unsqueeze(-1), of_wrong[c].unsqueeze(-1))
        gradient = torch.zeros(job.prompts, job.horizon, groups, job.vocab, device=device)
        gradient.scatter_add_(3, tokens, weights.unsqueeze(1).expand(shape))
        gradient -= weights.sum(-1)[:, None, :, None] * policy
        return c.sum(1), gradient.sum(2), (gradient * gradient).sum((1, 2, 3))

    def batch():
        with torch.no_grad():
            return [part.double().cpu().numpy() for part in batch_on_device()]

    where = torch.cuda.get_device_name() if on_gpu else f"cpu, {torch.get_num_threads()} threads"
    return {"version": torch.__version__, "backend": where}, groups, batch, job, np


def open_jax(spec):
    import numpy as np
    import jax
    import jax.numpy as jnp

    job = Job(spec, np)
    device = jax.devices()[0]
    groups = 256 if device.platform == "cpu" else 2048
    policy, starts = jnp.asarray(job.policy)[:, :, None, :], jnp.asarray(job.starts)[:, :, None, None, :]
    of_correct, of_wrong = jnp.asarray(job.correct), jnp.asarray(job.wrong)

    @jax.jit
    def batch_on_device(key):
        uniform = jax.random.uniform(key, (job.prompts, job.horizon, groups, job.size, 1))
        tokens = (starts <= uniform).sum(-1)
        is_correct = tokens.sum(1) % job.modulus == job.residue
        c = is_correct.sum(2)
        weights = jnp.where(is_correct, of_correct[c][..., None], of_wrong[c][..., None])
        is_token = tokens[..., None] == jnp.arange(job.vocab)
        gradient = jnp.where(is_token, weights[:, None, :, :, None], 0).sum(3)
        gradient -= weights.sum(-1)[:, None, :, None] * policy
        return c.sum(1), gradient.sum(2), (gradient * gradient).sum((1, 2, 3))

    keys = iter_keys(jax, job.seed)

    def batch():
        return [np.asarray(part, np.float64) for part in batch_on_device(next(keys))]

    where = f"{device.platform}, {device.device_kind}"
    return {"version": jax.__version__, "backend": where}, groups, batch, job, np


def iter_keys(jax, seed):
    key = jax.random.PRNGKey(seed)
    while True:
        key, own = jax.random.split(key)
        yield own


def answer(batch_count, groups, batch, job, np):
    cpu_start, start = cpu_seconds(), time.perf_counter()
    correct, gradient, square = batch()
    for _ in range(batch_count - 1):
        more_correct, more_gradient, more_square = batch()
        correct, gradient, square = correct + more_correct, gradient + more_gradient, square + more_square
    group_count = batch_count * groups
    mean = gradient / group_count
    found = {
        "groupCount": group_count,
        "successProb": (correct / (group_count * job.size)).tolist(),
        "gradient": mean.ravel().tolist(),
        "variance": (square / group_count - (mean * mean).sum((1, 2))).tolist(),
    }
    found["seconds"] = time.perf_counter() - start
    cpu_end = cpu_seconds()
    found["cpuSeconds"] = None if cpu_start is None else cpu_end - cpu_start
    return found


def main(library):
    # What a library prints must not be taken for an answer.
    answers, sys.stdout = sys.stdout, sys.stderr
    say = lambda value: print(json.dumps(value), file=answers, flush=True)
    open_library = {"numpy": open_numpy, "torch": open_torch, "jax": open_jax}[library]
    try:
        facts, *work = open_library(json.loads(sys.stdin.readline()))
    except ImportError as error:
        name = getattr(error, "name", None)
        return say({"missing": f"not installed: no module named {name}" if name else str(error)})
    say({**facts, "version": f"{facts['version']} (Python {sys.version.split()[0]})"})
    for line in sys.stdin:
        say(answer(json.loads(line)["batchCount"], *work))


if __name__ == "__main__":
    main(sys.argv[1])
