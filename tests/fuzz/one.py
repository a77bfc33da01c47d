"""One harness under atheris: `python -m tests.fuzz.one HARNESS [options of libFuzzer]`. `python -m tests.fuzz` runs all of them."""

import logging
import resource
import sys
import warnings

import atheris

with atheris.instrument_imports(include=["quotes", "labels"]):
    from tests.fuzz.harnesses import HARNESSES


def main() -> None:
    """Fuzz the harness that the command line names."""
    name = sys.argv.pop(1)
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.stdout = sys.stderr
    run = HARNESSES[name]
    atheris.Setup(sys.argv, lambda data: run(atheris.FuzzedDataProvider(data)))
    atheris.Fuzz()


if __name__ == "__main__":
    main()
