"""The tests' Twilio does what the tests of Tenfold's calls rely on."""

import base64
import http.client
import json
import urllib.parse

import pytest
from support.processes import wait_until
from support.scripted import ScriptedOrigin
from support.twilio import BROKEN, RATE_LIMITED, Person, Twilio, signature

TWIML = '<Response><Gather numDigits="1" action="{action}"><Say loop="3">It is down.</Say></Gather><Say>Goodbye.</Say></Response>'
MENU = b"<Response><Say>Thank you.</Say><Hangup/></Response>"


@pytest.fixture
def start_twilio(parts):
    def start(**options):
        twilio = Twilio(**options)
        parts.append(twilio)
        return twilio

    return start


@pytest.fixture
def receiver(parts):
    """Takes callbacks: TwiML for digits, 204 for all else."""
    origin = ScriptedOrigin(lambda request: (200, {}, MENU) if request.target.startswith("/digits") else (204, {}, b""))
    parts.append(origin)
    return origin


def ask(twilio, method, path, form=(), timeout=5, token=None):
    login = base64.b64encode(f"{twilio.account}:{token or twilio.token}".encode()).decode()
    connection = http.client.HTTPConnection("127.0.0.1", twilio.port, timeout=timeout)
    connection.request(method, f"/2010-04-01/Accounts/{twilio.account}/{path}", urllib.parse.urlencode(list(form)) or None,
                       {"Authorization": f"Basic {login}", "Content-Type": "application/x-www-form-urlencoded"})
    answer = connection.getresponse()
    return answer.status, json.loads(answer.read() or "null"), answer.headers


def call_form(receiver, to="+491"):
    base = f"http://127.0.0.1:{receiver.port}"
    events = [("StatusCallbackEvent", event) for event in ("initiated", "ringing", "answered", "completed")]
    return [("To", to), ("From", "+492"), ("Twiml", TWIML.format(action=f"{base}/digits?key=1")),
            ("StatusCallback", f"{base}/status?key=1"), *events]


def statuses(twilio):
    return [callback.form["CallStatus"] for callback in twilio.callbacks if "Digits" not in callback.form]


def test_the_signature_is_that_of_the_providers_example():
    form = {"Digits": "1234", "To": "+18005551212", "From": "+14158675310", "Caller": "+14158675310", "CallSid": "CA1234567890ABCDE"}
    assert signature("12345", "https://example.com/myapp.php?foo=1&bar=2", form.items()) == "L/OH5YylLD5NRKLltdqwSvS0BnU="


def test_a_person_presses_a_digit(start_twilio, receiver):
    twilio = start_twilio()
    twilio.people["+491"] = Person(digits=("1",))
    status, made, _ = ask(twilio, "POST", "Calls.json", call_form(receiver))
    assert (status, made["status"]) == (201, "queued")
    call, = twilio.calls()
    assert call.ended.wait(5)
    assert (call.sid, call.said, call.pressed) == (made["sid"], ["It is down.", "Thank you."], ["1"])
    assert statuses(twilio) == ["initiated", "ringing", "in-progress", "completed"]
    digits, = [request for request in receiver.requests() if request.target.startswith("/digits")]
    assert digits.headers["x-twilio-signature"]
    assert ask(twilio, "GET", f"Calls/{call.sid}.json")[1]["status"] == "completed"


@pytest.mark.parametrize(("does", "last"), [("busy", "busy"), ("no-answer", "no-answer"), ("failed", "failed"), ("mailbox", "completed")])
def test_nobody_presses(start_twilio, receiver, does, last):
    twilio = start_twilio()
    twilio.people["+491"] = Person(does, digits=("1",))
    ask(twilio, "POST", "Calls.json", call_form(receiver))
    assert twilio.calls()[0].ended.wait(5)
    assert statuses(twilio)[-1] == last
    assert twilio.calls()[0].pressed == []


def test_refusals_and_lost_answers(start_twilio, receiver):
    twilio = start_twilio()
    twilio.faults += [RATE_LIMITED, BROKEN, "lost", "timeout_made", "timeout", "garbage"]
    status, body, headers = ask(twilio, "POST", "Calls.json", call_form(receiver))
    assert (status, body["code"], headers["Retry-After"]) == (429, 20429, "1")
    assert ask(twilio, "POST", "Calls.json", call_form(receiver))[0] == 500
    assert twilio.calls() == []
    with pytest.raises(http.client.RemoteDisconnected):
        ask(twilio, "POST", "Calls.json", call_form(receiver))
    assert len(twilio.calls()) == 1
    for made in (2, 2):
        with pytest.raises(TimeoutError):
            ask(twilio, "POST", "Calls.json", call_form(receiver), timeout=0.3)
        assert len(twilio.calls()) == made
    with pytest.raises(json.JSONDecodeError):
        ask(twilio, "POST", "Calls.json", call_form(receiver))
    assert ask(twilio, "POST", "Calls.json", call_form(receiver))[0] == 201
    assert len(twilio.posts()) == 7
    listed = ask(twilio, "GET", "Calls.json?To=%2B491&PageSize=2")[1]["calls"]
    assert [call["sid"] for call in listed] == [call.sid for call in reversed(twilio.calls()[-2:])]


def test_wrong_logins_and_wrong_calls_are_refused(start_twilio, receiver):
    twilio = start_twilio()
    assert ask(twilio, "POST", "Calls.json", call_form(receiver), token="wrong")[0] == 401
    assert ask(twilio, "POST", "Calls.json", call_form(receiver, to="030"))[1]["code"] == 21211
    assert ask(twilio, "POST", "Calls.json", [("To", "+491"), ("Twiml", "x" * 4001)])[0] == 400
    assert ask(twilio, "GET", "Calls/CA1.json")[0] == 404


def test_callbacks_come_twice_or_out_of_order(start_twilio, receiver):
    twice = start_twilio(callbacks_are="duplicated")
    ask(twice, "POST", "Calls.json", call_form(receiver))
    assert twice.calls()[0].ended.wait(5)
    assert statuses(twice) == [word for word in ("initiated", "ringing", "in-progress", "completed") for _ in range(2)]
    mixed = start_twilio(callbacks_are="reordered")
    ask(mixed, "POST", "Calls.json", call_form(receiver))
    assert mixed.calls()[0].ended.wait(5)
    assert sorted(statuses(mixed)) == ["completed", "in-progress", "initiated", "ringing"]
    assert statuses(mixed) != ["initiated", "ringing", "in-progress", "completed"]


def test_a_forged_callback_has_another_signature(start_twilio, receiver):
    twilio = start_twilio()
    url = f"http://127.0.0.1:{receiver.port}/status?key=1"
    for token in (None, "forger"):
        twilio.send_callback(url, {"CallSid": "CA1", "CallStatus": "completed"}, token)
    good, forged = [request.headers["x-twilio-signature"] for request in receiver.requests()]
    assert good == signature(twilio.token, url, [("CallSid", "CA1"), ("CallStatus", "completed")])
    assert forged != good


def test_a_message_is_delivered(start_twilio):
    twilio = start_twilio()
    assert ask(twilio, "POST", "Messages.json", [("To", "+491"), ("From", "+492"), ("Body", "down")])[0] == 201
    wait_until(lambda: twilio.messages("+491")[0].status == "delivered", "it is delivered")
    assert twilio.messages()[0].body == "down"
