"""What the package stands on: a bill of materials (CycloneDX), and known vulnerabilities as far as a service answers.

    python .ci/supply_chain.py PYTHON SBOM

PYTHON is the interpreter of the environment to look at, SBOM the file to write. The exit status is 1 only where a vulnerability is known: a
machine without a way to the vulnerability service says so, and how many packages nobody looked at.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

_SECONDS = 40


def write_sbom(python: str, path: Path) -> str:
    """Write the bill of materials and return what is in it, in words."""
    path.parent.mkdir(parents=True, exist_ok=True)
    call = [sys.executable, "-m", "cyclonedx_py", "environment", "--output-format", "JSON", "--output-file", str(path), python]
    subprocess.run(call, check=True, capture_output=True, timeout=3 * _SECONDS)
    bill = json.loads(path.read_text(encoding="utf-8"))
    return f"{bill['bomFormat']} {bill['specVersion']}: {len(bill['components'])} packages in {path}"


def audit(python: str) -> tuple[str, bool]:
    """Return what pip-audit found, in words, and whether a vulnerability is known."""
    call = [sys.executable, "-m", "pip_audit", "--format", "json", "--progress-spinner", "off"]
    environment = {**os.environ, "PIPAPI_PYTHON_LOCATION": python}
    try:
        done = subprocess.run(call, capture_output=True, text=True, timeout=_SECONDS, env=environment, check=False)
        rows = json.loads(done.stdout)["dependencies"]
    except subprocess.TimeoutExpired:
        return f"NOT AUDITED: the vulnerability service gave no answer in {_SECONDS} s", False
    except (ValueError, KeyError):
        last = (done.stderr.strip() or "no output").splitlines()[-1]
        return f"NOT AUDITED: {last:.200}", False
    skipped = [row for row in rows if "skip_reason" in row]
    known = [f"{row['name']} {row['version']}: {flaw['id']}" for row in rows for flaw in row.get("vulns", ())]
    told = f"{len(rows) - len(skipped)} of {len(rows)} packages audited, {len(known)} vulnerabilities known"
    if skipped:
        told += f"; NOT AUDITED: {len(skipped)}, as the service did not answer or does not know them"
    return "\n".join([told, *known]), bool(known)


def main() -> int:
    """Do both and say what came of it."""
    python, path = sys.argv[1], Path(sys.argv[2])
    try:
        bill = write_sbom(python, path)
    except (OSError, subprocess.SubprocessError) as error:
        bill = f"NO BILL OF MATERIALS: {error}"
    told, is_known = audit(python)
    sys.stdout.write(f"{bill}\n{told}\n")
    return int(is_known)


if __name__ == "__main__":
    raise SystemExit(main())
