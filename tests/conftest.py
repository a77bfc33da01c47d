"""Shared fixtures: the shipped models, loaded once for all tests that need them."""

from pathlib import Path

import pytest

from quotes.reading import read_articles

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="session")
def annotator():
    """The real thing: every shipped model."""
    from quotes import Annotator

    return Annotator()


@pytest.fixture(scope="session")
def seeds(annotator):
    """The five seeds, annotated: by the number in their file's name."""
    articles = read_articles([ROOT / "seeds"])
    return {Path(document.id).name[:3]: document for document in annotator.stream(articles)}
