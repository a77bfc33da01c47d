"""What the README says is what happens."""

import re
from pathlib import Path

import pytest

README = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")


def test_it_prints_the_two_lines_that_ci_runs():
    lines = re.findall(r"^    \$ (pip install -e .*)$", README, re.MULTILINE)
    assert lines == ["pip install -e . && quotes report seeds", "pip install -e '.[test]' && pytest"]


def test_its_python_runs(annotator, capsys, monkeypatch):
    monkeypatch.setattr("quotes.pipeline._shared", lambda: annotator)
    (code,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    exec(compile(code, "README.md", "exec"), {})
    printed = capsys.readouterr().out
    assert printed.startswith("Ann Lee Foreign Minister ")
    assert "“We stay in NATO,”" in printed


@pytest.mark.parametrize("path", re.findall(r"\]\(([^)#]+)\)", README))
def test_its_links_lead_somewhere(path):
    assert (Path(__file__).parent.parent / path).exists()


def test_its_report_is_a_real_one(seeds):
    shown = README.split("```text\n")[1].split("```")[0]
    document = seeds["002"]
    assert document.target.name in shown
    for quote in document.quotes:
        if quote.voiced and quote.speaker is not None:
            assert quote.speaker.name.split()[0] in shown
