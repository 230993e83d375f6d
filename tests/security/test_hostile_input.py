"""What no browser sends is refused, on every database, and never an error of ours."""

import pytest

PATHS = [
    "/connexion?demande=%00",
    "/connexion/code?tentative=%00",
    "/connexion/franceconnect/retour?transaction=%00",
    "/creation-compte/franceconnect/retour?transaction=%00",
    "/authorize/suite?demande=%00",
    "/authorize/annulation?demande=a%00",
    "/authorize?client_id=partenaire&nonce=%00",
    "/authorize?client_id=partenaire&x%00=1",
    "/franceconnect/callback?state=%00&code=%00",
    "/end-session?client_id=%00",
    "/activation/%00",
]


@pytest.mark.parametrize("path", PATHS)
def test_a_nul_in_an_address_is_refused(client, path):
    client.get("/connexion")

    assert 400 <= client.get(path).status_code < 500


@pytest.mark.parametrize("path", ["/connexion", "/connexion/code", "/connexion/annuler"])
def test_a_nul_in_a_form_is_refused(browser, path):
    assert browser.posts(path, demande="\x00", tentative="\x00").status_code == 400


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ('"><script>alert(1)</script>', "&lt;script&gt;alert(1)&lt;/script&gt;"),
        ("{{ 7 * 191 }}", "{{ 7 * 191 }}"),
        ("' OR 1=1 --", "&#39; OR 1=1 --"),
    ],
)
def test_what_was_typed_is_shown_again_as_text(visitor, typed, shown):
    answer = visitor.identifies(nom=typed, nir="")

    assert answer.status_code == 422
    assert f'value="{shown}"' in answer.text or f"&#34;&gt;{shown}" in answer.text
    assert "<script>" not in answer.text
    assert "1337" not in answer.text


@pytest.mark.parametrize("path", ["/token", "/par"])
def test_a_nul_sent_by_a_program_is_an_invalid_request(client, path):
    answer = client.post(path, data={"client_id": "partenaire", "code": "\x00"})

    assert (answer.status_code, answer.get_json()["error"]) == (400, "invalid_request")
