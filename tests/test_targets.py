"""Pacts: built in, from a file, chosen."""

import re
from dataclasses import replace

import pytest

from quotes.errors import TargetError
from quotes.targets import builtin_targets, choose_target, find_target, load_targets, mention_pattern, other_target
from quotes.types import Article, Document, Span, Target


def chosen(text, wanted=None, **article):
    document = choose_target(Document(Article("a", text, **article)), builtin_targets(), wanted)
    return document.target and document.target.name


def test_the_pact_that_is_mentioned_most_is_chosen():
    assert chosen("NATO met. The Iran deal came up, and the nuclear deal with Iran again.") == "JCPOA"


def test_the_earlier_one_wins_a_tie():
    assert chosen("AUKUS came up, then NATO.") == "AUKUS"


def test_no_pact_no_target():
    assert chosen("The cat sat on the mat and nato was lower case.") is None


def test_the_articles_own_target_and_the_callers():
    assert chosen("NATO, NATO.", target="iran deal") == "JCPOA"
    assert chosen("NATO.", wanted=Target("Pact of Steel"), target="NATO") == "Pact of Steel"


def test_the_title_counts():
    assert chosen("It was signed.", title="AUKUS signed") == "AUKUS"


def test_a_name_in_the_title_counts_thrice():
    text = "It was signed in Canberra. NATO, said a spokesman of NATO, wishes {} well."
    assert chosen(text.format("AUKUS"), title="AUKUS is signed") == "AUKUS"
    assert chosen(f"AUKUS is signed\n\n{text.format('it')}") == "AUKUS"
    assert chosen(text.format("AUKUS, as NATO said,")) == "NATO"


def test_a_name_inside_a_longer_one_is_not_named():
    assert chosen("NAFTA is dead. The new NAFTA was signed, the new NAFTA!") == "USMCA"
    nafta = find_target("NAFTA", builtin_targets())
    document = Document(Article("a", "x"), target=nafta)
    assert other_target(document, (Span(0, 1, "a replacement for NAFTA"),), builtin_targets()) == find_target("USMCA", builtin_targets())


def test_names_match_whole_words():
    assert not mention_pattern(Target("NATO")).search("SENATO and NATOs")
    assert mention_pattern(Target("NATO")).search("pro-NATO, NATO's")


def test_names_that_mean_something_else():
    assert chosen("The Quad-City Times, a major non-NATO ally, and the Quad Cities.") is None


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Nato leaders met.", "NATO"),
        ("What the Iran Nuclear Deal means", "JCPOA"),
        ("the Paris agreement", "Paris Agreement"),
        ("a New START", "New START"),
        ("Aukus partners", "AUKUS"),
    ],
)
def test_spellings(text, name):
    assert chosen(text) == name


def test_a_new_start_is_no_pact():
    assert chosen("New start for the ministry. We want an open skies and a new start.") is None


def test_an_unknown_name_is_a_target_of_its_own():
    assert find_target(" Treaty of Nowhere ", builtin_targets()) == Target("Treaty of Nowhere")


def test_an_empty_name_is_refused():
    with pytest.raises(TargetError, match="empty"):
        find_target(" ", builtin_targets())


def test_a_users_file(tmp_path):
    path = tmp_path / "own.toml"
    path.write_text('[[target]]\nname = "Nordic pact"\naliases = ["Nordic defence pact"]\n', encoding="utf-8")
    assert load_targets(path) == (Target("Nordic pact", ("Nordic defence pact",)),)


@pytest.mark.parametrize("text", ["not toml [", "[[target]]\naliases = ['x']\n", "x = 1\n", '[[target]]\nname = ""\n'])
def test_a_bad_file_is_named(tmp_path, text):
    path = tmp_path / "own.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(TargetError, match=r"own\.toml"):
        load_targets(path)


def test_every_builtin_name_and_alias_is_needed_and_means_one_pact():
    for target in builtin_targets():
        assert all(find_target(form, builtin_targets()) == target for form in (target.name, *target.aliases))
        for alias in target.aliases:
            rest = replace(target, aliases=tuple(other for other in target.aliases if other != alias))
            assert not mention_pattern(rest).fullmatch(alias), alias


def test_a_quote_speaks_of_its_own_pact():
    text = "NATO met. “AUKUS will fail, AUKUS is dead,” Lee said. “NATO and AUKUS stay,” Roe said. “We stay,” she said."
    document = Document(Article("a", text), target=find_target("NATO", builtin_targets()))
    spans = [document.span(match.start(), match.end()) for match in re.finditer("“[^”]*”", text)]
    found = [other_target(document, [span], builtin_targets()) for span in spans]
    assert [target and target.name for target in found] == ["AUKUS", None, None]
    assert other_target(document, spans[:1], ()) is None
    assert other_target(Document(Article("a", text)), spans[:1], builtin_targets()) is None
