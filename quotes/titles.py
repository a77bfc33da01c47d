"""Role and affiliation beside a name: titles before it, appositives round it, relative clauses after it, lists that share a title.

Titles are read off the words before a name; an appositive after a comma is taken from the dependency parse of its sentence.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from quotes.gazetteer import country_of, party_of, us_state_of
from quotes.roles import MODIFIERS, RANKS, ROLE_NOUNS, Role, chamber_of, fullest_name, plural_noun, role_noun, singular, split_phrase
from quotes.types import Document, Name, Sentence, Word

_SMALL = frozenset({"of", "for", "and", "&", "the", "to", "on", "at"})
_NOT_TITLES = frozenset(
    "when as but and while after before if since although though because so yet in on at by for with from that this these those he "
    "she it they we i his her its their our my what who how why where monday tuesday wednesday thursday friday saturday sunday "
    "january february march april may june july august september october november december also like".split()
)
_PARTY = re.compile(r"^\s*[,(]\s*([DRI])-([A-Z][\w.]*(?: [A-Z][\w.]*)?)(?=[\s,.)]|$)")
_OTHERS_TITLE = re.compile(r"\s(?:to|of|for|with|by|against)\s(?=(?:President|Prime Minister|Premier|Chancellor|King|Queen|Gov\.|Sen\.)$)")
_ARTICLE = r"(?:the|an?|his|her|its|their|our|my|one)\s"
_DETERMINER = re.compile(rf"(?:^|\s)({_ARTICLE}|whose\s|[A-Z][\w.]*['’]s?\s)", re.IGNORECASE)
_COMMA_BEFORE = re.compile(r",\s((?:(?:[A-Z][a-z]{1,6}\s)?(?:[A-Z][a-z]{1,5}\.\s){1,2})?)$")
_CLOSES_APPOSITION = re.compile(r"\s?(?:,|[—–(]|who\b)(?!\s+and\b)")
_NO_OFFICE = frozenset({"counterpart", "winner", "source", "sources", "veterans", "police"})
_STANDS = frozenset({"critic", "supporter", "ally", "winner", "insider"})
_LISTED = re.compile(r"(?:\s?[,(]\s?[DRI]-[\w. ]{2,12}\)?|\sof\s[A-Z]\w+(?:\s[A-Z]\w+)?)?\s?(?:,?\sand|&|,)?\s")
_PLURAL_TITLE = re.compile(
    r"(?<![\w’'])((?:[A-Z][\w.]*\s|(?:former|then)\s){0,3}([A-Z]\w{2,}s\.?|ministers|presidents|senators|leaders))\s$"
)
_HEADING = {"chairs": "chair", "heads": "head", "directs": "director"}
_CLAUSE = re.compile(
    r"\s?(?:\([^()\n]{1,20}\))?,?\swho\s(?:(?:has|had|also|now|currently|previously|once|formerly|recently|until recently)\s)*"
    r"(?P<verb>is|was|serves|served|works|worked|been|became|chairs|heads|directs)\s(?:(?:as|also|now|then|currently)\s)*"
    r"(?P<article>(?:an?|the|its|his|her)\s)?"
    r"(?P<phrase>(?:U\.S\.|U\.N\.|[^\s,.;:—–\"“”()]+)"
    r"(?:\s(?!(?:under|during|until|before|after|when|who|and|but|since|while|in|at the time)\s)"
    r"(?:U\.S\.|U\.N\.|[^\s,.;:—–\"“”()]+)){0,9})"
)
_APPOSED = frozenset({"appos", "conj", "list", "nmod", "parataxis"})


def find_role(document: Document, name: Name, sentence: Sentence | None, parsed: Sentence | None) -> Role | None:
    """Return the role that the words round one mention of a name give, or `None`."""
    apposed, title = _apposed_title(document, name, sentence), _title_before(document, name, sentence)
    # "Pentagon spokesman, Rear Adm. Tom Roe": an office says more than a rank.
    is_rank = title is not None and title.role is not None and title.role.split()[-1] in RANKS.values()
    titles = (apposed, title) if is_rank else (title, apposed)
    before = next(filter(_names_office, (*titles, _shared_title(document, name))), None)
    after = next(
        filter(_names_office, (_party(document, name), _appositive(document, name, parsed), _clause_after(document, name))), None
    ) or (before and _country_after(document, name))
    role = before or after
    if before is not None and after is not None:
        # The title names the office, the appositive may add where it is held.
        role = Role(before.role, before.affiliation or after.affiliation, before.evidence + after.evidence)
    role = role or _employer(document, name)
    if role is None or role.role is None or role.affiliation is not None:
        return role
    return replace(role, affiliation=chamber_of(role.role))


def _names_office(role: Role | None) -> bool:
    """Tell whether there is a role that is more than a stand on somebody ("a frequent critic of Roe")."""
    return role is not None and (role.role is None or role_noun(role.role) not in _STANDS)


def may_have_appositive(document: Document, name: Name) -> bool:
    """Tell whether a parse of the sentence could show an appositive: a comma or article follows the name."""
    following = document.text[name.end : name.end + 60]
    return bool(re.match(r"\s?(?:,\s|\(|—|–|\sthe\s|\sof\s)", following)) and not _PARTY.match(following)


def follows_name(document: Document, name: Name, end: int) -> Role | None:
    """Return the role that a source span gives after a name, up to the span's end: "Victor Cha, senior adviser …"."""
    match = re.match(r",?\s+(?:the\s+|an?\s+)?(?=\S)", document.text[name.end : end])
    if match is None:
        return None
    start = name.end + match.end()
    phrase = re.split(r"(?:^|,?\s)(?:who|whose|which)\s", document.text[start:end])[0].rstrip(" ,")
    if re.match(r"(?:and|or|but|with|in|on|at|from|as)\s", phrase):
        return None
    is_role = role_noun(phrase) is not None and not plural_noun(phrase)
    return split_phrase(document, start, phrase) if is_role else None


def _title_before(document: Document, name: Name, sentence: Sentence | None) -> Role | None:
    """Read the title directly before a name, word by word to the left."""
    limit = max(name.start - 90, *(document.text.rfind(mark, 0, name.start) + 1 for mark in "\n—–"))
    if sentence is not None:
        limit = max(limit, sentence.start)
    left = document.text[limit : name.start]
    if not left[-1:].isspace():
        return None
    persons = [n for n in document.names if n.label == "PERSON" and limit <= n.start < name.start]
    if persons:
        left = left[persons[-1].end - limit :]
        limit = persons[-1].end
    words = list(re.finditer(r"\S+", left))
    first = len(words)
    while first > 0 and _in_title(words[first - 1].group()):
        first -= 1
    while first < len(words) and _leads_no_title(words[first].group()):
        first += 1
    if first == len(words):
        return None
    start = limit + words[first].start()
    phrase = document.text[start : name.start].rstrip()
    if not _ends_in_role(phrase):
        return None
    if (inner := _OTHERS_TITLE.search(phrase)) is not None and role_noun(phrase[: inner.start()]):
        start, phrase = start + inner.end(), phrase[inner.end() :]  # "a leader of the opposition to President Roe"
    role = split_phrase(document, start, phrase)
    whose = document.text[persons[-1].end : start] if persons else ""
    if role is not None and role.affiliation is None and re.fullmatch(r"(?:['’]s?)?\s", whose):  # "Roe adviser Ann Lee"
        evidence = (document.span(persons[-1].start, persons[-1].end), *role.evidence)
        return replace(role, affiliation=fullest_name(document, persons[-1]), evidence=evidence)
    return role


def _apposed_title(document: Document, name: Name, sentence: Sentence | None) -> Role | None:
    """Read a title that a comma sets before a name: "the US envoy to the UN, Ann Lee, said", "Pentagon spokesman, Rear Adm. Tom Roe"."""
    limit = max(name.start - 160, document.text.rfind("\n", 0, name.start) + 1, sentence.start if sentence is not None else 0)
    comma = _COMMA_BEFORE.search(document.text, limit, name.start)
    if comma is None or not (comma.group(1) or _CLOSES_APPOSITION.match(document.text, name.end)):
        return None
    chunk = re.split(r"[,;:!?\"“”()—–]", document.text[limit : comma.start()])[-1]
    first = comma.start() - len(chunk)
    openings = [match.start(1) for match in _DETERMINER.finditer(chunk)]
    if (capital := re.search(r"\b[A-Z]", chunk)) is not None and len(chunk[capital.start() :].split()) <= 5:
        openings.append(capital.start())
    for opening in openings:
        phrase = chunk[opening:]
        if _is_office(phrase):
            skipped = re.match(r"whose\s|" + _ARTICLE, phrase, re.IGNORECASE)
            skip = skipped.end() if skipped else 0
            return split_phrase(document, first + opening + skip, phrase[skip:])
    return None


def _is_office(phrase: str) -> bool:
    """Tell whether a noun phrase is headed by one role noun: "the head of the bank", but not "the patience of the head"."""
    words = re.split(r"\s(?:of|for|at|in|with|to|on|from)\s", phrase)[0].split()
    head = words[-1].lower() if words else ""
    return head in ROLE_NOUNS and head not in _NO_OFFICE


def _shared_title(document: Document, name: Name) -> Role | None:
    """Read a title in the plural before a list of names for each of them: "Sens. Ann Lee of Ohio and Tom Roe"."""
    first = name
    line = document.text.rfind("\n", 0, name.start)
    for other in reversed([n for n in document.names if n.label == "PERSON" and line < n.start < name.start]):
        if _LISTED.fullmatch(document.text[other.end : first.start]) is None:
            break
        first = other
    title = _PLURAL_TITLE.search(document.text, max(line + 1, first.start - 60), first.start)
    if title is None:
        return None
    plural = title.group(2).rstrip(".")
    one = RANKS.get(plural.lower()[:-1]) or singular(plural.lower())
    if one.lower() == plural.lower():
        return None
    role = split_phrase(document, title.start(1), title.group(1))
    if role is None or role.role is None:
        return None
    words = role.role.split()
    return replace(role, role=" ".join([*words[:-1], one.capitalize() if plural[0].isupper() else one]))


def _clause_after(document: Document, name: Name) -> Role | None:
    """Read a relative clause that says what somebody is or was: "Ann Lee, who was ambassador to NATO under …"."""
    clause = _CLAUSE.match(document.text, name.end)
    if clause is None:
        return None
    start, phrase = clause.start("phrase"), clause["phrase"].rstrip()
    evidence = (document.span(start, start + len(phrase)),)
    if clause["verb"].lower() in _HEADING:
        return Role(_HEADING[clause["verb"].lower()], phrase, evidence) if clause["article"] else None
    if not _is_office(phrase) or re.match(r"(?!retired)[a-z]+ed\s", phrase):
        return None
    role = split_phrase(document, start, phrase)
    is_past = clause["verb"].lower() in ("was", "served", "worked", "been")
    if role is None or role.role is None or not is_past or role.role.lower().startswith("former"):
        return role
    return replace(role, role=f"former {role.role}")


def _employer(document: Document, name: Name) -> Role | None:
    """Read the organisation beside a name that stands for no role: "NBC's Ann Lee", "Ann Lee of Fox News"."""
    for other in document.names:
        if other.label == "ORG" and (
            re.fullmatch(r"['’]s?\s", document.text[other.end : name.start] if other.end < name.start else "")
            or re.fullmatch(r"\sof\s(?:the\s)?", document.text[name.end : other.start] if name.end < other.start else "")
        ):
            return Role(None, other.text, (document.span(other.start, other.end),))
    return None


def _in_title(word: str) -> bool:
    if word[-1] in ',;:)”"' or word[0] in '(“"':
        return False
    plain = word.strip(".'’").lower()
    if word.endswith(".") and plain not in ROLE_NOUNS and plain not in RANKS and not re.fullmatch(r"(?:\w\.)+", word):
        return False
    named = word[0].isupper() or word[0].isdigit() or re.match(r"(?:then|ex|former)-[A-Z]", word) is not None
    return named or word in _SMALL or plain in MODIFIERS or singular(plain) in ROLE_NOUNS


def _leads_no_title(word: str) -> bool:
    return (
        word in ("Then", "MORE", "CLOSE")
        or word.lower().strip("’'") in _NOT_TITLES
        or word.lower() in _SMALL
        or word.lower() in ("a", "an")
    )


def _ends_in_role(phrase: str) -> bool:
    words = [w.strip(".").lower() for w in phrase.split()]
    for back, word in enumerate(reversed(words)):
        if (word in ROLE_NOUNS and word != "counterpart") or word in RANKS:
            return back == 0 or words[len(words) - back] in ("of", "for", "on")
    return False


def _party(document: Document, name: Name) -> Role | None:
    """Read "D-Va." after a name."""
    match = _PARTY.match(document.text[name.end : name.end + 30])
    if match is None:
        return None
    start = name.end + match.start(1)
    end = name.end + match.end(2)
    state = us_state_of(match.group(2)) or match.group(2)
    return Role(None, f"{party_of(match.group(1))}, {state}", (document.span(start, end),))


def _country_after(document: Document, name: Name) -> Role | None:
    """Read "of Norway" after the name of somebody with a title."""
    match = re.match(r" of ((?:the )?[A-Z][\w.]*(?: [A-Z][\w.]*){0,2})", document.text[name.end : name.end + 40])
    if match is None:
        return None
    words = match.group(1).split(" ")
    for n in range(len(words), 0, -1):
        form = " ".join(words[:n])
        if (country := country_of(form, document.text)) is not None:
            start = name.end + match.start(1)
            return Role(None, country, (document.span(start, start + len(form)),))
    return None


def _appositive(document: Document, name: Name, parsed: Sentence | None) -> Role | None:
    """Read the appositive of a name off the parse: a subtree that follows the name directly and holds a role noun.

    A small parser takes an appositive for a coordination now and then; without an "and", and with no other person in it, it is none.
    """
    if parsed is None or parsed.words[0].head is None:
        return None
    inside = [i for i, word in enumerate(parsed.words, 1) if word.start < name.end and name.start < word.end]
    if not inside:
        return None
    members = set(inside)
    for i, word in enumerate(parsed.words, 1):
        if word.head in members and word.start >= name.end and (word.deprel or "").split(":")[0] in _APPOSED:
            found = _subtree_phrase(document, parsed.words, i, name.end)
            if found is not None:
                return found
    return None


def _subtree_phrase(document: Document, words: Sequence[Word], root: int, after: int) -> Role | None:
    """Return the role phrase that the words under `root` form, cut at relative clauses and at what is not contiguous."""
    dropped = ("acl:relcl", "parataxis", "punct", "ccomp", "advcl", "conj:after")
    kept = {root}
    grown = True
    while grown:
        grown = False
        for i, word in enumerate(words, 1):
            if i not in kept and word.head in kept and word.deprel not in dropped and word.start >= after:
                kept.add(i)
                grown = True
    first = last = root
    while first - 1 in kept:
        first -= 1
    while last + 1 in kept or (last + 2 in kept and words[last].text in ("-", "&", "'", "(", ")", "/")):
        last += 1
    start, end = words[first - 1].start, words[last - 1].end
    phrase = document.text[start:end]
    follows = re.fullmatch(r"\s?[,(—–-]?\s?", document.text[after:start])
    persons = any(start <= name.start < end for name in document.names if name.label == "PERSON")
    if follows is None or persons or role_noun(phrase) is None or len(phrase) > 200:
        return None
    return split_phrase(document, start, phrase)
