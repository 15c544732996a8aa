"""Pairs of nodes that PyTorch computes with one kernel, and factors of products in bfloat16: graph to graph."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from lowering import Node


class Fusion:
    """Rewrites nodes from the first to the last; a node that its only user takes in is left without users."""

    def __init__(self, nodes: list[Node], roots: list[int]):
        self.nodes = list(nodes)
        self._uses = Counter(place for node in nodes for place in node.inputs) + Counter(roots)

    def run(self) -> list[Node]:
        for place, node in enumerate(self.nodes):
            if node.operation in ("add", "subtract"):
                self.nodes[place] = self._sum(node)
            elif node.operation == "reduceSum":
                self.nodes[place] = self._sum_of_squares(node)
        return self.nodes

    def _sum(self, node: Node) -> Node:
        a, b = node.inputs
        sign = 1 if node.operation == "add" else -1
        for kept, taken in ((a, b), (b, a)) if sign == 1 else ((a, b),):
            if self._is_number(kept):
                continue
            fused = self._with_product(node, kept, taken) if sign == 1 else None
            fused = fused or self._with_scaled(node, kept, taken, sign)
            if fused is not None:
                return fused
        return node

    def _with_product(self, node: Node, kept: int, taken: int) -> Node | None:
        """x + a @ b"""
        product = self.nodes[taken]
        if product.operation != "matmul" or not self._only_here(taken) or product.shape != node.shape:
            return None
        rank, leading = len(product.shape), [self.nodes[place].shape[:-2] for place in product.inputs]
        addend = self.nodes[kept].shape
        fits = addend == node.shape if rank == 2 else leading[0] == leading[1] and addend == node.shape[-2:]
        if not fits:
            return None
        return replace(node, operation="addMatmul", inputs=[kept, *product.inputs], attributes=product.attributes)

    def _with_scaled(self, node: Node, kept: int, taken: int, sign: int) -> Node | None:
        """x + c a b, or x + c a"""
        scaled, value = self._scaled(taken)
        if scaled is None:
            return None
        factors = [self.nodes[place].shape for place in scaled]
        if len(scaled) == 1 and factors[0] != node.shape:
            return None
        operation = "addScaled" if len(scaled) == 1 else "addProduct"
        return replace(node, operation=operation, inputs=[kept, *scaled], attributes={"value": sign * value})

    def _scaled(self, place: int) -> tuple[list[int] | None, float]:
        """The factors of a product that is used once, and the number among them."""
        node = self.nodes[place]
        if node.operation != "multiply" or not self._only_here(place):
            return None, 1.0
        a, b = node.inputs
        if self._is_number(a):
            a, b = b, a
        if not self._is_number(b):
            return [a, b], 1.0
        inner, value = self._scaled(a)
        number = self._number(b)
        return ([a], number) if inner is None else (inner, value * number)

    def _sum_of_squares(self, node: Node) -> Node:
        [place] = node.inputs
        square = self.nodes[place]
        if square.operation != "multiply" or square.inputs[0] != square.inputs[1] or not self._only_here(place):
            return node
        return replace(node, operation="sumOfSquares", inputs=square.inputs[:1])

    def _only_here(self, place: int) -> bool:
        return self._uses[place] == 1

    def _is_number(self, place: int) -> bool:
        return "number" in self.nodes[place].attributes

    def _number(self, place: int) -> float:
        return self.nodes[place].attributes["number"]


def needed_by(nodes: list[Node], roots: list[int]) -> set[int]:
    """The places of all that these values are computed from, with themselves."""
    needed: set[int] = set()
    stack = list(roots)
    while stack:
        place = stack.pop()
        if place not in needed:
            needed.add(place)
            stack += nodes[place].inputs
    return needed


def with_attention(nodes: list[Node], roots: list[int]) -> tuple[list[Node], list[int]]:
    """Attention keeps what its gradients need, which are computed together."""
    result: list[Node] = []
    places: list[int] = []
    together: dict[tuple, int] = {}

    def added(key: tuple, node: Node) -> int:
        if key not in together:
            together[key] = len(result)
            result.append(node)
        return together[key]

    for node in nodes:
        inputs = [places[place] for place in node.inputs]
        if node.operation in ("causalAttention", "causalAttentionGradient"):
            factors = (*inputs[:3], node.attributes["scale"])
            kept = added(factors, Node("attention", inputs[:3], [], "several", node.attributes))
            if node.operation == "causalAttention":
                node, inputs = replace(node, operation="part", attributes={"index": 2}), [kept]
            else:
                key = (*factors, inputs[3])
                # What attention keeps are its factors themselves: they are read here again.
                of = added(key, Node("attentionGradients", [kept, inputs[3], *inputs[:3]], [], "several"))
                index = "qkv".index(node.attributes["of"])
                node, inputs = replace(node, operation="part", attributes={"index": index}), [of]
        places.append(len(result))
        result.append(replace(node, inputs=inputs))
    return result, [places[place] for place in roots]


# From which of their inputs on they are factors of products.
PRODUCTS = {"matmul": 0, "addMatmul": 1, "attention": 0, "attentionGradients": 1}


def narrowed(nodes: list[Node], roots: list[int], metrics: list[int]) -> tuple[list[Node], list[int]]:
    """The factors of products in bfloat16, their sum and all else in float32, as autocast has it. Products that no metric
    comes from stay as they are: the loss and the gradients' norm need the forward and the backward pass, not the optimizer."""
    observed = needed_by(nodes, metrics)
    result: list[Node] = []
    places: list[int] = []
    narrow: dict[int, int] = {}

    def narrowed_place(place: int) -> int:
        if place not in narrow:
            narrow[place] = len(result)
            result.append(Node("narrow", [place], result[place].shape, "bfloat16"))
        return narrow[place]

    for own, node in enumerate(nodes):
        inputs = [places[place] for place in node.inputs]
        if own in observed and node.operation in PRODUCTS:
            first = PRODUCTS[node.operation]
            inputs = [*inputs[:first], *(narrowed_place(place) for place in inputs[first:])]
            node = replace(node, attributes={**node.attributes, "narrow": True})
        elif node.operation == "part" and result[inputs[0]].attributes.get("narrow"):
            node = replace(node, attributes={**node.attributes, "narrow": True})
        places.append(len(result))
        result.append(replace(node, inputs=inputs))
    return result, [places[place] for place in roots]
