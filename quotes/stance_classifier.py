"""A stance classifier for one's own labels, in the manner of scikit-learn: fit, predict, cross-validate, put into an `Annotator`."""

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from quotes.encoder import WIDTH, Encoder
from quotes.errors import QuotesError
from quotes.models import verified, weights_folder
from quotes.stance import LABELS, StanceExample, lexical, lexical_names
from quotes.targets import builtin_targets, find_target, mention_pattern
from quotes.types import StanceLabel

_MASK = "the pact"


class StanceClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Logistic regression on sentence vectors of the shipped encoder and a readable lexicon.

    `X` is a list of statements, or a matrix of numbers (n, m) that `features` made of them, which saves time where the same
    statements are fitted again and again, as in a grid search. `y` are labels: the four of `quotes`, or any others.

    target: the pact that the statements are about; its names are made the same for all pacts, as in the shipped model.
    C: inverse strength of the penalty. class_weight: as in scikit-learn. max_iter: the most steps of the solver.
    """

    def __init__(self, target: str | None = None, *, C: float = 0.003, class_weight: Any = "balanced", max_iter: int = 2000) -> None:  # noqa: N803
        self.target = target
        self.C = C
        self.class_weight = class_weight
        self.max_iter = max_iter

    def fit(self, X: Any, y: Any) -> "StanceClassifier":  # noqa: N803
        """Fit on statements, or on their features, with a label each."""
        matrix, labels = validate_data(self, self._numbers(X), y)
        check_classification_targets(labels)
        logistic = LogisticRegression(C=self.C, class_weight=self.class_weight, max_iter=self.max_iter)
        self.pipeline_ = make_pipeline(StandardScaler(), logistic).fit(matrix, labels)
        self.classes_ = self.pipeline_.classes_
        self.n_iter_ = int(self.pipeline_[-1].n_iter_.max())
        return self

    def predict(self, X: Any) -> NDArray[Any]:  # noqa: N803
        """Return the likeliest label of each statement."""
        check_is_fitted(self)
        return np.asarray(self.classes_[self.predict_proba(X).argmax(1)])

    def predict_proba(self, X: Any) -> NDArray[np.float64]:  # noqa: N803
        """Return the probabilities (n, number of labels) in the order of `classes_`."""
        check_is_fitted(self)
        return np.asarray(self.pipeline_.predict_proba(validate_data(self, self._numbers(X), reset=False)))

    def features(self, statements: Sequence[str]) -> NDArray[np.float32]:
        """Return what the classifier reads of statements: one row each."""
        pattern = None if self.target is None else mention_pattern(find_target(self.target, builtin_targets()))
        examples = []
        for statement in statements:
            words = statement if pattern is None else pattern.sub(_MASK, statement)
            examples.append(StanceExample(((words, True),), pattern is not None and pattern.search(statement) is not None))
        return featurize(examples, _encoder())

    def _numbers(self, X: Any) -> Any:  # noqa: N803
        """Return features of statements; numbers as they are, for scikit-learn to check."""
        statements = X.tolist() if isinstance(X, np.ndarray) and X.ndim == 1 and X.dtype.kind in "OU" else X
        if hasattr(X, "to_list") and not hasattr(X, "columns"):  # a pandas series
            statements = X.to_list()
        is_text = isinstance(statements, list | tuple) and bool(statements) and all(isinstance(one, str) for one in statements)
        return self.features(statements) if is_text else X


@cache
def _encoder() -> Encoder:
    folder = weights_folder()
    return Encoder(verified(folder, "encoder/encoder.onnx"), verified(folder, "encoder/tokenizer.json"))


def featurize(examples: Sequence[StanceExample], encoder: Encoder) -> NDArray[np.float32]:
    """Return one row an example: the sentence vectors of statement and surroundings, and the lexicon's counts."""
    return np.hstack(
        [
            encoder.embed([example.content for example in examples]),
            encoder.embed([example.context for example in examples]),
            np.array([lexical(example) for example in examples], np.float32),
        ]
    )


class FittedStance:
    """A fitted classifier in the shape in which the pipeline asks for a stance model. Raises QuotesError where its labels are others."""

    def __init__(self, classifier: StanceClassifier) -> None:
        check_is_fitted(classifier)
        names = [str(label) for label in classifier.classes_]
        if not set(names) <= {str(label) for label in LABELS}:
            raise QuotesError(f"the stance classifier has the labels {', '.join(names)}; an annotator takes {', '.join(LABELS)}")
        self._classifier = classifier
        self._places = [[str(label) for label in LABELS].index(name) for name in names]

    def predict(self, examples: Sequence[StanceExample]) -> NDArray[np.float64]:
        """Return probabilities (n, 4) in the order of LABELS."""
        result = np.zeros((len(examples), len(LABELS)))
        result[:, self._places] = self._classifier.predict_proba(featurize(examples, _encoder()))
        return result

    def reasons(self, example: StanceExample, label: StanceLabel) -> Sequence[tuple[str, float]]:
        """Return what the classifier's features weigh for a label against the average of the others; a vector's parts under one name."""
        scale, logistic = self._classifier.pipeline_
        if len(logistic.coef_) != len(self._places):  # two labels, one row of weights
            return []
        row = scale.transform(featurize([example], _encoder()))[0]
        place = self._places.index(LABELS.index(label))
        each = (logistic.coef_[place] - np.delete(logistic.coef_, place, 0).mean(0)) * row
        vectors = [("the sense of the words", each[:WIDTH].sum()), ("the sense of what stands round it", each[WIDTH : 2 * WIDTH].sum())]
        return [(name, float(value)) for name, value in (*vectors, *zip(lexical_names(), each[2 * WIDTH :], strict=True))]
