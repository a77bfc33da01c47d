"""From the paths of a call to annotated documents, with everything told that is worth telling on the way."""

import logging
import time
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from quotes.errors import ArticleError, QuotesError
from quotes.output import Messages
from quotes.reading import read_articles
from quotes.report.selection import is_spoken_by
from quotes.targets import builtin_targets, find_target, load_targets
from quotes.types import Article, Document

if TYPE_CHECKING:
    from quotes.explain import Explanation

logger = logging.getLogger(__name__)


class CallError(QuotesError):
    """The call is wrong."""


def annotate_paths(
    paths: Sequence[str], target: str | None, targets: Path | None, nlp: Path | None, messages: Messages, *, n_jobs: int = 1
) -> Iterator[Document]:
    """Yield the articles of the paths annotated; those that fail are told. Raises CallError where there is nothing to read."""
    check_targets(target, targets, messages)
    articles = _read(paths, messages)
    first = next(articles, None)
    if first is None:
        return
    with messages.progress() as progress:
        task = progress.add_task("Loading the models")
        from quotes.pipeline import Annotator

        annotator = Annotator(target, targets=targets, nlp=nlp)
        logger.info("models loaded")
        progress.update(task, description="Annotating")
        started, n_words = time.perf_counter(), 0
        for number, document in enumerate(annotator.stream(chain([first], articles), n_jobs=n_jobs, on_error=messages.fail), 1):
            progress.stop()  # as the document may be printed on the same terminal
            n_words += len(document.text.split())
            logger.info("%s: %d quotes, target %s", document.id, len(document.quotes), document.target and document.target.name)
            yield document
            progress.update(task, description=f"Annotating: {number} done")
            progress.start()
        logger.info("%d words in %.1f s", n_words, time.perf_counter() - started)


def check_targets(target: str | None, targets: Path | None, messages: Messages) -> None:
    """Tell wrong options before the models are loaded. Raises TargetError."""
    own = () if targets is None else load_targets(targets)
    if target is None:
        return
    known = (*own, *builtin_targets())
    forms = [form for pact in known for form in (pact.name, *pact.aliases)]
    names = {form.casefold(): form for form in reversed(forms)}  # of several spellings the first
    close = get_close_matches(find_target(target, known).name.casefold(), names, 1, 0.8)
    if close and target.strip().casefold() not in names:
        messages.note(f"no pact is known as {target!r}, so only that name is looked for; did you mean {names[close[0]]!r}?")


def explain_path(path: str, quote_id: str, target: str | None, targets: Path | None, nlp: Path | None) -> "Explanation":
    """Explain one quote of an article of a file. Raises QuotesError where there is no such article or quote."""
    articles = []
    for result in read_articles([path]):
        if isinstance(result, ArticleError):
            raise result
        articles.append(result)
    if len(articles) > 1:
        articles = [article for article in articles if quote_id.startswith(f"{article.id}:")]
    if not articles:
        raise CallError(f"{path}: no article there has the quote {quote_id!r}; give its id, such as ARTICLE:3")
    from quotes.pipeline import Annotator

    return Annotator(target, targets=targets, nlp=nlp).explain(articles[0], quote_id)


def _read(paths: Sequence[str], messages: Messages) -> Iterator[Article]:
    # A path that is not there, or an empty folder, is no article that failed.
    absent = {Path(path).as_posix() for path in paths if path != "-" and (Path(path).is_dir() or not Path(path).exists())}
    is_anything_there = False
    for result in read_articles(paths):
        if isinstance(result, ArticleError):
            is_anything_there |= result.article_id not in absent
            messages.fail(result)
        else:
            is_anything_there = True
            yield result
    if not is_anything_there:
        raise CallError("nothing to read: give the path of an article, a folder of articles, or - for standard input")


def hint_at_speakers(documents: Iterator[Document], words: str | None, messages: Messages) -> Iterator[Document]:
    """Yield the documents, and say whom the words may have meant if nobody was called so."""
    names: dict[str, str] = {}
    is_found = words is None
    for document in documents:
        if not is_found and words is not None:
            is_found = any(is_spoken_by(quote, words) for quote in document.quotes)
            speakers = [quote.speaker.name for quote in document.quotes if quote.speaker is not None]
            names |= {part.casefold(): name for name in speakers for part in (name, *name.split())}
        yield document
    if not is_found and words is not None:
        close = [names[key] for key in get_close_matches(words.casefold(), names, 3)]
        meant = f"; did you mean {' or '.join(dict.fromkeys(close))}?" if close else ""
        messages.note(f"nobody is called {words!r}{meant}")
