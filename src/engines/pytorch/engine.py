"""Computes Parlance's programs with PyTorch, for the process that started it (process.ts).

Both sides write frames to a pipe: the length of a header in four bytes (little endian), the header as JSON, and as many
bytes as its `bytes` says. Every request has one answer, in the order of the requests; one that failed has `error`. It ends
when its standard input does. Arguments: JSON with `threads`, `precision`, and with several devices `rank`, `count` and
`rendezvous`, a file through which their processes find each other.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import sys
import time
import traceback

# It is told to stop by the end of its input: Ctrl-C in a terminal and a cluster's signals come to the whole group, and the
# process that started it finishes a step first.
for name in ("SIGINT", "SIGTERM", "SIGHUP"):
    if hasattr(signal, name):
        signal.signal(getattr(signal, name), signal.SIG_IGN)
if sys.platform == "linux":
    # One that waits for another device's sum reads no input; it goes with who started it. 1 is PR_SET_PDEATHSIG.
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)

# Frames have a file of their own: what libraries print goes to standard error.
ANSWERS = os.fdopen(os.dup(1), "wb", buffering=0)
os.dup2(2, 1)

try:
    import resource
except ImportError:  # Windows has none.
    resource = None

import torch  # noqa: E402

import compiler  # noqa: E402
from devices import device_name, equal_devices, find_device, has_bfloat16, has_tf32  # noqa: E402
from lowering import NATIVE, Node  # noqa: E402
from source import Settings, compile_function  # noqa: E402


class Program:
    """A compiled program: its function, and where its results go."""

    def __init__(self, request: dict, payload: memoryview, engine: "Engine"):
        self.name = request["name"]
        self.inputs: list[dict] = request["inputs"]
        self.updates: list[str] = request["updates"]
        self.metrics: list[str] = request["metrics"]
        self.times: dict[str, list[float]] | None = {} if request["profile"] else None
        self._engine = engine
        self._began = 0.0
        nodes = [node_of(each, payload) for each in request["nodes"]]
        self._function = self._made(nodes, request["roots"], overwrites=True)
        # Processes that compute a step together must round alike; what is timed is timed as it is.
        if self.updates and self.times is None and engine.count == 1 and compiler.may_pay(engine.device, nodes):
            self._function = compiler.Fastest(self._function, lambda: self._compiled(nodes, request["roots"]), engine.wait)

    def _compiled(self, nodes: list[Node], roots: list[int]):
        return torch.compile(self._made(nodes, roots, overwrites=False), dynamic=False)

    def _made(self, nodes: list[Node], roots: list[int], overwrites: bool):
        engine = self._engine
        settings = Settings(
            device=engine.device,
            updates=len(self.updates),
            bfloat16=engine.precision == "bfloat16",
            told=None if self.times is None else self._told,
            over_devices=engine.over_devices,
            overwrites=overwrites,
        )
        return compile_function(nodes, roots, settings)

    def run(self, state: dict[str, torch.Tensor], batch: dict[str, torch.Tensor]) -> list[torch.Tensor]:
        self._began = time.perf_counter()
        with torch.no_grad():
            values = self._function(state, batch)
        for name, value in zip(self.updates, values):
            state[name] = value
        return values[len(self.updates) :]

    def _told(self, operation: str) -> None:
        self._engine.wait()
        now = time.perf_counter()
        calls = self.times.setdefault(operation, [0, 0.0])
        calls[0] += 1
        calls[1] += 1000 * (now - self._began)
        self._began = now


def node_of(each: list, payload: memoryview) -> Node:
    operation, inputs, shape, dtype, attributes = each
    node = Node(operation, inputs, shape, dtype, attributes)
    if operation == "constant":
        tensor = tensor_of(payload, attributes["offset"], shape, dtype)
        node.attributes["tensor"] = tensor
        if not shape and dtype == "float32":
            node.attributes["number"] = tensor.item()
    return node


def tensor_of(payload: memoryview, offset: int, shape: list[int], dtype: str) -> torch.Tensor:
    """A copy; indices are 64 bits wide, as all of PyTorch's kernels take them."""
    count = 1
    for length in shape:
        count *= length
    kind = torch.int32 if dtype == "int32" else torch.float32
    if count == 0:
        return torch.empty(shape, dtype=kind)
    values = torch.frombuffer(payload, dtype=kind, count=count, offset=offset).reshape(shape)
    return values.to(torch.int64) if dtype == "int32" else values.clone()


def bytes_of(tensor: torch.Tensor) -> tuple[torch.Tensor, ctypes.Array]:
    """The memory of a tensor's values on the host, with the tensor that owns it."""
    host = tensor.detach().to("cpu", torch.float32).contiguous()
    return host, (ctypes.c_char * (4 * host.numel())).from_address(host.data_ptr())


class Engine:
    """Answers requests; what they name by number lives in `states` and `programs`."""

    def __init__(self, arguments: dict):
        self.precision: str = arguments["precision"]
        self.rank, self.count = arguments.get("rank", 0), arguments.get("count", 1)
        torch.set_num_threads(arguments["threads"])
        self.device = find_device(self.rank)
        if self.device.type == "cuda":
            torch.cuda.set_device(self.device)
            torch.backends.cuda.matmul.allow_tf32 = self.precision == "tf32"
        if self.count > 1:
            backend = "nccl" if self.device.type == "cuda" else "gloo"
            torch.distributed.init_process_group(
                backend, init_method=f"file://{arguments['rendezvous']}", rank=self.rank, world_size=self.count
            )
            # A communicator that cannot be made fails here, with its words, and not in the first step.
            torch.distributed.all_reduce(torch.zeros(1, device=self.device))
        self.states: dict[int, dict[str, torch.Tensor]] = {}
        self.programs: dict[int, Program] = {}

    def hello(self) -> dict:
        return {
            "version": torch.__version__,
            "kind": self.device.type,
            "device": device_name(self.device),
            "devices": equal_devices(self.device),
            "bfloat16": has_bfloat16(self.device),
            "tf32": has_tf32(self.device),
            # With one device there is nothing to sum.
            "native": [name for name in NATIVE if name != "sumOverDevices" or self.count > 1],
        }

    def over_devices(self, tensor: torch.Tensor) -> torch.Tensor:
        """The sum of what all devices have."""
        total = tensor.contiguous().clone()
        torch.distributed.all_reduce(total)
        return total

    def wait(self) -> None:
        """Until the device has computed all that it was given."""
        if self.device.type == "cuda":
            torch.cuda.synchronize()
        elif self.device.type == "xpu":
            torch.xpu.synchronize()
        elif self.device.type == "mps" and hasattr(torch, "mps"):
            torch.mps.synchronize()

    def answer(self, request: dict, payload: memoryview) -> tuple[dict, list[torch.Tensor]]:
        return getattr(self, f"_{request['do']}")(request, payload)

    def _create(self, request: dict, payload: memoryview) -> tuple[dict, list]:
        self.states[request["state"]] = self._received(request["tensors"], payload)
        return {}, []

    def _write(self, request: dict, payload: memoryview) -> tuple[dict, list]:
        self.states[request["state"]].update(self._received(request["tensors"], payload))
        return {}, []

    def _read(self, request: dict, _) -> tuple[dict, list]:
        state = self.states[request["state"]]
        return {}, [state[name] for name in request["names"]]

    def _forget(self, request: dict, _) -> tuple[dict, list]:
        self.states.pop(request["state"], None)
        return {}, []

    def _compile(self, request: dict, payload: memoryview) -> tuple[dict, list]:
        self.programs[request["program"]] = Program(request, payload, self)
        return {}, []

    def _step(self, request: dict, payload: memoryview) -> tuple[dict, list]:
        program = self.programs[request["program"]]
        batch, offset = {}, 0
        for one in program.inputs:
            tensor = tensor_of(payload, offset, one["shape"], one["dtype"])
            offset += 4 * tensor.numel()
            batch[one["name"]] = tensor.to(self.device)
        return {}, program.run(self.states[request["state"]], batch)

    def _release(self, request: dict, _) -> tuple[dict, list]:
        times = self.programs.pop(request["program"]).times or {}
        return {"times": [[name, *each] for name, each in times.items()]}, []

    def _received(self, tensors: list[dict], payload: memoryview) -> dict[str, torch.Tensor]:
        result, offset = {}, 0
        for one in tensors:
            tensor = tensor_of(payload, offset, one["shape"], "float32")
            offset += 4 * tensor.numel()
            result[one["name"]] = tensor.to(self.device)
        return result


def peak_bytes() -> int:
    """The most memory that this process has held on the host; 0 where the system does not tell."""
    if resource is None:
        return 0
    # In kilobytes but on macOS.
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def read_exactly(count: int) -> bytearray | None:
    """`None` at the end of the input."""
    data = bytearray(count)
    view, have = memoryview(data), 0
    while have < count:
        read = sys.stdin.buffer.readinto(view[have:])
        if not read:
            return None
        have += read
    return data


def write_frame(header: dict, values: list[torch.Tensor]) -> None:
    parts = [bytes_of(value) for value in values]
    header = {**header, "peak": peak_bytes(), "bytes": sum(len(part) for _, part in parts)}
    text = json.dumps(header).encode()
    write_whole(len(text).to_bytes(4, "little") + text)
    for _, part in parts:
        write_whole(part)


def write_whole(data) -> None:
    view = memoryview(data).cast("B")
    while len(view) > 0:
        view = view[ANSWERS.write(view) :]


# Of the allocators of devices, and of the processor's.
FULL = ("out of memory", "not enough memory", "can't allocate memory", "CUBLAS_STATUS_ALLOC_FAILED")


def failure(error: BaseException) -> dict:
    """What went wrong, in PyTorch's words; `full` when a device's memory did not suffice."""
    text = str(error).strip() or type(error).__name__
    full = isinstance(error, MemoryError) or any(words in text for words in FULL)
    where = "".join(traceback.format_exception(type(error), error, error.__traceback__)[-4:])
    return {"error": {"full": full, "message": text.split("\n")[0], "trace": where}}


def serve(engine: Engine) -> None:
    while (length := read_exactly(4)) is not None:
        request = json.loads(read_exactly(int.from_bytes(length, "little")) or b"{}")
        payload = memoryview(read_exactly(request["bytes"]) or bytearray())
        try:
            header, values = engine.answer(request, payload)
            write_frame(header, values)
        except Exception as error:  # noqa: BLE001 - whatever it is, who asked is told
            write_frame(failure(error), [])


if __name__ == "__main__":
    started = Engine(json.loads(sys.argv[1]))
    write_frame(started.hello(), [])
    serve(started)
