"""Where the graphs run, and how ONNX Runtime is set up for it."""

from __future__ import annotations

import contextlib
import ctypes
import io
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import onnxruntime

from genie.core.errors import BundleError, DeviceError

DEVICES = ("auto", "cpu", "cuda")
CUDA = "CUDAExecutionProvider"
# More threads than this cost a step of a small model more in handing out work than they save.
MOST_THREADS = 4
WARNING, ERROR, FATAL = 2, 3, 4
# What ONNX Runtime calls the types of a graph's inputs and outputs.
INT, FLOAT, BYTE = "tensor(int64)", "tensor(float)", "tensor(uint8)"


def choose_device(device: str, probe: Path) -> str:
    """Return "cpu" or "cuda" for "auto", "cpu" or "cuda", trying the GPU on the graph in the file `probe`.

    Raises DeviceError for an unknown device, and for "cuda" where no GPU can be used.
    """
    if device not in DEVICES:
        raise DeviceError(f"No device '{device}': choose one of {', '.join(DEVICES)}.")
    if device == "cpu":
        return "cpu"
    obstacle = _cuda_obstacle(probe)
    if obstacle and device == "cuda":
        raise DeviceError(f"Cannot use cuda: {obstacle}, or play with --device cpu.")
    return "cpu" if obstacle else "cuda"


def open_graph(file: Path, device: str, threads: int | None = None) -> onnxruntime.InferenceSession:
    """Load one graph onto "cpu" or "cuda"; `threads` is how many a CPU run may use (None: what suits).

    Raises BundleError, naming the file, when ONNX Runtime cannot load it; DeviceError when it ends up
    elsewhere.
    """
    options = onnxruntime.SessionOptions()
    options.log_severity_level = ERROR
    options.intra_op_num_threads = threads or default_threads()
    # Threads that slept between the nodes of a graph would take a sixth of a step to wake; graphs take turns,
    # so those that went on spinning after one graph's run would take the cores from the next.
    options.add_session_config_entry("session.intra_op.allow_spinning", "1")
    options.add_session_config_entry("session.force_spinning_stop", "1")
    providers: list[object] = ["CPUExecutionProvider"]
    if device == "cuda":
        options.use_deterministic_compute = True
        # The default search times the algorithms anew in each process: two may differ in the last bit.
        providers.insert(0, (CUDA, {"cudnn_conv_algo_search": "HEURISTIC", "use_tf32": "0"}))
    try:
        graph = onnxruntime.InferenceSession(str(file), options, providers=providers, enable_fallback=0)
    except Exception as error:  # ONNX Runtime's exceptions share no better base
        cause = str(error).splitlines()[0][:200] if str(error) else type(error).__name__
        raise BundleError(
            f"{file} cannot be loaded by ONNX Runtime {onnxruntime.__version__}: {cause}"
        ) from None
    if device == "cuda" and graph.get_providers()[0] != CUDA:
        raise DeviceError(f"{file.name} did not load onto the GPU: play with --device cpu.")
    return graph


def default_threads() -> int:
    """Return how many threads a graph should use on this machine's CPU."""
    if hasattr(os, "sched_getaffinity"):
        return min(len(os.sched_getaffinity(0)), MOST_THREADS)
    return min(os.cpu_count() or 1, MOST_THREADS)


def _cuda_obstacle(probe: Path) -> str:
    """Say what stands in the way of CUDA, and what to do about it; "" for nothing."""
    if not _gpu_count():
        return "no NVIDIA GPU is found: check the driver with nvidia-smi"
    if CUDA not in onnxruntime.get_available_providers():
        return "this ONNX Runtime was built without it: install onnxruntime-gpu in place of onnxruntime"
    with _quiet():
        # Finds the CUDA libraries that pip installed, which are not on the system's search path.
        onnxruntime.preload_dlls()
        try:
            open_graph(probe, "cuda")
        except (BundleError, DeviceError):
            return "the CUDA libraries cannot be loaded: install genie[cuda]"
    return ""


def _gpu_count() -> int:
    """Ask the driver; ONNX Runtime lists CUDA as available without one."""
    try:
        driver = ctypes.CDLL("nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1")
        count = ctypes.c_int(0)
        if driver.cuInit(0) or driver.cuDeviceGetCount(ctypes.byref(count)):
            return 0
    except (OSError, AttributeError):
        return 0
    return count.value


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep the attempt's complaints off the terminal: the caller says in one line what came of it."""
    onnxruntime.set_default_logger_severity(FATAL)
    try:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            yield
    finally:
        onnxruntime.set_default_logger_severity(WARNING)
