"""Source spans to speakers, on hand-built documents: no model, no parse."""

import re
from dataclasses import replace

import pytest

from quotes.models import weights_folder
from quotes.speakers import SpeakerModel, resolve_speakers
from quotes.types import Article, Confidence, Document, Name, Quote, QuoteType, Sentence, SpeakerKind, Word

MODEL = SpeakerModel.read(weights_folder() / "speakers" / "ranker.json")
PLACES = ("Tokyo", "Seoul", "Japan", "South Korea", "Washington", "United States")


def make(text, quotes, persons=(), places=PLACES, organisations=()):
    """A document: `quotes` are (source, content) strings, the source "" for none; each is looked for after the one before."""
    names = [
        Name(m.start(), m.end(), form, label)
        for forms, label in ((persons, "PERSON"), (places, "LOC"), (organisations, "ORG"))
        for form in forms
        for m in re.finditer(rf"(?<![\w-]){re.escape(form)}(?![\w-])", text)
    ]
    names = [n for n in names if not any(o is not n and o.start <= n.start and n.end <= o.end and len(o.text) > len(n.text) for o in names)]
    sentences, paragraph = [], -1
    for line in re.finditer(r"[^\n]+", text):
        paragraph += 1
        for m in re.finditer(r"\S.*?(?:[.!?][”\"]?(?=\s|$)|$)", line.group()):
            start = line.start() + m.start()
            words = tuple(Word(start + w.start(), start + w.end(), w.group()) for w in re.finditer(r"[\w'’-]+|[^\w\s]", m.group()))
            sentences.append(Sentence(start, line.start() + m.end(), words, paragraph))
    document = Document(Article("a", text), tuple(sentences), tuple(sorted(names, key=lambda n: n.start)))
    made, place = [], 0
    for source, content in quotes:
        at = text.index(content, place)
        spans = ()
        if source:
            near = min(
                (m.start() for m in re.finditer(rf"(?<!\w){re.escape(source)}(?!\w)", text)), key=lambda i: abs(i - at - len(content))
            )
            spans = (document.span(near, near + len(source)),)
        kind = QuoteType.DIRECT if content[0] in '“"' else QuoteType.INDIRECT
        cue = (document.span(0, 0),) if source else ()
        made.append(Quote(f"a:{len(made)}", kind, True, (document.span(at, at + len(content)),), cue, spans, Confidence(0.9)))
        place = at + len(content)
    return Document(document.article, document.sentences, document.names, tuple(made))


def speakers(*args, **kwargs):
    return [quote.speaker for quote in resolve_speakers(make(*args, **kwargs), list, MODEL).quotes]


def test_a_short_name_gets_the_full_one_and_its_title():
    text = "South Korean Foreign Minister Park Jin came. “We want it,” Park said."
    (speaker,) = speakers(text, [("Park", "“We want it,”")], persons=("Park Jin", "Park"))
    assert (speaker.name, speaker.kind, speaker.role, speaker.affiliation) == (
        "Park Jin",
        SpeakerKind.PERSON,
        "Foreign Minister",
        "South Korea",
    )
    assert all(text[s.start : s.end] == s.text for s in speaker.evidence)


def test_he_after_a_quote_is_who_spoke():
    text = "“We want it,” Ken Abe said.\n“We need it,” he said."
    one, two = speakers(text, [("Ken Abe", "“We want it,”"), ("he", "“We need it,”")], persons=("Ken Abe",))
    assert one.name == two.name == "Ken Abe"


def test_he_after_two_men_is_the_subject_of_the_last_sentence_or_nobody():
    text = "Ken Abe met Tom Roe in Geneva.\n“We want it,” he said."
    (speaker,) = speakers(text, [("he", "“We want it,”")], persons=("Ken Abe", "Tom Roe"))
    assert speaker is None or speaker.name == "Ken Abe"


def test_a_last_name_that_two_people_share_is_nobodys():
    text = "Bill Clinton and Hillary Clinton came.\n“We want it,” Clinton said."
    document = resolve_speakers(
        make(text, [("Clinton", "“We want it,”")], persons=("Bill Clinton", "Hillary Clinton", "Clinton")), list, MODEL
    )
    assert document.quotes[0].speaker is None
    assert [d.code for d in document.diagnostics] == ["ambiguous-name"]


def test_two_people_who_share_a_last_name_are_told_apart_in_full():
    text = "“Yes,” Bill Clinton said. “No,” Hillary Clinton said."
    quotes = [("Bill Clinton", "“Yes,”"), ("Hillary Clinton", "“No,”")]
    assert [s.name for s in speakers(text, quotes, persons=("Bill Clinton", "Hillary Clinton"))] == ["Bill Clinton", "Hillary Clinton"]


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("Tokyo", "Japan"),
        ("the South Korean government", "South Korea"),
        ("Washington", "United States"),
        ("the Kremlin", "Russia"),
        ("US", "United States"),
    ],
)
def test_seats_stand_for_states(source, name):
    text = f"On Monday {source} said it wants the pact."
    (speaker,) = speakers(text, [(source, "it wants the pact")], places=(*PLACES, "Kremlin", "South Korean", "US"))
    assert (speaker.name, speaker.kind, speaker.affiliation) == (name, SpeakerKind.STATE, None)


def test_several_people_are_a_group_with_members():
    text = "Ken Abe, Tom Roe and Ann Lee came. They said so, Abe, Roe and Lee said."
    persons = ("Ken Abe", "Tom Roe", "Ann Lee", "Abe", "Roe", "Lee")
    (speaker,) = speakers(text, [("Abe, Roe and Lee", "They said so")], persons=persons)
    assert speaker.kind is SpeakerKind.GROUP
    assert speaker.name == "Ken Abe, Tom Roe and Ann Lee"
    assert [m.name for m in speaker.members] == ["Ken Abe", "Tom Roe", "Ann Lee"]


def test_an_unnamed_official_and_later_the_official():
    text = "“Yes,” a U.S. State Department official said.\n“Always,” the official said."
    one, two = speakers(text, [("a U.S. State Department official", "“Yes,”"), ("the official", "“Always,”")])
    assert one.kind is SpeakerKind.UNNAMED
    assert one.name == two.name == "a U.S. State Department official"


def test_the_minister_is_the_only_minister():
    text = "Japanese Defense Minister Ken Abe came. “Yes,” the minister said."
    (speaker,) = speakers(text, [("the minister", "“Yes,”")], persons=("Ken Abe",))
    assert speaker.name == "Ken Abe"


def test_the_minister_of_two_ministers_is_neither():
    text = "Defense Minister Ken Abe met Foreign Minister Tom Roe. “Yes,” the minister said."
    (speaker,) = speakers(text, [("the minister", "“Yes,”")], persons=("Ken Abe", "Tom Roe"))
    assert speaker.name == "the minister"
    assert speaker.kind is SpeakerKind.UNNAMED


def test_the_official_is_not_the_general_who_is_an_official_too():
    text = "Top US military official Gen. Mark Milley left.\n“Yes,” a ministry official said. “Always,” the official said."
    one, two = speakers(text, [("a ministry official", "“Yes,”"), ("the official", "“Always,”")], persons=("Mark Milley",))
    assert one.name == two.name == "a ministry official"


def test_the_official_whom_nobody_introduced_is_nobody_known():
    text = "Top US military official Gen. Mark Milley left.\n“Always,” the official said."
    (speaker,) = speakers(text, [("the official", "“Always,”")], persons=("Mark Milley",))
    assert speaker.kind is SpeakerKind.UNNAMED


def test_another_countrys_president_says_nothing_of_this_one():
    text = "President Tom Roe came. “Yes,” Roe said. The French president and the French prime minister left."
    (speaker,) = speakers(text, [("Roe", "“Yes,”")], persons=("Tom Roe", "Roe"))
    assert (speaker.role, speaker.affiliation) == ("President", None)


def test_a_silent_holder_of_the_same_office_counts():
    text = "Defense Minister Tom Roe met Defense Minister Ken Abe. The French defense minister smiled. “Yes,” Roe said."
    (speaker,) = speakers(text, [("Roe", "“Yes,”")], persons=("Tom Roe", "Roe", "Ken Abe"))
    assert (speaker.role, speaker.affiliation) == ("Defense Minister", None)


def test_the_country_of_an_office_may_stand_in_the_next_sentence():
    text = "Foreign Minister Tom Roe came. The French foreign minister was late. “Yes,” Roe said."
    (speaker,) = speakers(text, [("Roe", "“Yes,”")], persons=("Tom Roe", "Roe"))
    assert (speaker.role, speaker.affiliation) == ("Foreign Minister", "France")


def test_she_is_not_a_man():
    text = "Mr. Roe met Ann Lee in Geneva on Monday.\n“We want it,” she said. “No,” he said."
    she, he = speakers(text, [("she", "“We want it,”"), ("he", "“No,”")], persons=("Roe", "Ann Lee"))
    assert (she.name, he.name) == ("Ann Lee", "Roe")


def test_he_is_not_the_photographer():
    text = "“We want it,” Tom Roe said.\nKen Abe/AP took this picture of all of the ministers.\n“We need it,” he said."
    _, he = speakers(text, [("Tom Roe", "“We want it,”"), ("he", "“We need it,”")], persons=("Tom Roe", "Ken Abe"))
    assert he.name == "Tom Roe"


def test_he_is_not_whom_the_speaker_speaks_of():
    text = "“Ken Abe is right about all of this,” Tom Roe said on Monday in the capital.\n“We need it,” he said."
    _, he = speakers(text, [("Tom Roe", "“Ken Abe is right about all of this,”"), ("he", "“We need it,”")], persons=("Tom Roe", "Ken Abe"))
    assert he.name == "Tom Roe"


def test_a_commissioner_for_refugees_is_a_person():
    text = "“Yes,” UN High Commissioner for Refugees Tom Roe said."
    (speaker,) = speakers(text, [("UN High Commissioner for Refugees Tom Roe", "“Yes,”")], persons=("Tom Roe",))
    assert speaker.name == "Tom Roe"


def test_he_and_somebody_are_two():
    text = "Tom Roe came on Monday to the talks. He and Prime Minister Ken Abe agreed on it."
    (speaker,) = speakers(text, [("He and Prime Minister Ken Abe", "agreed on it")], persons=("Tom Roe", "Ken Abe"))
    assert (speaker.kind, speaker.name) == (SpeakerKind.GROUP, "Tom Roe and Ken Abe")
    assert [member.name for member in speaker.members] == ["Tom Roe", "Ken Abe"]


def test_he_inside_a_quotation_is_not_its_speaker():
    text = "“We trust him because he said that it will stay,” Tom Roe said."
    quotes = [("Tom Roe", "“We trust him because he said that it will stay,”"), ("he", "it will stay")]
    document = make(text, quotes[:1], persons=("Tom Roe",))
    start = text.index("he said")
    inner = Quote("a:2", QuoteType.INDIRECT, True, (document.span(29, 48),), (), (document.span(start, start + 2),), Confidence(0.9))
    resolved = resolve_speakers(Document(document.article, document.sentences, document.names, (*document.quotes, inner)), list, MODEL)
    assert [quote.speaker and quote.speaker.name for quote in resolved.quotes] == ["Tom Roe", None]


def test_the_administration_of_a_president_is_not_the_president():
    text = "“Yes,” the administration of President Tom Roe said."
    (speaker,) = speakers(text, [("the administration of President Tom Roe", "“Yes,”")], persons=("Tom Roe",))
    assert speaker.name != "Tom Roe"


def test_a_relative_clause_says_what_somebody_was_and_others_are_a_group():
    text = "“Yes,” Ann Lee, who also served as the ambassador, said. “No,” Tom Roe, Norway and other critics of the deal said."
    one, two = speakers(
        text,
        [("Ann Lee, who also served as the ambassador", "“Yes,”"), ("Tom Roe, Norway and other critics of the deal", "“No,”")],
        persons=("Ann Lee", "Tom Roe"),
    )
    assert one.role == "former ambassador"
    assert (two.kind, two.role) == (SpeakerKind.GROUP, None)


def test_trumps_lawyer_is_not_trump():
    text = "“Yes,” Trump’s lawyer said. “No,” a spokesman for Trump said. “Well,” Trump aides said."
    quotes = [("Trump’s lawyer", "“Yes,”"), ("a spokesman for Trump", "“No,”"), ("Trump aides", "“Well,”")]
    assert [s.name for s in speakers(text, quotes, persons=("Trump",))] == ["Trump’s lawyer", "a spokesman for Trump", "Trump aides"]


def test_a_quote_without_cue_goes_on_for_who_spoke_in_the_paragraph_before():
    text = "“We want it,” Ken Abe said.\n\n“We need it for many reasons.”"
    _, two = speakers(text, [("Ken Abe", "“We want it,”"), ("", "“We need it for many reasons.”")], persons=("Ken Abe",))
    assert two.name == "Ken Abe"


def test_a_quote_without_cue_far_from_any_speaker_is_nobodys():
    text = "“We want it,” Ken Abe said.\n\nRain fell.\n\nSnow fell.\n\n“We need it for many reasons.”"
    _, two = speakers(text, [("Ken Abe", "“We want it,”"), ("", "“We need it for many reasons.”")], persons=("Ken Abe",))
    assert two is None


def test_an_acronym_gets_its_full_name():
    text = "The Centre for Peace Studies (CPS) met. CPS said it wants the pact."
    (speaker,) = speakers(text, [("CPS", "it wants the pact")], organisations=("Centre for Peace Studies", "CPS"))
    assert (speaker.name, speaker.kind) == ("Centre for Peace Studies", SpeakerKind.ORGANISATION)


def test_nobody_speaks():
    assert speakers("The sun rose over Tokyo.", []) == []


def test_a_full_name_may_come_three_paragraphs_later():
    text = "“We want it,” Roe said.\n\nRain fell.\n\nSnow fell.\n\nFrench envoy Tom Roe had come on Monday."
    (speaker,) = speakers(text, [("Roe", "“We want it,”")], persons=("Tom Roe", "Roe"))
    assert (speaker.name, speaker.role, speaker.affiliation) == ("Tom Roe", "envoy", "France")


def test_a_quote_is_not_that_of_somebody_who_comes_three_paragraphs_later():
    text = "“We want it for many reasons.”\n\nRain fell.\n\nSnow fell.\n\n“Yes,” Tom Roe said."
    one, two = speakers(text, [("", "“We want it for many reasons.”"), ("Tom Roe", "“Yes,”")], persons=("Tom Roe",))
    assert (one, two.name) == (None, "Tom Roe")


def test_a_source_named_only_in_a_caption_has_its_full_name_and_role():
    text = "Japanese Defense Minister Ken Abe, left, shakes hands with reporters. (Yonhap)\n\n“We want it,” Abe said."
    (speaker,) = speakers(text, [("Abe", "“We want it,”")], persons=("Ken Abe", "Abe"))
    assert (speaker.name, speaker.role, speaker.affiliation) == ("Ken Abe", "Defense Minister", "Japan")


def test_the_president_goes_on_as_he():
    text = (
        "President Tom Roe met Russian President Ken Abe. “Yes,” Roe said.\nThe talks with Abe were long and hard for everybody. "
        "The president angered many when he called them good."
    )
    _, he = speakers(text, [("Roe", "“Yes,”"), ("he", "them good")], persons=("Tom Roe", "Ken Abe", "Roe", "Abe"))
    assert he is None or he.name == "Tom Roe"


def test_the_president_is_the_one_whose_country_goes_without_saying():
    text = "President Tom Roe met Russian President Ken Abe. “Yes,” the president said."
    (speaker,) = speakers(text, [("the president", "“Yes,”")], persons=("Tom Roe", "Ken Abe"))
    assert speaker.name == "Tom Roe"


def test_he_at_both_ends_of_a_sentence_is_one_man():
    text = "“Yes,” Tom Roe said.\nHe came to know Ken Abe well, and at home he praised the pact."
    _, he = speakers(text, [("Tom Roe", "“Yes,”"), ("he", "praised the pact")], persons=("Tom Roe", "Ken Abe"))
    assert he.name == "Tom Roe"


def test_who_is_the_name_beside_it():
    text = "It angered Sen. Ann Lee (D-Iowa), who called it a shame."
    (speaker,) = speakers(text, [("who", "it a shame")], persons=("Ann Lee",))
    assert (speaker.name, speaker.affiliation) == ("Ann Lee", "Democratic Party, Iowa")


def test_who_after_a_list_or_another_person_is_not_the_nearest_name():
    text = "Aides to Tom Roe, who called it a shame, left. Ken Abe and Ann Lee, who called it good, came."
    quotes = [("who", "it a shame"), ("who", "it good")]
    assert speakers(text, quotes, persons=("Tom Roe", "Ken Abe", "Ann Lee")) == [None, None]


def test_who_may_be_several_without_a_name():
    text = "The deal angers farmers, who say it will ruin them."
    document = make(text, [("who", "it will ruin them")])
    rows = [(2, "det"), (3, "nsubj"), (0, "root"), (3, "obj"), (4, "punct"), (7, "nsubj"), (4, "acl:relcl")]

    def parse(sentences):
        if not sentences:
            return []
        (sentence,) = sentences
        words = [replace(w, head=h, deprel=r) for w, (h, r) in zip(sentence.words, rows, strict=False)]
        words += [replace(w, head=7, deprel="dep") for w in sentence.words[len(rows) :]]
        return [replace(sentence, words=tuple(words))]

    (quote,) = resolve_speakers(document, parse, MODEL).quotes
    assert (quote.speaker.name, quote.speaker.kind) == ("farmers", SpeakerKind.GROUP)


def test_a_source_that_was_cut_short_is_made_whole():
    text = "The Trump administration said that it stays. Secretary of State Ann Lee said that she goes."
    quotes = [("The Trump", "it stays"), ("Secretary", "she goes")]
    one, two = speakers(text, quotes, persons=("Trump", "Ann Lee"))
    assert (one.name, one.kind) == ("Trump administration", SpeakerKind.ORGANISATION)
    assert (two.name, two.role) == ("Ann Lee", "Secretary of State")


def test_the_administration_is_the_one_that_the_article_names():
    text = "The Trump administration came. The administration said that it stays. "
    (speaker,) = speakers(text, [("The administration", "it stays")], persons=("Trump",))
    assert speaker.name == "Trump administration"


def test_the_security_official_is_not_another_official():
    text = "“Yes,” a Turkish security official said. “No,” a U.S. official said.\nRain fell.\n“Well,” the security official said."
    quotes = [("a Turkish security official", "“Yes,”"), ("a U.S. official", "“No,”"), ("the security official", "“Well,”")]
    assert [s.name for s in speakers(text, quotes)] == ["a Turkish security official", "a U.S. official", "a Turkish security official"]


def test_nobody_goes_on_after_a_colon():
    text = "“We want it,” Ken Abe said.\nThis was the answer: “We need it for many reasons.”"
    _, two = speakers(text, [("Ken Abe", "“We want it,”"), ("", "“We need it for many reasons.”")], persons=("Ken Abe",))
    assert two is None


def test_a_group_has_what_its_members_share():
    text = "“Yes,” Sens. Ann Lee, D-Iowa, and Tom Roe, D-Ohio, said."
    (speaker,) = speakers(text, [("Sens. Ann Lee, D-Iowa, and Tom Roe, D-Ohio", "“Yes,”")], persons=("Ann Lee", "Tom Roe"))
    assert (speaker.name, speaker.role, speaker.affiliation) == ("Ann Lee and Tom Roe", "Senator", "Democratic Party")
    assert [m.affiliation for m in speaker.members] == ["Democratic Party, Iowa", "Democratic Party, Ohio"]


def test_a_spokesman_for_a_president_elect_is_not_the_president_elect():
    text = "“Yes,” a spokesman for President-elect Tom Roe said."
    (speaker,) = speakers(text, [("a spokesman for President-elect Tom Roe", "“Yes,”")], persons=("Tom Roe",))
    assert speaker.kind is SpeakerKind.UNNAMED


@pytest.mark.parametrize(
    ("text", "country"),
    [
        ("SEOUL, Aug 7, 2020, The Times. Foreign Ministry spokesman Tom Roe said that it stays.", "South Korea"),
        ("TOKYO (Kyodo) - Foreign Ministry spokesman Tom Roe said that it stays.", "Japan"),
        ("South Korea's Foreign Ministry met. Foreign Ministry spokesman Tom Roe said that it stays.", "South Korea"),
        ("Foreign Ministry spokesman Tom Roe said that it stays. They stood before the Foreign Ministry in Seoul.", "South Korea"),
        ("Foreign Ministry spokesman Tom Roe said that it stays. Seoul and Tokyo agreed.", None),
        ("SEOUL (Reuters) - North Korea's foreign ministry raged. Foreign Ministry spokesman Tom Roe said that it stays.", None),
        ("SEOUL (Reuters) - Foreign Ministry spokesman Tom Roe said that it stays, KCNA reported.", None),
        ("Foreign Ministry spokesman Tom Roe said that it stays. Japan's Foreign Ministry was silent.", None),
    ],
)
def test_a_bare_ministry_has_the_country_that_the_article_ties_to_it(text, country):
    places = (*PLACES, "North Korea")
    (speaker,) = speakers(text, [("Foreign Ministry spokesman Tom Roe", "it stays")], persons=("Tom Roe",), places=places)
    assert speaker.name == "Tom Roe"
    assert speaker.affiliation == (f"Foreign Ministry, {country}" if country else "Foreign Ministry")
