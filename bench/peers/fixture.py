"""Writes test/fixtures/llama-reference.json: a tiny Llama model computed by PyTorch in float64.

The unit tests compare our forward pass and our derivatives with it, so they need no Python. The
model is written here a second time, plainly, from the definition (no fused matrices, no
hand-written derivatives): automatic differentiation of this plain form is the reference, and
llama.py is held against it before anything is written.

Run: /usr/bin/python3 bench/peers/fixture.py
"""

import json
import math
from pathlib import Path

import torch
import torch.nn.functional as F

from llama import Llama, Sizes

SIZES = Sizes(vocabulary=31, width=16, layers=2, heads=2, feed_forward=24, context=7)
BATCH = 2
SEED = 20240201
EPSILON = 1e-5
ROTARY_BASE = 10000.0
OUTPUT = Path(__file__).resolve().parents[2] / "test" / "fixtures" / "llama-reference.json"


def seeded_weights(sizes: Sizes) -> dict[str, torch.Tensor]:
    """Weights by Hugging Face name; norm weights differ from 1 so that a forgotten one shows."""
    generator = torch.Generator().manual_seed(SEED)
    weights = {}
    for name, shape in sizes.weight_shapes().items():
        noise = torch.randn(shape, generator=generator, dtype=torch.float64)
        weights[name] = 1 + 0.2 * noise if len(shape) == 1 else 0.3 * noise
    return weights


def rms_norm(x: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
    return x / torch.sqrt((x * x).mean(-1, keepdim=True) + EPSILON) * weight


def rotate(x: torch.Tensor) -> torch.Tensor:
    """Rotary positions of x [batch, heads, time, head]: element i is paired with i + head/2."""
    time, head = x.shape[-2:]
    frequency = ROTARY_BASE ** (-torch.arange(0, head, 2, dtype=x.dtype) / head)
    angle = torch.outer(torch.arange(time, dtype=x.dtype), frequency)
    cos, sin = angle.cos(), angle.sin()
    first, second = x[..., : head // 2], x[..., head // 2 :]
    return torch.cat((first * cos - second * sin, second * cos + first * sin), -1)


def plain_logits(weights: dict[str, torch.Tensor], tokens: torch.Tensor, sizes: Sizes) -> torch.Tensor:
    """Logits [batch, time, vocabulary], written from the definition of the Llama block."""
    batch, time = tokens.shape
    head = sizes.width // sizes.heads
    future = torch.ones(time, time, dtype=torch.bool).triu(1)

    def split_heads(y: torch.Tensor) -> torch.Tensor:
        return y.view(batch, time, sizes.heads, head).transpose(1, 2)

    x = weights["model.embed_tokens.weight"][tokens]
    for index in range(sizes.layers):
        own = {
            name.split(".", 3)[3]: weight
            for name, weight in weights.items()
            if name.startswith(f"model.layers.{index}.")
        }
        h = rms_norm(x, own["input_layernorm.weight"])
        q = rotate(split_heads(h @ own["self_attn.q_proj.weight"].T))
        k = rotate(split_heads(h @ own["self_attn.k_proj.weight"].T))
        v = split_heads(h @ own["self_attn.v_proj.weight"].T)
        scores = (q @ k.transpose(-2, -1) / math.sqrt(head)).masked_fill(future, -math.inf)
        mixed = (F.softmax(scores, -1) @ v).transpose(1, 2).reshape(batch, time, sizes.width)
        x = x + mixed @ own["self_attn.o_proj.weight"].T
        h = rms_norm(x, own["post_attention_layernorm.weight"])
        gate = F.silu(h @ own["mlp.gate_proj.weight"].T)
        x = x + (gate * (h @ own["mlp.up_proj.weight"].T)) @ own["mlp.down_proj.weight"].T
    return rms_norm(x, weights["model.norm.weight"]) @ weights["model.embed_tokens.weight"].T


def check_fast_model(
    weights: dict[str, torch.Tensor],
    tokens: torch.Tensor,
    targets: torch.Tensor,
    expected_loss: torch.Tensor,
) -> None:
    """Raises AssertionError where llama.py differs from the plain form in loss or any gradient."""
    model = Llama(SIZES).double()
    model.load_named({name: weight.detach() for name, weight in weights.items()})
    loss = model(tokens, targets)
    loss.backward()
    torch.testing.assert_close(loss, expected_loss, rtol=1e-10, atol=1e-12)
    gradients = model.named_gradients()
    for name, weight in weights.items():
        torch.testing.assert_close(gradients[name], weight.grad, rtol=1e-9, atol=1e-11)


def rounded(values: torch.Tensor) -> list[float]:
    """Nine significant digits: more than float32 resolves, and a small file."""
    return [float(f"{value:.9g}") for value in values.detach().flatten().tolist()]


def main() -> None:
    weights = seeded_weights(SIZES)
    for weight in weights.values():
        weight.requires_grad_(True)
    generator = torch.Generator().manual_seed(SEED + 1)
    shape = (BATCH, SIZES.context)
    tokens = torch.randint(SIZES.vocabulary, shape, generator=generator)
    targets = torch.randint(SIZES.vocabulary, shape, generator=generator)
    logits = plain_logits(weights, tokens, SIZES)
    loss = F.cross_entropy(logits.view(-1, SIZES.vocabulary), targets.view(-1))
    loss.backward()
    check_fast_model(weights, tokens, targets, loss)
    fixture = {
        "about": "made by bench/peers/fixture.py: PyTorch, float64, rounded to 9 significant digits",
        "config": {
            "vocabulary": SIZES.vocabulary,
            "width": SIZES.width,
            "layers": SIZES.layers,
            "heads": SIZES.heads,
            "feedForward": SIZES.feed_forward,
            "context": SIZES.context,
            "batch": BATCH,
            "normEpsilon": EPSILON,
            "rotaryBase": ROTARY_BASE,
        },
        "tokens": tokens.tolist(),
        "targets": targets.tolist(),
        "loss": float(f"{loss.item():.9g}"),
        "logits": {"shape": list(logits.shape), "values": rounded(logits)},
        "weights": {
            name: {"shape": list(weight.shape), "values": rounded(weight)}
            for name, weight in weights.items()
        },
        "gradients": {
            name: {"shape": list(weight.shape), "values": rounded(weight.grad)}
            for name, weight in weights.items()
        },
    }
    OUTPUT.parent.mkdir(parents=True, exist_ok=True)
    OUTPUT.write_text(json.dumps(fixture, indent=None, separators=(",", ":")) + "\n")
    print(f"{OUTPUT.name}: {OUTPUT.stat().st_size} bytes, loss {loss.item():.9g}")


if __name__ == "__main__":
    main()
