"""An SMS is answered by an SMS, a message by Telegram by a button or another: who writes back takes the alert, or passes it on; strangers do nothing."""

import time

import pytest
from support.edge import Edge
from support.modem import Gammu, Modem, Smsd
from support.processes import free_port, wait_until
from support.small_site import SmallSite
from support.telegram import Telegram
from support.twilio import Twilio

ADA, BELA, STRANGER, OURS = "+493055500101", "+493055500103", "+493055500199", "+493055500000"


@pytest.fixture
def site(parts):
    site = SmallSite()
    parts.append(site)
    return site


@pytest.fixture
def start_shop(parts, tmp_path, site):
    """start_shop(channels): runs Tenfold, which watches `site` and tells Ada by SMS, and Bela when she passes it on."""
    def start(channels, by="sms", ada=ADA, bela=BELA):
        oncall = {"people": [{"name": "ada", "contacts": [{by: ada}]}, {"name": "bela", "contacts": [{by: bela}]}],
                  "escalation": [{"name": "main", "repeat": 0, "steps": [{"notify": ["ada"], "after": "0s"},
                                                                         {"notify": ["bela"], "after": "5m"}]}],
                  "over_after": "0s", "channels": channels}
        watch = {"checks": [{"name": name, "every": "1s", "timeout": "1s", "failing_after": 1, "good_after": 1,
                             "http": f"{site.url}/{name}"} for name in ("front",)]}
        shop = Edge(tmp_path / "shop", [site], name="shop", oncall=oncall, watch=watch)
        parts.append(shop)
        shop.wait_until_ready()
        return shop

    return start


@pytest.fixture
def twilio(parts):
    twilio = Twilio()
    parts.append(twilio)
    return twilio


def channel(twilio, **settings):
    return {"twilio": {"account": twilio.account, "token": twilio.token, "from": OURS, "base_url": twilio.url, **settings}}


def wait_for_state(shop, state, deadline_s=30):
    return wait_until(lambda: next((alert for alert in shop.api_json("/api/v1/alerts")["alerts"]
                                    if alert["state"] == state), None), f"an alert is {state}", deadline_s)


def test_a_reply_through_the_modem_takes_the_alert(parts, start_shop, site, tmp_path):
    modem = Modem()
    parts.append(modem)
    smsd = Smsd(tmp_path / "smsd", modem)
    parts.append(smsd)
    shop = start_shop({"modem": {"spool": str(smsd.outgoing)}})
    site.failing.add("/front")
    wait_until(lambda: modem.sent, "the modem sends an SMS", 30)
    assert "Reply 1 to take it, 2 to pass it on." in modem.sent[0].text
    modem.receive(STRANGER, "1")
    wait_until(lambda: f"an SMS from {STRANGER[1:]} does nothing" in shop.log(), "the stranger is heard", 30)
    assert shop.api_json("/api/v1/alerts")["alerts"][0]["state"] == "ringing"
    modem.receive(ADA, "1")
    alert = wait_for_state(shop, "acknowledged")
    assert (alert["acknowledged_by"], alert["acknowledged_how"]) == ("ada", f"reply 1 by SMS from {ADA}")


def test_gammu_carries_the_text_and_the_reply(parts, start_shop, site, tmp_path):
    modem = Modem()
    parts.append(modem)
    gammu = Gammu(tmp_path / "gammu", modem)
    parts.append(gammu)
    shop = start_shop({"modem": {"kind": "gammu", "spool": str(gammu.outbox)}})
    site.failing.add("/front")
    wait_until(lambda: modem.sent, "the modem sends an SMS", 40)
    assert modem.sent[0].to == ADA and "Reply 1 to take it, 2 to pass it on." in modem.sent[0].text
    modem.receive(ADA, "1")
    alert = wait_for_state(shop, "acknowledged")
    assert (alert["acknowledged_by"], alert["acknowledged_how"]) == ("ada", f"reply 1 by SMS from {ADA}")


def test_without_a_public_address_replies_are_asked_for(start_shop, site, twilio):
    shop = start_shop(channel(twilio))
    site.failing.add("/front")
    text = wait_until(lambda: next(iter(twilio.messages(ADA)), None), "ada gets an SMS")
    assert "Reply 1 to take it, 2 to pass it on." in text.body
    twilio.receive(STRANGER, OURS, "1")
    twilio.receive(ADA, OURS, "I am driving, I call back at 1")
    twilio.receive(ADA, OURS, "2")
    wait_until(lambda: twilio.messages(BELA), "it is passed on to bela", 20)
    twilio.receive(BELA, OURS, "1")
    alert = wait_for_state(shop, "acknowledged")
    assert (alert["acknowledged_by"], alert["told"]) == ("bela", ["ada", "bela"])


def test_replies_come_by_signed_callback(start_shop, site, twilio):
    port = free_port()
    webhook = f"http://127.0.0.1:{port}/twilio/message/incoming"
    shop = start_shop(channel(twilio, callbacks=f"127.0.0.1:{port}", public_url=f"http://127.0.0.1:{port}"))
    site.failing.add("/front")
    wait_until(lambda: twilio.messages(ADA), "ada gets an SMS")
    forged = twilio.send_callback(webhook, {"MessageSid": "SM1", "From": ADA, "To": OURS, "Body": "1"}, token="guessed")
    assert forged.status == 403
    assert shop.api_json("/api/v1/alerts")["alerts"][0]["state"] == "ringing"
    answer = twilio.receive(ADA, OURS, "1", webhook)
    assert (answer.status, "<Response>" in answer.answer) == (200, True)
    assert wait_for_state(shop, "acknowledged")["acknowledged_by"] == "ada"


@pytest.mark.parametrize("how", ["button", "writing back"])
def test_telegram_is_answered(parts, start_shop, site, how):
    bot = Telegram()
    parts.append(bot)
    shop = start_shop({"telegram": {"token": bot.token, "base_url": bot.url}}, by="telegram", ada="-1001", bela="77")
    site.failing.add("/front")
    alert = wait_for_state(shop, "ringing")
    message = wait_until(lambda: next(iter(bot.messages), None), "the chat is told")
    assert message["chat_id"] == "-1001" and "front" in message["text"]
    buttons = [button for row in message["reply_markup"]["inline_keyboard"] for button in row]
    take = next(button["callback_data"] for button in buttons if button.get("callback_data", "").startswith("1"))
    bot.press(99, take)  # somebody else's chat
    wait_until(lambda: bot.thanked, "the press is read", 20)
    assert wait_for_state(shop, "ringing")["id"] == alert["id"]
    if how == "button":
        bot.press(-1001, take)
    else:
        bot.write(-1001, "1", time.time())
    taken = wait_for_state(shop, "acknowledged")
    assert taken["id"] == alert["id"] and taken["acknowledged_by"] == "ada"
