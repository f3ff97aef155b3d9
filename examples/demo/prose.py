"""English prose for the demo's dumps, put together from clauses written for it.

A sentence is an opening, a subject, a verb, an object and a tail, each drawn from a list of
the topic or of all topics; so no two documents say the same, and nothing is copied.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random


@dataclass(frozen=True)
class Topic:
    """The words of one subject matter."""

    name: str
    people: tuple[str, ...]
    things: tuple[str, ...]
    deeds: tuple[str, ...]
    places: tuple[str, ...]
    lessons: tuple[str, ...]


def _topic(name: str, people: str, things: str, deeds: str, places: str, lessons: str) -> Topic:
    lists = (people, things, deeds, places, lessons)
    return Topic(name, *(tuple(part.strip() for part in text.split("|")) for text in lists))


TOPICS = (
    _topic(
        "beekeeping",
        "an old beekeeper | the village co-operative | my neighbour | two students of biology | a patient warden",
        "a strong colony | the second brood box | a frame of sealed honey | the young queen | an empty skep | the swarm in the plum tree | a pound of clean wax",
        "inspected | moved at dusk | weighed twice | fed with sugar syrup | marked with white paint | left alone for a fortnight | carried up the slope",
        "behind the orchard wall | on the south side of the barn | along the heather line | beside the mill stream | under the lime avenue",
        "a calm hive is worth more than a large one | nectar flows end sooner than anybody expects | smoke hides more mistakes than it mends | a dry stand saves a wet winter",
    ),
    _topic(
        "river ferries",
        "the ferryman | a retired pilot | the harbour council | three deck hands | the woman who sold the tickets",
        "the cable winch | a flat-bottomed boat | the landing stage | a cargo of roof tiles | the evening timetable | the tide table on the wall | a broken oar",
        "repaired before dawn | painted in dark green | towed against the current | inspected for rot | sold at auction | tied to the third post | described in a long letter",
        "below the stone bridge | at the bend of the river | opposite the grain store | near the salt warehouse | between the two islands",
        "deep water is quieter than it looks | passengers forgive delay but not silence | a river remembers every dam | ropes fail on the day they are needed",
    ),
    _topic(
        "bread baking",
        "the head baker | an apprentice of sixteen | the miller's daughter | a food historian | the night shift",
        "the rye starter | a batch of forty loaves | the wood-fired oven | a sack of coarse flour | the cooling rack | a slack wet dough | the first crust of the day",
        "folded every half hour | proved overnight | scored with a razor | shared among the guests | mixed by hand | baked until dark | weighed to the gram",
        "in the cellar bakery | at the back of the market hall | above the canal | in a kitchen without a clock | next to the school",
        "time does what kneading cannot | salt is a brake as much as a flavour | an oven has moods that a thermometer misses | yesterday's loaf teaches today's",
    ),
    _topic(
        "mountain weather",
        "the hut keeper | a team of surveyors | the forecaster on duty | an amateur observer | the rescue volunteers",
        "the rain gauge | a bank of low cloud | the morning pressure reading | a sudden thaw | the north wind | the snow depth at the pass | a chain of small storms",
        "recorded by hand | misjudged in spring | compared with the valley station | photographed at noon | reported over the radio | plotted on squared paper | ignored for too long",
        "above the tree line | on the eastern ridge | at the foot of the glacier | across the high plateau | in the sheltered bowl",
        "a clear dawn promises nothing | averages hide the hour that matters | wind carries the news before the clouds do | every instrument needs a second one",
    ),
    _topic(
        "printing",
        "the compositor | a small press in the suburbs | the proof reader | the type founder's heirs | a collector of broadsides",
        "a case of worn type | the hand press | the second proof | an unbound pamphlet | the ink roller | a ream of laid paper | the woodcut of the harbour",
        "set by candlelight | corrected in the margin | locked into the frame | reprinted three times | catalogued at last | cleaned with spirits | hidden from the censor",
        "in the arcade by the theatre | on the upper floor | at the paper mill | in a shed full of lead | near the old customs house",
        "a page is judged first by its margins | errors survive by being small | good ink dries slowly | the reader sees the type only when it is wrong",
    ),
    _topic(
        "city trees",
        "the parks department | a forester with a notebook | the residents' meeting | a class of ten-year-olds | the lighting engineer",
        "the row of planes | a hollow chestnut | the watering plan | a map of root damage | the nursery stock | one stubborn ginkgo | a barrow of leaf mould",
        "planted in November | pruned too hard | measured at chest height | defended in a petition | watered through the drought | numbered with brass tags | replaced with hornbeam",
        "along the tram line | in the hospital courtyard | around the covered market | on the quay | between the parking bays",
        "shade is cheaper than cooling | roots argue slowly and always win | a tree is planted for somebody else | the best survey is done on foot",
    ),
    _topic(
        "clock repair",
        "the clockmaker | a museum conservator | her only pupil | the church warden | a dealer from the coast",
        "the escape wheel | a long-case clock | the tower movement | a cracked enamel dial | the striking train | a tray of loose screws | the pendulum bob",
        "dismantled on a linen cloth | oiled sparingly | regulated for a month | drawn to scale | bushed with brass | exchanged for a fiddle | listened to in silence",
        "in the attic workshop | behind the organ loft | at the end of the lane | in the back of a chemist's shop | beneath the town hall",
        "a clock that stops has told you something | dirt is a slower file | the previous repairer is rarely wrong about everything | patience keeps better time than haste",
    ),
    _topic(
        "sea salt",
        "the salt workers | a family of panners | the customs officer | an economist from the capital | the cook of the inn",
        "the shallow basin | a rake of pale wood | the first grey crystals | a levee of packed clay | the evaporation table | a basket of coarse salt | the sluice gate",
        "raked at sunset | dried on canvas | taxed by weight | flooded by accident | skimmed with care | shipped inland | praised by travellers",
        "on the edge of the marsh | beyond the sea wall | by the disused railway | in the lee of the dunes | at the mouth of the estuary",
        "the sun does the work and takes the credit | a wet summer is remembered for decades | purity is a matter of patience | the tide keeps no holidays",
    ),
    _topic(
        "public libraries",
        "the branch librarian | a reader in his nineties | the book van driver | the reading circle | a visiting archivist",
        "the card catalogue | a box of returned novels | the local history shelf | the reading room stove | a borrowed atlas | the late fees | an anonymous donation",
        "sorted by colour | lent without a card | bound in grey cloth | discussed until closing | moved to the basement | digitised page by page | forgiven by a vote",
        "at the crossroads | over the fire station | in the new estate | opposite the bus depot | in the former bank",
        "silence is a service too | a shelf is an argument about what matters | nobody reads the rules but everybody keeps them | a good index is a kindness",
    ),
    _topic(
        "textile dyeing",
        "the dyer | a weaver on the far shore | the wool merchant | a chemist with stained fingers | the guild's inspector",
        "the madder vat | a skein of raw wool | the indigo bath | a sample book | the copper kettle | a length of blue cloth | the alum store",
        "steeped until morning | rinsed in the stream | compared by daylight | ruined by iron | dried in the wind | ordered from abroad | entered in the ledger",
        "in the yard of the fulling mill | downstream of the tannery | under a slate roof | on the drying terraces | at the spring fair",
        "no two waters give the same red | colour is chosen by the eye and fixed by the mineral | a recipe travels badly | fading is the honest part of beauty",
    ),
)

_OPENINGS = (
    "In the first year", "By the end of the season", "After a long discussion", "On most mornings",
    "Against all advice", "For reasons that were never written down", "When the weather allowed",
    "As the records show", "Long before that", "With some luck", "During the quiet months",
    "To everyone's surprise", "Once the work was paid for", "Without much ceremony", "In the old accounts",
    "Only later", "At the time", "Every few weeks", "According to one witness", "From that day on",
)  # fmt: skip
_TAILS = (
    "because nobody else would do it", "and the result was better than expected",
    "although the costs had doubled", "while the others watched from a distance",
    "so that the work could go on the next day", "which explains the gap in the records",
    "and wrote down every step of it", "before the rain set in", "until the money ran out",
    "as their parents had done", "and this is where the trouble began", "but few people noticed",
    "since there was no other way to be certain", "with tools that were older than the building",
    "and a copy of the notes has survived", "even though the light was failing",
    "as if there were all the time in the world", "and then started over from the beginning",
)  # fmt: skip
_VIEWS = (
    "It is often said that", "Most people who tried it agree that", "What the figures suggest is that",
    "The simplest explanation is that", "Visitors were told, correctly, that", "Experience shows that",
    "There is a saying in the region that", "If one thing was learned, it is that",
)  # fmt: skip
_LINKS = (
    "Still,",
    "Of course,",
    "In other words,",
    "For the same reason,",
    "Even so,",
    "In practice,",
    "By contrast,",
)
_COUNTS = (
    "two",
    "three",
    "four",
    "five",
    "seven",
    "nine",
    "eleven",
    "a dozen",
    "some twenty",
    "nearly forty",
)
_SPANS = ("days", "weeks", "months", "summers", "winters", "years")


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def sentence(random: Random, topic: Topic) -> str:
    """Return one sentence on a topic."""
    who, thing, other = random.choice(topic.people), *random.sample(topic.things, 2)
    deed, place = random.choice(topic.deeds), random.choice(topic.places)
    opening, tail, view = random.choice(_OPENINGS), random.choice(_TAILS), random.choice(_VIEWS)
    count, span, link = random.choice(_COUNTS), random.choice(_SPANS), random.choice(_LINKS)
    lesson = random.choice(topic.lessons)
    year = random.randint(1741, 1989)
    forms = (
        f"{opening}, {who} had {thing} {deed} {place}, {tail}.",
        f"{_capital(thing)} was {deed} {place}, {tail}.",
        f"{_capital(who)} spent {count} {span} with {thing} {place}, {tail}.",
        f"{view} {lesson}, and {thing} {place} is the usual example.",
        f"{link} {who} preferred {thing} to {other}, {tail}.",
        f"In {year} {thing} was {deed}; {count} {span} later {who} did the same with {other}.",
        f"Why should {thing} be {deed} {place}? {_capital(who)} gave {count} reasons, and the last was that {lesson}.",
        f"{_capital(place)}, {thing} and {other} were {deed} within {count} {span} of each other.",
        f"{opening}, there was a quarrel over {thing}: {who} wanted to have it {deed}, {tail}.",
        f"A note of {year} mentions {other}, {deed} {place} by {who}.",
    )
    return random.choice(forms)


def paragraph(random: Random, topic: Topic, sentences: int) -> str:
    """Return a paragraph of so many sentences, none twice."""
    found: dict[str, None] = {}
    while len(found) < sentences:
        found[sentence(random, topic)] = None
    return " ".join(found)


def article(random: Random, paragraphs: int = 5) -> tuple[str, list[str]]:
    """Return the title and the paragraphs of an article."""
    topic = random.choice(TOPICS)
    thing, place = random.choice(topic.things), random.choice(topic.places)
    title = _capital(f"{thing} {place}: notes on {topic.name}")
    return title, [paragraph(random, topic, random.randint(4, 6)) for _ in range(paragraphs)]
