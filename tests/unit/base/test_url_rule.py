"""An address is written as Werkzeug writes it, whether or not it was asked for before."""

import pytest
from werkzeug.routing import Map, Rule

from broker.base.url_rule import UrlRule

VALUES = {"name": "Côte d'Or", "number": 7, "page": 2}


@pytest.mark.parametrize("unknown", [True, False])
def test_every_address_is_written_as_werkzeug_s_own_rule_writes_it(unknown):
    written = [
        [address(kind, path, append_unknown=unknown) for _ in range(2)]
        for kind in (UrlRule, Rule)
        for path in ("/liste", "/liste/<name>", "/liste/<name>/<int:number>")
    ]

    assert written[:3] == written[3:]
    assert written[2][0].startswith("/liste/C%C3%B4te%20d'Or/7")
    assert ("?" in written[2][0]) is unknown


def address(kind, path, **options):
    return (
        Map([kind(path, endpoint="there")]).bind("broker.test").build("there", VALUES, **options)
    )
