"""Lines that ask nothing of the articles: greetings, thanks, talk with the assistant, gibberish.

They are recognised by their words alone, before the search, and only if no other word is left:
"Hello, when did Apollo 11 land?" is a question.
"""

import re

from index.analysis import words
from index.english import FUNCTION_WORDS
from qa.answer import Reply

# A line is small talk if it has one of these words or phrases and every other word is idle.
_GREETING = frozenset(
    """
    hello hi hey hiya heya howdy greetings yo sup aloha hallo hola salut bonjour bonsoir coucou
    servus tschüss tschuess adios ciao buenos buenas привіт вітаю добрий доброго مرحبا اهلا أهلا
    السلام bye goodbye farewell goodnight
    """.split()
)
_THANKS = frozenset(
    """
    thanks thank thankyou thx ty cheers appreciated appreciate grateful merci danke dank gracias
    дякую спасибі شكرا ok okay okey k great cool nice awesome perfect excellent wonderful fantastic
    brilliant lovely wow yay lol haha lmao understood noted helped helps helpful
    """.split()
)
_HOW_ARE_YOU = re.compile(
    r"good (morning|afternoon|evening|night|day)|guten (tag|morgen|abend)|how do you do|"
    r"(so )?how (are|r) (you|u|things)( doing| going| feeling)?( today| now)?|"
    r"(how s|hows|how is) (it going|it|life|everything|your day)( going| today)?|"
    r"(what s|whats|what is) (up|new|going on)|see (you|ya|u)( later| soon| tomorrow| around)?|"
    r"(nice|pleased|glad|good) to (meet|see) you|have a (nice|good|great) (day|evening|weekend)"
)
# Words that go with those and ask nothing.
_IDLE = frozenset(
    """
    again ah aha alright beaucoup bien bit bon boss bot buddy chat day days dear den dia día dias
    días doing early evening everybody everyone everything fine folks footnote friend glad going
    good great gute guten guys haha hm hmm hmmm huh interesting job know later lot lots man mate
    maybe meet milles morning afternoon mr much muchas na nah never mind night no nope oh ooh
    people please pls quick really right schön see sehr sir so soon sorry sure tag tarde tardes
    there today tomorrow too uh um umm very viel vielen well welcome whatever whoa work world ya
    yeah yep yes yup день дуже ранку вечір день дня عليكم وداعا m re s ll d ve
    """.split()
)
_MUTTERING = frozenset(
    """
    ah aha huh hm hmm hmmm eh uh um umm oh ooh yes yeah ya yep yup no nope nah na maybe whatever
    sure never mind nothing really right sorry well so
    """.split()
)
# What people ask an assistant rather than its articles.
_ABOUT = frozenset(
    """
    ai android alive answer answers assistant article articles ask asking available awake bored
    born bot brain build built called capable chat chatbot chatgpt chatting clever colour color
    come computer conscious create created creator data date day developed do does doing dream
    dreams dumb engine eat exist favorite favourite feel feeling feelings fine food footnote free
    friend friends fun funny girlfriend gpt happy hate help helpful human humans hungry hurt
    information intelligent introduce job joke jokes kind know knowledge language languages learn
    lie live llm love machine made maker make man married marry mean mind model money movie music
    name offer old online opinion owner person people play poem program programmed purpose question
    questions rap read real remember shit stupid suck
    useless idiot damn fuck robot running sad search secret secrets sentient show sing
    single sleep smart software song sources speak special stories story stupid sure talk talking
    talk tell think thinking thoughts tired today topics train trained trust understand use used
    want weather wife woman work works working write
    """.split()
)
_ASKING = frozenset("what who whom whose when where why which how".split())
_ADDRESSED = frozenset("you your yours yourself u ur ya".split())
_REQUEST = re.compile(
    r"(please |can i (get|have) |i (want|need) )*"
    r"(help( me)?|(tell|give|write|sing|read|make|do)( me| us)? (a|an|another|some|one) "
    r"(\w+ )?(joke|story|song|poem|rap|haiku|limerick|riddle|dance|fact)s?|entertain me|"
    r"(sing|dance|talk to me|marry me|i love you|i hate you|i like you|make me laugh|say hello|"
    r"say something( funny)?|i am bored|i m bored|test(ing)?( test(ing)?)*( 1)?( 2)?( 3)?|"
    r"is (anyone|anybody|someone) there|anyone there|is this (a )?(bot|robot|ai|chatgpt)|"
    r"how does this( bot| site)? work|what (time|day|date) is it( now| today)?|"
    r"(what|how) (is|s) the (weather|time)( like)?( today| now| tomorrow| outside)?))( please)?"
)
_SOUND = re.compile(r"(.+?)\1{2,}")
_VOWEL = re.compile("[aeiouyàáâäãåæèéêëìíîïòóôöõøœùúûü]")
_LATIN = re.compile("[a-zà-öø-ÿ]+")
_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm", "qwertzuiop", "azertyuiop", "qsdfghjklm")
_CONSONANTS = re.compile(r"[bcdfghjklmnpqrstvwxz]{7,}")
_SHORT = 4


def small_talk(text: str) -> Reply | None:
    """The kind of small talk, if the line certainly asks nothing of the articles, else None.

    >>> small_talk("Hello there!"), small_talk("Hello, when did Apollo 11 land?")
    ('greeting', None)
    """
    said = words(text)
    if not said:
        return None
    rest = _HOW_ARE_YOU.sub(" ", " ".join(said)).split()
    greets = rest != said or not _GREETING.isdisjoint(rest)
    thanks = not _THANKS.isdisjoint(rest)
    if (greets or thanks) and _asks_nothing(rest):
        return "thanks" if thanks else "greeting"
    if _is_about_the_assistant([word for word in said if word not in _GREETING]):
        return "about"
    mutters = all(word in _MUTTERING for word in said)
    return "nonsense" if mutters or all(map(is_gibberish, said)) else None


def is_gibberish(word: str) -> bool:
    """Whether a word is unpronounceable, or only repeats a sound or a row of keys.

    >>> [is_gibberish(word) for word in ("asdfgh", "hahahaha", "xkcdqz", "Kherson", "NATO")]
    [True, True, True, False, False]
    """
    word = word.lower()
    if not _LATIN.fullmatch(word):
        return False
    on_keys = len(word) >= _SHORT and any(word in row or word in row[::-1] for row in _ROWS)
    repeats = len(word) >= _SHORT and _SOUND.fullmatch(word) is not None
    # Shorter words without a vowel are names: HIV, HSBC.
    unsayable = (len(word) > _SHORT and not _VOWEL.search(word)) or _CONSONANTS.search(
        word
    ) is not None
    return on_keys or repeats or unsayable


def _asks_nothing(said: list[str]) -> bool:
    idle = _GREETING | _THANKS | _IDLE | (FUNCTION_WORDS - _ASKING)
    return idle.issuperset(said)


def _is_about_the_assistant(said: list[str]) -> bool:
    if _REQUEST.fullmatch(" ".join(said)):
        return True
    return not _ADDRESSED.isdisjoint(said) and all(
        word in _ABOUT or word in _ADDRESSED or word in _IDLE or word in FUNCTION_WORDS
        for word in said
    )
