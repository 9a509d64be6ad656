"""What can go wrong that a user can mend. Each message quotes the value and gives the remedy.

FootnoteError
    ModelError              a model that cannot be loaded
    SourceMissingError      a source that is not there
    BuildError              a build that cannot begin, or found nothing to read
        BuildRunsError      another build is writing to the same folder
    IndexMissingError       no index in the folder
    IndexRefusedError       an index of another model or version, or damaged
    DamagedError            a stored text that is not the one digested
    SettingError            a setting that cannot be used
    BadQuestionError        a question that cannot be asked (`qa.question`)
    BusyError               too many questions wait (`qa.web.answering`)
"""


class FootnoteError(Exception):
    """One line for a user; the command line says it and exits with 1."""


class ModelError(FootnoteError):
    """A model that cannot be loaded, or is not the one it should be."""


class SourceMissingError(FootnoteError):
    """A path to read from that does not exist."""


class BuildError(FootnoteError):
    """A build that cannot begin, or found nothing to read."""


class BuildRunsError(BuildError):
    """Another build is writing to the same folder."""


class IndexMissingError(FootnoteError):
    """There is no index in the folder."""


class IndexRefusedError(FootnoteError):
    """The index is there but cannot be used as it is."""


class DamagedError(FootnoteError):
    """What is stored contradicts itself."""


class SettingError(FootnoteError):
    """A setting that cannot be used."""
