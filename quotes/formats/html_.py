"""Documents as one web page: the HTML report with every quote."""

from collections.abc import Iterable, Iterator

from quotes.report.html import render_page
from quotes.types import Document


def render(documents: Iterable[Document]) -> Iterator[str]:
    """Yield the page piece by piece, once all documents are there, since what they say together stands first."""
    return render_page(documents)
