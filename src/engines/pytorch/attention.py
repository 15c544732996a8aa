"""Causal attention by PyTorch's fused kernel (2.0 and later), which PyTorch differentiates itself."""

from __future__ import annotations

import torch
import torch.nn.functional as functional

Kept = tuple[list[torch.Tensor], torch.Tensor, torch.Tensor]


def forward(q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, scale: float) -> Kept:
    """q, k, v and softmax(scale q k^T + causal mask) v as the backward pass needs them, and the value alone; all
    [batch, heads, length, size]."""
    # The kernel divides by the root of the size; `scale` as an argument came with 2.1 only.
    factor = scale * q.shape[-1] ** 0.5
    with torch.enable_grad():
        leaves = [x.detach().requires_grad_() for x in (q, k, v)]
        scaled = leaves[0] if abs(factor - 1) < 1e-6 else leaves[0] * factor
        output = functional.scaled_dot_product_attention(scaled, leaves[1], leaves[2], is_causal=True)
    return leaves, output, output.detach()


def gradients(kept: Kept, upstream: torch.Tensor) -> tuple[torch.Tensor, ...]:
    """Of q, k and v, from the gradient of the value."""
    leaves, output, _ = kept
    return torch.autograd.grad(output, leaves, upstream.to(output.dtype), retain_graph=True)
