"""Which speakers of two articles are one."""

import pytest

from quotes.identity import Identities, normalise
from quotes.types import Speaker, SpeakerKind

PERSON, STATE, GROUP = SpeakerKind.PERSON, SpeakerKind.STATE, SpeakerKind.GROUP


def same(first: Speaker, second: Speaker) -> bool:
    identities = Identities()
    return identities.key(first, "a") == identities.key(second, "b")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Donald J. Trump", "Donald Trump"),
        ("Kim Jong-un", "Kim Jong Un"),
        ("Recep Tayyip Erdoğan", "Recep Tayyip Erdogan"),
        ("Frank Pallone Jr.", "Frank Pallone"),
    ],
)
def test_spellings_of_one_full_name_are_one_person(first: str, second: str) -> None:
    assert same(Speaker(first, PERSON), Speaker(second, PERSON, "Leader"))


def test_a_last_name_alone_is_never_joined_across_articles() -> None:
    assert not same(Speaker("Clinton", PERSON), Speaker("Clinton", PERSON))
    assert not same(Speaker("Clinton", PERSON), Speaker("Hillary Clinton", PERSON))


def test_a_last_name_with_the_same_office_is_one_person() -> None:
    assert same(Speaker("Obama", PERSON, "President", "United States"), Speaker("Obama", PERSON, "president", "United States"))


def test_namesakes_of_two_countries_stay_two() -> None:
    assert not same(Speaker("Kim Min", PERSON, "minister", "South Korea"), Speaker("Kim Min", PERSON, "general", "North Korea"))


def test_an_unknown_country_is_no_other_country() -> None:
    assert same(Speaker("Ann Lee", PERSON, "minister", "Japan"), Speaker("Ann Lee", PERSON))


def test_descriptions_hold_for_one_article() -> None:
    official = Speaker("a senior official", SpeakerKind.UNNAMED)
    assert not same(official, official)
    assert not same(Speaker("the ministry", SpeakerKind.ORGANISATION), Speaker("the ministry", SpeakerKind.ORGANISATION))


def test_groups_are_their_members() -> None:
    first = Speaker("Ann Lee and Ken Abe", GROUP, members=(Speaker("Ann Lee", PERSON), Speaker("Ken Abe", PERSON)))
    second = Speaker("Ken Abe and Ann Lee", GROUP, members=(Speaker("Ken Abe", PERSON), Speaker("Ann Lee", PERSON)))
    assert same(first, second)
    assert same(Speaker("Japan", STATE), Speaker("Japan", STATE))


def test_initials_stay_where_nothing_else_is_left() -> None:
    assert normalise("J. Doe") == "j. doe"
    assert normalise("Shinzō Abe") == "shinzo abe"
