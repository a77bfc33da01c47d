"""Sets for the tests of the labelling workflow: articles with sentences of our own, items without any model."""

import asyncio
from pathlib import Path

from labels.app import LabelApp
from labels.journal import Journal
from labels.session import Session
from labels.sets import LabelSet, SetInfo, article_rows, write_set
from labels.values import Annotation, Item, SpeakerLabel
from quotes.types import QuoteType, SpeakerKind

SUGGESTION = {"supportive": 0.4, "warning": 0.3, "conditional": 0.2, "none": 0.1}
SPEAKER = SpeakerLabel("Ann Lee", SpeakerKind.PERSON, "Minister", "Norland")


def sentences(article, n):
    """Sentences in which every word that the tests look for occurs once."""
    return [f"“We stand by point {article}x{i} of the treaty,” Minister Ann{i} Lee said in week {article}y{i}." for i in range(n)]


def make_set(folder: Path, n_articles=2, n_quotes=3, *, annotators=(), texts=None) -> LabelSet:
    """Write articles and a set of their quotes: content, cue and source of each sentence."""
    (folder / "articles").mkdir(parents=True)
    for number in range(n_articles):
        text = texts[number] if texts else "Norland talks\n" + "\n\n".join(sentences(number, n_quotes)) + "\nNobody was hurt."
        (folder / "articles" / f"a{number}.txt").write_bytes(text.encode())
    rows, items = [], []
    for article, row in article_rows(folder / "set", [str(folder / "articles")]):
        rows.append(row)
        start = article.text.find("“")
        for number in range(1, n_quotes + 1):
            end = article.text.index("”", start) + 1
            source, cue = article.text.index("Minister", end), article.text.index("said", end)
            draft = Annotation(((start, end),), ((cue, cue + 4),), ((source, cue - 1),), QuoteType.DIRECT, speaker=SPEAKER)
            items.append(Item(f"{article.id}:{number}", article.id, "the treaty", draft, SUGGESTION, 0.9, annotators=tuple(annotators)))
            start = article.text.find("“", end)
    write_set(folder / "set", SetInfo("tests", annotators=tuple(annotators)), rows, items)
    return LabelSet(folder / "set")


def session(label_set, name="ann", **options) -> Session:
    """Open a session in the set's own order."""
    return Session(label_set, name, Journal(label_set.journal_path(name)), label_set.ids_for(name), **options)


def label(label_set, name, decisions):
    """Write an annotator's decisions, one after the other."""
    opened = session(label_set, name)
    for decision in decisions:
        opened.decide(decision)
    opened.journal.close()


def press(app: LabelApp, keys, *, size=(80, 24), after=None):
    """Press keys in an app without a terminal; return what `after(app)` returns."""

    async def run():
        async with app.run_test(size=size) as pilot:
            await pilot.pause()
            for key in keys:
                await pilot.press(key)
            await pilot.pause()
            return after(app) if after else None

    return asyncio.run(run())


def screen_text(app) -> str:
    """Return what the screen shows."""
    return "\n".join(strip.text for strip in app.screen._compositor.render_strips())
