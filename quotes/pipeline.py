"""The stages in their order, and the `Annotator` that holds the models for many articles."""

import gc
import hashlib
import logging
import os
import pickle
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

from quotes.boilerplate import drop_boilerplate
from quotes.corpus import Lost, map_items
from quotes.detect import Settings, detect_quotes
from quotes.document import Linguistics
from quotes.encoder import Encoder
from quotes.errors import ArticleError, QuotesError
from quotes.explain import Explanation, explain_quote, find_quote
from quotes.inserts import find_inserts, restore_inserts, without_inserts
from quotes.models import load_classifier, read_manifest, verified, weights_folder
from quotes.names import recognise_names
from quotes.reading import MAX_CHARS
from quotes.sections import by_section
from quotes.speakers import SpeakerModel, resolve_speakers
from quotes.stance import Predictor, StanceModel, classify_stance
from quotes.stance_classifier import FittedStance, StanceClassifier
from quotes.stance_reader import StanceReader
from quotes.tagger import Tagger
from quotes.targets import builtin_targets, choose_target, find_target, load_targets
from quotes.types import Article, Document
from quotes.voiced import classify_voiced

logger = logging.getLogger(__name__)
_LEFT_BEHIND: list[Any] = []


@dataclass(frozen=True, slots=True)
class _Options:
    """What another process needs to make the same annotator."""

    target: str | None
    targets: str | Path | None
    nlp: str | Path | None
    stance: StanceClassifier | None = field(compare=False)
    stance_digest: str | None  # equal for copies of a classifier in other processes, which themselves are not

    def make(self, n_threads: int | None) -> "Annotator":
        return Annotator(self.target, targets=self.targets, nlp=self.nlp, stance=self.stance, n_threads=n_threads)

    def __call__(self) -> Callable[[Article], Document | ArticleError]:
        return self.make(1).attempt


class Annotator:
    """Loads the models once and annotates many articles.

    One annotator may be used by several threads at once. It can be sent to other processes, which load the models anew, as does a
    process that was forked.

    target: the pact that every article is asked about; without it each article's own is chosen.
    targets: a TOML file of pacts that are known besides the built-in ones.
    nlp: a folder of Stanza's official English models to use instead of the package's own.
    stance: a fitted `StanceClassifier` in the place of the package's own.
    n_threads: threads for the encoder; one is best where several processes run.
    """

    def __init__(
        self,
        target: str | None = None,
        *,
        targets: str | Path | None = None,
        nlp: str | Path | None = None,
        stance: StanceClassifier | None = None,
        n_threads: int | None = None,
    ) -> None:
        digest = None if stance is None else hashlib.sha256(pickle.dumps(stance)).hexdigest()
        self._options = _Options(target, targets, nlp, stance, digest)
        self._n_threads = n_threads
        self._lock = threading.Lock()
        _keep_inherited_garbage()
        self._load()

    def _load(self) -> None:
        import torch

        target, targets, nlp, stance = self._options.target, self._options.targets, self._options.nlp, self._options.stance
        threads = self._n_threads or min(2, os.cpu_count() or 1)
        torch.set_num_threads(1)  # two threads halve Stanza's speed
        folder = weights_folder()
        own = load_targets(Path(targets)) if targets is not None else ()
        self._targets = (*own, *builtin_targets())
        self._wanted = find_target(target, self._targets) if target is not None else None
        self._versions = dict(read_manifest(folder)["versions"])
        tokenizer = verified(folder, "encoder/tokenizer.json")
        self._encoder = Encoder(verified(folder, "encoder/encoder.onnx"), tokenizer, n_threads=threads)
        self._tagger = Tagger.load(
            verified(folder, "detector/detector.onnx"), verified(folder, "detector/linker.onnx"), tokenizer, n_threads=threads
        )
        self._settings = Settings.read(verified(folder, "detector/settings.json"))
        if nlp is None:
            for name in ("tokenizer.pt", "pos.pt", "lemma.pt", "depparse.pt", "resources.json"):
                verified(folder, f"stanza/{name}")
            self._linguistics = Linguistics.load(folder / "stanza", self._encoder)
        else:
            self._linguistics = Linguistics.load_official(Path(nlp))
        self._voiced = load_classifier(folder, "voiced/voiced.joblib")["classifier"]
        self._speakers = SpeakerModel.read(verified(folder, "speakers/ranker.json"))
        if stance is None:
            verified(folder, "stance/reader.vectors")  # which the network opens by itself
            reader = StanceReader(verified(folder, "stance/reader.onnx"), tokenizer, n_threads=threads)
            self._stance: Predictor = StanceModel(reader, **load_classifier(folder, "stance/stance.joblib"))
        else:
            self._stance = FittedStance(stance)
        self._process = os.getpid()

    def __reduce__(self) -> tuple[Any, ...]:
        return _Options.make, (self._options, self._n_threads)

    def annotate(self, article: Article | str) -> Document:
        """Return the annotated article. Raises ArticleError where its text cannot be read as text."""
        if isinstance(article, str):
            article = Article("text", article)
        check_text(article)
        inserts = find_inserts(article.text)
        if not inserts:
            return self._read(article)
        return restore_inserts(self._read(without_inserts(article, inserts)), article, inserts)

    def _read(self, article: Article) -> Document:
        """Go through the stages in their order."""
        if os.getpid() != self._process:
            self._reload()
        document = self._linguistics.split(article)
        scores = self._tagger.score(document.text)
        document = recognise_names(document, scores)
        document = detect_quotes(document, scores, self._settings)
        document = drop_boilerplate(document)
        document = classify_voiced(document, scores, self._voiced, self._encoder)
        document = by_section(document, lambda part: resolve_speakers(part, self._linguistics.parse, self._speakers))
        document = choose_target(document, self._targets, self._wanted)
        is_asked = self._wanted is not None or article.target is not None
        document = classify_stance(document, self._stance, () if is_asked else self._targets)
        return replace(document, models=self._versions)

    def explain(self, article: Article | str, quote_id: str) -> Explanation:
        """Annotate an article and say why one of its quotes, by id or number, has its speaker and stance. Raises UnknownQuoteError."""
        if isinstance(article, str):
            article = Article("text", article)
        check_text(article)
        inserts = find_inserts(article.text)
        document = self._read(without_inserts(article, inserts) if inserts else article)
        explanation = explain_quote(
            document,
            find_quote(document, quote_id),
            parse=self._linguistics.parse,
            speakers=self._speakers,
            stance=self._stance,
        )
        if not inserts:
            return explanation
        whole = restore_inserts(document, article, inserts)
        return replace(explanation, document=whole, quote=find_quote(whole, quote_id))

    def stream(
        self,
        articles: Iterable[Article | str],
        *,
        n_jobs: int = 1,
        unordered: bool = False,
        on_error: Callable[[ArticleError], None] | None = None,
    ) -> Iterator[Document]:
        """Yield the articles annotated, in order, in constant memory.

        n_jobs: processes; each loads the models once and uses one thread, so on two cores 2 is best; -1 is one a core.
        unordered: yield documents as they are done; they are the same.
        An article that fails, or whose worker dies again and again, is left out and handed to `on_error`; without `on_error` it is
        logged as a warning.
        """
        numbered = (Article(f"text-{n}", a) if isinstance(a, str) else a for n, a in enumerate(articles, 1))
        for outcome in map(self.attempt, numbered) if n_jobs == 1 else self._on_workers(numbered, n_jobs, unordered):
            if isinstance(outcome, Document):
                yield outcome
            elif on_error is None:
                logger.warning("%s", outcome)
            else:
                on_error(outcome)

    def _on_workers(self, articles: Iterator[Article], n_jobs: int, unordered: bool) -> Iterator[Document | ArticleError]:
        for article, outcome in map_items(self._options, articles, n_jobs=n_jobs, unordered=unordered):
            yield ArticleError(article.id, outcome.reason) if isinstance(outcome, Lost) else outcome

    def _reload(self) -> None:
        """Load the models again in a forked process, where the threads of the old ones are gone."""
        with self._lock:
            if os.getpid() != self._process:
                # Kept alive: to take them down would wait for threads that only the parent has.
                _LEFT_BEHIND.append((self._encoder, self._tagger, self._linguistics, self._stance))
                self._load()

    def attempt(self, article: Article) -> Document | ArticleError:
        """Return the annotated article, or what went wrong with it: one broken article never stops the others."""
        try:
            return self.annotate(article)
        except ArticleError as error:
            return error
        except QuotesError as error:
            return ArticleError(article.id, str(error))
        except MemoryError:
            return ArticleError(article.id, "needs more memory than there is, or than the limit allows: split it")
        except Exception as error:
            logger.debug("%s failed", article.id, exc_info=True)
            return ArticleError(article.id, f"could not be annotated ({type(error).__name__}: {error}); please report this")


def check_text(article: Article) -> None:
    """Raise ArticleError where a text is too long or holds what is no character."""
    if len(article.text) > MAX_CHARS:
        raise ArticleError(
            article.id, f"has {len(article.text):,} characters, more than the limit of {MAX_CHARS:,}: split it into articles"
        )
    try:
        article.text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise ArticleError(article.id, f"holds a lone surrogate at character {error.start}: decode the text anew") from error


def annotate(text: str, *, target: str | None = None) -> Document:
    """Annotate one text with models that are loaded at the first call and kept.

    text: an article. target: a pact's name; without it the one that the article speaks of most is chosen.
    Raises ArticleError where the text cannot be annotated, and TargetError for an empty target.
    """
    if not isinstance(text, str):
        raise QuotesError(f"annotate() takes the article's text, not {type(text).__name__}")
    return _shared().annotate(Article("text", text, target=target))


@cache
def _keep_inherited_garbage() -> None:
    """Let forked processes never collect what they inherited: to take a session down there, without its threads, aborts the process."""
    os.register_at_fork(after_in_child=gc.freeze)


@cache
def _shared() -> Annotator:
    return Annotator()
