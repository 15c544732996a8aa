"""What PyTorch can compute on here, and what that can do."""

from __future__ import annotations

import torch


def find_device(index: int) -> torch.device:
    """The best that this PyTorch and this machine have; AMD's processors answer to cuda."""
    if torch.cuda.is_available():
        return torch.device("cuda", index)
    if getattr(torch, "xpu", None) is not None and torch.xpu.is_available():
        return torch.device("xpu", index)
    if getattr(torch.backends, "mps", None) is not None and torch.backends.mps.is_available():
        return torch.device("mps")
    return torch.device("cpu")


def device_name(device: torch.device) -> str:
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    if device.type == "xpu":
        return torch.xpu.get_device_name(device)
    return {"mps": "Apple graphics processor"}.get(device.type, "processor")


def equal_devices(device: torch.device) -> int:
    """How many devices may compute a step together: those that are alike, since they must round alike, where NCCL is there."""
    if device.type != "cuda" or not torch.distributed.is_available() or not torch.distributed.is_nccl_available():
        return 1
    count = torch.cuda.device_count()
    kinds = {(torch.cuda.get_device_name(i), torch.cuda.get_device_capability(i)) for i in range(count)}
    return count if len(kinds) == 1 else 1


def has_bfloat16(device: torch.device) -> bool:
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported()
    try:
        one = torch.ones(2, 2, dtype=torch.bfloat16, device=device)
        return torch.mm(one, one).float().sum().item() == 8
    except (RuntimeError, TypeError, NotImplementedError):
        return False


def has_tf32(device: torch.device) -> bool:
    """NVIDIA's from Ampere on; AMD's answer to cuda too."""
    is_nvidia = device.type == "cuda" and torch.version.hip is None
    return is_nvidia and torch.cuda.get_device_capability(device)[0] >= 8
