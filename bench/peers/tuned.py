"""The process settings under which PyTorch ran fastest here; they must stand before torch is loaded.

Waiting threads sleep instead of spinning: torch's OpenMP threads and the threads of OpenBLAS
(libopenblas0-pthread) are two pools, and left to spin they take the cores from each other. On two
cores this alone made training 2 to 3 times as fast (see llama.py). Memory: glibc by default returns
every large tensor to the system and faults its pages in again at the next step; it is told to keep
them, as a tuned installation does with another allocator; here that gained nothing measurable.

A value already in the environment wins over the ones here, so another setting can be measured.
"""

import os
import re
import sys
from pathlib import Path

KEEP_MEMORY = {
    "MALLOC_MMAP_THRESHOLD_": str(4 << 30),
    "MALLOC_TRIM_THRESHOLD_": str(8 << 30),
    "MALLOC_TOP_PAD_": str(256 << 20),
}


def restart_with_settings(threads: int) -> None:
    """Restarts this script once with the settings; values already in the environment win."""
    if os.environ.get("PEER_SETTINGS") == "set":
        return
    wanted = {
        **KEEP_MEMORY,
        "OMP_NUM_THREADS": str(threads),
        "OPENBLAS_NUM_THREADS": str(threads),
        "OMP_WAIT_POLICY": "passive",
    }
    environment = {**wanted, **os.environ, "PEER_SETTINGS": "set"}
    os.execve(sys.executable, [sys.executable, *sys.argv], environment)


def blas_in_use() -> str:
    """The matrix library that this process has loaded, such as 'openblas-pthread 0.3.21'."""
    maps = Path("/proc/self/maps")
    text = maps.read_text() if maps.exists() else ""
    library = re.search(r"(openblas-\w+)?/lib(?:openblas\w*?-r([\d.]+?)|mkl_\w+)\.so", text)
    if library is None:
        return "bundled with torch"
    return " ".join(part for part in library.groups() if part) or Path(library.group()).name
