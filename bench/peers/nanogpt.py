"""The public peer for training quality: the recipe of karpathy/nanoGPT, written afresh for PyTorch 1.13.

Credit for the recipe: https://github.com/karpathy/nanoGPT (MIT), train.py, model.py,
config/train_shakespeare_char.py and the CPU command in its README. No code of it is copied.

Taken as it stands there: the GPT-2 block without biases (LayerNorm, exact GELU, learned positions,
dropout 0, tied head), normal(0, 0.02) weights with the residual projections divided by
sqrt(2 * layers), AdamW with weight decay 0.1 on matrices and embeddings only, gradient clipping at
1.0, linear warm-up then cosine decay to a tenth of the rate over all steps, batches at random offsets.

Scaled to a small model: nanoGPT gives 6e-4 with beta2 0.95 and 2,000 warm-up steps for GPT-2 124M at
half a million tokens a step, and 1e-3 with beta2 0.99 and 100 warm-up steps of 5,000 for its small
configurations ("with baby networks can afford to go a bit higher"; beta2 "a bit bigger because the
number of tokens per iteration is small"). The default here is the small configuration: beta2 0.99,
warm-up 2 % of the steps and at most 100, and a rate of 2e-3: of 1e-3, 2e-3 and 4e-3 the best with the
gpt2 block on a slice of training text (width 128, 4 layers, context 128, batch 16, vocabulary 2048, 200
steps: perplexity 268, 254, 283). A harness that knows its own run length should try several.

Training and evaluation have separate clocks. Held-out perplexity is over fixed windows side by side;
the last incomplete one is dropped. With --target-perplexity the run stops at the first evaluation
that reaches it: use that to measure time to a target, never to choose a model.
"""

import argparse
import json
import math
import sys
import time

from tuned import restart_with_settings

WEIGHT_DECAY = 0.1
BETAS = (0.9, 0.99)
CLIP_NORM = 1.0
FINAL_FRACTION = 0.1
WARM_UP_FRACTION = 0.02
LONGEST_WARM_UP = 100


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tokens", required=True, help="training tokens, uint16 little endian")
    parser.add_argument("--heldout", required=True, help="held-out tokens, uint16 little endian")
    parser.add_argument("--block", choices=("gpt2", "llama"), default="gpt2")
    parser.add_argument("--vocabulary", type=int, required=True)
    parser.add_argument("--width", type=int, required=True)
    parser.add_argument("--layers", type=int, required=True)
    parser.add_argument("--heads", type=int, required=True)
    parser.add_argument("--feed-forward", type=int, help="of the llama block; default 8/3 of the width")
    parser.add_argument("--context", type=int, required=True)
    parser.add_argument("--batch", type=int, required=True)
    length = parser.add_mutually_exclusive_group(required=True)
    length.add_argument("--steps", type=int)
    length.add_argument("--max-tokens", type=int)
    parser.add_argument("--eval-every", type=int, default=250, help="steps between evaluations")
    parser.add_argument("--lr", type=float, default=2e-3)
    parser.add_argument("--seed", type=int, default=1337)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--target-perplexity", type=float)
    return parser.parse_args()


def learning_rate(step: int, steps: int, peak: float) -> float:
    """The rate of a step (counted from 0): linear warm-up, then cosine to a tenth of the peak."""
    warm_up = min(LONGEST_WARM_UP, max(1, round(WARM_UP_FRACTION * steps)))
    if step < warm_up:
        return peak * (step + 1) / (warm_up + 1)
    progress = (step - warm_up) / max(1, steps - warm_up)
    final = peak * FINAL_FRACTION
    return final + 0.5 * (1 + math.cos(math.pi * progress)) * (peak - final)


def read_tokens(path: str, vocabulary: int, context: int):
    """The tokens of a file as int64; exits with a message where they cannot be used."""
    import numpy
    import torch

    values = numpy.fromfile(path, dtype="<u2")
    if len(values) < context + 2:
        sys.exit(f"{path} holds {len(values)} tokens; a context of {context} needs {context + 2} or more")
    if int(values.max()) >= vocabulary:
        sys.exit(f"{path} holds token {values.max()}, outside the vocabulary of {vocabulary}")
    return torch.from_numpy(values.astype("int64"))


def build_model(arguments: argparse.Namespace):
    if arguments.block == "gpt2":
        from gpt2 import Gpt2

        return Gpt2(
            arguments.vocabulary, arguments.width, arguments.layers, arguments.heads, arguments.context
        )
    from llama import Llama, Sizes

    # 8/3 of the width keeps the parameters of a 4x GELU block; rounded up to whole 16s
    feed_forward = arguments.feed_forward or 16 * math.ceil(arguments.width / 6)
    return Llama(
        Sizes(
            vocabulary=arguments.vocabulary,
            width=arguments.width,
            layers=arguments.layers,
            heads=arguments.heads,
            feed_forward=feed_forward,
            context=arguments.context,
        )
    )


def build_optimizer(model, peak: float):
    import torch

    parameters = list(model.parameters())
    groups = [
        {"params": [p for p in parameters if p.dim() >= 2], "weight_decay": WEIGHT_DECAY},
        {"params": [p for p in parameters if p.dim() < 2], "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=peak, betas=BETAS, foreach=True)


def random_batch(tokens, context: int, batch: int, generator):
    """Inputs and targets [batch, context] at uniformly random offsets."""
    import torch

    offsets = torch.randint(len(tokens) - context, (batch,), generator=generator)
    windows = tokens[offsets[:, None] + torch.arange(context + 1)]
    return windows[:, :-1], windows[:, 1:]


def heldout_perplexity(model, tokens, context: int, batch: int) -> float:
    """exp(mean loss) over windows side by side: every target is predicted exactly once."""
    import torch

    count = (len(tokens) - 1) // context
    inputs = tokens[: count * context].view(count, context)
    targets = tokens[1 : count * context + 1].view(count, context)
    total = 0.0
    model.eval()
    with torch.no_grad():
        for start in range(0, count, batch):
            chosen = slice(start, start + batch)
            total += model(inputs[chosen], targets[chosen]).item() * len(inputs[chosen])
    model.train()
    return math.exp(total / count)


class Run:
    """One training run with its two clocks."""

    def __init__(self, arguments: argparse.Namespace):
        import torch

        torch.set_num_threads(arguments.threads)
        torch.manual_seed(arguments.seed)
        self.arguments = arguments
        self.train = read_tokens(arguments.tokens, arguments.vocabulary, arguments.context)
        self.heldout = read_tokens(arguments.heldout, arguments.vocabulary, arguments.context)
        self.tokens_per_step = arguments.batch * arguments.context
        self.steps = arguments.steps or max(1, arguments.max_tokens // self.tokens_per_step)
        self.model = build_model(arguments)
        self.optimizer = build_optimizer(self.model, arguments.lr)
        self.generator = torch.Generator().manual_seed(arguments.seed)
        self.train_seconds = 0.0
        self.evaluation_seconds = 0.0

    def step(self, index: int) -> None:
        import torch

        start = time.perf_counter()
        for group in self.optimizer.param_groups:
            group["lr"] = learning_rate(index, self.steps, self.arguments.lr)
        inputs, targets = random_batch(
            self.train, self.arguments.context, self.arguments.batch, self.generator
        )
        loss = self.model(inputs, targets)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), CLIP_NORM)
        self.optimizer.step()
        self.train_seconds += time.perf_counter() - start

    def evaluate(self, steps_done: int) -> float:
        start = time.perf_counter()
        perplexity = heldout_perplexity(
            self.model, self.heldout, self.arguments.context, self.arguments.batch
        )
        self.evaluation_seconds += time.perf_counter() - start
        line = {
            "step": steps_done,
            "tokens": steps_done * self.tokens_per_step,
            "trainSeconds": round(self.train_seconds, 3),
            "heldoutPerplexity": perplexity,
        }
        print(json.dumps(line), flush=True)
        return perplexity

    def reached(self, perplexity: float) -> bool:
        target = self.arguments.target_perplexity
        return target is not None and perplexity <= target

    def run(self) -> dict:
        """Trains to the last step or to the target and gives the summary."""
        perplexity = self.evaluate(0)
        done = 0
        while done < self.steps and not self.reached(perplexity):
            self.step(done)
            done += 1
            if done % self.arguments.eval_every == 0 or done == self.steps:
                perplexity = self.evaluate(done)
        return {
            "summary": True,
            "recipe": "nanoGPT",
            "block": self.arguments.block,
            "learningRate": self.arguments.lr,
            "parameters": sum(p.numel() for p in self.model.parameters()),
            "step": done,
            "plannedSteps": self.steps,
            "tokens": done * self.tokens_per_step,
            "trainSeconds": round(self.train_seconds, 3),
            "evaluationSeconds": round(self.evaluation_seconds, 3),
            "heldoutPerplexity": perplexity,
            "reachedTarget": self.reached(perplexity),
        }


def main() -> None:
    arguments = parse_arguments()
    restart_with_settings(arguments.threads)
    print(json.dumps(Run(arguments).run()), flush=True)


if __name__ == "__main__":
    main()
