"""Whoever asks for a link by mail learns nothing from the time, and takes nobody's turn."""

import re
import time

import pytest

from broker.accounts.activation import Activation
from broker.accounts.creation import Creation
from broker.accounts.reset import Reset
from broker.base.pace import Pace
from broker.insured.birth_date import BirthDate
from broker.insured.nir import Nir
from tests.unit.accounts.builders import BORN, NIR, a_new_account

OTHER_DAY = BirthDate(1985, 7, 15)
NOBODY = Nir.parse("1550199999900")


@pytest.fixture
def active(bench, insured_id):
    bench.of(Creation).open_pending(a_new_account(insured_id))
    return bench.of(Activation).confirm(bench.link("activation"))


def test_a_stranger_who_knows_the_number_cannot_use_up_its_resets(bench, active, limited):
    reset = limited(Reset, reset_request_count=5)

    for _ in range(6):
        reset.request(active.nir, OTHER_DAY)
    reset.request(active.nir, BORN)

    assert len(bench.mails("reset")) == 1


def test_five_links_an_hour_are_sent_and_no_more(bench, active, limited):
    reset = limited(Reset, reset_request_count=5)

    for _ in range(7):
        reset.request(active.nir, BORN)

    assert len(bench.events("credential.reset.requested")) == 7
    assert sum(e["outcome"] == "success" for e in bench.events("credential.reset.requested")) == 5


@pytest.mark.usefixtures("active")
def test_a_link_leads_to_us_whatever_host_the_request_names(bench, visitor):
    elsewhere = "stranger.example"
    path = f"http://{elsewhere}/mot-de-passe-oublie"
    page = visitor.client.get(path)
    token = re.findall(r'name="jeton_formulaire" value="([^"]+)"', page.text)[0]
    form = {"jeton_formulaire": token, "nir": NIR.value, "date_naissance": "14/07/1985"}

    answer = visitor.client.post(path, data=form, headers={"X-Forwarded-Host": elsewhere})

    assert answer.status_code == 303
    (mail,) = bench.mails("reset")
    assert "\nhttp://localhost:8000/mot-de-passe-oublie/" in mail
    assert elsewhere not in mail


@pytest.mark.usefixtures("active")
@pytest.mark.parametrize(("nir", "born"), [(NIR, BORN), (NIR, OTHER_DAY), (NOBODY, BORN)])
@pytest.mark.parametrize(("service", "act"), [(Reset, "request"), (Activation, "resend")])
def test_every_request_takes_the_same_time(bench, service, act, nir, born):
    built = bench.of(service)
    requests = type(built.requests)(**{**vars(built.requests), "pace": Pace(0.5)})
    started = time.monotonic()

    getattr(service(**{**vars(built), "requests": requests}), act)(nir, born)

    assert 0.5 <= time.monotonic() - started < 0.7
