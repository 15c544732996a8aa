"""A program's graph as the source of one Python function, with what is freed, written over, and timed on the way."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as functional

import attention
from fusion import Fusion, narrowed, needed_by, with_attention
from lowering import OVERWRITING, RULES, VIEWS, Node, Value


@dataclass(frozen=True)
class Settings:
    device: torch.device
    # So many of the roots are new values of state, the others metrics.
    updates: int
    bfloat16: bool
    # Calls of kernels are told apart by the operation: told(name) after each.
    told: Callable[[str], None] | None
    # Values may be written over; a compiler decides that for itself.
    overwrites: bool
    over_devices: Callable[[torch.Tensor], torch.Tensor]


def compile_function(nodes: list[Node], roots: list[int], settings: Settings):
    """A function (state, batch) -> values of the roots, each in memory of its own."""
    nodes, roots = with_attention(nodes, roots)
    fused = Fusion(nodes, roots).run()
    if settings.bfloat16:
        fused, roots = narrowed(fused, roots, roots[settings.updates :])
    writer = Writer(fused, roots, settings)
    scope = {
        "torch": torch,
        "functional": functional,
        "device": settings.device,
        "zero": torch.zeros((), device=settings.device),
        "inf": math.inf,
        "nan": math.nan,
        "told": settings.told,
        "over_devices": settings.over_devices,
        "attention": attention,
        **writer.constants(),
    }
    exec(compile(writer.source(), "<program>", "exec"), scope)  # noqa: S102 - the source is written here
    return scope["program"]


class Writer:
    def __init__(self, nodes: list[Node], roots: list[int], settings: Settings):
        self._nodes, self._roots, self._settings = nodes, roots, settings
        needed = needed_by(nodes, roots)
        self._order = [place for place in range(len(nodes)) if place in needed]
        self._owners = self._find_owners()
        self._last = self._find_last_uses()
        self._aliases: dict[int, set[int]] = {}
        for place in self._order:
            self._aliases.setdefault(self._owners[place], set()).add(place)
        # The name that holds a value: an operation that writes over its input takes over the name.
        self._names: dict[int, str] = {}

    def constants(self) -> dict[str, torch.Tensor]:
        return {
            f"c{place}": self._nodes[place].attributes["tensor"].to(self._settings.device)
            for place in self._order
            if self._nodes[place].operation == "constant"
        }

    def source(self) -> str:
        lines = ["def program(state, batch):"]
        for place in self._order:
            lines += [f"    {line}" for line in self._statements(place)]
        return "\n".join([*lines, f"    return [{', '.join(self._results())}]"])

    def _find_owners(self) -> dict[int, int]:
        """The node whose memory a value lies in."""
        owners: dict[int, int] = {}
        for place in self._order:
            node = self._nodes[place]
            owners[place] = owners[node.inputs[0]] if node.operation in VIEWS else place
        return owners

    def _find_last_uses(self) -> dict[int, int]:
        """Of each owner's memory the place that reads it last; past the end for what is returned."""
        last: dict[int, int] = {}
        for place in self._order:
            for read in self._nodes[place].inputs:
                last[self._owners[read]] = place
        for root in self._roots:
            last[self._owners[root]] = len(self._nodes)
        return last

    def _statements(self, place: int) -> list[str]:
        node = self._nodes[place]
        if node.operation == "constant":
            self._names[place] = f"c{place}"
            return []
        if node.operation == "input":
            name = self._names[place] = f"v{place}"
            source, key = node.attributes["source"], node.attributes["name"]
            return [f"{name} = {source}[{key!r}]"]
        target = self._overwritten(place)
        out = "" if target is None else f", out={self._names[target]}"
        name = self._names[place] = f"v{place}" if target is None else self._names[target]
        values = [self._value(read) for read in node.inputs]
        text = RULES[node.operation](node, *values).replace("{out}", out)
        statements = [f"{name} = {text}"]
        if self._settings.told is not None:
            statements.append(f"told({node.operation!r})")
        return statements + self._freed(place, name)

    def _value(self, place: int) -> Value:
        node = self._nodes[place]
        return Value(self._names[place], tuple(node.shape), node.attributes.get("number"))

    def _overwritten(self, place: int) -> int | None:
        """An input that dies here and whose memory the value may take."""
        node = self._nodes[place]
        if not self._settings.overwrites or node.operation not in OVERWRITING:
            return None
        for read in node.inputs[:1] if node.operation == "addMatmul" else node.inputs:
            if self._may_overwrite(read, place):
                return read
        return None

    def _may_overwrite(self, read: int, place: int) -> bool:
        owner, node = self._owners[read], self._nodes[place]
        if self._nodes[owner].operation in ("input", "constant") or self._last[owner] != place:
            return False
        if self._nodes[read].shape != node.shape or self._nodes[owner].shape != node.shape:
            return False
        if self._is_repeated(read):
            return False
        # Another view of the same memory would be read after it was written; so would a factor of a product.
        others = list(node.inputs)
        others.remove(read)
        if node.operation == "addMatmul":
            return all(self._owners[other] != owner for other in others)
        return all(other == read or self._owners[other] != owner for other in others)

    def _is_repeated(self, place: int) -> bool:
        """Whether elements of a value may share a place of memory."""
        node = self._nodes[place]
        if node.operation == "broadcast":
            return True
        return node.operation in VIEWS and self._is_repeated(node.inputs[0])

    def _freed(self, place: int, kept: str) -> list[str]:
        dead = {
            self._names[alias]
            for read in self._nodes[place].inputs
            for alias in self._aliases[self._owners[read]]
            if self._last[self._owners[read]] == place and alias in self._names
        }
        dead = {name for name in dead if name != kept and name.startswith("v")}
        return [f"del {', '.join(sorted(dead))}"] if dead else []

    def _results(self) -> list[str]:
        """Of an input, a constant, or memory that two results share, a copy."""
        seen: set[int] = set()
        texts = []
        for root in self._roots:
            owner = self._owners[root]
            own = self._nodes[owner].operation not in ("input", "constant") and owner not in seen
            seen.add(owner)
            name = self._names[root]
            texts.append(name if own and owner == root else f"{name}.clone()")
        return texts
