"""Each error of the code is explained, provoked by a test and told in docs/errors.md."""

from collections import Counter

from tests.architecture.error_catalogue import DOCUMENT, MESSAGES, codes, entries, written


def test_each_error_has_one_reader_and_one_test():
    named = Counter(entry.code for entry in entries())

    assert {code: n for code, n in named.items() if n > 1} == {}
    assert named.keys() == codes().keys()


def test_the_test_of_an_error_exists_and_speaks_of_it():
    assert [entry.code for entry in entries() if not entry.provoked] == []


def test_no_error_is_explained_that_nobody_meets():
    assert MESSAGES.explanations.keys() - codes().keys() == set()


def test_each_error_says_what_happened_and_what_to_do():
    told = [(entry.code, entry.words) for entry in entries()]

    assert [code for code, words in told if not (words.sentence and words.next)] == []


def test_the_document_is_what_the_code_says():
    assert DOCUMENT.read_text() == written(), "run python -m tests.architecture.error_catalogue"
