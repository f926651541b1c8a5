"""Somebody is rung until a person answers: `tenfold run`, `drill phone`, `who`, `alerts` and `ack` with real counterparts,
all proven from outside. test_sip_call.py has the SIP channel alone."""

import json
import re
import sqlite3
import subprocess
import time
import urllib.parse

import pytest
from support import raw
from support.edge import PROGRAM, Edge, configuration_of, tenfold
from support.modem import Modem, Smsd
from support.processes import free_port, wait_until
from support.small_site import SmallSite, is_signed
from support.sip import SipPhone
from support.smtp import SmtpServer
from support.twilio import BROKEN, RATE_LIMITED, Person, Twilio

ADA, ADAS_SECOND, BELA = "+493055500101", "+493055500102", "+493055500103"
SPOKEN_RMS = 800  # louder than this over its whole length: not silence, and not a hum
SILENT = Person("mailbox")


# What a shop is made of.

def contacts(*channels_and_addresses):
    return [{channel: to} for channel, to in channels_and_addresses]


def oncall_of(channels, ada=(("call", ADA),), bela=(("call", BELA),), bela_after="5m", **settings):
    """Ada at once, Bela later."""
    return {
        "people": [{"name": "ada", "contacts": [contact if isinstance(contact, dict) else dict([contact]) for contact in ada]},
                   {"name": "bela", "contacts": contacts(*bela)}],
        "escalation": [{"name": "main", "repeat": 0,
                        "steps": [{"notify": ["ada"], "after": "0s"}, {"notify": ["bela"], "after": bela_after}]}],
        "over_after": "0s",
        "channels": channels,
        **settings,
    }


def checks_of(site, *paths):
    return {"checks": [{"name": path.strip("/"), "every": "1s", "timeout": "1s", "failing_after": 1, "good_after": 1,
                        "http": f"{site.url}{path}"} for path in paths or ("/front",)]}


@pytest.fixture
def make(parts):
    """make(Twilio, option=...): a counterpart that ends with the test."""
    def make_one(kind, *arguments, **options):
        one = kind(*arguments, **options)
        parts.append(one)
        return one

    return make_one


@pytest.fixture
def site(make):
    return make(SmallSite)


@pytest.fixture
def start_shop(parts, tmp_path, site):
    """start_shop(oncall): runs Tenfold, which watches `site`."""
    def start(oncall, watch=None, name="shop", **settings):
        shop = Edge(tmp_path / name, [site], name=name, oncall=oncall, watch=watch or checks_of(site), **settings)
        parts.append(shop)
        shop.wait_until_ready()
        return shop

    return start


def twilio_channel(twilio, public=True):
    channel = {"account": twilio.account, "token": twilio.token, "from": "+493055500000", "base_url": twilio.url}
    if public:
        port = free_port()
        channel.update(callbacks=f"127.0.0.1:{port}", public_url=f"http://127.0.0.1:{port}")
    return {"twilio": channel}


def sip_channel(phone, **settings):
    return {"sip": {"server": f"127.0.0.1:{phone.port}", "transport": "udp", "user": "shop", "password": "correct horse", **settings}}


def alerts(shop):
    return shop.api_json("/api/v1/alerts")["alerts"]


def wait_for_alert(shop, what, condition=lambda alert: True, deadline_s=15):
    return wait_until(lambda: next((alert for alert in alerts(shop) if condition(alert)), None),
                      f"an alert: {what}", deadline_s)


def wait_for_state(shop, state, deadline_s=15):
    try:
        return wait_for_alert(shop, state, lambda alert: alert["state"] == state, deadline_s)
    except AssertionError as error:
        raise AssertionError(f"{error}; alerts: {json.dumps(alerts(shop), indent=1)[:4000]}") from None


def command(shop, *words, **options):
    return tenfold(*words, "-c", shop.configuration_file, **options)


def written_configuration(folder, site, **settings):
    """A shop.yaml for which nothing runs."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "shop.yaml"
    file.write_text(json.dumps(configuration_of([site], free_port(), free_port(), folder, **settings)))
    return file


@pytest.fixture(scope="module", autouse=True)
def busy_line(tmp_path_factory):
    """Half a minute passes until a busy line is rung again: it begins with the first test and is looked at by the last."""
    site, phone = SmallSite(), SipPhone()
    phone.busy()
    shop = Edge(tmp_path_factory.mktemp("busy"), [site], name="busy", oncall=oncall_of(sip_channel(phone)), watch=checks_of(site))
    shop.wait_until_ready()
    site.failing.add("/front")
    yield shop, phone
    for part in (shop, phone, site):
        part.stop()


# Drills, on a real SIP call.

DRILL_KEYS = {"verdict", "answered_by", "how", "means", "after_s", "told", "gaps", "sends"}


def phone_item(file):
    items = json.loads(tenfold("ready", "-c", file, "--json").stdout)["items"]
    return next(item for item in items if item["name"] == "phone")


def test_a_drill_of_the_running_program_rings_a_sip_phone(make, start_shop):
    phone = make(SipPhone, user="shop", password="correct horse")
    phone.answer_and_press("1")
    shop = start_shop(oncall_of(sip_channel(phone)))
    assert phone_item(shop.configuration_file)["state"] == "missing"
    drill = command(shop, "drill", "phone", "--json", timeout_s=40)
    assert drill.returncode == 0, drill.stderr
    result = json.loads(drill.stdout)
    assert set(result) == DRILL_KEYS and result["means"] == "call"
    assert (result["verdict"], result["answered_by"], result["told"], result["gaps"]) == ("PASS", "ada", ["ada"], [])
    assert "key 1" in result["how"] and 0 < result["after_s"] < 20
    assert [(send["who"], send["channel"], send["by"], send["state"]) for send in result["sends"]] == [("ada", "call", "sip", "delivered")]
    assert phone.calls[0].number == ADA and phone.recorded_rms() > SPOKEN_RMS
    assert re.search(rf" s  ada +call {re.escape(ADA)} +answered", drill.stderr), drill.stderr  # told while it happened
    item = phone_item(shop.configuration_file)
    assert item["state"] == "good" and "PASS" in item["words"] and item["proven_at"]
    assert wait_for_state(shop, "over")["kind"] == "drill"


def test_a_provider_by_tls_is_trusted_by_its_authority_and_by_no_other(make, tmp_path, site):
    chain, key = tmp_path / "phone.pem", tmp_path / "phone.key"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "3", "-subj",
                    "/CN=phone", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", chain], check=True, capture_output=True)
    phone = make(SipPhone, "tls", certificate=chain, key=key)
    phone.answer_and_press("1")
    trusting = written_configuration(tmp_path / "trusting", site, oncall=oncall_of(sip_channel(phone, transport="tls", authorities=str(chain))))
    drill = tenfold("drill", "phone", "-c", trusting, timeout_s=40)
    assert drill.returncode == 0 and drill.stdout.startswith("PASS  ada answered after "), drill.stderr
    assert phone.recorded_rms() > SPOKEN_RMS
    doubting = written_configuration(tmp_path / "doubting", site, oncall=oncall_of(sip_channel(phone, transport="tls")))
    drill = tenfold("drill", "phone", "--for", "8s", "-c", doubting, timeout_s=40)
    assert drill.returncode == 1 and "does not prove who it is" in drill.stderr, drill.stderr
    assert len(phone.calls) == 1


def test_a_drill_of_its_own_keeps_nothing_but_its_evidence(make, tmp_path, site):
    phone = make(SipPhone)
    phone.answer_and_press("1")
    file = written_configuration(tmp_path / "shop", site, oncall=oncall_of(sip_channel(phone)))
    drill = tenfold("drill", "phone", "-c", file, timeout_s=40)
    assert drill.returncode == 0 and drill.stdout.startswith("PASS  ada answered after "), drill.stderr
    assert "no Tenfold runs with this configuration; this process rings by itself" in drill.stderr
    assert phone.recorded_rms() > SPOKEN_RMS
    assert phone.calls[0].handset.loud_seconds() > 3  # and it did not end before whoever pressed the key was thanked
    assert phone_item(file)["state"] == "good"
    with sqlite3.connect(tmp_path / "shop" / "tenfold.db") as store:
        tables = {name for name, in store.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    assert not {name for name in tables if name.startswith(("oncall", "watch", "app"))}, tables


def test_a_drill_that_nobody_answers_fails_and_stops_ringing(make, tmp_path, site):
    phone = make(SipPhone)
    phone.ignore()
    file = written_configuration(tmp_path / "shop", site, oncall=oncall_of(sip_channel(phone)))
    drill = tenfold("drill", "phone", "-c", file, "--for", "8s", "--json", timeout_s=60)
    assert drill.returncode == 1
    result = json.loads(drill.stdout)
    assert result["verdict"] == "FAIL" and result["answered_by"] == "" and result["told"] == ["ada"]
    wait_until(lambda: phone.calls[0].end == "cancelled", "the phone does not go on ringing")
    assert phone_item(file)["state"] == "bad"


# SIP: what becomes of a line.

def plan_by_number(phone, **plans):
    """plan_by_number(phone, plus-less number=plan...)"""
    phone.plan = lambda dialog: plans[dialog.call.number](dialog)


def plan(phone, behaviour, *arguments):
    getattr(phone, behaviour)(*arguments)
    return phone.plan


def test_a_busy_line_does_not_keep_the_next_contact_waiting(make, start_shop, site):
    phone = make(SipPhone)
    plan_by_number(phone, **{ADA: plan(phone, "busy"), ADAS_SECOND: plan(phone, "answer_and_press", "1")})
    shop = start_shop(oncall_of(sip_channel(phone), ada=({"call": ADA}, {"call": ADAS_SECOND, "after": "5s"})))
    site.failing.add("/front")
    alert = wait_for_state(shop, "acknowledged", 30)
    assert alert["acknowledged_by"] == "ada" and [call.number for call in phone.calls] == [ADA, ADAS_SECOND]
    assert phone.calls[0].end == "486"


def test_a_mailbox_acknowledges_nothing(make, start_shop, site):
    phone = make(SipPhone)
    plan_by_number(phone, **{ADA: plan(phone, "mailbox", 2), BELA: plan(phone, "answer_and_press", "1")})
    # Late enough that the mailbox has heard it all by then, on a busy machine too: an acknowledgement ends the other calls.
    shop = start_shop(oncall_of(sip_channel(phone), bela_after="9s"))
    site.failing.add("/front")
    alert = wait_for_state(shop, "acknowledged", 40)
    assert alert["acknowledged_by"] == "bela" and alert["told"] == ["ada", "bela"]
    assert next(send for send in alert["sends"] if send["who"] == "ada")["state"] == "delivered"


def test_a_wrong_password_is_named_and_the_next_channel_rings_at_once(make, start_shop, site):
    phone = make(SipPhone, user="shop", password="another one")
    twilio = make(Twilio)
    twilio.people[ADA] = Person(digits=("1",))
    shop = start_shop(oncall_of({**sip_channel(phone), **twilio_channel(twilio)}))
    site.failing.add("/front")
    wait_until(lambda: phone.registrations, "the SIP channel tries")
    tried = time.monotonic()
    alert = wait_for_state(shop, "acknowledged")
    assert time.monotonic() - tried < 4
    assert not phone.calls and len(twilio.calls(ADA)) == 1
    assert alert["sends"][0]["by"] == "twilio-call" and alert["sends"][0]["attempts"] == 2
    assert "password" in alert["sends"][0]["trouble"] and "password" in shop.log()
    assert "before that: sip: " in command(shop, "alerts").stdout


# Twilio.

@pytest.mark.parametrize("order", ["duplicated", "reordered"])
def test_digits_pass_it_on_and_acknowledge_in_whatever_order_callbacks_come(make, start_shop, site, order):
    twilio = make(Twilio, callbacks_are=order)
    twilio.people = {ADA: Person(digits=("2",)), BELA: Person(digits=("1",))}
    shop = start_shop(oncall_of(twilio_channel(twilio)))
    site.failing.add("/front")
    alert = wait_for_state(shop, "acknowledged")
    assert alert["acknowledged_by"] == "bela" and alert["told"] == ["ada", "bela"]
    first, second = twilio.calls()
    assert (first.to, second.to) == (ADA, BELA)
    assert any("front" in text and "down" in text for text in second.said), second.said
    for call in (first, second):
        assert call.ended.wait(10)
    assert all(callback.status in (200, 204) for callback in twilio.callbacks)
    assert len(twilio.calls()) == 2 and alerts(shop)[0]["acknowledged_by"] == "bela"


def test_callbacks_may_come_through_the_shops_own_edge(make, start_shop, site):
    twilio = make(Twilio)
    twilio.people[ADA] = Person(digits=("1",))
    port, callbacks = free_port(), f"127.0.0.1:{free_port()}"
    channels = twilio_channel(twilio, public=False)
    channels["twilio"].update(callbacks=callbacks, public_url=f"http://127.0.0.1:{port}")
    shop = start_shop(oncall_of(channels), port=port,
                      origins=[{"name": "shop", "servers": [site.address]}, {"name": "callbacks", "servers": [callbacks]}],
                      routes=[{"paths": ["/twilio/*"], "origins": ["callbacks"], "cache": "bypass"},
                              {"paths": ["/*"], "origins": ["shop"]}])

    def states():
        return {server["state"] for pool in shop.api_json("/api/v1/origins")["pools"] for server in pool["servers"]}

    site.failing.add("/front")
    assert wait_for_state(shop, "acknowledged")["acknowledged_by"] == "ada"
    # Its health checks find somebody there.
    try:
        wait_until(lambda: states() <= {"up", "slow_start"}, "all origins are well")
    except AssertionError:
        raise AssertionError(shop.api("/api/v1/origins").body) from None


def test_a_forged_callback_changes_nothing(make, start_shop, site):
    twilio = make(Twilio)
    twilio.people[ADA] = SILENT
    shop = start_shop(oncall_of(twilio_channel(twilio)))
    site.failing.add("/front")
    call = wait_until(lambda: next(iter(twilio.calls(ADA)), None), "ada is rung")
    assert call.ended.wait(10)
    digits = re.search(r'action="([^"]+)"', call.field("Twiml")).group(1).replace("&amp;", "&")
    form = {"CallSid": call.sid, "CallStatus": "in-progress", "Digits": "1", "AccountSid": twilio.account}
    assert twilio.send_callback(digits, form, token="guessed").status == 403
    assert twilio.send_callback(digits.replace("key=1-", "key=2-"), form).status == 403  # signed, but no address that was given out
    assert raw.request(urllib.parse.urlsplit(digits).port, "/", method="POST", body=b"x" * 70_000).status == 413
    assert alerts(shop)[0]["state"] == "ringing"
    assert twilio.send_callback(digits, form).status == 200
    assert wait_for_state(shop, "acknowledged")["acknowledged_by"] == "ada"


@pytest.mark.parametrize("fault", ["lost", "garbage"])
def test_after_a_lost_answer_there_is_one_call_only(make, start_shop, site, fault):
    twilio = make(Twilio, ring_s=0.5)
    twilio.people[ADA] = SILENT
    twilio.faults.append(fault)
    shop = start_shop(oncall_of(twilio_channel(twilio, public=False)))
    site.failing.add("/front")
    wait_for_alert(shop, "its outcome is known", lambda alert: alert["sends"] and alert["sends"][0]["state"] == "delivered")
    assert len(twilio.calls()) == 1 and len(twilio.posts()) == 1


def test_a_provider_that_is_overloaded_or_broken_is_asked_again(make, start_shop, site):
    twilio = make(Twilio)
    twilio.people[ADA] = Person(digits=("1",))
    twilio.faults.extend([RATE_LIMITED, BROKEN])
    shop = start_shop(oncall_of(twilio_channel(twilio), bela_after="10m"))
    site.failing.add("/front")
    alert = wait_for_state(shop, "acknowledged", 20)
    assert len(twilio.calls(ADA)) == 1 and alert["sends"][0]["attempts"] == 3
    first, second, third = (at for at, method, _, form in twilio.requests if method == "POST" and ("To", ADA) in form)
    assert second - first >= 1 and third - second >= 1  # as it was asked to, and a call a second at most


def test_without_a_public_address_it_asks_what_became_of_the_call(make, start_shop, site):
    twilio = make(Twilio)
    twilio.people[ADA] = Person(digits=("1",))  # presses, and nobody hears it
    shop = start_shop(oncall_of(twilio_channel(twilio, public=False)))
    site.failing.add("/front")
    alert = wait_for_alert(shop, "the call has ended",
                           lambda each: each["sends"] and each["sends"][0]["state"] == "delivered")
    assert alert["state"] == "ringing" and "keys cannot be heard" in alert["sends"][0]["detail"]
    call = twilio.calls(ADA)[0]
    assert "<Gather" not in call.field("Twiml") and not twilio.callbacks


# Mail, SMS, chat.

@pytest.fixture
def mailed_link(make, start_shop, site):
    """A shop in trouble, and the link that a mail of a real server brought: (shop, link)."""
    smtp = make(SmtpServer)
    smtp.wait_for_port(smtp.port)
    console = free_port()
    channels = {"mail": {"server": smtp.address, "tls": "off", "from": "tenfold@shop.example"}}
    shop = start_shop(oncall_of(channels, ada=(("mail", "ada@shop.example"),), bela=(("mail", "bela@shop.example"),),
                                link_url=f"http://127.0.0.1:{console}"), console_port=console)
    site.failing.add("/front")
    mail = wait_until(lambda: next(iter(smtp.mails()), None), "the mail arrives")
    assert mail["To"] == "ada@shop.example" and "front" in mail["Subject"] and mail["Auto-Submitted"] == "auto-generated"
    text = mail.get_body(("plain",)).get_content()
    return shop, re.search(rf"http://127\.0\.0\.1:{console}/ack/\S+", text).group(0)


def test_a_mailed_link_acknowledges_when_its_button_is_pressed_and_not_when_it_is_opened(mailed_link, curl):
    shop, link = mailed_link
    for _ in range(2):  # a mail scanner, and a preview
        page = curl("-w", "%{http_code}", link).stdout
        assert page.endswith("200") and "<button>I take care of it</button>" in page
    assert curl("-I", link).stdout.startswith("HTTP/1.1 200")
    assert alerts(shop)[0]["state"] == "ringing"
    forged = link[:-1] + ("A" if link[-1] != "A" else "B")
    assert curl("-X", "POST", "-o", "/dev/null", "-w", "%{http_code}", forged).stdout == "403"
    assert alerts(shop)[0]["state"] == "ringing"
    assert "Thank you" in curl("-X", "POST", link).stdout
    alert = wait_for_state(shop, "acknowledged")
    assert (alert["acknowledged_by"], alert["acknowledged_how"]) == ("ada", "the link's button")


def test_the_mailed_links_page_in_a_browser(mailed_link, browser, tmp_path):
    shop, link = mailed_link
    browser.open(link)
    browser.save_screenshot(tmp_path / "asked.png")
    assert "front" in browser.text("main")
    assert alerts(shop)[0]["state"] == "ringing"
    browser.click("button")
    browser.wait_for_text("body", "Thank you")
    browser.save_screenshot(tmp_path / "thanked.png")
    assert wait_for_state(shop, "acknowledged")["acknowledged_by"] == "ada"


def test_when_the_uplink_is_down_the_modem_on_the_shelf_says_so(make, start_shop, site, tmp_path):
    modem = make(Modem)
    smsd = make(Smsd, tmp_path / "smsd", modem)
    twilio = make(Twilio)
    channels = {**twilio_channel(twilio, public=False), "modem": {"spool": str(smsd.outgoing)}}
    watch = {**checks_of(site), "anchors": [f"127.0.0.1:{free_port()}", f"127.0.0.1:{free_port()}"]}
    shop = start_shop(oncall_of(channels, ada=(("call", ADA), ("sms", ADA))), watch=watch)
    wait_until(lambda: modem.sent, "the modem sends an SMS", 20)
    assert modem.sent[0].to == ADA and "internet" in modem.sent[0].text
    assert [alert["kind"] for alert in alerts(shop)] == ["uplink"]
    assert not twilio.posts()


def test_chat_and_a_signed_webhook_are_told(make, start_shop, site):
    chat = make(SmallSite)
    channels = {"webhook": {"url": f"{chat.url}/hook", "secret": "secret-of-the-hook"}, "slack": {"url": f"{chat.url}/slack"},
                "teams": {"url": f"{chat.url}/teams"}, "ntfy": {"server": chat.url}}
    shop = start_shop(oncall_of(channels, ada=(("webhook", True), ("slack", True), ("teams", True), ("ntfy", "alerts")),
                                bela=(("webhook", True),)))
    site.failing.add("/front")
    hook = wait_until(lambda: next(iter(chat.at("/hook")), None), "the webhook is called")
    assert is_signed(hook, "secret-of-the-hook") and not is_signed(hook, "another")
    body = hook.json()
    assert (body["event"], body["severity"], body["alert"]) == ("alert", "critical", alerts(shop)[0]["id"])
    assert body["subject"].startswith("Test Shop: front: down: status 500, expected 200-399") and body["key"] == hook.headers["idempotency-key"]
    for path in ("/slack", "/teams"):
        post = wait_until(lambda path=path: next(iter(chat.at(path)), None), f"{path} is called")
        assert "front" in json.dumps(post.json())
    wait_until(lambda: any("front" in post.body.decode() for post in chat.at("/") + chat.at("/alerts")), "ntfy is called")
    site.failing.clear()
    wait_until(lambda: [post.json()["event"] for post in chat.at("/hook")] == ["alert", "over"], "it is over, and they are told")


def test_a_login_page_of_a_network_in_between_has_told_nobody(make, start_shop, site):
    chat = make(SmallSite)
    chat.portal = b"<!DOCTYPE html><html><head><title>Hotel: log in</title></head></html>"
    channels = {"slack": {"url": f"{chat.url}/slack"}, "ntfy": {"server": chat.url}}
    shop = start_shop(oncall_of(channels, ada=(("slack", True), ("ntfy", "alerts")), bela=(("slack", True),)))
    site.failing.add("/front")
    wait_until(lambda: chat.at("/slack") and chat.at("/"), "slack and ntfy are called")
    wait_until(lambda: json.dumps(alerts(shop)).count("Hotel: log in") >= 2, "both are known to have failed, and why")
    chat.portal = None
    wait_until(lambda: len(chat.at("/slack")) >= 2, "it is tried again", 60)


# What survives: a crash, a store that cannot be written, a second start.

def test_killed_while_it_rings_it_goes_on_and_rings_nobody_twice(make, start_shop, site):
    twilio = make(Twilio, ring_s=1.5)
    twilio.people = {ADA: SILENT, BELA: Person(digits=("1",))}
    shop = start_shop(oncall_of(twilio_channel(twilio), bela_after="4s"))
    site.failing.add("/front")
    wait_for_alert(shop, "ada's phone rings", lambda alert: alert["sends"] and alert["sends"][0]["state"] == "sent")
    number = alerts(shop)[0]["id"]
    shop.kill()
    shop.start_again()
    alert = wait_for_state(shop, "acknowledged", 20)
    assert (alert["id"], alert["acknowledged_by"]) == (number, "bela") and len(alerts(shop)) == 1
    assert [call.to for call in twilio.calls()] == [ADA, BELA]
    assert next(send for send in alert["sends"] if send["who"] == "ada")["state"] == "delivered"
    shop.kill()
    shop.start_again()
    looks = shop.api_json("/api/v1/checks")["looks_total"]
    wait_until(lambda: shop.api_json("/api/v1/checks")["looks_total"] > looks + 1, "the check is looked at again")
    again = wait_until(lambda: alerts(shop), "the store is read")
    assert [(each["id"], each["state"], each["acknowledged_by"]) for each in again] == [(number, "acknowledged", "bela")]
    assert len(twilio.calls()) == 2


def assert_rings_from_memory(shop, chat, why):
    hook = wait_until(lambda: next(iter(chat.at("/hook")), None), "it rings all the same")
    assert "cannot be written" in hook.json()["text"] and why in hook.json()["text"]
    told = command(shop, "alerts")
    assert told.returncode == 0
    assert "the store cannot be written, it rings from memory" in told.stderr and why in told.stderr
    assert command(shop, "ack", alerts(shop)[0]["id"], "--by", "ada").returncode == 0
    wait_for_state(shop, "acknowledged")


def webhook_only(chat, **settings):
    return oncall_of({"webhook": {"url": f"{chat.url}/hook"}}, ada=(("webhook", True),), bela=(("webhook", True),), **settings)


def test_without_a_store_that_it_can_read_it_rings_and_says_why(make, start_shop, site, tmp_path):
    store = tmp_path / "notes.db"
    store.write_text("This is no database, and whoever named it as the store may want to keep it. " * 100)
    before = store.read_bytes()
    chat = make(SmallSite)
    shop = start_shop(webhook_only(chat), store=str(store))
    site.failing.add("/front")
    assert_rings_from_memory(shop, chat, "notes.db")
    assert store.read_bytes() == before


@pytest.fixture
def small_disk(tmp_path):
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder], capture_output=True, check=False)
    if mounted.returncode:
        pytest.skip("this user may not mount a tmpfs")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


def test_on_a_full_disk_it_rings_and_goes_on_writing_when_there_is_room(make, start_shop, site, small_disk):
    chat = make(SmallSite)
    shop = start_shop(webhook_only(chat), store=str(small_disk / "tenfold.db"))
    filler = small_disk / "filler"
    with open(filler, "wb", buffering=0) as file:
        try:
            while True:
                file.write(b"x" * 4096)
        except OSError:
            pass
    site.failing.add("/front")
    assert_rings_from_memory(shop, chat, "full")
    filler.unlink()
    wait_until(lambda: not shop.api_json("/api/v1/alerts")["from_memory"], "it is written down", 20)
    shop.kill()
    shop.start_again()
    assert wait_for_state(shop, "acknowledged")["acknowledged_by"] == "ada"


def test_a_second_run_on_the_same_store_is_refused(make, start_shop, start_program, tmp_path, site):
    shop = start_shop(webhook_only(make(SmallSite)))
    file = written_configuration(tmp_path / "other", site, oncall=None, store=str(shop.folder / "tenfold.db"))
    second = start_program("second", [PROGRAM, "run", "-c", file])
    assert second.wait() == 5
    assert f"store: process {shop.pid} runs on {shop.folder / 'tenfold.db'}" in second.log()
    shop.kill()
    shop.start_again()  # what was killed holds nothing


# One incident, one call; people's own words.

def test_thirty_checks_are_one_call_and_its_end_is_another(make, start_shop, site):
    twilio = make(Twilio)
    twilio.people[ADA] = SILENT
    paths = [f"/page-{number}" for number in range(30)]
    shop = start_shop(oncall_of(twilio_channel(twilio)), watch=checks_of(site, *paths))
    site.failing.update(paths)
    wait_for_alert(shop, "thirty troubles in one", lambda alert: len(alert["troubles"]) == 30)
    assert len(alerts(shop)) == 1
    first = wait_until(lambda: next(iter(twilio.calls()), None), "ada is rung")
    assert first.ended.wait(10)
    assert len(twilio.calls()) == 1
    site.failing.clear()
    alert = wait_for_state(shop, "over")
    assert len(alert["past"]) == 30
    last = wait_until(lambda: next(iter(twilio.calls()[1:]), None), "ada is told that it is over")
    assert last.to == ADA and last.ended.wait(10) and any("is over" in text for text in last.said)
    assert len(twilio.calls()) == 2


def test_ack_and_silence_by_command_and_their_errors(make, start_shop, site):
    shop = start_shop(webhook_only(make(SmallSite)))
    nothing = command(shop, "alerts")
    assert nothing.returncode == 0 and nothing.stdout == "No alert is open.\n"
    site.failing.add("/front")
    number = wait_for_state(shop, "ringing")["id"]
    shown = command(shop, "alerts").stdout
    assert shown.startswith(f"alert {number} ringing") and "front: down: status 500" in shown and "webhook" in shown
    silenced = command(shop, "ack", number, "--silence", "1h")
    assert silenced.returncode == 0 and silenced.stdout == f"alert {number} is silent for 1h\n"
    assert wait_for_state(shop, "silenced")["quiet_until"]
    nobody = command(shop, "ack", number, "--by", "adda")
    assert nobody.returncode == 2 and 'nobody of the plan is called "adda" (there ' in nobody.stderr, nobody
    assert command(shop, "ack", number, "--by", "ada").returncode == 0
    another = command(shop, "ack", number)  # at once: what was accepted counts before it is shown
    assert another.returncode == 1 and f"alert {number} is with ada since 20" in another.stderr, another
    assert wait_for_state(shop, "acknowledged")["acknowledged_by"] == "ada"
    assert command(shop, "ack", number, "--take-over").returncode == 0
    wait_until(lambda: alerts(shop)[0]["acknowledged_by"] == "console", "it is taken over")
    for words, exit_code, said in [((99,), 1, "there is no alert 99"), ((number, "--silence", "soon"), 2, "expected a duration such as 30m")]:
        refused = command(shop, "ack", *words)
        assert refused.returncode == exit_code and said in refused.stderr, refused
    site.failing.clear()
    wait_for_state(shop, "over")
    refused = command(shop, "ack", number)
    assert refused.returncode == 1 and f"alert {number} is over" in refused.stderr
    post = {"Content-Type": "application/json"}
    answer = shop.api("/api/v1/alerts/acknowledge", "POST", b"[]", post)
    assert answer.status == 400 and json.loads(answer.body)["error"]
    assert shop.api("/api/v1/alerts/acknowledge", "POST", b'{"id": 99}', post).status == 404
    assert shop.api("/api/v1/alerts/acknowledge", "POST", b'{"id": %d}' % number, post).status == 409
    assert shop.api("/api/v1/alerts/acknowledge", headers=post).status == 405
    shop.stop()
    gone = command(shop, "alerts")
    assert gone.returncode == 5 and "no Tenfold answers at" in gone.stderr


def test_a_busy_line_is_rung_once_more_and_then_the_next_one(busy_line):
    shop, phone = busy_line
    wait_until(lambda: len(phone.calls) >= 3, "both are rung", 50)
    first, again, then = phone.calls[:3]
    assert (first.number, again.number, then.number) == (ADA, ADA, BELA)
    assert 29 < again.rang - first.rang < 40 and then.rang - again.rang < 5
    send = next(send for send in alerts(shop)[0]["sends"] if send["who"] == "ada")
    assert (send["state"], send["attempts"], send["trouble"]) == ("failed", 2, "sip: busy (486 Busy Here)")
