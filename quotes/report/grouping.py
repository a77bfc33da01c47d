"""Under what quotes of several articles are gathered."""

from collections.abc import Hashable

from quotes.identity import Identities
from quotes.report.dates import parse_date
from quotes.report.selection import GroupBy, Statement
from quotes.types import Speaker, SpeakerKind


def side_of(speaker: Speaker) -> str | None:
    """Return for whom somebody speaks: the affiliation, a state or organisation itself, what all members of a group share."""
    if speaker.affiliation is not None:
        return speaker.affiliation
    if speaker.kind in (SpeakerKind.STATE, SpeakerKind.ORGANISATION):
        return speaker.name
    sides = [side_of(member) for member in speaker.members]
    if sides and None not in sides:
        return sides[0] if len(set(sides)) == 1 else " and ".join(dict.fromkeys(filter(None, sides)))
    return None


def group_key(statement: Statement, group_by: GroupBy, identities: Identities) -> tuple[Hashable, str]:
    """Return what is equal for statements of one group, and the group's heading."""
    speaker = statement.quote.speaker
    if group_by is GroupBy.SPEAKER:
        if speaker is None:
            return None, "nobody made out"
        return identities.key(speaker, statement.article_id), speaker.name
    if group_by is GroupBy.AFFILIATION:
        side = None if speaker is None else side_of(speaker)
        return side, side or "no affiliation given"
    if group_by is GroupBy.DATE:
        day = parse_date(statement.date)
        return day, "no date given" if day is None else day.isoformat()
    value = statement.outlet if group_by is GroupBy.OUTLET else statement.target
    return value, value or ("no outlet given" if group_by is GroupBy.OUTLET else "no pact found")
