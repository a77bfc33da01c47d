"""The Python interface: results that cannot change, frames and notebooks, threads, processes, Stanza, scikit-learn, types."""

import dataclasses
import gc
import multiprocessing
import os
import pickle
import subprocess
import sys
import textwrap
import tracemalloc
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import quotes
from quotes import Article, QuotesError, StanceClassifier
from quotes.frozen import FrozenDict
from quotes.table import COLUMNS, quote_rows
from quotes.types import StanceLabel
from tests.documents import full_document, plain_document, second_document

TEXTS = [
    "“We stay in NATO,” Foreign Minister Ann Lee said.",
    "Japan will renew the pact only if the curbs are lifted, Tokyo said on Monday.",
    "“Leaving GSOMIA would be a gift to the North,” Defense Secretary Mark Esper warned. He said he hoped for a solution.",
    "Officials of both countries said that the talks on AUKUS would go on. “It is a bad deal,” Paul Keating told the club.",
]


def test_results_cannot_be_changed() -> None:
    document = full_document()
    quote = document.quotes[0]
    assert quote.stance is not None
    with pytest.raises(dataclasses.FrozenInstanceError):
        quote.stance.label = StanceLabel.NONE  # type: ignore[misc]
    for mapping in (quote.stance.probabilities, document.models, document.article.extra):
        for change in ("mapping['x'] = 1", "mapping.update(x=1)", "mapping.pop('x', 0)", "mapping.clear()", "mapping |= {'x': 1}"):
            with pytest.raises(TypeError, match="cannot be changed"):
                exec(change, {"mapping": mapping})
    assert hash(document) == hash(full_document())
    again = pickle.loads(pickle.dumps(document))
    assert again == document
    assert isinstance(again.models, FrozenDict)


def test_frames_have_the_columns_of_the_table() -> None:
    frame = full_document().to_frame()
    assert list(frame.columns) == list(COLUMNS)
    assert len(frame) == 6
    assert frame.loc[1, "condition"] == "only if the export curbs are off the table"
    assert frame["p_supportive"].dtype == np.float64
    assert list(second_document().to_frame().columns) == list(COLUMNS)
    assert quote_rows(full_document().to_dict())[0]["speaker"] == "Han Jisoo"


def test_frames_say_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ImportError, match=r"pip install 'quotes\[frames\]'"):
        full_document().to_frame()
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(QuotesError, match=r"pip install 'quotes\[parquet\]'"):
        list(quotes_parquet())


def quotes_parquet() -> Iterator[Any]:
    """Render an empty Parquet table."""
    from quotes.formats import FORMATS

    return FORMATS["parquet"]([])


def test_notebooks_show_a_table() -> None:
    shown = full_document()._repr_html_()
    assert shown.count("<tr>") == 7
    assert "◆ conditional 71%" in shown
    assert "Han Jisoo, Foreign Minister, South Korea" in shown
    hostile = plain_document("<script>alert(1)</script> \x1b[31m \u202e")._repr_html_()
    assert "<script" not in hostile
    assert r"␛[31m \u{202e}" in hostile
    assert "no pact found" in second_document()._repr_html_()


def test_threads_share_an_annotator(annotator: quotes.Annotator) -> None:
    expected = [annotator.annotate(text).to_dict() for text in TEXTS]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda text: annotator.annotate(text).to_dict(), TEXTS * 6))
    assert found == expected * 6


def test_an_annotator_can_be_sent_elsewhere(annotator: quotes.Annotator) -> None:
    again = pickle.loads(pickle.dumps(annotator))
    assert again.annotate(TEXTS[0]).to_dict() == annotator.annotate(TEXTS[0]).to_dict()


_INHERITED: Any = None


def _annotate_in_child(text: str) -> Any:
    return os.getpid(), _INHERITED.annotate(text).to_dict()


def test_a_forked_process_loads_its_own(annotator: quotes.Annotator) -> None:
    global _INHERITED
    _INHERITED = annotator
    expected = [annotator.annotate(text).to_dict() for text in TEXTS]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that forking with threads is a risk is what this is about
        with multiprocessing.get_context("fork").Pool(1) as pool:
            found = pool.map_async(_annotate_in_child, TEXTS).get(timeout=120)
    assert [value for _, value in found] == expected
    assert {process for process, _ in found}.isdisjoint({os.getpid()})


def test_streams_hold_no_more_than_they_must(annotator: quotes.Annotator) -> None:
    def articles(n: int) -> Iterator[Article]:
        for number in range(n):
            yield Article(f"a{number}", TEXTS[number % len(TEXTS)])

    def peak(n: int) -> int:
        gc.collect()
        tracemalloc.start()
        for _ in annotator.stream(articles(n)):
            pass
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    peak(8)
    few, many = peak(8), peak(40)
    assert many < 1.5 * few + 200_000


def test_stanza_takes_the_annotator_as_a_processor() -> None:
    import stanza

    import quotes.stanza  # noqa: F401
    from quotes.models import weights_folder

    folder = weights_folder() / "stanza"
    pipeline = stanza.Pipeline(
        lang="en",
        dir=str(folder),
        processors="tokenize,quotes",
        download_method=None,
        allow_unknown_language=True,
        use_gpu=False,
        verbose=False,
        tokenize_model_path=str(folder / "tokenizer.pt"),
        quotes_target="NATO",
    )
    document = pipeline(TEXTS[0])
    assert len(document.sentences) == 1
    assert document.quotes[0].speaker.name == "Ann Lee"
    assert document.quotes_document.target.name == "NATO"
    assert document.quotes == document.quotes_document.quotes


STATEMENTS = [
    "We will keep the pact and strengthen it.",
    "The pact is vital to our security and we support it.",
    "We are proud to renew the agreement together.",
    "The pact is dangerous and must end.",
    "We oppose it: it is a terrible mistake.",
    "Leaving is the only way, the deal hurts us.",
]
STANCES = ["supportive"] * 3 + ["warning"] * 3


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.SkipTestWarning", "ignore::sklearn.exceptions.ConvergenceWarning")
def test_scikit_learn_checks_the_classifier() -> None:
    from sklearn.utils.estimator_checks import check_estimator

    results = check_estimator(StanceClassifier(), on_skip=None)
    passed = [result["check_name"] for result in results if result["status"] == "passed"]
    assert len(passed) >= 50
    assert {result["check_name"] for result in results if result["status"] != "passed"} <= {"check_array_api_input"}


def test_the_classifier_learns_statements() -> None:
    import pandas
    from sklearn.base import clone
    from sklearn.model_selection import GridSearchCV, cross_val_score

    classifier = StanceClassifier("GSOMIA", C=0.1).fit(STATEMENTS, STANCES)
    asked = ["We support GSOMIA.", "It is a terrible mistake."]
    assert list(classifier.predict(asked)) == ["supportive", "warning"]
    assert classifier.predict_proba(asked).sum(axis=1) == pytest.approx([1, 1])
    matrix = classifier.features(asked)
    assert np.array_equal(classifier.predict(np.array(asked)), classifier.predict(matrix))
    assert np.array_equal(classifier.predict(pandas.Series(asked)), classifier.predict(matrix))
    again = pickle.loads(pickle.dumps(classifier))
    assert np.array_equal(again.predict_proba(asked), classifier.predict_proba(asked))
    features = classifier.features(STATEMENTS)
    assert cross_val_score(clone(classifier), features, STANCES, cv=3).shape == (3,)
    search = GridSearchCV(StanceClassifier(), {"C": [0.01, 0.1]}, cv=3).fit(features, STANCES)
    assert search.best_params_["C"] in (0.01, 0.1)


def test_ones_own_stances_in_the_annotator() -> None:
    classifier = StanceClassifier(C=10.0).fit(STATEMENTS, ["conditional"] * 3 + ["supportive"] * 3)
    own = quotes.Annotator("NATO", stance=classifier)
    [document] = own.stream([Article("a", "“We support NATO and are proud to strengthen it,” Foreign Minister Ann Lee said.")])
    stance = document.quotes[0].stance
    assert stance is not None
    assert stance.label is StanceLabel.CONDITIONAL
    assert stance.probabilities[StanceLabel.WARNING] == 0
    with pytest.raises(QuotesError, match="has the labels good, bad|has the labels bad, good"):
        quotes.Annotator(stance=StanceClassifier().fit(STATEMENTS, ["good"] * 3 + ["bad"] * 3))


def test_a_users_script_type_checks(tmp_path: Path) -> None:
    from mypy import api

    script = tmp_path / "script.py"
    script.write_text(
        textwrap.dedent(
            """
            from collections.abc import Iterable

            import quotes


            def who_warns(texts: Iterable[str]) -> dict[str, list[str]]:
                annotator = quotes.Annotator(target="NATO", n_threads=1)
                found: dict[str, list[str]] = {}
                for document in annotator.stream(texts, n_jobs=2):
                    for quote in document.quotes:
                        if quote.speaker is not None and quote.stance is not None and quote.stance.label == "warning":
                            condition = quote.stance.condition
                            text: str = quote.text if condition is None else condition.text
                            found.setdefault(quote.speaker.name, []).append(text)
                return found


            def strongest(document: quotes.Document) -> quotes.Quote | None:
                return max(document.quotes, key=lambda quote: quote.confidence.quote, default=None)


            try:
                print(quotes.annotate("text", target="GSOMIA").to_dict()["id"])
            except quotes.ArticleError as error:
                print(error.article_id)
            classifier = quotes.StanceClassifier("NATO", C=1.0).fit(["a", "b"], ["supportive", "none"])
            """
        ),
        encoding="utf-8",
    )
    root = Path(quotes.__file__).parent.parent
    output, errors, status = api.run(["--strict", "--config-file", str(root / "pyproject.toml"), "--cache-dir", str(tmp_path), str(script)])
    assert status == 0, output + errors


def test_the_package_is_typed() -> None:
    assert (Path(quotes.__file__).parent / "py.typed").exists()
    names = subprocess.run(
        [sys.executable, "-c", "import quotes, sys; print('torch' in sys.modules, sorted(quotes.__all__))"],
        capture_output=True, text=True, check=True, env={**os.environ, "PYTHONPATH": str(Path(quotes.__file__).parent.parent)},
    ).stdout  # fmt: skip
    assert names.startswith("False ['Annotator', ")
