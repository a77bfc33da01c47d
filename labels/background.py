"""The learning process beside the app: started after every N labels, its order taken when it is done."""

import subprocess
import sys
from pathlib import Path

from labels.sets import LabelSet


class Background:
    """Starts `labels.learning` when enough labels are new, one process at a time."""

    def __init__(self, label_set: LabelSet, annotator: str, every: int) -> None:
        self._set = label_set
        self._annotator = annotator
        self._every = every
        self._learnt_at: int | None = None
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def is_running(self) -> bool:
        """Whether it is learning now."""
        return self._process is not None

    def note(self, n_labels: int) -> None:
        """Take into account how many labels there are; start learning where N are new."""
        if self._learnt_at is None:
            self._learnt_at = n_labels
        if self._every and self._process is None and n_labels - self._learnt_at >= self._every:
            self._learnt_at = n_labels
            command = [sys.executable, "-m", "labels.learning", str(self._set.folder), self._annotator]
            # Standard error too: what a library says there must not run over the screen.
            self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=Path.cwd())

    def poll(self) -> int | None:
        """Return the exit status of a process that has ended since, else `None`."""
        status = None if self._process is None else self._process.poll()
        if status is not None:
            self._process = None
        return status

    def stop(self) -> None:
        """End the process, if one runs; the next one learns from all labels anyway."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
