"""Training throughput of llama.py: forward, backward, clipping and AdamW on random tokens.

Prints one JSON line. With --serve it waits for lines "go K" on standard input, runs K steps for
each and answers with one JSON line, so that a harness can alternate between peers that are both
already warm; it ends at end of input. The clock covers the whole step, not the making of tokens.
"""

import argparse
import json
import statistics
import sys
import time

from tuned import blas_in_use, restart_with_settings

WARM_UP_STEPS = 3
LEARNING_RATE = 1e-3
CLIP_NORM = 1.0


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--vocabulary", type=int, default=4096)
    parser.add_argument("--width", type=int, default=256)
    parser.add_argument("--layers", type=int, default=6)
    parser.add_argument("--heads", type=int, default=8)
    parser.add_argument("--feed-forward", type=int, default=704)
    parser.add_argument("--context", type=int, default=256)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--steps", type=int, default=10, help="measured steps after the warm-up")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--serve", action="store_true", help='run K steps per input line "go K"')
    return parser.parse_args()


def make_step(arguments: argparse.Namespace):
    """A function that trains one step and gives its seconds, and the number of parameters."""
    import torch

    from llama import Llama, Sizes

    torch.set_num_threads(arguments.threads)
    torch.manual_seed(1)
    sizes = Sizes(
        vocabulary=arguments.vocabulary,
        width=arguments.width,
        layers=arguments.layers,
        heads=arguments.heads,
        feed_forward=arguments.feed_forward,
        context=arguments.context,
    )
    model = Llama(sizes)
    parameters = list(model.parameters())
    optimizer = torch.optim.AdamW(parameters, lr=LEARNING_RATE, foreach=True)
    shape = (arguments.batch, arguments.context)

    def step() -> float:
        tokens = torch.randint(arguments.vocabulary, shape)
        targets = torch.randint(arguments.vocabulary, shape)
        start = time.perf_counter()
        loss = model(tokens, targets)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, CLIP_NORM)
        optimizer.step()
        loss.item()
        return time.perf_counter() - start

    return step, sum(parameter.numel() for parameter in parameters)


def report(arguments: argparse.Namespace, seconds: list[float], parameters: int) -> None:
    import torch

    tokens_per_step = arguments.batch * arguments.context
    line = {
        "framework": "pytorch",
        "version": torch.__version__,
        "blas": blas_in_use(),
        "threads": torch.get_num_threads(),
        "tokensPerSecond": tokens_per_step / statistics.median(seconds),
        "secondsPerStep": [round(value, 6) for value in seconds],
        "parameters": parameters,
    }
    print(json.dumps(line), flush=True)


def serve(arguments: argparse.Namespace, step, parameters: int) -> None:
    for line in sys.stdin:
        words = line.split()
        if len(words) != 2 or words[0] != "go" or not words[1].isdigit() or int(words[1]) == 0:
            print(json.dumps({"error": f'expected "go K" with K of 1 or more, got {line!r}'}), flush=True)
            continue
        report(arguments, [step() for _ in range(int(words[1]))], parameters)


def main() -> None:
    arguments = parse_arguments()
    restart_with_settings(arguments.threads)
    step, parameters = make_step(arguments)
    for _ in range(WARM_UP_STEPS):
        step()
    if arguments.serve:
        serve(arguments, step, parameters)
    else:
        report(arguments, [step() for _ in range(arguments.steps)], parameters)


if __name__ == "__main__":
    main()
