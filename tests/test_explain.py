"""Why a quote has its speaker and stance, on the shipped models."""

import pytest
from typer.testing import CliRunner

from quotes.cli import app
from quotes.errors import UnknownQuoteError
from quotes.pipeline import Annotator

TEXT = (
    "WASHINGTON — Foreign Minister Ann Lee of South Korea met Mr. Tom Roe of the State Department on Monday.\n\n"
    "“If Tokyo lifts its curbs, we can keep GSOMIA,” Ms. Lee said.\n\n"
    "She added that the agreement was vital for the alliance.\n\n"
    "The deal will end in November, he said.\n"
)


def test_a_name_is_explained_by_its_full_form(annotator: Annotator) -> None:
    explanation = annotator.explain(TEXT, "1")
    assert explanation.quote.speaker is not None
    assert explanation.quote.speaker.name == "Ann Lee"
    assert explanation.rule == "short name"
    assert "Ann Lee" in explanation.reason


def test_a_pronoun_shows_its_candidates_with_probabilities_and_reasons(annotator: Annotator) -> None:
    explanation = annotator.explain(TEXT, "2")
    assert explanation.rule == "personal"
    assert explanation.threshold is not None
    first, *others = explanation.candidates
    assert first.person.name.text == "Ann Lee"
    assert first.probability >= explanation.threshold > sum(other.probability for other in others)
    assert {"spoke last", "gender fits"} & {name for name, _ in first.reasons}


def test_a_stance_is_explained_by_words_that_one_can_find(annotator: Annotator) -> None:
    explanation = annotator.explain(TEXT, "1")
    assert explanation.stance_reasons
    assert sorted(map(abs, (value for _, value in explanation.stance_reasons)), reverse=True) == [
        abs(value) for _, value in explanation.stance_reasons
    ]


def test_a_quote_that_is_not_there_is_told(annotator: Annotator) -> None:
    with pytest.raises(UnknownQuoteError, match="has no quote '99'"):
        annotator.explain(TEXT, "99")


def test_the_command_shows_candidates_evidence_and_stance(tmp_path, monkeypatch):
    monkeypatch.setenv("COLUMNS", "100")
    article = tmp_path / "article.txt"
    article.write_text(TEXT, encoding="utf-8")
    result = CliRunner().invoke(app, ["explain", str(article), "2"])
    assert result.exit_code == 0, result.output
    assert "Foreign Minister Ann Lee of South Korea" in " ".join(result.output.split())  # evidence keeps its blanks
    for words in ("Speaker: Ann Lee", "Candidate", "Foreign Minister", "South Korea", "evidence", "Stance toward GSOMIA", "supportive"):
        assert words in result.output


def test_the_command_tells_of_a_quote_that_is_not_there(tmp_path):
    article = tmp_path / "article.txt"
    article.write_text(TEXT, encoding="utf-8")
    result = CliRunner().invoke(app, ["explain", str(article), "99"])
    assert result.exit_code == 2
    assert "has no quote '99'" in result.stderr
