"""Write the pictures and the example report of the documentation anew, from real reports on the seeds: `python -m tests.screenshots`.

Run it after a change of models or reports, and look at what changed. The web page's picture needs Chromium.
"""

import io
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import TerminalTheme

from quotes import Annotator, Document
from quotes.reading import read_articles
from quotes.report import View, render_report
from quotes.report.html import render_page
from tests.test_page import CHROMIUM

ROOT = Path(__file__).parent.parent
IMAGES = ROOT / "docs/images"
SEED = "seeds/002_038c257884ecc5d4"
THEME = TerminalTheme(
    (251, 251, 249),
    (28, 30, 33),
    [(28, 30, 33), (171, 31, 31), (20, 108, 51), (132, 84, 0), (11, 87, 164), (120, 50, 130), (20, 110, 120), (90, 96, 105)],
)


def text_of(document: Document) -> str:
    """Return the report on one document as it stands in a pipe."""
    stream = io.StringIO()
    render_report([document], Console(file=stream, width=100), View())
    return "\n".join(line.rstrip() for line in stream.getvalue().rstrip().split("\n"))


def write_svg(document: Document, path: Path) -> None:
    """Write the report on one document as a terminal shows it; fonts are the reader's own, as nothing is loaded from elsewhere."""
    console = Console(record=True, width=100, file=io.StringIO(), force_terminal=True, color_system="standard", legacy_windows=False)
    render_report([document], console, View())
    svg = console.export_svg(title=f"quotes report {SEED}.txt", theme=THEME)
    svg = re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL).replace("Fira Code", "DejaVu Sans Mono")
    path.write_text("\n".join(line.rstrip() for line in svg.split("\n")) + "\n", encoding="utf-8")


def write_png(page: Path, path: Path, *, dark: bool) -> None:
    """Write what Chromium shows of a page."""
    colours = ["--blink-settings=preferredColorScheme=0"] if dark else []
    options = ["--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--window-size=1200,1500", *colours]
    subprocess.run([CHROMIUM or "chromium", *options, f"--screenshot={path}", page.as_uri()], check=True, capture_output=True)


def main() -> None:
    """Write everything."""
    documents = list(Annotator().stream(article for article in read_articles(["seeds"]) if not isinstance(article, Exception)))
    [document] = [document for document in documents if document.id == SEED]
    readme = ROOT / "README.md"
    text = readme.read_text(encoding="utf-8")
    block = f"```text\n{text_of(document)}\n```"
    readme.write_text(re.sub(r"```text\n.*?\n```", lambda _: block, text, count=1, flags=re.DOTALL), encoding="utf-8")
    IMAGES.mkdir(exist_ok=True)
    write_svg(document, IMAGES / "report.svg")
    if CHROMIUM is None:
        print("no Chromium: the pictures of the web page stay as they are", file=sys.stderr)  # noqa: T201
        return
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "page.html"
        for name, shown in (("light", [document]), ("dark", documents)):
            page.write_text("".join(render_page(shown, View())), encoding="utf-8")
            write_png(page, IMAGES / f"page-{name}.png", dark=name == "dark")


if __name__ == "__main__":
    main()
