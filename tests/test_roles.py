"""Titles, appositives and descriptions to role and affiliation, without any model."""

import pytest

from quotes.roles import describe, role_noun
from quotes.titles import find_role, follows_name
from quotes.types import Article, Document, Name, Sentence, Word


def document(text, *names):
    """A document in which the given strings are names: (string, label)."""
    found = tuple(Name(text.index(n), text.index(n) + len(n), n, label) for n, label in names)
    return Document(Article("a", text), names=found)


def role_of(text, person, *names):
    doc = document(text, (person, "PERSON"), *names)
    role = find_role(doc, next(n for n in doc.names if n.text == person), None, None)
    return None if role is None else (role.role, role.affiliation)


@pytest.mark.parametrize(
    ("text", "person", "expected"),
    [
        ("Then South Korean Foreign Minister Park Jin said so.", "Park Jin", ("Foreign Minister", "South Korea")),
        ("with U.S. Secretary of State Antony Blinken", "Antony Blinken", ("Secretary of State", "United States")),
        ("Japanese Defense Minister Nobuo Kishi said", "Nobuo Kishi", ("Defense Minister", "Japan")),
        (
            "after Ministry of Foreign Affairs spokesman Kim In-chul said",
            "Kim In-chul",
            ("Ministry of Foreign Affairs spokesman", None),
        ),
        ("said Sen. Tim Kaine, D-Va., on Monday", "Tim Kaine", ("Senator", "Democratic Party, Virginia")),
        ("said former Japanese diplomat Ken Abe", "Ken Abe", ("former diplomat", "Japan")),
        ("said Foreign Minister Ann Lee of South Korea on Monday", "Ann Lee", ("Foreign Minister", "South Korea")),
        ("When President Yoon spoke", "Yoon", ("President", None)),
        ("On Monday Ken Abe spoke", "Ken Abe", None),
        ("He met Ken Abe", "Ken Abe", None),
    ],
)
def test_title_before_the_name(text, person, expected):
    assert role_of(text, person) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("On Monday the US envoy to the UN, Ann Lee, said so.", ("envoy to the UN", "United States")),
        ("said Pentagon spokesman, Rear Adm. Ann Lee, on Monday", ("spokesman", "Pentagon")),
        ("It tried the patience of the secretary of state, Ann Lee, at last.", ("secretary of state", None)),
        ("the bank, whose president, Ann Lee, left", ("president", None)),
        ("Then, Ann Lee, said so.", None),
        ("They told the president, Ann Lee said.", None),
        ("Ann Lee, who was U.S. ambassador to NATO under the last president, said so.", ("former ambassador to NATO", "United States")),
        ("Ann Lee, who is now the director of the Peace Institute, said so.", ("director", "Peace Institute")),
        ("Ann Lee, who chairs the foreign affairs committee, said so.", ("chair", "foreign affairs committee")),
        ("Ann Lee, who was elected president, said so.", None),
        ("Ann Lee, who was late, said so.", None),
        ("a leader of the opposition to President Ann Lee", ("President", None)),
        ("a frequent critic Ann Lee said", None),
        ("then-State Department spokeswoman Ann Lee", ("spokeswoman", "State Department")),
    ],
)
def test_what_stands_round_a_name(text, expected):
    assert role_of(text, "Ann Lee") == expected


def test_a_title_in_the_plural_holds_for_each_of_a_list():
    text = "Democratic Sens. Ann Lee of Ohio, Ken Abe and Tom Roe of Iowa said so."
    persons = [(name, "PERSON") for name in ("Ken Abe", "Tom Roe")]
    assert role_of(text, "Ann Lee", *persons) == ("Senator", "Democratic Party")
    doc = document(text, ("Ann Lee", "PERSON"), *persons)
    assert [find_role(doc, name, None, None).role for name in doc.names] == ["Senator"] * 3


def test_somebody_elses_adviser():
    text = "Former Tom Roe adviser Ann Lee came."
    role = find_role(doc := document(text, ("Tom Roe", "PERSON"), ("Ann Lee", "PERSON")), doc.names[1], None, None)
    assert (role.role, role.affiliation) == ("adviser", "Tom Roe")


@pytest.mark.parametrize("text", ["NBC’s Ann Lee said", "Ann Lee of NBC said"])
def test_an_employer_beside_a_name(text):
    assert role_of(text, "Ann Lee", ("NBC", "ORG")) == (None, "NBC")


def test_a_title_does_not_reach_over_another_person():
    text = "Gen. Mark Milley and US Secretary of Defense Mark Esper"
    assert role_of(text, "Mark Esper", ("Mark Milley", "PERSON")) == ("Secretary of Defense", "United States")


def test_the_evidence_stands_in_the_text():
    doc = document("Japanese Defense Minister Nobuo Kishi said", ("Nobuo Kishi", "PERSON"))
    role = find_role(doc, doc.names[0], None, None)
    assert [span.text for span in role.evidence] == ["Japanese Defense Minister"]
    assert all(doc.text[s.start : s.end] == s.text for s in role.evidence)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("China’s defense minister", ("defense minister", "China")),
        ("a spokesman for the Iranian Foreign Ministry", ("spokesman", "Iranian Foreign Ministry")),
        ("senior director at the centre for the National Interest", ("senior director", "centre for the National Interest")),
        ("the chairman of the Joint Chiefs of Staff", ("chairman", "Joint Chiefs of Staff")),
        ("the former U.S. ambassador to NATO", ("former ambassador to NATO", "United States")),
        ("the long meeting", None),
        ("some Republicans", (None, "Republican Party")),
        ("The Ohio Democrat", (None, "Democratic Party, Ohio")),
        ("a senior House Democrat", ("senior House Democrat", "Democratic Party")),
        ("two senators", ("two senators", "Senate")),
        ("a Turkish official, one of five sources", ("official", "Turkey")),
    ],
)
def test_descriptions(text, expected):
    role = describe(document(text), 0, len(text))
    assert (None if role is None else (role.role, role.affiliation)) == expected


def test_a_source_span_tells_the_role_after_the_name():
    text = "Victor Cha, senior adviser and Korea chair of the centre for Strategic Studies (CSS), said"
    doc = document(text, ("Victor Cha", "PERSON"))
    role = follows_name(doc, doc.names[0], text.index(", said"))
    assert (role.role, role.affiliation) == ("senior adviser and Korea chair", "centre for Strategic Studies (CSS)")


def test_an_appositive_is_read_off_the_parse():
    text = "Wei Fenghe, China's defense minister, sent a message."
    rows = [
        ("Wei", 8, "nsubj"), ("Fenghe", 1, "flat"), (",", 6, "punct"), ("China", 6, "nmod:poss"), ("'s", 4, "case"),
        ("minister", 1, "appos"), (",", 6, "punct"), ("sent", 0, "root"),
    ]  # fmt: skip
    text = "Wei Fenghe, China's minister, sent a message."
    words, place = [], 0
    for word, head, relation in rows:
        place = text.index(word, place)
        words.append(Word(place, place + len(word), word, head=head, deprel=relation))
        place += len(word)
    sentence = Sentence(0, len(text), tuple(words), 0)
    doc = document(text, ("Wei Fenghe", "PERSON"))
    role = find_role(doc, doc.names[0], sentence, sentence)
    assert (role.role, role.affiliation) == ("minister", "China")


@pytest.mark.parametrize(
    ("phrase", "noun"),
    [
        ("the two ministers", "minister"),
        ("a U.S. State Department official", "official"),
        ("director of policy", "director"),
        ("the pact", None),
    ],
)
def test_role_noun(phrase, noun):
    assert role_noun(phrase) == noun
