"""End to end on the five seeds: whole quotes, right speakers, sensible stances."""

from pathlib import Path

import pytest

from quotes.schema import validate
from training.corpora import read_jsonl
from training.stance import SEEDS
from training.stance_scores import score_seeds

CSIS = "centre for Strategic & International Studies (CSIS)"
# Article, words inside the quote, speaker, and role and affiliation where the article gives them.
DIRECT = [
    ("000", "We want GSOMIA to be normalized as soon as possible together", "Park Jin", "Foreign Minister", "South Korea"),
    ("000", "In order to deal with the threat from North Korea, we need", "Park Jin", "Foreign Minister", "South Korea"),
    ("000", "So I hope that this security cooperation and sharing", "Park Jin", "Foreign Minister", "South Korea"),
    ("000", "I hope there will be exchanges between the two sides", "Nobuo Kishi", "Defense Minister", "Japan"),
    ("000", "united and firm", "the top two diplomats", None, None),
    ("000", "continuous provocations will only lead to strengthened", "Park Jin", "Foreign Minister", "South Korea"),
    ("000", "That will get up and working very, very soon", "Antony Blinken", "Secretary of State", "United States"),
    ("000", "It is very important that we continue to strengthen", "Antony Blinken", "Secretary of State", "United States"),
    (
        "001",
        "will meet on the sidelines of the upcoming Asean",
        "a ruling Democratic Party of Korea (DPK) lawmaker",
        None,
        "Democratic Party of Korea",
    ),
    (
        "001",
        "The main agenda of the meeting between",
        "a ruling Democratic Party of Korea (DPK) lawmaker",
        None,
        "Democratic Party of Korea",
    ),
    ("001", "This agreement has allowed for more seamless", "Victor Cha", "senior adviser and Korea chair", CSIS),
    ("001", "This development is beneficial to countries opposed", "Victor Cha", "senior adviser and Korea chair", CSIS),
    ("001", "(The termination) will create lags", "Waqas Adenwala", "Asia analyst", "Economist Intelligence Unit"),
    ("001", "We understand Washington’s stance", "A Foreign Affair Ministry official", "official", "Foreign Affair Ministry, South Korea"),
    (
        "001",
        "No matter whether the GSOMIA is renewed or not",
        "A Foreign Affair Ministry official",
        "official",
        "Foreign Affair Ministry, South Korea",
    ),
    ("001", "This will only get worse", "Harry Kazianis", "senior director", "centre for the National Interest"),
    ("002", "at any time regardless of the date", "Kim In-chul", "Ministry of Foreign Affairs spokesman", "South Korea"),
    ("002", "We encourage Japan and the ROK to continue", "the U.S. official", "official", "United States"),
    ("002", "in recognition of our shared interests", "the U.S. official", "official", "United States"),
    ("003", "With regard to GSOMIA, we want GSOMIA to be normalized", "Park Jin", "Foreign Minister", "South Korea"),
    ("003", "In order to deal with the threat from North Korea", "Park Jin", "Foreign Minister", "South Korea"),
    ("004", "ironclad and backed by the full range", None, None, None),
    ("004", "called on the DPRK to immediately cease", None, None, None),
    ("004", "firm commitment to the rule of law", "Cho Hyun-dong, Wendy Sherman and Mori Takeo", None, None),
]
INDIRECT = [
    ("000", "South Korea will take action to get its security cooperation", "Park Jin", "Foreign Minister", "South Korea"),
    ("000", "South Korea will seek to normalize security cooperation with Japan", "Lee Jong-sup", "Defense Minister", "South Korea"),
    ("000", "it could terminate the GSOMIA at any time", "South Korea", None, None),
    ("000", "the U.S. is committed to extended deterrence", "Antony Blinken", "Secretary of State", "United States"),
    ("001", "the termination of GSOMIA could weaken the trilateral alliance", "Victor Cha", "senior adviser and Korea chair", CSIS),
    (
        "001",
        "ending GSOMIA could also weaken the three countries’ ability",
        "Waqas Adenwala",
        "Asia analyst",
        "Economist Intelligence Unit",
    ),
    (
        "001",
        "the Korea-US alliance will remain strong",
        "A Foreign Affair Ministry official",
        "official",
        "Foreign Affair Ministry, South Korea",
    ),
    ("001", "Cheong Wa Dae would welcome", "Chung Eui-yong", "presidential chief", "National Security Council"),
    ("001", "Washington’s top two Asian allies to settle", "Mike Pompeo", "Secretary of State", "United States"),
    ("001", "wants to try to resolve the GSOMIA issue", "Mark Milley", "top military official", "United States"),
    ("001", "creating a joint compensation fund", "South Korean lawmakers", "lawmakers", "South Korea"),
    ("003", "the minister was referring to a general principle", "Foreign Ministry", None, "South Korea"),
    ("003", "diplomatic reconciliation should precede", "experts here", "experts", None),
    ("004", "he trusts what the U.S. stated", "Cho Hyun-dong", "First Vice Foreign Minister", None),
    ("004", "the two countries tried to narrow their differences", "Cho Hyun-dong", "First Vice Foreign Minister", None),
]


def quote_with(document, words):
    """The one quote that holds the words in one of its parts."""
    found = [quote for quote in document.quotes if any(words in span.text for span in quote.content)]
    assert found, f"no quote holds {words!r}"
    return max(found, key=lambda quote: quote.confidence.quote)


@pytest.mark.parametrize(("article", "words", "name", "role", "affiliation"), DIRECT, ids=[row[1][:30] for row in DIRECT])
def test_direct_quotes_and_their_speakers(seeds, article, words, name, role, affiliation):
    quote = quote_with(seeds[article], words)
    assert quote.type in ("direct", "mixed")
    if name is not None:
        assert quote.speaker is not None
        assert quote.speaker.name == name
    if role is not None:
        assert quote.speaker.role == role
    if affiliation is not None:
        assert quote.speaker.affiliation == affiliation


@pytest.mark.parametrize(("article", "words", "name", "role", "affiliation"), INDIRECT, ids=[row[1][:30] for row in INDIRECT])
def test_reported_quotes_and_their_speakers(seeds, article, words, name, role, affiliation):
    speaker = quote_with(seeds[article], words).speaker
    assert (speaker.name, speaker.role, speaker.affiliation) == (name, role, affiliation)


def test_a_place_in_the_dateline_tells_whose_ministry_it_is(seeds):
    speaker = quote_with(seeds["002"], "at any time regardless of the date").speaker
    assert "SEOUL" in [span.text for span in speaker.evidence]


def test_direct_quotes_are_whole(seeds):
    """Every closed pair of curly or straight marks around a sentence lies inside one quote's content part."""
    from quotes.quotation import find_regions

    for document in seeds.values():
        for region in find_regions(document.text):
            if region.closed and len(document.text[region.start : region.end].split()) >= 6:
                assert any(span.start <= region.start and region.end <= span.end for quote in document.quotes for span in quote.content), (
                    document.text[region.start : region.end]
                )


def test_targets(seeds):
    assert {number: document.target.name for number, document in seeds.items()} == {
        "000": "GSOMIA",
        "001": "GSOMIA",
        "002": "GSOMIA",
        "003": "GSOMIA",
        "004": "US–Japan–South Korea security cooperation",
    }


@pytest.mark.parametrize(
    ("article", "words", "label"),
    [
        ("000", "We want GSOMIA to be normalized", "supportive"),
        ("003", "we want GSOMIA to be normalized", "supportive"),
        ("000", "push the button for a seventh nuclear test", "none"),
    ],
)
def test_stances_that_no_reader_would_doubt(seeds, article, words, label):
    assert quote_with(seeds[article], words).stance.label == label


def test_a_reader_of_the_guide_agrees_with_most_stances(seeds):
    by_id = {Path(document.id).name: document for document in seeds.values()}
    counts = score_seeds(by_id, read_jsonl(SEEDS))
    assert counts["found"] >= 0.9 * counts["labelled"]
    assert counts["first"] + counts["second"] >= 0.83 * counts["found"], counts


def test_every_document_keeps_the_contract(seeds):
    for document in seeds.values():
        validate(document.to_dict())


def test_every_named_evidence_stands_in_the_article(seeds):
    for document in seeds.values():
        for quote in document.quotes:
            if quote.speaker is not None:
                assert quote.speaker.evidence
                for span in quote.speaker.evidence:
                    assert document.text[span.start : span.end] == span.text
