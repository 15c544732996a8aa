"""The best float32 rate of torch.matmul over several shapes: one half of the ceiling of bench/main.ts.

Arguments: the number of threads, the seconds for each shape, then shapes as ROWSxINNERxCOLUMNS.
Prints one JSON line with the rate that a tenth of each shape's products reach, in floating-point
operations a second.
"""

import json
import sys
import time

from tuned import blas_in_use, restart_with_settings


def sustained_rate(rows: int, inner: int, columns: int, seconds: float) -> float:
    import torch

    a, b = torch.randn(rows, inner), torch.randn(inner, columns)
    out = torch.empty(rows, columns)
    torch.matmul(a, b, out=out)
    took = []
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        start = time.perf_counter()
        torch.matmul(a, b, out=out)
        took.append(time.perf_counter() - start)
    return 2 * rows * inner * columns / sorted(took)[len(took) // 10]


def main() -> None:
    threads, seconds = int(sys.argv[1]), float(sys.argv[2])
    restart_with_settings(threads)
    import torch

    torch.set_num_threads(threads)
    rates = {shape: sustained_rate(*map(int, shape.split("x")), seconds) for shape in sys.argv[3:]}
    print(json.dumps({"flopsPerSecond": rates, "blas": blas_in_use()}))


if __name__ == "__main__":
    main()
