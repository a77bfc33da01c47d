"""Learning from an annotator's own labels while the work goes on: a better order for what is open, and whether more labels still pay.

Run as a process of its own (`python -m labels.learning SET NAME`), so that the app never waits. The classifier reads the stance
classifier's features and the shipped classifier's probabilities; it orders the queue and is not shipped.
"""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from labels.learnt import Learnt, Point, write_learnt
from labels.queue import uncertainty
from labels.sets import LabelSet
from labels.values import Item, LabelError
from quotes.encoder import Encoder
from quotes.models import verified, weights_folder
from quotes.stance import LABELS, build_example
from quotes.stance_classifier import featurize
from quotes.targets import builtin_targets, find_target
from quotes.types import Span

FEWEST = 12  # labels from which anything can be learnt
_SHARES = (0.25, 0.5, 0.75, 1.0)
_FOLDS = 5
_REPEATS = 4
_RESAMPLES = 200
_ENOUGH = 0.02  # macro-F1: what the last half of the labels must at least be able to bring


def learn(label_set: LabelSet, annotator: str) -> Learnt:
    """Learn from an annotator's own labels, nobody else's, so that the order tells nothing of theirs.

    Raises LabelError where there are too few.
    """
    state = label_set.state(annotator)
    ids = label_set.ids_for(annotator)
    labels = [id_ for id_ in ids if state.decided.get(id_) in set(map(str, LABELS))]
    kinds = sorted({state.decided[id_] for id_ in labels})
    if len(labels) < FEWEST or len(kinds) < 2:
        raise LabelError(f"{len(labels)} labels of {len(kinds)} kinds are too few to learn from: {FEWEST} of two kinds are needed")
    features = Features(label_set)
    known = features.of(labels)
    truth = np.array([state.decided[id_] for id_ in labels])
    curve, gain = learning_curve(known, truth, [label_set.article_of(id_) for id_ in labels])
    pays, said = verdict(curve, gain)
    still_open = [id_ for id_ in ids if id_ not in state.decided]
    if not still_open:
        return Learnt(len(labels), (), curve, pays, said)
    fitted = fit(known, truth)
    unsure = [uncertainty(dict(zip(kinds, map(float, row), strict=True))) for row in fitted.predict_proba(features.of(still_open))]
    audited = {id_ for id_ in still_open if label_set.item(id_).draw == "audit"}
    key = dict(zip(still_open, unsure, strict=True)).__getitem__
    ranked = iter(sorted((id_ for id_ in still_open if id_ not in audited), key=key, reverse=True))
    order = tuple(id_ if id_ in audited else next(ranked) for id_ in still_open)  # audited items keep their places
    return Learnt(len(labels), order, curve, pays, said)


class Features:
    """The stance classifier's features of items, with the shipped classifier's probabilities; kept in the set's `.cache/`."""

    def __init__(self, label_set: LabelSet) -> None:
        self._set = label_set
        self._path = label_set.folder / ".cache" / "features.npz"
        self._rows: dict[str, NDArray[np.float32]] = {}
        if self._path.is_file():
            with np.load(self._path, allow_pickle=False) as kept:
                self._rows = dict(zip(kept["ids"].tolist(), kept["rows"], strict=True))

    def of(self, ids: Sequence[str]) -> NDArray[np.float32]:
        """Return one row an item."""
        missing = [id_ for id_ in ids if id_ not in self._rows]
        if missing:
            self._compute(missing)
        return np.stack([self._rows[id_] for id_ in ids])

    def _compute(self, ids: Sequence[str]) -> None:
        encoder = load_encoder()
        items = [self._set.item(id_) for id_ in ids]
        texts = featurize([self._example(item) for item in items], encoder)
        given = np.array([[item.suggestion.get(str(label), 0.25) for label in LABELS] for item in items], np.float32)
        rows = np.hstack([texts, np.log(np.clip(given, 1e-3, 1))])
        self._rows |= dict(zip(ids, rows, strict=True))
        self._path.parent.mkdir(exist_ok=True)
        part = self._path.with_name(f"{os.getpid()}.npz")
        np.savez(part, ids=np.array(list(self._rows)), rows=np.stack(list(self._rows.values())))
        part.replace(self._path)

    def _example(self, item: Item) -> Any:
        text = self._set.text(item.article)
        content = [Span(start, end, text[start:end]) for start, end in item.draft.content]
        return build_example(text, content, find_target(item.target or "the pact", builtin_targets()))


def load_encoder() -> Encoder:
    """Return the shipped sentence encoder."""
    folder = weights_folder()
    return Encoder(verified(folder, "encoder/encoder.onnx"), verified(folder, "encoder/tokenizer.json"))


def fit(features: NDArray[np.float32], truth: NDArray[np.str_]) -> Any:
    """Fit the classifier that orders the queue."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    return make_pipeline(StandardScaler(), LogisticRegression(C=0.01, class_weight="balanced", max_iter=1000)).fit(features, truth)


def learning_curve(
    features: NDArray[np.float32], truth: NDArray[np.str_], articles: Sequence[str]
) -> tuple[tuple[Point, ...], tuple[float, float]]:
    """Return macro-F1 after shares of the labels, cross-validated, and a 95 % interval of what the last half of them brought.

    An article's items stay together where there are enough articles. The interval is a bootstrap over the items.
    """
    groups = np.unique(articles, return_inverse=True)[1]
    rounds = [_cross_validate(features, truth, groups, seed) for seed in range(_REPEATS)]
    n_train = len(truth) * (_FOLDS - 1) / _FOLDS
    points = [Point(round(share * n_train), round(_macro_f1(truth, [found[share] for found in rounds]), 4)) for share in _SHARES]
    rng = np.random.default_rng(0)
    gains = []
    for _ in range(_RESAMPLES):
        rows = rng.integers(0, len(truth), len(truth))
        before, after = ([found[share][rows] for found in rounds] for share in (0.5, 1.0))
        gains.append(_macro_f1(truth[rows], after) - _macro_f1(truth[rows], before))
    low, high = np.percentile(gains, [2.5, 97.5])
    return tuple(points), (round(float(low), 4), round(float(high), 4))


def verdict(curve: Sequence[Point], gain: tuple[float, float]) -> tuple[bool | None, str]:
    """Return whether more labels pay, as far as the last half of them tells, and say so; `None` where they are too few to tell."""
    half, whole = curve[_SHARES.index(0.5)], curve[-1]
    told = (
        f"from {half.n_labels} to {whole.n_labels} labels macro-F1 went from {half.macro_f1:.2f} to {whole.macro_f1:.2f} "
        f"(gain {gain[0]:+.2f} to {gain[1]:+.2f})"
    )
    if gain[0] > 0:
        return True, f"More labels pay: {told}."
    if gain[1] < _ENOUGH:
        return False, f"More labels of this kind hardly pay: {told}."
    return None, f"Too few labels to tell whether more pay: {told}."


def _cross_validate(
    features: NDArray[np.float32], truth: NDArray[np.str_], groups: NDArray[np.int64], seed: int
) -> dict[float, NDArray[np.str_]]:
    """Return the predictions for all items after each share of the labels."""
    from sklearn.model_selection import GroupKFold, KFold

    is_grouped = groups.max() + 1 >= _FOLDS
    splitter = (GroupKFold if is_grouped else KFold)(_FOLDS, shuffle=True, random_state=seed)
    rng = np.random.default_rng(seed)
    predicted = {share: truth.copy() for share in _SHARES}
    for train, test in splitter.split(features, truth, groups if is_grouped else None):
        shuffled = rng.permutation(train)
        for share in _SHARES:
            part = shuffled[: max(2, round(share * len(shuffled)))]
            kinds = np.unique(truth[part])
            predicted[share][test] = kinds[0] if len(kinds) < 2 else fit(features[part], truth[part]).predict(features[test])
    return predicted


def _macro_f1(truth: NDArray[np.str_], predictions: Sequence[NDArray[np.str_]]) -> float:
    """Return macro-F1 over the labels that occur in the truth, the mean over predictions."""
    from sklearn.metrics import f1_score

    labels = np.unique(truth)
    return float(np.mean([f1_score(truth, found, labels=labels, average="macro", zero_division=0) for found in predictions]))


def main(folder: str, annotator: str) -> int:
    """Learn and write the order; the exit status is 1 where there is too little to learn from."""
    label_set = LabelSet(Path(folder))
    try:
        learnt = learn(label_set, annotator)
    except LabelError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    write_learnt(label_set.queue_path(annotator), learnt)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:3]))
