"""`tenfold who`: rotations, the nights on which the clock changes, outside parties, gaps. Nothing runs."""

import json
import types

import pytest
from support.edge import configuration_of, tenfold
from support.processes import free_port

ADA, BELA = "+493055500101", "+493055500103"

ROTA = {
    "time_zone": "Europe/Berlin",
    "people": [{"name": "ada", "contacts": [{"call": ADA}, {"sms": ADA, "after": "1m"}]},
               {"name": "bela", "contacts": [{"call": BELA}]}],
    "schedules": [{"name": "nights", "rotations": [{"people": ["ada", "bela"], "start": "2026-10-01", "handover": "02:30", "length": "1d"}]},
                  {"name": "office", "rotations": [{"people": ["bela"], "start": "2026-10-01", "length": "1d",
                                                    "hours": {"days": ["mon"], "from": "09:00", "until": "17:00"}}]}],
    "outside_parties": [{"name": "uplink", "is": "internet provider", "office": "+493055500200", "out_of_hours": "+493055500299",
                         "hours": {"days": ["mon", "tue", "wed", "thu", "fri"], "from": "08:00", "until": "18:00"}}],
    "escalation": [{"name": "night", "steps": [{"notify": ["nights"]}, {"notify": ["uplink"], "after": "15m"}]},
                   {"name": "day", "steps": [{"notify": ["office"]}]}],
    "channels": {"sip": {"server": "127.0.0.1:1", "user": "shop", "password": "x"}, "modem": {"spool": "/nowhere"}},
}


@pytest.fixture(scope="module")
def rota(tmp_path_factory):
    folder = tmp_path_factory.mktemp("who")
    origin = types.SimpleNamespace(address="127.0.0.1:1")  # nobody is asked
    file = folder / "shop.yaml"
    file.write_text(json.dumps(configuration_of([origin], free_port(), free_port(), folder, oncall=ROTA)))
    return file


def who(file, at, *words):
    run = tenfold("who", "-c", file, "--at", at, "--json", *words)
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


@pytest.mark.parametrize("at, first", [
    ("2026-10-01 02:29", None), ("2026-10-01 02:30", "ada"), ("2026-10-02 02:29", "ada"), ("2026-10-02 02:30", "bela"),
    # The night on which 02:30 comes twice: the handover is at the first.
    ("2026-10-25 02:29", "bela"), ("2026-10-25 02:30", "ada"), ("2026-10-25 03:00", "ada"), ("2026-10-26 02:30", "bela"),
    # The night on which there is no 02:30: it is when the clock jumps.
    ("2027-03-28 01:59", "bela"), ("2027-03-28 03:00", "ada"), ("2027-03-29 02:29", "ada"), ("2027-03-29 02:30", "bela"),
    ("2028-02-29 12:00", "ada"),  # a leap day is a day as any other
])
def test_who_over_a_rotation_and_nights_on_which_the_clock_changes(rota, at, first):
    answer = who(rota, at)
    ring = answer["ring"]
    assert all(set(each) >= {"who", "number", "channel", "after_s"} for each in ring)
    if first is None:
        assert answer["gaps"] == ["nobody was found for step 1 of night (nights)"]
        assert {each["who"] for each in ring[:3]} == {"ada", "bela"}
        return
    assert answer["gaps"] == [] and ring[0]["who"] == first and ring[0]["after_s"] == 0
    assert ring[0]["number"] == {"ada": ADA, "bela": BELA}[first] and ring[0]["channel"] == "call"


def test_who_rings_an_outside_party_under_the_number_of_that_hour(rota):
    assert who(rota, "2026-10-05 17:44")["ring"][-1] | {"because": ""} == {
        "who": "uplink", "number": "+493055500200", "channel": "call", "after_s": 900, "because": ""}
    assert who(rota, "2026-10-05 17:45")["ring"][-1]["number"] == "+493055500299"  # 15 minutes later it is six


def test_a_gap_is_loud(rota):
    answer = who(rota, "2026-10-06 10:00", "--escalation", "day")
    assert answer["escalation"] == "day" and {each["who"] for each in answer["ring"]} == {"ada", "bela"}
    text = tenfold("who", "-c", rota, "--at", "2026-10-06 10:00", "--escalation", "day").stdout
    assert "GAP: nobody was found for step 1 of day (office); everybody is rung instead" in text
    assert "GAP" not in tenfold("who", "-c", rota, "--at", "2026-10-05 10:00", "--escalation", "day").stdout
    warned = tenfold("check", "-c", rota)
    assert "reaches nobody" in warned.stdout + warned.stderr
    assert tenfold("who", "-c", rota, "--at", "yesterday").returncode == 2
    assert tenfold("who", "-c", rota, "--escalation", "none").returncode == 2


def test_a_mail_and_the_providers_number_are_nobody_who_gets_up(tmp_path):
    plan = ROTA | {
        "people": [{"name": "ada", "contacts": [{"call": ADA}]}, {"name": "bela", "contacts": [{"mail": "bela@shop.example"}]}],
        "schedules": [{"name": "week", "rotations": [{"people": ["ada"], "start": "2026-01-05", "hours": {"from": "07:00", "until": "03:00"}},
                                                     {"people": ["bela"], "start": "2026-01-05"}]}],
        "outside_parties": [ROTA["outside_parties"][0] | {"confirmed": "2026-01-05"}],
        "escalation": [{"name": "main", "steps": [{"notify": ["week"]}, {"notify": ["uplink"], "after": "15m"}]}],
        "channels": ROTA["channels"] | {"mail": {"server": "127.0.0.1:1", "tls": "off", "from": "a@shop.example"}},
    }
    file = tmp_path / "shop.yaml"
    file.write_text(json.dumps(configuration_of([types.SimpleNamespace(address="127.0.0.1:1")], free_port(), free_port(), tmp_path, oncall=plan)))
    assert who(file, "2026-10-06 02:59")["gaps"] == []
    assert who(file, "2026-10-06 03:00")["gaps"] == ["main rings nobody of yours by call or SMS: only bela by mail, uplink (outside)"]
    ready = tenfold("ready", "-c", file, "--json")
    oncall = {item["name"]: item for item in json.loads(ready.stdout)["items"]}["oncall"]
    assert ready.returncode == 1 and oncall["state"] == "bad" and " 03:00 CE" in oncall["words"] and " 07:00 CE" in oncall["words"]
    warned = [each["message"] for each in json.loads(tenfold("check", "-c", file, "--json").stdout)["warnings"]]
    assert any("rings nobody of yours" in each for each in warned), warned
