"""PyTorch on a CUDA device, eager and compiled: the peer of bench/gpu.ts.

Argument: a JSON object {"sizes": [{name, rows, vocabulary, width, layers, heads, feedForward, context}],
"product": n, "copyBytes": n, "steps": n}. Prints one JSON line: the device, and for float32, TF32 and bfloat16 autocast,
each eager and with torch.compile where there is one, the rate of the product, of a copy, and the tokens a second of each
size (llama.py with AdamW, clipping to 1).
"""

import json
import statistics
import sys
import time

import torch
from llama import Llama, Sizes

WARM_UP_STEPS = 3
PRECISIONS = (
    ("float32", False, torch.float32),
    ("tf32", True, torch.float32),
    ("bfloat16", True, torch.bfloat16),
)


def timed(work, repetitions: int) -> float:
    """Median seconds of one repetition, the device's work included."""
    for _ in range(WARM_UP_STEPS):
        work()
    torch.cuda.synchronize()
    took = []
    for _ in range(repetitions):
        start = time.perf_counter()
        work()
        torch.cuda.synchronize()
        took.append(time.perf_counter() - start)
    return statistics.median(took)


def product_rate(n: int, repetitions: int, dtype: torch.dtype) -> float:
    a, b = (torch.randn(n, n, device="cuda").to(dtype) for _ in range(2))
    out = torch.empty(n, n, device="cuda", dtype=dtype)
    return 2 * n**3 / timed(lambda: torch.matmul(a, b, out=out), repetitions)


def copy_rate(size: int, repetitions: int) -> float:
    source = torch.randn(size // 4, device="cuda")
    target = torch.empty_like(source)
    return 2 * size / timed(lambda: torch.add(source, 1, out=target), repetitions)


def tokens_per_second(one: dict, steps: int, dtype: torch.dtype, compiled: bool) -> float:
    torch.manual_seed(1)
    model = Llama(
        Sizes(
            vocabulary=one["vocabulary"],
            width=one["width"],
            layers=one["layers"],
            heads=one["heads"],
            feed_forward=one["feedForward"],
            context=one["context"],
        )
    ).to("cuda")
    # The tables of positions are no parameters and stay where they were made.
    for name in ("_cos", "_sin", "_future"):
        setattr(model, name, getattr(model, name).to("cuda"))
    parameters = list(model.parameters())
    forward = torch.compile(model) if compiled else model
    optimizer = torch.optim.AdamW(parameters, lr=1e-3, foreach=True)
    shape = (one["rows"], one["context"])
    tokens, targets = (torch.randint(one["vocabulary"], shape, device="cuda") for _ in range(2))

    def step() -> None:
        with torch.autocast("cuda", dtype=torch.bfloat16, enabled=dtype == torch.bfloat16):
            loss = forward(tokens, targets)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        loss.item()

    return shape[0] * shape[1] / timed(step, steps)


def main() -> None:
    request = json.loads(sys.argv[1])
    steps = request["steps"]
    results = {"version": torch.__version__, "device": None, "precisions": {}}
    if torch.cuda.is_available():
        results["device"] = torch.cuda.get_device_name()
        for precision, allowed, dtype in PRECISIONS:
            torch.backends.cuda.matmul.allow_tf32 = allowed
            for compiled in (False, True) if hasattr(torch, "compile") else (False,):
                results["precisions"][f"{precision} compiled" if compiled else precision] = {
                    "productFlopsPerSecond": product_rate(request["product"], steps, dtype),
                    "copyBytesPerSecond": copy_rate(request["copyBytes"], steps),
                    "tokensPerSecond": {
                        one["name"]: tokens_per_second(one, steps, dtype, compiled) for one in request["sizes"]
                    },
                }
    print(json.dumps(results))


if __name__ == "__main__":
    main()
