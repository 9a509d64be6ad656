"""The English words that the rules know, one table for each kind."""

from collections.abc import Iterable

MONTHS = (
    *("january", "february", "march", "april", "may", "june", "july", "august", "september"),
    *("october", "november", "december"),
)
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
# The month that each begins with, in the northern hemisphere; a winter is named after the year that
# it begins in.
SEASONS = {"spring": 3, "summer": 6, "autumn": 9, "fall": 9, "winter": 12}

_ONE_TO_TWENTY = (
    *("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven"),
    *("twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen"),
    *("nineteen", "twenty"),
)
NUMBERS = {word: number for number, word in enumerate(_ONE_TO_TWENTY, start=1)}
ORDINALS = {
    word: number
    for number, word in enumerate(
        ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth"),
        start=1,
    )
}
TENS = ("thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")

# Third person: they refer back to someone or something named. "Theirs" need not.
PRONOUNS = frozenset("he her hers him his it its she their them they".split())
DEMONSTRATIVES = frozenset("that these this those".split())

# Function words, and the usual words of questions. A question of these alone asks nothing.
FUNCTION_WORDS = frozenset(
    """
    a about all also am an and any are as at be because been before being between both but by
    can could did do does doing don done down during each either else few for from further get
    give got had has have having he her here hers him his how i if in into is it its itself just
    let like many may me might more most much must my no nor not now of off on once one only or
    other our out over own please s said same say says she should show so some such t tell than
    that the their them then there these they this those through to too under until up upon us
    very was we were what when where which while who whom whose why will with without would you
    your
    """.split()
)

# Shortened words that end no sentence before a small letter, a figure or a day, written as they
# are or with a capital. Those that also are whole words, such as "app." and "in.", are not here.
ABBREVIATIONS = frozenset(
    """
    a.d a.m acc assn assoc asst atty approx appx avg ave b.c b.a bldg blvd bros c ca cf ch chap
    chaps chs cmdr co col comm const cont corp cpl dem dept dir div e.g ed eds esp esq est et etc
    excl exec ext feat fig figs ft gen gov govt hon hwy i.e inc incl insp inst intl jr llc ln lt ltd
    m.d max mgr min misc mr mrs msgr natl no nos op orig p p.m para paras ph.d pkwy pl plc pp pres
    prof pt pts ref refs rep repr resp ret rev rte sec sect sen sgt spec sq sr st ste subj suppl
    supt tel temp trans univ v ver viz vol vols vs
    Mon Tue Tues Wed Thu Thur Thurs Fri Sat Sun Jan Feb Mar Apr Jun Jul Aug Sep Sept Oct Nov Dec
    Ala Ariz Ark Calif Colo Conn Del Fla Ind Kan Mass Mich Minn Mont Neb Nev Okla Ore Penn Tenn Tex
    Wash Wis Wyo
    """.split()
)
# Those that a name follows.
TITLES = frozenset("Amb Asst Atty Br Insp Ms Msgr Supt".split())
# As a question may write them out; not those that stand for several words, or are other words.
WRITTEN_OUT = {
    **{"approx": "approximately", "assn": "association", "ave": "avenue", "bldg": "building"},
    **{"blvd": "boulevard", "ch": "chapter", "corp": "corporation", "dept": "department"},
    **{"est": "estimated", "gov": "governor", "govt": "government", "hwy": "highway"},
    **{"lt": "lieutenant", "para": "paragraph"},
    **{"prof": "professor", "sgt": "sergeant", "univ": "university", "vol": "volume"},
}
# Those that stand behind a number.
UNITS = frozenset(
    """
    bbl bn c cm cu doz ft g gal h hr hrs in k kg km kn kt l lb lbs m mi min mins mm mn mph oz p rpm
    sec secs sq t tn wk wks yd yds yr yrs
    """.split()
)


def any_of(words: Iterable[str]) -> str:
    """A pattern that matches one of the words.

    >>> any_of(["spring", "fall"])
    '(?:spring|fall)'
    """
    return f"(?:{'|'.join(words)})"


DECADES = {
    **{"twenties": 20, "thirties": 30, "forties": 40, "fifties": 50, "sixties": 60},
    **{"seventies": 70, "eighties": 80, "nineties": 90},
}

# A month, in full or shortened; the point of "Sept." is not part of it.
MONTH_PATTERN = any_of(["sept", *(f"{name[:3]}(?:{name[3:]})?" for name in MONTHS)])
