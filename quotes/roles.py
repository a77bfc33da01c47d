"""Role phrases: what is one, and the role and affiliation that it gives ("Japan's defense minister", "director at the Centre …")."""

import re
from dataclasses import dataclass, replace

from quotes.gazetteer import country_of, party_of, us_state_of
from quotes.types import Document, Name, Span

_NOUNS = """
    activist adm admiral adviser advisor advocate aide ally ambassador amb analyst anchor archbishop assistant attorney author banker bishop
    boss brigadier cardinal chairman chairperson chairwoman chair chancellor chief cleric coach co-chair co-chairman co-founder
    colonel col columnist commander commentator commissioner congressman congresswoman coordinator correspondent counsel
    counsellor counselor counterpart co-ordinator critic czar dean delegate deputy diplomat director doctor economist editor emperor
    emir employee envoy executive expert farmer fellow founder general gen governor gov head historian host imam inspector
    investigator journalist judge justice king lawmaker lawyer leader lecturer legislator lieutenant lobbyist major manager marshal
    mayor member minister mp negotiator nominee observer officer official operative organizer owner parliamentarian partner
    pastor physician pilot planner police politician pollster pope premier president prime-minister prince princess principal
    producer professor prof prosecutor protester publisher queen rabbi rep reporter representative researcher sailor sc scholar
    scientist secretary secretary-general sen senator sergeant sheikh sheriff soldier specialist speaker spokesman spokesperson
    spokeswoman staffer strategist student sultan supporter supreme-leader taoiseach teacher technocrat treasurer trader
    undersecretary under-secretary vice-chairman vice-president veteran veterans voter warlord watchdog winner worker writer
    whip candidate nominee president-elect front-runner frontrunner photographer surgeon neurosurgeon consultant resident
    businessman businesswoman contractor engineer psychologist academic lobbyist campaigner presenter detainee ex-detainee prisoner hostage
    refugee republican democrat CEO CFO COO source sources insider mother father wife husband son daughter brother sister
""".split()
ROLE_NOUNS = frozenset(noun.lower() for noun in _NOUNS)
"""Heads of role phrases, lower case, singular."""

# Words that may stand inside a role phrase before its noun without being names.
MODIFIERS = frozenset(
    """former then ex- deputy vice acting chief senior top foreign defense defence prime national security press state presidential
    military interior finance economic economy trade energy health justice ruling opposition political intelligence army navy air
    force assistant associate retired veteran longtime leading first second third joint special general nuclear policy party
    parliamentary congressional senate house republican democratic conservative liberal labour campaign communications executive
    managing founding outgoing incoming newly elected interim permanent key unnamed anonymous unidentified government diplomatic
    administration research independent local federal regional Asia Europe staff co- white
    """.split()
)
_SMALL = frozenset({"of", "for", "and", "&", "the", "to", "on", "at"})
RANKS = {
    "sen": "Senator",
    "rep": "Representative",
    "gov": "Governor",
    "gen": "General",
    "adm": "Admiral",
    "lt": "Lieutenant",
    "col": "Colonel",
    "amb": "Ambassador",
    "prof": "Professor",
    "maj": "Major",
    "capt": "Captain",
    "lt. gen": "Lieutenant General",
    "maj. gen": "Major General",
    "brig. gen": "Brigadier General",
    "lt. col": "Lieutenant Colonel",
}
_RANK = re.compile(r"\b(" + "|".join(sorted((re.escape(r) for r in RANKS), key=len, reverse=True)) + r")\.?$", re.IGNORECASE)
# "of" that belongs to the role itself and does not lead to an affiliation.
_FIXED_OF = re.compile(
    r"\b(?:secretary|minister|under ?secretary|ministry|department|chief|chiefs|leader|director|head|chair(?:man|woman)?|joint chiefs)"
    r" of (?:state|defen[cs]e|foreign|finance|the interior|interior|justice|energy|commerce|labou?r|agriculture|health|education|"
    r"homeland|staff|policy|research|communications|operations|intelligence|veterans|housing|transport|trade|war|the treasury|"
    r"external|economic|national|public|government|strategy|studies|programs?|security|the opposition|protocol|mission|party)",
    re.IGNORECASE,
)
# Bodies that stand inside a role phrase before its noun: "senior White House official", "Obama administration officials".
_BODY = re.compile(
    r"\b(White House|Pentagon|Kremlin|(?:State|Defense|Treasury|Justice|Commerce) Department|Foreign (?:Ministry|Office)|"
    r"Defen[cs]e Ministry|[A-Z][\w.]+ [Aa]dministration|[A-Z][\w.]+ campaign|E\.?U\.?|U\.?N\.?|N(?:ATO|ato)|GOP|Republicans?|"
    r"Democratic|Democrats?|Labour|Conservative)(?!\s+Party)(?:['’]s?)?(?=\s)"
)
_CHAMBERS = {"senator": "Senate", "representative": "House of Representatives", "congressman": "Congress", "congresswoman": "Congress"}
_MEMBER = re.compile(r"(?:(?:some|many|several|most|other|fellow|senior|top|leading)\s)*(Republicans?|Democrats?)", re.IGNORECASE)
_LEAD = re.compile(r"\s+(?:of|at|for|with|in|from)\s+(?:the\s+)?")
_DESCRIPTOR = re.compile(
    r"^(?:(?:the|a|an|research|consulting|law|think|tank|firm|company|group|institute\s+called|advocacy|nonprofit|washington-based|"
    r"[a-z]+-based)\s+)+(?=[A-Z])"
)


_INSTITUTION = re.compile(
    r"(?:[a-z-]+ )?(?:cent(?:er|re)|institut(?:e|ion)|universit\w+|council|ministry|department|office|school|college|foundation|"
    r"committee|association|federation|union|embassy|academy|agency|bank|commission|society|fund)\b"
)


@dataclass(frozen=True, slots=True)
class Role:
    """A role with the affiliation that stands beside it; `evidence` is where they stand."""

    role: str | None
    affiliation: str | None
    evidence: tuple[Span, ...]


def ends_in_title(before: str) -> bool:
    """Tell whether the words before a name end in a word that a title ends in ("President ", "Sen. ")."""
    words = before.split()
    return bool(words) and before[-1:].isspace() and (words[-1].strip(".—–").lower().split("—")[-1] in ROLE_NOUNS | RANKS.keys())


def describe(document: Document, start: int, end: int) -> Role | None:
    """Return role and affiliation of a description such as "a U.S. State Department official", or `None` if it has no role noun."""
    phrase = re.split(r",\s(?=one\s|some\s)", document.text[start:end])[0]  # "a Turkish official, one of five sources"
    role = split_phrase(document, start, phrase) if role_noun(phrase) else None
    if role is None or role.role is None or role.affiliation is not None:
        return role
    return replace(role, affiliation=chamber_of(role.role))


def role_noun(phrase: str) -> str | None:
    """Return the head role noun of a phrase, lower case and singular: its last word, else the last before a preposition."""
    whole = re.findall(r"[\w-]+", re.split(r",|\s(?:who|whose|that|which)\s", phrase)[0])
    if whole and singular(whole[-1].lower()) in ROLE_NOUNS:
        return singular(whole[-1].lower())
    head = re.split(r"\s(?:of|for|at|in|with|who|whose|from|on|to|that)\s|,", phrase)[0]
    for word in reversed(re.findall(r"[\w-]+", head)):
        if singular(word.lower()) in ROLE_NOUNS:
            return singular(word.lower())
    return None


def singular(word: str) -> str:
    """Return the singular of a role noun, as far as the list of role nouns tells."""
    if word in ROLE_NOUNS:
        return word
    for ending, instead in (("men", "man"), ("ies", "y"), ("es", ""), ("s", "")):
        if word.endswith(ending) and word[: -len(ending)] + instead in ROLE_NOUNS:
            return word[: -len(ending)] + instead
    return word


def plural_noun(phrase: str) -> bool:
    """Tell whether a description names several ("the two ministers")."""
    noun = role_noun(phrase)
    if noun is None:
        return False
    words = [w.lower() for w in re.findall(r"[\w-]+", phrase)]
    return any(singular(w) == noun and w != noun for w in words) or noun in ("council", "police", "veterans")


def split_phrase(document: Document, start: int, phrase: str) -> Role | None:
    """Split a role phrase at `start` into role and affiliation: "Japan's defense minister", "director at the Centre …"."""
    text = document.text
    evidence = (document.span(start, start + len(phrase)),)
    role = re.sub(r"^then-(?=[A-Z])", "", re.sub(r"^(?:former|ex)-(?=[A-Z])", "former ", phrase.strip().rstrip(",")))
    role = re.sub(r"^(?:a|an|the|his|her|its|their|one|another|said)\s+|\s+(?:here|there|alike)$", "", role, flags=re.IGNORECASE)
    affiliation: str | None = None
    tail = None
    fixed = _FIXED_OF.search(role)
    last_word = singular(role.split()[-1].lower()) if role else ""
    for lead in () if last_word in ROLE_NOUNS else _LEAD.finditer(role):
        if fixed and fixed.start() <= lead.start() < fixed.end():
            continue
        rest = role[lead.end() :]
        if rest[:1].isupper() or _DESCRIPTOR.match(rest) or _INSTITUTION.match(rest):
            tail = lead
            break
    if tail is not None:
        place = re.split(r",|\s(?:who|which|and|in)\s", role[tail.end() :])[0]
        affiliation = _DESCRIPTOR.sub("", place).strip()
        role = role[: tail.start()]
        affiliation = country_of(affiliation, text) or affiliation
    if affiliation is None:
        role, country = _without_country(role, text)
        role, body = _without_body(document, start, phrase, role)
        role, person = _without_person(document, start, phrase, role) if not (body or country) else (role, None)
        affiliation = body or country or person
    if (member := _MEMBER.fullmatch(role)) is not None and (party := party_of(singular(member.group(1).lower()).capitalize())) is not None:
        return Role(None, ", ".join(filter(None, [party, us_state_of(affiliation or "")])), evidence)
    if affiliation is None:
        affiliation = party_of(singular(role.split()[-1].lower()).capitalize()) if role else None
    role = re.sub(r"^(?:(?:some|several|many|and|or|&)\s+)+|\s+(?:and|or)$", "", _expand_rank(role).strip(" ,'’"))
    return Role(role or None, affiliation, evidence) if role else None


def _without_country(role: str, text: str) -> tuple[str, str | None]:
    """Take a country's name, adjective or possessive off the front of a role phrase ("top US military official")."""
    words = role.split()
    n_modifiers = next((i for i, word in enumerate(words) if word.lower() not in MODIFIERS), len(words))
    for size in (3, 2, 1):
        for i in {0, n_modifiers}:
            form = re.sub(r"['’]s?$", "", " ".join(words[i : i + size]))
            country = country_of(form, text)
            if country is not None and form[:1].isupper():
                return " ".join(words[:i] + words[i + size :]), country
    return role, None


def _without_body(document: Document, start: int, phrase: str, role: str) -> tuple[str, str | None]:
    """Take a body, state or organisation out of a role phrase where a role is left over: "Florida Senator", "Apple CEO"."""
    for size in (2, 1):
        words = role.split()
        former = words[:1] if words[0].lower() in ("former", "then", "ex") else []
        rest = words[len(former) :]
        state = us_state_of(re.sub(r"['’]s?$", "", " ".join(rest[:size])))
        if state is not None and rest[size:]:
            return " ".join(former + rest[size:]), state
    if re.search(r"\badministration\s", role) and len(whose := set(re.findall(r"\b[A-Z]\w+ administration\b", document.text))) == 1:
        return re.sub(r"\badministration\s+", "", role), whose.pop()
    match = _BODY.search(role)
    if match is not None and role_noun(left := f"{role[: match.start()]}{role[match.end() :].lstrip()}".strip()):
        return left, party_of(match.group(1)) or match.group(1)
    for name in document.names:
        inside = start <= name.start and name.end <= start + len(phrase) and name.text.lower() not in MODIFIERS
        if inside and name.label == "ORG" and not _FIXED_OF.search(document.text[start : name.end]):
            left = re.sub(rf"{re.escape(name.text)}(?:['’]s?)?\s+", "", role)
            return (left if role_noun(left) else role), name.text
    return role, None


def _without_person(document: Document, start: int, phrase: str, role: str) -> tuple[str, str | None]:
    """Take the person out of a role phrase whom somebody works for: "Roe's communications director", "Trump supporters"."""
    for name in document.names:
        if name.label == "PERSON" and start <= name.start and name.end < start + len(phrase):
            left = re.sub(rf"(?:\b(?:Mr|Mrs|Ms|President|Sen|Gov)\.?\s)?\b{re.escape(name.text)}(?:['’]s?)?\s+", "", role)
            if left != role and role_noun(left) and not re.search(r"\b(?:of|to|for)\b", left):
                return left, fullest_name(document, name)
    return role, None


def fullest_name(document: Document, name: Name) -> str:
    """Return the longest name of a person of that last name, where the article has one person of it."""
    longer = {n.text for n in document.names if n.label == "PERSON" and n.text.split()[-1] == name.text.split()[-1]}
    firsts = {text.split()[0] for text in longer if " " in text}
    return max(longer, key=len) if len(firsts) == 1 else name.text


def _expand_rank(role: str) -> str:
    """Write out an abbreviated rank that ends a role; a fuller description before it makes the rank superfluous."""
    match = _RANK.search(role)
    if match is None or (len(match.group()) == len(match.group(1)) and match.group(1).islower()):
        return role
    rest = role[: match.start()].strip(" ,")
    return rest if role_noun(rest) else " ".join(filter(None, [rest, RANKS[match.group(1).lower()]]))


def merge_roles(first: Role | None, second: Role | None) -> Role | None:
    """Complete one role by another of the same person: what the first lacks comes from the second."""
    if first is None or second is None:
        return first or second
    evidence = first.evidence + (second.evidence if second.affiliation and not first.affiliation else ())
    return replace(first, role=first.role or second.role, affiliation=first.affiliation or second.affiliation, evidence=evidence)


def chamber_of(role: str) -> str | None:
    """Return the chamber that an office belongs to by its name: "Senator", "House Majority Leader"."""
    leads = re.match(r"(Senate|House)\s(?:\w+\s)?(?:Leader|Speaker|Whip)", role, re.IGNORECASE)
    named = {"senate": "Senate", "house": "House of Representatives"}
    return named[leads.group(1).lower()] if leads else _CHAMBERS.get(singular(role.split()[-1].lower()))
