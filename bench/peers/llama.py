"""The Llama block model in the fastest eager PyTorch form found: the peer of our training speed.

Token embedding tied with the head; RMSNorm, rotary positions (half-split pairs, base 10000), causal
softmax attention, SwiGLU, no biases; mean cross-entropy. Parameters bear the Hugging Face names.

What was tried, PyTorch 1.13 of Debian 12 with OpenBLAS 0.3.21, two AVX-512 cores, float32, 4 layers,
width 128, context 128, batch 16, vocabulary 2048, tokens a second (medians of runs in the least disturbed
rounds, one or two each; the machine was shared, and in a disturbed round the kept form fell to 7,800, so
differences under a tenth decide nothing):

    default settings, plain operations                            3,500 to 3,800
    OpenMP threads wait passively (tuned.py), plain operations    9,500
    the same with the hand-written functions below               10,400 to 10,500  <- kept
    the same with q/k/v and gate/up each as one matrix            9,300
    hand-written, one OpenBLAS thread instead                     8,400
    hand-written, OpenBLAS on OpenMP (libopenblas0-openmp), threads bound   11,200 to 11,300

The last is 7 % faster on idle cores but fell to a quarter when anything else ran, and not faster at
width 256; it can be asked for by environment (OMP_PROC_BIND=true OMP_WAIT_POLICY=active and
LD_LIBRARY_PATH to openblas-openmp). No gain beyond the noise, one thread, processor time: flushing
denormals, keeping memory (tuned.py), ATEN_CPU_CAPABILITY=avx512, OPENBLAS_CORETYPE=SKYLAKEX, AdamW without
foreach; jemalloc was slower. Float32 linear layers do not reach oneDNN in 1.13; its rate for the same
product (as a 1x1 convolution) was at most a tenth above that of OpenBLAS, so that path was not taken. Newer versions bring
F.scaled_dot_product_attention, used here when present; torch.compile is not in 1.13.
"""

import math
from dataclasses import dataclass

import torch
import torch.nn as nn
import torch.nn.functional as F

EPSILON = 1e-5
ROTARY_BASE = 10000.0
INITIAL_DEVIATION = 0.02


@dataclass(frozen=True)
class Sizes:
    """The shape of a model; `context` is the longest sequence in tokens."""

    vocabulary: int
    width: int
    layers: int
    heads: int
    feed_forward: int
    context: int

    def weight_shapes(self) -> dict[str, tuple[int, ...]]:
        """Every weight's shape by its Hugging Face Llama name; the head is tied to the embedding."""
        d, f = self.width, self.feed_forward
        shapes: dict[str, tuple[int, ...]] = {"model.embed_tokens.weight": (self.vocabulary, d)}
        for index in range(self.layers):
            prefix = f"model.layers.{index}."
            shapes[prefix + "input_layernorm.weight"] = (d,)
            for name in "qkvo":
                shapes[f"{prefix}self_attn.{name}_proj.weight"] = (d, d)
            shapes[prefix + "post_attention_layernorm.weight"] = (d,)
            shapes[prefix + "mlp.gate_proj.weight"] = (f, d)
            shapes[prefix + "mlp.up_proj.weight"] = (f, d)
            shapes[prefix + "mlp.down_proj.weight"] = (d, f)
        shapes["model.norm.weight"] = (d,)
        return shapes


class FastRmsNorm(torch.autograd.Function):
    """x / rms(x) * weight with its derivative written out: fewer passes over memory."""

    @staticmethod
    def forward(ctx, x, weight):
        inverse = torch.linalg.vector_norm(x, dim=-1, keepdim=True)
        inverse.square_().div_(x.shape[-1]).add_(EPSILON).rsqrt_()
        normal = x * inverse
        ctx.save_for_backward(normal, inverse, weight)
        return normal * weight

    @staticmethod
    def backward(ctx, gradient):
        normal, inverse, weight = ctx.saved_tensors
        weight_gradient = (gradient * normal).flatten(0, -2).sum(0)
        scaled = gradient * weight
        # d(x/rms) = (g - n * mean(g * n)) / rms, where n = x/rms
        mean = (scaled * normal).mean(-1, keepdim=True)
        return scaled.sub_(normal * mean).mul_(inverse), weight_gradient


def _rotated(x, cos, sin):
    half = cos.shape[-1]
    first, second = x.chunk(2, -1)
    result = torch.empty(x.shape, dtype=x.dtype)
    torch.mul(first, cos, out=result[..., :half])
    result[..., :half].addcmul_(second, sin, value=-1)
    torch.mul(second, cos, out=result[..., half:])
    result[..., half:].addcmul_(first, sin)
    return result


class FastRotary(torch.autograd.Function):
    """Rotary positions, half-split pairs; the derivative is the rotation by the negative angle."""

    @staticmethod
    def forward(ctx, x, cos, sin):
        ctx.save_for_backward(cos, sin)
        return _rotated(x, cos, sin)

    @staticmethod
    def backward(ctx, gradient):
        cos, sin = ctx.saved_tensors
        return _rotated(gradient, cos, -sin), None, None


class FastSwiGlu(torch.autograd.Function):
    """silu(gate) * up; keeps the two inputs and computes silu again on the way back."""

    @staticmethod
    def forward(ctx, gate, up):
        ctx.save_for_backward(gate, up)
        return F.silu(gate).mul_(up)

    @staticmethod
    def backward(ctx, gradient):
        gate, up = ctx.saved_tensors
        up_gradient = F.silu(gate).mul_(gradient)
        return torch.ops.aten.silu_backward(gradient * up, gate), up_gradient


class RmsNorm(nn.Module):
    def __init__(self, width: int):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))

    def forward(self, x):
        return FastRmsNorm.apply(x, self.weight)


def _linear(inputs: int, outputs: int) -> nn.Linear:
    return nn.Linear(inputs, outputs, bias=False)


class Attention(nn.Module):
    def __init__(self, sizes: Sizes):
        super().__init__()
        self.heads = sizes.heads
        for name in "qkvo":
            setattr(self, f"{name}_proj", _linear(sizes.width, sizes.width))

    def forward(self, x, cos, sin, future):
        batch, time, width = x.shape
        head = width // self.heads

        def split_heads(projection):
            return projection(x).view(batch, time, self.heads, head).transpose(1, 2)

        q = FastRotary.apply(split_heads(self.q_proj), cos, sin)
        k = FastRotary.apply(split_heads(self.k_proj), cos, sin)
        v = split_heads(self.v_proj)
        if hasattr(F, "scaled_dot_product_attention"):
            mixed = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        else:
            q, k, v = (t.reshape(batch * self.heads, time, head) for t in (q, k, v))
            # scale and mask ride on the matrix product
            scores = torch.baddbmm(future, q, k.transpose(1, 2), alpha=1 / math.sqrt(head))
            mixed = torch.bmm(F.softmax(scores, -1), v).view(batch, self.heads, time, head)
        return self.o_proj(mixed.transpose(1, 2).reshape(batch, time, width))


class FeedForward(nn.Module):
    def __init__(self, sizes: Sizes):
        super().__init__()
        self.gate_proj = _linear(sizes.width, sizes.feed_forward)
        self.up_proj = _linear(sizes.width, sizes.feed_forward)
        self.down_proj = _linear(sizes.feed_forward, sizes.width)

    def forward(self, x):
        return self.down_proj(FastSwiGlu.apply(self.gate_proj(x), self.up_proj(x)))


class Layer(nn.Module):
    def __init__(self, sizes: Sizes):
        super().__init__()
        self.input_layernorm = RmsNorm(sizes.width)
        self.self_attn = Attention(sizes)
        self.post_attention_layernorm = RmsNorm(sizes.width)
        self.mlp = FeedForward(sizes)

    def forward(self, x, cos, sin, future):
        x = x + self.self_attn(self.input_layernorm(x), cos, sin, future)
        return x + self.mlp(self.post_attention_layernorm(x))


class Decoder(nn.Module):
    def __init__(self, sizes: Sizes):
        super().__init__()
        self.embed_tokens = nn.Embedding(sizes.vocabulary, sizes.width)
        self.layers = nn.ModuleList(Layer(sizes) for _ in range(sizes.layers))
        self.norm = RmsNorm(sizes.width)


class Llama(nn.Module):
    """The model; its parameters bear the Hugging Face names. Called, it gives the mean loss in nats."""

    def __init__(self, sizes: Sizes):
        super().__init__()
        self.model = Decoder(sizes)
        head = sizes.width // sizes.heads
        frequency = ROTARY_BASE ** (-torch.arange(0, head, 2, dtype=torch.float64) / head)
        angle = torch.outer(torch.arange(sizes.context, dtype=torch.float64), frequency)
        future = torch.full((sizes.context, sizes.context), -math.inf).triu(1)
        # kept in float64 so that double() loses nothing; float32 copies are made once below
        self._cos, self._sin, self._future = angle.cos(), angle.sin(), future
        self._constants: dict[torch.dtype, tuple[torch.Tensor, ...]] = {}
        residual = INITIAL_DEVIATION / math.sqrt(2 * sizes.layers)
        for name, weight in self.named_parameters():
            if weight.dim() == 2:
                into_residual = name.endswith(("o_proj.weight", "down_proj.weight"))
                nn.init.normal_(weight, std=residual if into_residual else INITIAL_DEVIATION)

    def _tables(self, dtype: torch.dtype) -> tuple[torch.Tensor, ...]:
        if dtype not in self._constants:
            tables = (self._cos, self._sin, self._future)
            self._constants[dtype] = tuple(table.to(dtype) for table in tables)
        return self._constants[dtype]

    def logits(self, tokens: torch.Tensor) -> torch.Tensor:
        """Logits [batch * time, vocabulary] of tokens [batch, time]."""
        time = tokens.shape[1]
        embedding = self.model.embed_tokens.weight
        cos, sin, future = self._tables(embedding.dtype)
        x = F.embedding(tokens, embedding)
        for layer in self.model.layers:
            x = layer(x, cos[:time], sin[:time], future[:time, :time])
        return F.linear(self.model.norm(x).flatten(0, 1), embedding)

    def forward(self, tokens: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        return F.cross_entropy(self.logits(tokens), targets.flatten())

    def load_named(self, weights: dict[str, torch.Tensor]) -> None:
        """Loads weights by Hugging Face name; a missing or unknown name is an error."""
        self.load_state_dict(weights, strict=True)

    def named_gradients(self) -> dict[str, torch.Tensor]:
        return {name: weight.grad for name, weight in self.named_parameters()}
