"""GPT-2's block as nanoGPT trains it, for eager PyTorch: see nanogpt.py for the recipe and its credit.

LayerNorm and linear maps without biases, learned positions, exact GELU, a head tied to the
embedding, no dropout. Scale and causal mask ride on the attention's matrix product, as in llama.py.
"""

import math

import torch
import torch.nn as nn
import torch.nn.functional as F

INITIAL_DEVIATION = 0.02
EPSILON = 1e-5


class LayerNorm(nn.Module):
    """LayerNorm with a gain only; nn.LayerNorm of 1.13 cannot leave out the bias."""

    def __init__(self, width: int):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))

    def forward(self, x):
        return F.layer_norm(x, self.weight.shape, self.weight, None, EPSILON)


class Block(nn.Module):
    def __init__(self, width: int, heads: int):
        super().__init__()
        self.heads = heads
        self.attention_norm = LayerNorm(width)
        self.query_key_value = nn.Linear(width, 3 * width, bias=False)
        self.attention_out = nn.Linear(width, width, bias=False)
        self.feed_forward_norm = LayerNorm(width)
        self.expand = nn.Linear(width, 4 * width, bias=False)
        self.contract = nn.Linear(4 * width, width, bias=False)

    def attend(self, x, future):
        batch, time, width = x.shape
        head = width // self.heads
        q, k, v = (
            part.view(batch, time, self.heads, head).transpose(1, 2)
            for part in self.query_key_value(x).chunk(3, -1)
        )
        if hasattr(F, "scaled_dot_product_attention"):
            mixed = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        else:
            q, k, v = (part.reshape(batch * self.heads, time, head) for part in (q, k, v))
            scores = torch.baddbmm(future, q, k.transpose(1, 2), alpha=1 / math.sqrt(head))
            mixed = torch.bmm(F.softmax(scores, -1), v).view(batch, self.heads, time, head)
        return self.attention_out(mixed.transpose(1, 2).reshape(batch, time, width))

    def forward(self, x, future):
        x = x + self.attend(self.attention_norm(x), future)
        return x + self.contract(F.gelu(self.expand(self.feed_forward_norm(x))))


class Gpt2(nn.Module):
    """Called with tokens and targets [batch, time], it gives the mean loss in nats."""

    def __init__(self, vocabulary: int, width: int, layers: int, heads: int, context: int):
        super().__init__()
        self.tokens = nn.Embedding(vocabulary, width)
        self.positions = nn.Embedding(context, width)
        self.blocks = nn.ModuleList(Block(width, heads) for _ in range(layers))
        self.norm = LayerNorm(width)
        future = torch.full((context, context), -math.inf).triu(1)
        self.register_buffer("future", future, persistent=False)
        residual = INITIAL_DEVIATION / math.sqrt(2 * layers)
        for name, weight in self.named_parameters():
            if weight.dim() == 2:
                into_residual = name.endswith(("attention_out.weight", "contract.weight"))
                nn.init.normal_(weight, std=residual if into_residual else INITIAL_DEVIATION)

    def forward(self, tokens: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        time = tokens.shape[1]
        x = self.tokens(tokens) + self.positions.weight[:time]
        for block in self.blocks:
            x = block(x, self.future[:time, :time])
        logits = F.linear(self.norm(x).flatten(0, 1), self.tokens.weight)
        return F.cross_entropy(logits, targets.flatten())
