"""Stance classifiers compared on the same articles: how much the fine-tuned network is worth beside simpler ones.

Each candidate's options are chosen by cross-validation within the articles that it learns from, grouped by article, and it is scored on
articles, and on a pact, of which it has seen nothing.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.model_selection import GridSearchCV, GroupKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

from quotes.encoder import Encoder
from quotes.stance import LABELS, StanceExample, lexical_names
from quotes.stance_classifier import featurize

_STRENGTHS = (0.0003, 0.001, 0.003, 0.01)
_N_FOLDS = 3


def candidates(n_numbers: int) -> dict[str, GridSearchCV]:
    """Return the classifiers over rows of `n_numbers` numbers and, last, the statement's words."""
    words, numbers, lexicon = n_numbers, slice(0, n_numbers), slice(n_numbers - len(lexical_names()), n_numbers)
    tfidf = TfidfVectorizer(ngram_range=(1, 2), min_df=3, sublinear_tf=True, max_features=8000)
    logistic = LogisticRegression(class_weight="balanced", max_iter=2000)
    scaled = ("numbers", StandardScaler(), numbers)
    both = ColumnTransformer([scaled, ("words", tfidf, words)])
    plain = {
        "TF-IDF, logistic regression": (ColumnTransformer([("words", tfidf, words)]), logistic, (1.0, 3.0, 10.0)),
        "lexicon, logistic regression": (ColumnTransformer([("lexicon", StandardScaler(), lexicon)]), logistic, _STRENGTHS),
        "sentence vectors and lexicon, logistic regression": (ColumnTransformer([scaled]), logistic, _STRENGTHS),
        "all of these, logistic regression": (both, logistic, _STRENGTHS),
        "all of these, linear SVM": (both, LinearSVC(class_weight="balanced", max_iter=20000), (0.00003, 0.0001, 0.0003)),
    }
    found = {
        name: _search(make_pipeline(features, last), {f"{type(last).__name__.lower()}__C": list(strengths)})
        for name, (features, last, strengths) in plain.items()
    }
    boosting = HistGradientBoostingClassifier(class_weight="balanced", random_state=0, max_leaf_nodes=15, max_features=0.1)
    grid = {"histgradientboostingclassifier__max_iter": [50, 100]}
    found["sentence vectors and lexicon, gradient boosting"] = _search(make_pipeline(ColumnTransformer([scaled]), boosting), grid)
    return found


def _search(pipeline: Any, grid: dict[str, Any]) -> GridSearchCV:
    return GridSearchCV(pipeline, grid, scoring="f1_macro", cv=GroupKFold(_N_FOLDS))


def build_rows(examples: Sequence[StanceExample], encoder: Encoder) -> NDArray[np.object_]:
    """Return one row an example: sentence vectors, lexicon, and last the words."""
    numbers = featurize(examples, encoder)
    rows = np.empty((len(examples), numbers.shape[1] + 1), object)
    rows[:, :-1] = numbers
    rows[:, -1] = [example.content for example in examples]
    return rows


def macro_f1(labels: NDArray[np.int64], chosen: NDArray[np.int64]) -> tuple[float, list[float]]:
    """Return macro-F1 and the F1 of each label."""
    each = f1_score(labels, chosen, average=None, labels=range(len(LABELS)), zero_division=0)
    return float(each.mean()), each.tolist()


def encoder_of(folder: Path) -> Encoder:
    """Load the frozen sentence encoder of a build folder."""
    return Encoder(folder / "encoder.onnx", folder / "tokenizer.json", n_threads=2)
