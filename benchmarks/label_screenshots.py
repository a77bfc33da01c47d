"""Draw the screenshots of the README from the seeds, in a copy of their set: `python -m benchmarks.label_screenshots`."""

import asyncio
import shutil
import tempfile
from itertools import count
from pathlib import Path

from labels.adjudication import cases
from labels.adjudication_app import AdjudicationApp
from labels.adjudicator import AdjudicationSession
from labels.app import LabelApp
from labels.journal import Journal
from labels.session import Session
from labels.sets import LabelSet

ROOT = Path(__file__).parent.parent
OUT = ROOT / "docs" / "images"


async def draw(app: LabelApp, keys: list[str], size: tuple[int, int], name: str) -> None:
    """Press keys in an app and keep what it shows."""
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        for key in keys:
            await pilot.press(key)
        await pilot.pause()
        (OUT / name).write_text(app.export_screenshot(simplify=True), encoding="utf-8")


def main() -> None:
    """Draw all."""
    OUT.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=ROOT / "labels") as place:  # beside the set, as it names its articles from there
        folder = Path(place)
        shutil.copytree(ROOT / "labels" / "seeds", folder, dirs_exist_ok=True)
        label_set = LabelSet(folder)
        clock = count(step=4.0).__next__  # as keys of a script take no time
        session = Session(label_set, "ann", Journal(label_set.journal_path("ann")), label_set.ids, clock=clock)
        asyncio.run(draw(LabelApp(session), ["4", "1", "0", "j", "1", "j"], (80, 24), "label.svg"))
        asyncio.run(draw(LabelApp(session, theme="light"), ["h"], (140, 40), "label-wide.svg"))
        asyncio.run(draw(LabelApp(session), ["k", "c", "left", "left"], (80, 24), "label-span.svg"))
        asyncio.run(draw(LabelApp(session), ["right", "right", "question_mark"], (80, 24), "label-guide.svg"))
        session.journal.close()
        found = cases(label_set)
        lead = AdjudicationSession(label_set, "lead", Journal(label_set.adjudication_path("lead")), found)
        asyncio.run(draw(AdjudicationApp(lead, found), [], (100, 30), "label-adjudicate.svg"))
        lead.journal.close()


if __name__ == "__main__":
    main()
