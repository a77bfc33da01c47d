"""One harness under atheris: `python -m tests.fuzz.one HARNESS [options of libFuzzer]`. `python -m tests.fuzz` runs all of them."""

import logging
import random
import resource
import sys
import time
import warnings

import atheris

with atheris.instrument_imports(include=["quotes", "labels"]):
    from tests.fuzz.harnesses import HARNESSES
    from tests.fuzz.material import Bytes

SLOWEST = 20.0
"""Seconds of the processor after which an input counts as a hang; libFuzzer's own limit is by the clock, and machines are busy."""


def main() -> None:
    """Fuzz the harness that the command line names."""
    name = sys.argv.pop(1)
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.stdout = sys.stderr
    run, slowest = HARNESSES[name], 0.0
    for _ in range(3):  # what is loaded at the first call is no input's time
        run(Bytes(random.Random(1).randbytes(200)))

    def test_one_input(data: bytes) -> None:
        nonlocal slowest
        started = time.process_time()
        run(atheris.FuzzedDataProvider(data))
        took = time.process_time() - started
        if took > slowest:
            slowest = took
            sys.stderr.write(f"stat::slowest_cpu_ms: {round(1000 * took)}\n")
        if took > SLOWEST:
            raise TimeoutError(f"{took:.0f} s of the processor")

    atheris.Setup(sys.argv, test_one_input)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
