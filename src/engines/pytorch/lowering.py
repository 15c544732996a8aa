"""From a program's graph to a Python function on PyTorch tensors: one rule an operation in RULES.

The whole step is lowered, backward pass and optimizer included, as written by Parlance (graph/gradients.ts). The function
is straight-line source, so that a node costs one call. An element-wise operation writes over an input that dies with it,
and pairs that PyTorch has one kernel for (a product added, a scaled sum) are computed as one.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import torch
import torch.nn.functional as functional

# What newer versions of PyTorch have stands here, in attention.py and in compiler.py, and nowhere else.
HAS_FUSED_ATTENTION = hasattr(functional, "scaled_dot_product_attention")

# Composite operations that have a rule here; Parlance expands the others.
NATIVE = ["silu", "sumOverDevices"] + (
    ["causalAttention", "causalAttentionGradient"] if HAS_FUSED_ATTENTION else []
)


@dataclass
class Node:
    """One operation; `inputs` are the places of nodes before it."""

    operation: str
    inputs: list[int]
    shape: list[int]
    dtype: str
    attributes: dict = field(default_factory=dict)


@dataclass(frozen=True)
class Value:
    """How a node's value is written in the source; `number` where it is a scalar that is known."""

    text: str
    shape: tuple[int, ...]
    number: float | None = None


def binary(name: str):
    def rule(_, a: Value, b: Value) -> str:
        if a.number is not None and b.number is None and name in ("add", "mul"):
            a, b = b, a
        return f"torch.{name}({a.text}, {b.text if b.number is None else repr(b.number)}{{out}})"

    return rule


def extreme(name: str, clamp: str):
    def rule(_, a: Value, b: Value) -> str:
        if a.number is not None:
            a, b = b, a
        if b.number is not None:
            return f"torch.{clamp}({a.text}, {b.number!r}{{out}})"
        return f"torch.{name}({a.text}, {b.text}{{out}})"

    return rule


def unary(name: str):
    return lambda _, x: f"torch.{name}({x.text}{{out}})"


SUM_WITH = {"mm": "addmm", "bmm": "baddbmm"}


def matmul(node: Node, a: Value, b: Value) -> str:
    scale = node.attributes["scale"]
    kernel, left, right = product(node, a, b)
    if node.attributes.get("narrow"):
        widened = f"torch.{kernel}({left}, {right}).float()"
        return in_shape(widened if scale == 1 else f"{widened}.mul_({scale!r})", node)
    if scale == 1:
        return in_shape(f"torch.{kernel}({left}, {right})", node)
    if kernel == "mm":
        # With `beta` zero the addend is not read; the scale costs no pass of its own. Not so `baddbmm`, which before 2.1
        # multiplies what it has not written yet.
        return f"torch.addmm(zero, {left}, {right}, beta=0, alpha={scale!r})"
    return in_shape(f"torch.{kernel}({left}, {right}).mul_({scale!r})", node)


def product(node: Node, a: Value, b: Value) -> tuple[str, str, str]:
    """The kernel of a product and its factors; equal leading axes become one."""
    swaps = node.attributes["transposeA"], node.attributes["transposeB"]
    rank = len(node.shape)
    if rank > 3 and a.shape[:-2] == b.shape[:-2]:
        flat = [f"{x.text}.reshape(-1, {x.shape[-2]}, {x.shape[-1]})" for x in (a, b)]
        kernel = "bmm"
    else:
        flat = [a.text, b.text]
        kernel = "mm" if rank == 2 else "bmm" if a.shape[:-2] == b.shape[:-2] else "matmul"
    left, right = (f"{x}.transpose(-1, -2)" if swap else x for x, swap in zip(flat, swaps))
    return kernel, left, right


def product_added(node: Node, x: Value, a: Value, b: Value) -> str:
    """x + a @ b; in bfloat16 the product is rounded before it is added."""
    if node.attributes.get("narrow"):
        return f"torch.add({x.text}, {matmul(node, a, b)}{{out}})"
    kernel, left, right = product(node, a, b)
    scale = node.attributes["scale"]
    return in_shape(f"torch.{SUM_WITH[kernel]}({x.text}, {left}, {right}, alpha={scale!r}{{out}})", node)


def in_shape(text: str, node: Node) -> str:
    return text if len(node.shape) <= 3 else f"{text}.view({shape(node)})"


def sum_of_squares(node: Node, x: Value) -> str:
    axes, keep = node.attributes["axes"], node.attributes["keepAxes"]
    if not node.shape:
        return f"torch.dot({x.text}.reshape(-1), {x.text}.reshape(-1))"
    return f"torch.linalg.vector_norm({x.text}, dim={axes}, keepdim={keep}).square_()"


def shape(node: Node) -> str:
    return "(" + "".join(f"{length}, " for length in node.shape) + ")"


def reduction(name: str):
    def rule(node: Node, x: Value) -> str:
        axes, keep = node.attributes["axes"], node.attributes["keepAxes"]
        if not axes:
            return f"{x.text}.clone()"
        return f"torch.{name}({x.text}, {axes}, {keep})"

    return rule


def picked(_, x: Value, indices: Value) -> str:
    return f"torch.gather({x.text}, 1, {indices.text}.unsqueeze(1)).squeeze(1)"


def placed(node: Node, values: Value, indices: Value) -> str:
    zeros = f"torch.zeros({shape(node)}, device=device)"
    return f"{zeros}.scatter_(1, {indices.text}.unsqueeze(1), {values.text}.unsqueeze(1))"


def scattered(node: Node, values: Value, indices: Value) -> str:
    return f"torch.zeros({shape(node)}, device=device).index_add_(0, {indices.text}, {values.text})"


def sliced(node: Node, x: Value) -> str:
    axis, start = node.attributes["axis"], node.attributes["start"]
    return f"{x.text}.narrow({axis}, {start}, {node.shape[axis]})"


def attention(node: Node, q: Value, k: Value, v: Value) -> str:
    return f"attention.forward({q.text}, {k.text}, {v.text}, {node.attributes['scale']!r})"


RULES = {
    "add": binary("add"),
    "subtract": binary("sub"),
    "multiply": binary("mul"),
    "divide": binary("div"),
    "maximum": extreme("maximum", "clamp_min"),
    "minimum": extreme("minimum", "clamp_max"),
    "negate": unary("neg"),
    "exponential": unary("exp"),
    "logarithm": unary("log"),
    "squareRoot": unary("sqrt"),
    "sigmoid": unary("sigmoid"),
    "step": lambda _, x: f"torch.gt({x.text}, 0).float()",
    "matmul": matmul,
    "addMatmul": product_added,
    "addProduct": lambda node, x, a, b: f"torch.addcmul({x.text}, {a.text}, {b.text}, value={node.attributes['value']!r}{{out}})",
    "addScaled": lambda node, x, a: f"torch.add({x.text}, {a.text}, alpha={node.attributes['value']!r}{{out}})",
    "sumOfSquares": sum_of_squares,
    "reduceSum": reduction("sum"),
    "reduceMax": reduction("amax"),
    "softmax": lambda _, x: f"torch.softmax({x.text}, -1)",
    "reshape": lambda node, x: f"{x.text}.reshape({shape(node)})",
    "transpose": lambda node, x: f"{x.text}.permute({node.attributes['permutation']})",
    "broadcast": lambda node, x: f"{x.text}.expand({shape(node)})",
    "slice": sliced,
    "concatenate": lambda node, *parts: f"torch.cat([{', '.join(part.text for part in parts)}], {node.attributes['axis']})",
    "gather": lambda _, rows, indices: f"torch.index_select({rows.text}, 0, {indices.text})",
    "scatterAdd": scattered,
    "pick": picked,
    "place": placed,
    "silu": lambda _, x: f"functional.silu({x.text})",
    "sumOverDevices": lambda _, x: f"over_devices({x.text})",
    # These are put in by fusion.py: attention with what its gradients need, the three together, and one of several values;
    # factors of products in bfloat16.
    "attention": attention,
    "attentionGradients": lambda _, kept, upstream, *factors: f"attention.gradients({kept.text}, {upstream.text})",
    "part": lambda node, values: f"{values.text}[{node.attributes['index']}]"
    + (".float()" if node.attributes.get("narrow") else ""),
    "narrow": lambda _, x: f"{x.text}.bfloat16()",
}

# Their kernels may write over an input of the same shape.
OVERWRITING = {
    "add", "subtract", "multiply", "divide", "maximum", "minimum",
    "negate", "exponential", "logarithm", "squareRoot", "sigmoid", "addProduct", "addScaled", "addMatmul",
}  # fmt: skip
# Their values share memory with their input.
VIEWS = {"reshape", "transpose", "broadcast", "slice", "part"}
