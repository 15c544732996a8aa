"""A Llama in a Hugging Face folder, run by PyTorch in float64: a second opinion that shares no code with ours.

Arguments: folders. Standard input: JSON rows of token ids, all of one length. Prints for each folder and each row the
log-probabilities, in nats, of the second to the last id. Written from the definition, with nothing but torch and Python's standard library.
"""

import json
import math
import struct
import sys
from pathlib import Path

import torch

TYPES = {"F32": torch.float32, "F16": torch.float16}


def read_weights(path: Path) -> dict[str, torch.Tensor]:
    data = path.read_bytes()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + length])
    header.pop("__metadata__", None)
    weights = {}
    for name, entry in header.items():
        begin, end = (8 + length + offset for offset in entry["data_offsets"])
        values = torch.frombuffer(bytearray(data[begin:end]), dtype=TYPES[entry["dtype"]])
        weights[name] = values.reshape(entry["shape"]).double()
    return weights


def frequencies(config: dict) -> torch.Tensor:
    rope = config["rope_parameters"]
    assert rope["rope_theta"] == config["rope_theta"]
    head = config["head_dim"]
    plain = rope["rope_theta"] ** (-torch.arange(0, head, 2, dtype=torch.float64) / head)
    if rope["rope_type"] == "default":
        return plain
    if rope["rope_type"] == "linear":
        return plain / rope["factor"]
    assert rope["rope_type"] == "llama3"
    low, high, factor = rope["low_freq_factor"], rope["high_freq_factor"], rope["factor"]
    original = rope["original_max_position_embeddings"]
    waves = 2 * math.pi / plain
    smooth = (original / waves - low) / (high - low)
    between = (1 - smooth) * plain / factor + smooth * plain
    scaled = torch.where(waves > original / low, plain / factor, between)
    return torch.where(waves < original / high, plain, scaled)


def log_probabilities(config: dict, weights: dict[str, torch.Tensor], rows: torch.Tensor) -> torch.Tensor:
    ids, targets = rows[:, :-1], rows[:, 1:]
    time = ids.shape[1]
    head, heads, groups = config["head_dim"], config["num_attention_heads"], config["num_key_value_heads"]
    angle = torch.outer(torch.arange(time, dtype=torch.float64), frequencies(config))
    future = torch.ones(time, time, dtype=torch.bool).triu(1)

    def norm(x: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
        return x / torch.sqrt((x * x).mean(-1, keepdim=True) + config["rms_norm_eps"]) * weight

    def rotate(x: torch.Tensor) -> torch.Tensor:
        first, second = x[..., : head // 2], x[..., head // 2 :]
        return torch.cat((first * angle.cos() - second * angle.sin(), second * angle.cos() + first * angle.sin()), -1)

    def split(y: torch.Tensor, count: int) -> torch.Tensor:
        return y.view(len(ids), time, count, head).transpose(1, 2)

    x = weights["model.embed_tokens.weight"][ids]
    for layer in range(config["num_hidden_layers"]):

        def own(part: str, layer: int = layer) -> torch.Tensor:
            return weights[f"model.layers.{layer}.{part}.weight"]

        h = norm(x, own("input_layernorm"))
        q = rotate(split(h @ own("self_attn.q_proj").T, heads))
        k = rotate(split(h @ own("self_attn.k_proj").T, groups)).repeat_interleave(heads // groups, 1)
        v = split(h @ own("self_attn.v_proj").T, groups).repeat_interleave(heads // groups, 1)
        scores = (q @ k.transpose(-2, -1) / math.sqrt(head)).masked_fill(future, -math.inf)
        mixed = (scores.softmax(-1) @ v).transpose(1, 2).reshape(len(ids), time, heads * head)
        x = x + mixed @ own("self_attn.o_proj").T
        h = norm(x, own("post_attention_layernorm"))
        gated = torch.nn.functional.silu(h @ own("mlp.gate_proj").T) * (h @ own("mlp.up_proj").T)
        x = x + gated @ own("mlp.down_proj").T
    tied = config["tie_word_embeddings"]
    output = weights["model.embed_tokens.weight" if tied else "lm_head.weight"]
    logits = norm(x, weights["model.norm.weight"]) @ output.T
    return logits.log_softmax(-1).gather(-1, targets[..., None])[..., 0]


rows_of_ids = torch.tensor(json.load(sys.stdin))
results = []
for folder in map(Path, sys.argv[1:]):
    configuration = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    weights_of_folder = read_weights(folder / "model.safetensors")
    results.append(log_probabilities(configuration, weights_of_folder, rows_of_ids).tolist())
print(json.dumps(results))
