"""Runs engine.py (first argument) with what newer versions of PyTorch have, put in by plain operations.

`scaled_dot_product_attention` is written after its documentation; `torch.compile` gives the function back and tells
the file PARLANCE_TEST_COMPILED when it is asked for and when its function is called; PARLANCE_TEST_COMPILER=fails makes it
fail then, PARLANCE_TEST_COMPILER=refuses at once.
"""

import math
import os
import sys

import torch
import torch.nn.functional as functional


def scaled_dot_product_attention(q, k, v, attn_mask=None, dropout_p=0.0, is_causal=False):
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    if is_causal:
        scores = scores.masked_fill(torch.ones(scores.shape[-2:], dtype=torch.bool).triu(1), -math.inf)
    return torch.softmax(scores, -1) @ v


def compile(function, dynamic=None):
    if os.environ.get("PARLANCE_TEST_COMPILER") == "refuses":
        tell("compiled")
        raise RuntimeError("not supported here")

    def compiled(*arguments):
        tell("called")
        if os.environ.get("PARLANCE_TEST_COMPILER") == "fails":
            raise RuntimeError("no compiler here")
        return function(*arguments)

    tell("compiled")
    return compiled


def tell(line):
    with open(os.environ["PARLANCE_TEST_COMPILED"], "a", encoding="utf-8") as log:
        log.write(f"{line}\n")


functional.scaled_dot_product_attention = scaled_dot_product_attention
torch.compile = compile

program = sys.argv[1]
sys.argv = sys.argv[1:]
sys.path[0] = os.path.dirname(program)

import compiler  # noqa: E402

compiler.PATIENCE_SECONDS = 0.0
compiler.may_pay = lambda device, nodes: True
with open(program, encoding="utf-8") as file:
    source = file.read()
exec(source, {"__name__": "__main__"})
