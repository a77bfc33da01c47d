"""Fit the ranker of antecedents, and measure speakers, roles and affiliations on labelled articles.

quotes train speakers check --corpora CORPORA
quotes train speakers score --corpora CORPORA
quotes train speakers agree --corpora CORPORA
quotes train speakers fit   --corpora CORPORA --silver build/silver.jsonl --out build/speakers
quotes train speakers calibrate --corpora CORPORA --out build/speakers
"""

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import logsumexp
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from quotes.antecedents import FEATURES, KINDS, Ranker, Resolved
from quotes.detect import quote_type
from quotes.document import Linguistics
from quotes.entities import Person
from quotes.models import weights_folder
from quotes.quotation import find_regions
from quotes.speakers import Resolver, SpeakerModel
from quotes.types import Article, Confidence, Document, Name, Quote, Span
from training.corpora import Attribution, TrainingText, read_jsonl, read_polnear
from training.scores import calibration_error
from training.speaker_scores import (
    FOLDER,
    SETS,
    GoldSpeaker,
    as_found,
    count,
    measure,
    pair,
    read_gold,
    same_name,
    same_person,
    summarise,
    unchanged,
)

app = typer.Typer(help=__doc__)
Corpora = Annotated[Path, typer.Option(help="folder of the corpora")]

_COSTS = {"personal": 1.2, "description": 3.0}
"""How many right names a wrong one costs: where leaving somebody unnamed loses little, a wrong name costs more."""


@dataclass(frozen=True, slots=True)
class SourceLabel:
    """Who a labelled source of PolNeAR is: the name as the article writes it in full, `None` where nobody can tell or names them."""

    kind: str
    name: str | None
    members: tuple[str, ...]
    doubt: bool


Key = tuple[int, int]
"""Where a source begins and where its content begins."""
Sources = list[tuple[Document, dict[Key, SourceLabel]]]


def read_sources(corpora: Path, silver: Path, split: Callable[[Article], Document]) -> Sources:
    """Return the articles with labelled sources: gold quotes, silver names, and the labels."""
    labels: dict[str, dict[Key, SourceLabel]] = defaultdict(dict)
    texts = {text.id: text for text in read_polnear(corpora / "polnear" / "train.jsonl", silver)}
    for row in read_jsonl(FOLDER / "sources.jsonl"):
        text = unchanged(texts[row["id"]].text, row)
        name = text[row["name"][0] : row["name"][1]] if isinstance(row["name"], list) else row["name"]
        members = tuple(text[start:end] for start, end in row["members"])
        labels[row["id"]][row["source"][0][0], row["content"][0][0]] = SourceLabel(row["kind"], name, members, row["doubt"])
    return [(_with_gold(split(Article(id_, texts[id_].text)), texts[id_]), found) for id_, found in labels.items()]


def _with_gold(document: Document, text: TrainingText) -> Document:
    regions = find_regions(document.text)

    def quote(attribution: Attribution, number: int) -> Quote:
        content, cue, source = (tuple(document.span(*s) for s in getattr(attribution, role)) for role in ("content", "cue", "source"))
        kind = quote_type(attribution.content, regions, document.text)
        return Quote(f"{document.id}:{number}", kind, True, content, cue, source, Confidence(1.0))

    ordered = sorted(text.attributions or (), key=lambda a: a.content)
    names = tuple(Name(n.start, n.end, document.text[n.start : n.end], n.label) for n in text.names or () if n.label != "?")
    return replace(document, quotes=tuple(quote(a, n) for n, a in enumerate(ordered, 1)), names=tuple(sorted(names, key=lambda n: n.start)))


@dataclass(frozen=True, slots=True)
class Choice:
    """One source with its candidates: features (n, FEATURES), which of them is right (-1: none), and the article."""

    kind: str
    rows: NDArray[np.float64]
    right: int
    article: str


class _Recorder(Resolver):
    """Resolves with labelled sources taken from the labels, and keeps what the ranker is asked."""

    labels: dict[Key, SourceLabel]
    choices: list[Choice]

    def _ranked(self, span: Span, kind: str) -> Resolved | None:
        label = next((label for (start, _), label in self.labels.items() if start == span.start), None)
        persons = self._antecedents.candidates(span)
        if label is None or not persons:
            return super()._ranked(span, kind)
        right = next((i for i, person in enumerate(persons) if label.kind == "person" and label.name and _same(person, label.name)), -1)
        if not label.doubt:
            self.choices.append(Choice(kind, self._antecedents.features(span, kind, persons), right, self._document.id))
        if right < 0:
            return None
        person = self.cast.by_mention[persons[right].name.start]
        return Resolved(self._person(person), kind, "labelled", person, 1.0)


def _same(person: Person, name: str) -> bool:
    return any(same_person(mention.text, name) for mention in person.mentions)


def record_choices(sources: Sources, linguistics: Linguistics, model: SpeakerModel) -> list[Choice]:
    """Resolve the labelled articles and return every choice that the ranker has to make and that a label settles."""
    choices: list[Choice] = []
    for document, labels in sources:
        recorder = _Recorder(document, linguistics.parse, model)
        recorder.labels, recorder.choices = labels, choices
        recorder.resolve_all()
    return choices


def start_model() -> SpeakerModel:
    """Return a model by hand, for the first round: who spoke last, else the subject of the last clause."""
    by_hand = {"spoke last": 2.0, "subject of the last clause": 2.0, "sentences since the last mention": -1.0}
    weights = dict.fromkeys(FEATURES, 0.0) | by_hand
    start = {"weights": list(weights.values()), "intercept": -1.0, "temperature": 1.0}
    return SpeakerModel(Ranker(dict.fromkeys(KINDS, start)), dict.fromkeys(KINDS, 0.5), {})


def fit_kind(choices: Sequence[Choice], c: float) -> tuple[dict[str, Any], NDArray[np.float64], NDArray[np.bool_]]:
    """Fit one kind; return its weights, and each choice's held-out probability of the best candidate with whether it is right."""
    groups = [choice.article for choice in choices]
    held_out: list[NDArray[np.float64]] = [np.zeros(0)] * len(choices)
    for train, test in GroupKFold(min(10, len(set(groups)))).split(choices, groups=groups):
        model = _logistic([choices[i] for i in train], c)
        for i in test:
            held_out[i] = model.decision_function(choices[i].rows)
    right = np.array([choice.right for choice in choices])

    def loss(parameters: NDArray[np.float64]) -> float:
        total = 0.0
        for scores, best in zip(held_out, right, strict=True):
            scaled = np.append(scores * parameters[0] + parameters[1], 0.0)
            total -= scaled[best] - logsumexp(scaled)
        return total / len(right) + 0.001 * float((parameters**2).sum())

    scale, shift = minimize(loss, np.array([1.0, 0.0]), method="Nelder-Mead").x
    probabilities, hits = [], []
    for scores, best in zip(held_out, right, strict=True):
        scaled = np.append(scores * scale + shift, 0.0)
        probabilities.append(float(np.exp(scaled[:-1].max() - logsumexp(scaled))))
        hits.append(int(scaled[:-1].argmax()) == best)
    model = _logistic(choices, c)
    weights = {
        "weights": [round(float(w), 4) for w in model.coef_[0]],
        "intercept": round(float(model.intercept_[0] + shift / scale), 4),
        "temperature": round(float(scale), 4),
    }
    return weights, np.array(probabilities), np.array(hits)


def _logistic(choices: Sequence[Choice], c: float) -> LogisticRegression:
    rows = np.vstack([choice.rows for choice in choices])
    labels = np.concatenate([np.arange(len(choice.rows)) == choice.right for choice in choices])
    return LogisticRegression(C=c, max_iter=2000).fit(rows, labels)


def choose_threshold(probabilities: NDArray[np.float64], hits: NDArray[np.bool_], cost: float) -> float:
    """Return the probability from which naming somebody pays where a wrong name costs `cost` right ones."""
    thresholds = np.arange(0.3, 0.95, 0.01)
    gains = [float((hits[probabilities >= t] - cost * ~hits[probabilities >= t]).sum()) for t in thresholds]
    return round(float(thresholds[int(np.argmax(gains))]), 2)


def _linguistics() -> Linguistics:
    from quotes.encoder import Encoder

    folder = weights_folder()
    return Linguistics.load(folder / "stanza", Encoder(folder / "encoder" / "encoder.onnx", folder / "encoder" / "tokenizer.json"))


@app.command()
def fit(
    corpora: Corpora,
    silver: Annotated[Path, typer.Option(help="silver names for PolNeAR, from training.silver")],
    out: Annotated[Path, typer.Option(help="folder to write to")],
    c: float = 1.0,
    rounds: int = 2,
) -> None:
    """Fit the ranker on the labelled sources, choose from which probability it names somebody, and count how often each rule is right."""
    linguistics = _linguistics()
    sources = read_sources(corpora, silver, linguistics.split)
    model = start_model()
    values: dict[str, Any] = {}
    scores: dict[str, float] = {}
    for _ in range(rounds):
        values = {"ranker": {}, "thresholds": {}, "rules": {}}
        choices = record_choices(sources, linguistics, model)
        for kind in KINDS:
            some = [choice for choice in choices if choice.kind == kind]
            values["ranker"][kind], probabilities, hits = fit_kind(some, c)
            values["thresholds"][kind] = threshold = choose_threshold(probabilities, hits, _COSTS[kind])
            named = probabilities >= threshold
            scores |= {f"{kind}.n": len(some), f"{kind}.first": float(hits.mean()), f"{kind}.named": float(named.mean())}
            scores |= {f"{kind}.error": calibration_error(probabilities, hits)}
            if named.any():
                scores[f"{kind}.right_of_named"] = float(hits[named].mean())
        model = SpeakerModel(Ranker(values["ranker"]), values["thresholds"], {})
    values["rules"] = count_rules(sources, linguistics, model)
    out.mkdir(parents=True, exist_ok=True)
    (out / "ranker.json").write_text(json.dumps(values, indent=1) + "\n", encoding="utf-8")
    (out / "scores.json").write_text(json.dumps(scores, indent=1) + "\n", encoding="utf-8")
    typer.echo("\n".join(f"{name:28s} {value:.3f}" for name, value in scores.items()))
    typer.echo(json.dumps(values["rules"]))


def count_rules(sources: Sources, linguistics: Linguistics, model: SpeakerModel) -> dict[str, float]:
    """Return how often each rule is right on the labelled sources."""
    outcomes = []
    for document, labels in sources:
        resolver = Resolver(document, linguistics.parse, model)
        for quote, resolved in zip(document.quotes, resolver.resolve_all(), strict=True):
            label = labels.get((quote.source[0].start, quote.content[0].start)) if quote.source else None
            if label is None or label.doubt or resolved is None:
                continue
            gold = GoldSpeaker(label.kind, (label.name,) if label.name else (), (), (), label.members)
            outcomes.append((resolved.rule, same_name(resolved.speaker, gold)))
    return _shares(outcomes)


def _shares(outcomes: Iterable[tuple[str, bool]]) -> dict[str, float]:
    """Return how often each rule is right (Laplace's estimate)."""
    right: Counter[str] = Counter()
    total: Counter[str] = Counter()
    for rule, hit in outcomes:
        total[rule] += 1
        right[rule] += hit
    return {rule: round((right[rule] + 1) / (n + 2), 3) for rule, n in sorted(total.items())}


@app.command()
def calibrate(corpora: Corpora, out: Annotated[Path, typer.Option(help="folder of the fitted ranker.json, which is written anew")]) -> None:
    """Count how often each rule of what ships is right on the labelled articles of pactnews, and put that into the model.

    Sources of PolNeAR are harder than those of news on pacts. The calibration error is that of counts on the other half of the articles.
    """
    from quotes.pipeline import Annotator

    path = out / "ranker.json"
    annotator, linguistics, model = Annotator(), _linguistics(), SpeakerModel.read(path)
    seen: list[tuple[int, str, float | None, bool]] = []
    for number, (id_, text, gold) in enumerate(read_gold(corpora)):
        document = annotator.annotate(Article(id_, text))
        resolver = Resolver(document, linguistics.parse, model)
        by_id = dict(zip((quote.id for quote in document.quotes), resolver.resolve_all(), strict=True))
        for wanted, got in pair(text, gold, [quote for quote in document.quotes if quote.voiced]):
            found = by_id[got.id]
            if wanted.speaker is not None and found is not None:
                seen.append((number % 2, found.rule, found.probability, same_name(found.speaker, wanted.speaker)))
    held_out = []
    for half in (0, 1):
        rules = _shares((rule, right) for part, rule, _, right in seen if part != half)
        held_out += [(rules.get(rule, 0.8) if p is None else p, right) for part, rule, p, right in seen if part == half]
    probabilities, hits = (np.array(values) for values in zip(*held_out, strict=True))
    typer.echo(f"calibration error, held out: {calibration_error(probabilities, hits):.3f} on {len(hits)} speakers")
    values = json.loads(path.read_text(encoding="utf-8"))
    values["rules"] |= _shares((rule, right) for _, rule, _, right in seen)
    path.write_text(json.dumps(values, indent=1) + "\n", encoding="utf-8")
    typer.echo(json.dumps(values["rules"]))


@app.command()
def check(corpora: Corpora) -> None:
    """Check that every label still fits its text."""
    n = sum(len(quotes) for labels in SETS for number in (1, 2) for _, _, quotes in read_gold(corpora, number, labels))
    texts = {row["doc_id"]: row["text"] for row in read_jsonl(corpora / "polnear" / "train.jsonl")}
    sources = [unchanged(texts[row["id"]], row) for row in read_jsonl(FOLDER / "sources.jsonl")]
    typer.echo(f"{n} quotes with speakers and {len(sources)} sources fit their texts")


@app.command()
def agree(corpora: Corpora) -> None:
    """Compare the two readers on the articles that both read, the second measured against the first as a system would be."""
    first = {id_: (text, quotes) for id_, text, quotes in read_gold(corpora, 1)}
    total: Counter[str] = Counter()
    articles = list(read_gold(corpora, 2))
    for id_, text, quotes in articles:
        total.update(count(text, first[id_][1], [as_found(quote, text, n) for n, quote in enumerate(quotes)]))
    for name, value in summarise(total).items():
        typer.echo(f"{name:16s} {value:.3f}")
    typer.echo(f"{len(articles)} articles, {total['speakers']} quotes of both")


@app.command()
def score(
    corpora: Corpora,
    labels: Annotated[str, typer.Option(help=f"the labelled articles: {' or '.join(SETS)}")] = "pactnews",
    show: Annotated[bool, typer.Option(help="print what is wrong")] = False,
    clear: Annotated[bool, typer.Option(help="only quotes on which readers do not differ; who said what is then not to be read")] = False,
) -> None:
    """Score speakers, roles and affiliations of everything that ships on labelled articles of pactnews."""
    if labels not in SETS:
        raise typer.BadParameter(f"there is no set {labels!r}: {' or '.join(SETS)}")
    measured = measure(corpora, labels=labels, clear=clear)
    for fault in measured.faults if show else ():
        typer.echo(fault)
    for name, value in summarise(measured.counts).items():
        typer.echo(f"{name:16s} {value:.3f}")
    probabilities, hits = (np.array(values) for values in zip(*measured.confidences, strict=True))
    typer.echo(f"calibration error of confidence.speaker {calibration_error(probabilities, hits):.3f} on {len(hits)} speakers")
