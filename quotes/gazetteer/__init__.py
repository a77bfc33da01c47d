"""Countries with their adjectives and capitals, and the seats that stand for governments.

`countries.json` is derived from mledoze/countries and available under the Open Database License 1.0 (see LICENSE.txt here).
`leaders.toml` lists heads of state and government, by hand. `given_names.json` comes from `training.given_names`.
"""

import json
import re
import tomllib
import unicodedata
from functools import cache, lru_cache
from importlib import resources

# What the table lacks: other names, adjectives and seats, in the forms that news uses.
_MORE: dict[str, tuple[str, ...]] = {
    "Afghanistan": ("Afghan", "Afghans"),
    "Australia": ("Australian", "Australians"),
    "Canada": ("Canadian", "Canadians"),
    "China": ("PRC", "People's Republic of China", "Zhongnanhai"),
    "Czechia": ("Czech", "Czechs", "Czech Republic"),
    "Denmark": ("Danish", "Danes"),
    "Finland": ("Finnish", "Finns"),
    "France": ("Elysee", "Élysée", "Quai d'Orsay"),
    "Germany": ("Germans", "Federal Republic of Germany"),
    "India": ("Indian", "Indians", "Delhi"),
    "Iran": ("Iranians", "Islamic Republic of Iran", "Islamic Republic", "Teheran"),
    "Israel": ("Israeli", "Israelis"),
    "Mexico": ("Mexican", "Mexicans"),
    "Myanmar": ("Burma", "Burmese"),
    "Netherlands": ("Dutch", "Holland", "Hague"),
    "New Zealand": ("New Zealander", "New Zealanders"),
    "North Korea": ("DPRK", "D.P.R.K.", "Democratic People's Republic of Korea", "North Koreans"),
    "Philippines": ("Filipinos", "Philippine", "Malacañang", "Malacanang"),
    "Poland": ("Polish", "Poles"),
    "Russia": ("Kremlin", "Russian Federation", "Russians"),
    "Saudi Arabia": ("Saudi", "Saudis"),
    "South Korea": ("ROK", "R.O.K.", "Republic of Korea", "South Koreans", "Cheong Wa Dae", "Blue House"),
    "Spain": ("Spanish", "Spaniards"),
    "Sweden": ("Swedish", "Swedes"),
    "Taiwan": ("Taiwanese",),
    "Turkey": ("Turkish", "Turks", "Türkiye"),
    "Ukraine": ("Ukrainians", "Kiev"),
    "United Arab Emirates": ("UAE", "U.A.E.", "Emirati", "Emirates"),
    "United Kingdom": ("Britain", "Great Britain", "British", "Britons", "UK", "U.K.", "Downing Street", "Whitehall"),
    "United States": (
        "U.S.",
        "US",
        "U.S.A.",
        "USA",
        "America",
        "American",
        "Americans",
        "United States of America",
        "White House",
    ),
    "Vietnam": ("Vietnamese",),
}
# Capitals that are more often something else in a sentence, or whose country is not their government's.
_NOT_SEATS = frozenset({"Washington", "Victoria", "Georgetown", "Kingston", "Hamilton", "San Jose", "San José", "Jerusalem", "Brussels"})
_SEATS = {"Washington": "United States", "Washington, D.C.": "United States", "Seoul": "South Korea", "Tokyo": "Japan"}
# States of the United States with the short forms that stand beside a party ("D-Va.").
_US_STATES: dict[str, tuple[str, ...]] = {
    "Alabama": ("Ala", "AL"), "Alaska": ("AK",), "Arizona": ("Ariz", "AZ"), "Arkansas": ("Ark", "AR"), "California": ("Calif", "CA"),
    "Colorado": ("Colo", "CO"), "Connecticut": ("Conn", "CT"), "Delaware": ("Del", "DE"), "Florida": ("Fla", "FL"), "Georgia": ("Ga", "GA"),
    "Hawaii": ("HI",), "Idaho": ("ID",), "Illinois": ("Ill", "IL"), "Indiana": ("Ind", "IN"), "Iowa": ("IA",), "Kansas": ("Kan", "KS"),
    "Kentucky": ("Ky", "KY"), "Louisiana": ("La", "LA"), "Maine": ("ME",), "Maryland": ("Md", "MD"), "Massachusetts": ("Mass", "MA"),
    "Michigan": ("Mich", "MI"), "Minnesota": ("Minn", "MN"), "Mississippi": ("Miss", "MS"), "Missouri": ("Mo", "MO"),
    "Montana": ("Mont", "MT"), "Nebraska": ("Neb", "NE"), "Nevada": ("Nev", "NV"), "New Hampshire": ("N.H", "NH"),
    "New Jersey": ("N.J", "NJ"), "New Mexico": ("N.M", "NM"), "New York": ("N.Y", "NY"), "North Carolina": ("N.C", "NC"),
    "North Dakota": ("N.D", "ND"), "Ohio": ("OH",), "Oklahoma": ("Okla", "OK"), "Oregon": ("Ore", "OR"), "Pennsylvania": ("Pa", "PA"),
    "Rhode Island": ("R.I", "RI"), "South Carolina": ("S.C", "SC"), "South Dakota": ("S.D", "SD"), "Tennessee": ("Tenn", "TN"),
    "Texas": ("TX",), "Utah": ("UT",), "Vermont": ("Vt", "VT"), "Virginia": ("Va", "VA"), "Washington": ("Wash", "WA"),
    "West Virginia": ("W.Va", "W. Va", "WV"), "Wisconsin": ("Wis", "WI"), "Wyoming": ("Wyo", "WY"),
}  # fmt: skip
_PARTIES = {"D": "Democratic Party", "R": "Republican Party", "I": "independent"}
_PARTY_WORDS = {
    "Republican": "Republican Party", "Republicans": "Republican Party", "GOP": "Republican Party", "G.O.P.": "Republican Party",
    "Democrat": "Democratic Party", "Democrats": "Democratic Party", "Democratic": "Democratic Party",
}  # fmt: skip
# Bodies of one country's government, in the forms that news uses without naming the country.
_BODIES = {
    "United States": (
        "White House", "Pentagon", "State Department", "Defense Department", "Department of Defense", "Department of State",
        "Treasury Department", "Justice Department", "Commerce Department", "Department of Justice", "Homeland Security", "CIA",
        "C.I.A.", "FBI", "F.B.I.", "Capitol Hill", "National Security Council", "Supreme Court", "Senate Foreign Relations Committee",
        "House Foreign Affairs Committee",
    ),
    "United Kingdom": ("Foreign Office", "Downing Street", "House of Commons", "House of Lords"),
    "Russia": ("State Duma", "Duma", "Kremlin", "Federation Council"),
    "Germany": ("Bundestag", "Bundeswehr"),
    "Israel": ("Knesset",),
    "South Korea": ("Blue House", "Cheong Wa Dae"),
    "France": ("Élysée", "Elysee"),
}  # fmt: skip
_STRIP = re.compile(r"^(?:the|The)\s+|['’]s?$")


@cache
def _table() -> tuple[dict[str, str], dict[str, str]]:
    """Return form to country: names and adjectives, and capitals and seats."""
    rows = json.loads(resources.files(__name__).joinpath("countries.json").read_text(encoding="utf-8"))
    names: dict[str, str] = {}
    seats: dict[str, str] = {}
    for row in rows:
        name = "Turkey" if row["name"] == "Türkiye" else row["name"]
        for form in (name, *row["adjectives"], *(a + "s" for a in row["adjectives"] if a.endswith("n"))):
            names.setdefault(form, name)
        for capital in row["capitals"]:
            if capital not in _NOT_SEATS:
                seats[capital] = name
    for name, forms in _MORE.items():
        names.update(dict.fromkeys(forms, name))
    # "Korean" alone is decided by the article (see `country_of`).
    for form in ("Korean", "Koreans"):
        names.pop(form, None)
    seats.update(_SEATS)
    return names, seats


def country_of(form: str, text: str = "") -> str | None:
    """Return the country that a name, adjective, capital or seat stands for, or `None`.

    `text` is the article: "Korea" alone means the South where the article speaks of South Korea or Seoul.
    """
    form = _STRIP.sub("", form.strip())
    names, seats = _table()
    if form in ("Korea", "Korean", "Koreans"):
        return "South Korea" if _speaks_of_the_south(text) else None
    return names.get(form) or seats.get(form)


@lru_cache(maxsize=4)
def _speaks_of_the_south(text: str) -> bool:
    return "South Korea" in text or "Seoul" in text


def is_state(form: str) -> bool:
    """Tell whether a form of several words or of capitals alone can only be a state or its seat ("Cheong Wa Dae", "U.S.")."""
    return (" " in form or form.replace(".", "").isupper()) and country_of(form) is not None


@cache
def _state_forms() -> dict[str, str]:
    return {form: state for state, forms in _US_STATES.items() for form in (state, *forms)}


def us_state_of(form: str) -> str | None:
    """Return the state of the United States that a name or short form stands for, or `None`; Washington and Georgia only in short forms."""
    form = form.strip().rstrip(".,")
    return None if form in ("Washington", "Georgia") else _state_forms().get(form)


def party_of(letter_or_word: str) -> str | None:
    """Return the party of the United States that a letter beside a state ("D") or a word ("GOP") stands for, or `None`."""
    return _PARTIES.get(letter_or_word) or _PARTY_WORDS.get(letter_or_word)


def country_of_body(name: str) -> str | None:
    """Return the country to whose government a body belongs that news names without it ("the Pentagon"), or `None`."""
    name = _STRIP.sub("", name.strip())
    return next((country for country, bodies in _BODIES.items() if name in bodies), None)


@cache
def _leaders() -> dict[str, set[str]]:
    """Return the countries of leaders by full name and by family name."""
    table = tomllib.loads(resources.files(__name__).joinpath("leaders.toml").read_text(encoding="utf-8"))
    found: dict[str, set[str]] = {}
    for country, names in table.items():
        for name in names:
            words = _plain(name).split()
            words = words[:-1] if words[-1] in ("jr.", "jr") else words
            family = words[0] if "-" in words[-1] or country in ("China", "North Korea", "Vietnam") else words[-1]
            for form in (" ".join(words), f"{words[0]} {words[-1]}", family):
                found.setdefault(form, set()).add(country)
    return found


def country_of_leader(name: str) -> str | None:
    """Return the country of a head of state or government, by full or family name; `None` where two countries have one of that name."""
    words = [word for word in _plain(name).split() if not re.fullmatch(r"[a-z]\.?", word)]
    countries = _leaders().get(_plain(name)) or _leaders().get(" ".join(words)) or set()
    return next(iter(countries)) if len(countries) == 1 else None


def _plain(name: str) -> str:
    decomposed = unicodedata.normalize("NFKD", name)
    return "".join(char for char in decomposed if not unicodedata.combining(char)).casefold()
