"""Measure speakers, roles and affiliations on labelled articles, and fit the ranker of antecedents.

quotes train speakers check --corpora CORPORA
quotes train speakers score --corpora CORPORA
quotes train speakers agree --corpora CORPORA
quotes train speakers fit   --corpora CORPORA --silver build/silver.jsonl --out build/speakers
"""

import hashlib
import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
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

from quotes.antecedents import FEATURES, KINDS, Ranker
from quotes.detect import quote_type
from quotes.document import Linguistics
from quotes.entities import Person
from quotes.gazetteer import country_of, party_of
from quotes.models import weights_folder
from quotes.quotation import find_regions
from quotes.speakers import Resolved, Resolver, SpeakerModel
from quotes.types import Article, Confidence, Document, Name, Quote, QuoteType, Span, Speaker, SpeakerKind
from training.corpora import Attribution, TrainingText, read_jsonl, read_polnear
from training.scores import letters, match

app = typer.Typer(help=__doc__)
FOLDER = Path(__file__).parent.parent / "labels" / "speakers"
Corpora = Annotated[Path, typer.Option(help="folder of the corpora")]

_COSTS = {"personal": 1.5, "relative": 4.0, "description": 4.0}
"""How many right names a wrong one costs: where leaving somebody unnamed loses little, a wrong name costs more."""
_PRONOUNS = frozenset("he she him her his it they them i we who".split())
_EMPTY = frozenset("the a an of for in at on and to s its his her their our".split())


@dataclass(frozen=True, slots=True)
class GoldSpeaker:
    """A labelled speaker: each field lists the wordings that are right, the labeller's own first; none where the article gives none."""

    kind: str
    names: tuple[str, ...]
    roles: tuple[str, ...]
    affiliations: tuple[str, ...]
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GoldQuote:
    """A labelled quote of an article; `speaker` is `None` where a reader cannot tell, `doubt` where readers could differ on the quote."""

    content: tuple[tuple[int, int], ...]
    source: str | None
    speaker: GoldSpeaker | None
    doubt: bool


def read_gold(corpora: Path, number: int = 1) -> Iterator[tuple[str, str, list[GoldQuote]]]:
    """Yield id, text and quotes of each article labelled in a pass. Raises ValueError where a text has changed since."""
    texts = {row["id"]: row["text"] for row in read_jsonl(corpora / "pactnews" / "articles.jsonl")}
    articles: dict[str, list[GoldQuote]] = defaultdict(list)
    for row in read_jsonl(FOLDER / "pactnews.jsonl"):
        if row["pass"] == number:
            articles[row["id"]].append(_gold(row, _unchanged(texts[row["id"]], row)))
    for id_, quotes in articles.items():
        yield id_, texts[id_], quotes


def _unchanged(text: str, row: dict[str, Any]) -> str:
    if hashlib.sha256(text.encode()).hexdigest() != row["sha256"]:
        raise ValueError(f"{row['id']}: the text is not the one that was labelled (SHA-256 differs)")
    return text


def _gold(row: dict[str, Any], text: str) -> GoldQuote:
    def words(value: list[int] | str) -> str:
        return value if isinstance(value, str) else text[value[0] : value[1]]

    def wordings(labelled: dict[str, Any], key: str) -> tuple[str, ...]:
        own = [labelled[key]] if labelled[key] is not None else []
        return tuple(words(value) for value in [*own, *labelled[f"{key}_also"]])

    labelled = row["speaker"]
    speaker = labelled and GoldSpeaker(
        labelled["kind"],
        wordings(labelled, "name"),
        wordings(labelled, "role") if labelled["role"] is not None else (),
        wordings(labelled, "affiliation") if labelled["affiliation"] is not None else (),
        tuple(words(member) for member in labelled["members"]),
    )
    source = text[row["source"][0][0] : row["source"][0][1]] if row["source"] else None
    return GoldQuote(tuple((start, end) for start, end in row["content"]), source, speaker, row["doubt"])


def tokens(phrase: str) -> frozenset[str]:
    """Return the words of a phrase that tell something, lower case and without a plural s."""
    words = re.findall(r"[^\W_]+", phrase.casefold().replace("u.s.", "us").replace("u.k.", "uk"))
    return frozenset(re.sub(r"(?<=...)s$", "", word) for word in words if word not in _EMPTY)


def same_name(found: Speaker, gold: GoldSpeaker) -> bool:
    """Tell whether a found speaker is the labelled one.

    A person must share the last or first name and have no word that the labelled name lacks (or the other way round); a state must be the
    same country; members of a group must be the same people; descriptions must share half of the shorter one's words.
    """
    if gold.members and found.members:
        matched = sum(any(_same_person(member.name, name) for name in gold.members) for member in found.members)
        return matched == len(gold.members) == len(found.members)
    if gold.kind == "person" and str(found.kind) == "person":
        return any(_same_person(found.name, name) for name in gold.names)
    if str(found.kind) == "person":
        return False
    return any(_same_words(found.name, name) for name in [*gold.names, *([" ".join(gold.members)] if gold.members else [])])


def _same_person(a: str, b: str) -> bool:
    x, y = tokens(a), tokens(b)
    shared = a.split()[-1] == b.split()[-1] or a.split()[0] == b.split()[0]
    return a == b or (shared and bool(x) and (x <= y or y <= x))


def _same_words(a: str, b: str) -> bool:
    country = country_of(a, a)
    if country is not None and country == country_of(b, b):
        return True
    x, y = tokens(a), tokens(b)
    return bool(x and y) and len(x & y) >= 0.5 * min(len(x), len(y))


def same_role(found: str | None, wordings: Iterable[str]) -> bool:
    """Tell whether a role shares at least half of all words with one of the right wordings."""
    x = tokens(found or "")
    return any(2 * len(x & tokens(wording)) >= 0.5 * (len(x) + len(tokens(wording))) for wording in wordings) if x else False


def same_affiliation(found: str | None, wordings: Iterable[str]) -> bool:
    """Tell whether an affiliation is the same country or party, or shares half of the shorter one's words with a right wording."""
    return found is not None and any(_same_words(found, wording) or bool(_parties(found) & _parties(wording)) for wording in wordings)


def _parties(phrase: str) -> set[str]:
    return {party for word in re.findall(r"[\w.]+", phrase) if (party := party_of(word)) is not None and len(word) > 1}


def count(text: str, gold: Sequence[GoldQuote], found: Sequence[Quote]) -> Counter[str]:
    """Return the counts of one article that `summarise` turns into scores. Quotes in doubt may be found or not."""
    gold_content = [letters(quote.content, text) for quote in gold]
    found_content = [letters([(part.start, part.end) for part in quote.content], text) for quote in found]
    pairs = match(gold_content, found_content, 0.5)
    doubtful = {i for i, quote in enumerate(gold) if quote.doubt}
    counts = Counter(gold=len(gold) - len(doubtful), found=len(found) - sum(i in doubtful for i, _ in pairs))
    for i, j in pairs:
        speaker, named = gold[i].speaker, found[j].speaker
        right = (named is None) if speaker is None else named is not None and same_name(named, speaker)
        if i not in doubtful:
            counts["matched"] += 1
            counts["said"] += right
        if speaker is None:
            continue
        counts["speakers"] += 1
        counts["right"] += right
        counts["wrong"] += named is not None and not right
        counts["wrong_person"] += named is not None and not right and str(named.kind) == "person"
        if (gold[i].source or "").lower() in _PRONOUNS:
            counts["pronouns"] += 1
            counts["pronouns_right"] += right
        if not right or named is None:
            continue
        if speaker.roles:
            counts["roles"] += 1
            counts["roles_right"] += same_role(named.role, speaker.roles)
        elif speaker.kind == "person":
            counts["no_role"] += 1
            counts["invented_role"] += named.role is not None
        if speaker.affiliations and str(named.kind) != "state":  # a state is its own affiliation
            counts["affiliations"] += 1
            counts["affiliations_right"] += same_affiliation(named.affiliation, speaker.affiliations)
    return counts


def summarise(counts: Counter[str]) -> dict[str, float]:
    """Return the shares that are right, and F1 of who said what (content found and speaker right)."""

    def share(part: str, whole: str) -> float:
        return counts[part] / max(1, counts[whole])

    return {
        "speaker": share("right", "speakers"),
        "wrong_name": share("wrong", "speakers"),
        "wrong_person": share("wrong_person", "speakers"),
        "pronoun": share("pronouns_right", "pronouns"),
        "role": share("roles_right", "roles"),
        "invented_role": share("invented_role", "no_role"),
        "affiliation": share("affiliations_right", "affiliations"),
        "quote_recall": share("matched", "gold"),
        "quote_precision": share("matched", "found"),
        "who_said_what": 2 * counts["said"] / max(1, counts["gold"] + counts["found"]),
    }


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
        text = _unchanged(texts[row["id"]].text, row)
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
    return any(_same_person(mention.text, name) for mention in person.mentions)


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
            scores |= {f"{kind}.right_of_named": float(hits[named].mean()), f"{kind}.error": calibration_error(probabilities, hits)}
        model = SpeakerModel(Ranker(values["ranker"]), values["thresholds"], {})
    values["rules"] = count_rules(sources, linguistics, model)
    out.mkdir(parents=True, exist_ok=True)
    (out / "ranker.json").write_text(json.dumps(values, indent=1) + "\n", encoding="utf-8")
    (out / "scores.json").write_text(json.dumps(scores, indent=1) + "\n", encoding="utf-8")
    typer.echo("\n".join(f"{name:28s} {value:.3f}" for name, value in scores.items()))
    typer.echo(json.dumps(values["rules"]))


def calibration_error(probabilities: NDArray[np.float64], hits: NDArray[np.bool_], n_bins: int = 10) -> float:
    """Return the expected calibration error over bins of equal size (Naeini et al., AAAI 2015)."""
    order = np.argsort(probabilities)
    bins = [part for part in np.array_split(order, n_bins) if len(part)]
    return float(sum(len(part) * abs(probabilities[part].mean() - hits[part].mean()) for part in bins) / max(1, len(probabilities)))


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
        for wanted, got in _pairs(text, gold, [quote for quote in document.quotes if quote.voiced]):
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
    n = sum(len(quotes) for number in (1, 2) for _, _, quotes in read_gold(corpora, number))
    texts = {row["doc_id"]: row["text"] for row in read_jsonl(corpora / "polnear" / "train.jsonl")}
    sources = [_unchanged(texts[row["id"]], row) for row in read_jsonl(FOLDER / "sources.jsonl")]
    typer.echo(f"{n} quotes with speakers and {len(sources)} sources fit their texts")


@app.command()
def agree(corpora: Corpora) -> None:
    """Compare the two readers on the articles that both read, the second measured against the first as a system would be."""
    first = {id_: (text, quotes) for id_, text, quotes in read_gold(corpora, 1)}
    total: Counter[str] = Counter()
    articles = list(read_gold(corpora, 2))
    for id_, text, quotes in articles:
        total.update(count(text, first[id_][1], [_as_found(quote, text, n) for n, quote in enumerate(quotes)]))
    for name, value in summarise(total).items():
        typer.echo(f"{name:16s} {value:.3f}")
    typer.echo(f"{len(articles)} articles, {total['speakers']} quotes of both")


def _as_found(quote: GoldQuote, text: str, number: int) -> Quote:
    gold, speaker = quote.speaker, None
    if gold is not None:
        role = gold.roles[0] if gold.roles else None
        affiliation = gold.affiliations[0] if gold.affiliations else None
        members = tuple(Speaker(name, SpeakerKind.PERSON) for name in gold.members)
        speaker = Speaker(gold.names[0], SpeakerKind(gold.kind), role, affiliation, members)
    content = tuple(Span(start, end, text[start:end]) for start, end in quote.content)
    return Quote(str(number), QuoteType.INDIRECT, True, content, (), (), Confidence(1.0), speaker)


Confidences = list[tuple[float, bool]]


def measure(corpora: Path, *, show: bool = False, clear: bool = False) -> tuple[Counter[str], Confidences]:
    """Annotate the labelled articles with everything that ships; return the counts, and each speaker's confidence and if it is right."""
    from quotes.pipeline import Annotator

    annotator = Annotator()
    total: Counter[str] = Counter()
    confidences: Confidences = []
    for id_, text, labelled in read_gold(corpora):
        gold = [quote for quote in labelled if not quote.doubt] if clear else labelled
        found = [quote for quote in annotator.annotate(Article(id_, text)).quotes if quote.voiced]
        total.update(count(text, gold, found))
        for wanted, got in _pairs(text, gold, found):
            if wanted.speaker is None:
                continue
            right = got.speaker is not None and same_name(got.speaker, wanted.speaker)
            if got.confidence.speaker is not None:
                confidences.append((got.confidence.speaker, right))
            if show:
                _show(text, wanted, got, right)
    return total, confidences


@app.command()
def score(
    corpora: Corpora,
    show: Annotated[bool, typer.Option(help="print what is wrong")] = False,
    clear: Annotated[bool, typer.Option(help="only quotes on which readers do not differ; who said what is then not to be read")] = False,
) -> None:
    """Score speakers, roles and affiliations of everything that ships on the labelled articles of pactnews."""
    total, confidences = measure(corpora, show=show, clear=clear)
    for name, value in summarise(total).items():
        typer.echo(f"{name:16s} {value:.3f}")
    probabilities, hits = (np.array(values) for values in zip(*confidences, strict=True))
    typer.echo(f"calibration error of confidence.speaker {calibration_error(probabilities, hits):.3f} on {len(hits)} speakers")


def _pairs(text: str, gold: Sequence[GoldQuote], found: Sequence[Quote]) -> list[tuple[GoldQuote, Quote]]:
    gold_content = [letters(quote.content, text) for quote in gold]
    found_content = [letters([(part.start, part.end) for part in quote.content], text) for quote in found]
    return [(gold[i], found[j]) for i, j in match(gold_content, found_content, 0.5)]


def _show(text: str, wanted: GoldQuote, got: Quote, right: bool) -> None:
    speaker, gold = got.speaker, wanted.speaker
    assert gold is not None
    place = got.source[0].start if got.source else got.start
    context = text[max(0, place - 120) : place + 40].replace("\n", "/")
    if not right:
        typer.echo(f"SPEAKER found {speaker and speaker.name!r} ({speaker and speaker.kind}) gold {gold.names} {gold.kind} | {context}")
        return
    assert speaker is not None
    if gold.roles and not same_role(speaker.role, gold.roles):
        typer.echo(f"ROLE found {speaker.role!r} gold {gold.roles} of {gold.names[0]} | {context}")
    if gold.affiliations and str(speaker.kind) != "state" and not same_affiliation(speaker.affiliation, gold.affiliations):
        typer.echo(f"AFFILIATION found {speaker.affiliation!r} gold {gold.affiliations} of {gold.names[0]} {speaker.role!r} | {context}")
