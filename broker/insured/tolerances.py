"""What a pivot identity and a row of the register are compared by, and what may be set aside."""

from enum import StrEnum


class Criterion(StrEnum):
    """What is compared, in the order in which an adviser reads it."""

    OWN_RIGHT = "own_right"
    BIRTH_NAME = "birth_name"
    GIVEN_NAMES = "given_names"
    SEX = "sex"
    BIRTH_DATE = "birth_date"
    BIRTHPLACE = "birthplace"


class Tolerance(StrEnum):
    """A difference that was set aside to find two values alike. The rules say which may be."""

    # Names
    FORM = "form"
    """Unicode forms: decomposed accents, full-width letters, ligatures, invisible characters."""
    CASE = "case"
    ACCENTS = "accents"
    """Accents and letters with two spellings: é and e, œ and oe, ł and l."""
    SEPARATORS = "separators"
    """Spaces, hyphens, apostrophes, full stops, commas."""
    SHORTER_LIST = "shorter_list"
    """One list of given names ends, at the end of a name, before the other."""
    CUT = "cut"
    """One value has exactly the length at which an older system cut, and begins the other."""
    SCRIPT = "script"
    """Letters of another script, such as a Cyrillic one that looks like an A."""
    SYMBOLS = "symbols"
    """Characters that belong in no name."""
    UNREADABLE = "unreadable"
    """A letter was lost: a question mark or an asterisk stands where any could."""

    # Birth dates
    PRESUMED = "presumed"
    """The register holds the first of January, and the NIR that the month is unknown; the
    identity says that it is."""
    UNSTATED = "unstated"
    """The identity has a 01 of which nothing tells whether it stands for an unknown part."""
    PRESUMED_HERE = "presumed_here"
    """As PRESUMED, but the identity says that it is really the first of January."""

    # Birthplaces, beside the kinds of changes in reference/cog_history.csv
    LEADING_ZERO = "leading_zero"
    FUSION = "fusion"
    DEPARTEMENT = "departement"
    CORSE = "corse"
    SEINE = "seine"
    SEINE_ET_OISE = "seine_et_oise"
    ARRONDISSEMENT = "arrondissement"
    OUTREMER = "outremer"
    ALGERIE = "algerie"
    MAROC = "maroc"
    TUNISIE = "tunisie"
    SUCCESSION = "succession"
    NEIGHBOUR = "neighbour"
    """The identity names a commune that merged into the one where the number says they were born:
    another place until then."""
    AFTERWARDS = "afterwards"
    """A State and its successor, for somebody born when both were States."""
