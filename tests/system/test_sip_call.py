"""Real calls by SIP: oncall_sip_call (the channel without the chain above it) rings a phone, which hears the message and
presses keys. The phone is sipp from Debian, or one of ours where sipp cannot follow (digest, TLS, tones)."""

import json
import os
import pathlib
import shutil
import socket
import subprocess
import time

import pytest
from support.processes import ROOT, Program, wait_until
from support.rtp import tone
from support.sip import SipPhone
from support.sipp import SippPhone

PROGRAM = pathlib.Path(os.environ.get("TENFOLD_SIP_CALL", ROOT / "build/release/src/oncall/oncall_sip_call"))
TEXT = {
    "en": "Corner Shop. The front page is down since three o'clock. Press one to take it, two to pass it on.",
    "de": "Corner Shop. Die Startseite ist seit drei Uhr ausgefallen. Drücken Sie die Eins, um zu übernehmen.",
    "fr": "Corner Shop. La page d'accueil est en panne depuis trois heures. Appuyez sur un pour la prendre.",
    "es": "Corner Shop. La portada no responde desde las tres. Pulse uno para hacerse cargo.",
}
# Louder than this over its whole length, pauses between the words with it: not silence, and not a hum.
SPOKEN_RMS = 800


class OneCall(Program):
    def reports(self):
        return [json.loads(line) for line in self.log().splitlines() if line.startswith("{")]

    def states(self):
        return [report["state"] for report in self.reports()]

    def finish(self, deadline_s=60):
        wait_until(lambda: not self.is_running(), f"{self.name} has ended", deadline_s)
        assert self.process.returncode == 0, self.log()
        return self.reports()


@pytest.fixture
def call(parts, tmp_path):
    """call(port, option=value...) starts one call to 127.0.0.1:port."""
    if not PROGRAM.exists():
        pytest.fail(f"{PROGRAM} is not built: cmake --build --preset release --target oncall_sip_call")

    def start(port, host="127.0.0.1", text=TEXT["en"], **options):
        words = [word for name, value in options.items() for word in (f"--{name.replace('_', '-')}", str(value))]
        program = OneCall("call", [PROGRAM, "--host", host, "--port", port, "--text", text, *words], tmp_path)
        parts.append(program)
        return program

    return start


@pytest.fixture
def phone(parts):
    def make(*arguments, **options):
        one = SipPhone(*arguments, **options)
        parts.append(one)
        return one

    return make


@pytest.fixture
def sipp(parts, tmp_path):
    if not shutil.which("sipp"):
        pytest.skip("no sipp on this machine (package sip-tester)")

    def make(behaviour, **options):
        one = SippPhone(behaviour, tmp_path, **options)
        parts.append(one)
        one.wait_until_ready()
        return one

    return make


def assert_spoken(handset):
    assert handset.rms() > SPOKEN_RMS
    timing = handset.timing()
    assert timing["numbers_wrong"] == 0 and timing["steps_wrong"] == 0 and timing["sizes"] == {160} and timing["marked_first"]
    # A call of many seconds on a busy machine: the pace holds, whatever single packets do.
    assert timing["off_pace_s"] < 0.1, timing
    assert timing["longest_gap_s"] < 0.25, timing


# sipp: a phone that is not ours.

@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_sipp_answers_hears_the_message_and_acknowledges(sipp, call, transport):
    phone = sipp("answer", transport=transport)
    ringing = call(phone.port, transport=transport, after_last=1)
    wait_until(lambda: phone.handset.loud_seconds() > 2, "the message is heard", 20)
    phone.handset.press("1")
    reports = ringing.finish()
    assert [report["state"] for report in reports] == ["sent", "ringing", "answered", "acknowledged"]
    assert reports[-1]["detail"] == "key 1 was pressed" and reports[-1]["id"]
    assert_spoken(phone.handset)
    phone.wait_for_end()  # sipp got its BYE


def test_sipp_is_busy(sipp, call):
    reports = call(sipp("busy").port).finish()
    assert reports[-1]["state"] == "busy" and reports[-1]["retry"]


def test_sipp_rings_until_it_is_cancelled(sipp, call):
    phone = sipp("ignore")
    reports = call(phone.port, ring_for=2).finish()
    assert [report["state"] for report in reports] == ["sent", "ringing", "no_answer"]
    assert reports[-1]["retry"]
    phone.wait_for_end()  # sipp got its CANCEL, and our ACK of its 487


def test_sipp_as_mailbox_that_hangs_up(sipp, call):
    phone = sipp("mailbox")
    reports = call(phone.port).finish()
    assert [report["state"] for report in reports] == ["sent", "ringing", "answered", "delivered"]
    assert "key" in reports[-1]["detail"]


# Keys.

@pytest.mark.parametrize("how", ["event", "tone", "info", "both"])
def test_a_key_acknowledges_however_it_comes(phone, call, how):
    ours = phone()
    ours.answer_and_press("1", how=how)
    program = call(ours.port, after_last=8)
    reports = program.finish()
    assert [report["state"] for report in reports] == ["sent", "ringing", "answered", "acknowledged"]
    rung = ours.calls[0]
    assert rung.number == "+4930123456"
    assert_spoken(rung.handset)
    wait_until(lambda: rung.end == "bye", "we hang up after the thanks")
    # The message broke off at the key, and the thanks followed.
    thanks = rung.handset.loud_seconds()
    assert thanks > 3, f"only {thanks} s were spoken"


def test_a_key_passes_it_on(phone, call):
    ours = phone()
    ours.answer_and_press("2")
    assert call(ours.port).finish()[-1]["state"] == "escalate"


def test_say_again_begins_anew_and_other_keys_are_told_so(phone, call):
    ours = phone()
    ours.answer_and_press("9", "5", "1", between_s=3.0)
    program = call(ours.port)
    assert program.finish()[-1]["detail"] == "key 1 was pressed"
    assert program.states().count("acknowledged") == 1


def test_the_message_is_repeated_and_then_the_call_ends(phone, call):
    ours = phone()
    ours.mailbox()
    reports = call(ours.port, text="Front page down.", times=2, listen_for=2).finish()
    assert [report["state"] for report in reports] == ["sent", "ringing", "answered", "delivered"]
    assert "no key was pressed" in reports[-1]["detail"]
    rung = ours.calls[0]
    wait_until(lambda: rung.end == "bye", "we hang up")
    spoken = rung.handset.utterances()
    assert len(spoken) == 3, spoken  # twice, and the goodbye


def test_a_greeting_with_speech_presses_no_key(phone, call, tmp_path):
    """The worst mailbox: it says the very words of the message back to us, loudly."""
    wav = tmp_path / "greeting.wav"
    subprocess.run(["espeak-ng", "-v", "en", "-w", wav, TEXT["en"]], check=True)
    ours = phone()
    ours.mailbox(greeting=line_samples(wav))
    reports = call(ours.port, times=1, listen_for=1).finish()
    assert [report["state"] for report in reports] == ["sent", "ringing", "answered", "delivered"]


@pytest.mark.parametrize("language", ["en", "de", "fr", "es"])
def test_the_message_is_spoken_in_the_persons_language(phone, call, language):
    ours = phone()
    ours.answer_and_press("1", after_s=2.5)
    assert call(ours.port, text=TEXT[language], language=language).finish()[-1]["state"] == "acknowledged"
    assert_spoken(ours.calls[0].handset)


# Nobody there.

def test_declined_is_busy(phone, call):
    ours = phone()
    ours.decline()
    report = call(ours.port).finish()[-1]
    assert report["state"] == "busy" and report["retry"]


def test_a_provider_that_never_answers_fails_in_time(phone, call):
    ours = phone()
    ours.dead()
    report = call(ours.port, timeout=2).finish()[-1]
    assert report["state"] == "failed" and report["retry"]
    assert 1.5 < report["at_s"] < 4


def test_a_provider_that_is_down(call):
    with socket.socket() as nobody:  # bound, and not listening
        nobody.bind(("127.0.0.1", 0))
        report = call(nobody.getsockname()[1], transport="tcp").finish()[-1]
    assert report["state"] == "failed" and report["retry"]
    assert "refuse" in report["detail"]


def test_overload_says_when_to_come_back(phone, call):
    ours = phone()
    ours.refuse(503, "Service Unavailable", "Retry-After: 7")
    report = call(ours.port).finish()[-1]
    assert report["state"] == "failed" and report["retry"] and report["retry_after_s"] == 7


def test_unknown_number_fails_for_good(phone, call):
    ours = phone()
    ours.refuse(404, "Not Found")
    report = call(ours.port).finish()[-1]
    assert report["state"] == "failed" and not report["retry"] and "number" in report["detail"]


def test_unknown_server_name(call):
    report = call(5060, host="sip.invalid", timeout=20).finish()[-1]
    assert report["state"] == "failed" and report["retry"] and "sip.invalid" in report["detail"]


def test_missing_speech_program_names_its_package(phone, call):
    report = call(phone().port, speech="espeak-ng-that-is-not-here").finish()[-1]
    assert report["state"] == "failed" and "install the package espeak-ng" in report["detail"]


# Passwords and transports.

@pytest.fixture
def trusted(tmp_path):
    """A certificate for 127.0.0.1 that is its own authority; (chain, key)."""
    def make(name="IP:127.0.0.1", file="phone"):
        chain, key = tmp_path / f"{file}.pem", tmp_path / f"{file}.key"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "3",
                        "-subj", "/CN=phone", "-addext", f"subjectAltName={name}", "-keyout", key, "-out", chain],
                       check=True, capture_output=True)
        return chain, key
    return make


@pytest.mark.parametrize("transport", ["udp", "tcp", "tls"])
def test_registered_with_digest_over_every_transport(phone, call, trusted, transport):
    chain, key = trusted()
    ours = phone(transport, certificate=chain, key=key, user="shop", password="correct horse")
    ours.answer_and_press("1")
    options = {"ca": chain} if transport == "tls" else {}
    program = call(ours.port, transport=transport, user="shop", password="correct horse", after_last=1, **options)
    assert program.finish()[-1]["state"] == "acknowledged"
    assert ours.calls[0].shown == "shop"
    assert_spoken(ours.calls[0].handset)
    assert [outcome for _, outcome in ours.registrations][:2] == ["401", "200"]
    # And takes itself off the list again.
    wait_until(lambda: (0, "200") in ours.registrations, "the registration ends with the call")


def test_without_registration_the_invite_is_challenged(phone, call):
    ours = phone(user="shop", password="correct horse")
    ours.answer_and_press("1")
    assert call(ours.port, user="shop", password="correct horse", registration="never").finish()[-1]["state"] == "acknowledged"
    assert ours.registrations == []


def test_a_provider_without_registrar_is_called_all_the_same(phone, call):
    ours = phone(registers=False)
    ours.answer_and_press("1")
    assert call(ours.port, user="shop", password="x").finish()[-1]["state"] == "acknowledged"
    assert [outcome for _, outcome in ours.registrations] == ["405"]


@pytest.mark.parametrize("registration", ["with-call", "never"])
def test_a_wrong_password_fails_for_good_and_says_so(phone, call, registration):
    ours = phone(user="shop", password="correct horse")
    ours.answer_and_press("1")
    report = call(ours.port, user="shop", password="wrong", registration=registration).finish()[-1]
    assert report["state"] == "failed" and not report["retry"]
    assert "password of user shop" in report["detail"]
    assert ours.calls == []


def test_no_password_where_one_is_wanted(phone, call):
    ours = phone(user="shop", password="correct horse")
    report = call(ours.port).finish()[-1]
    assert report["state"] == "failed" and not report["retry"] and "none is set" in report["detail"]


@pytest.mark.parametrize("fault", ["unknown authority", "another's name"])
def test_tls_server_that_cannot_prove_who_it_is(phone, call, trusted, fault):
    chain, key = trusted() if fault == "unknown authority" else trusted("DNS:somebody.else")
    ours = phone("tls", certificate=chain, key=key)
    ours.answer_and_press("1")
    options = {} if fault == "unknown authority" else {"ca": chain}
    report = call(ours.port, transport="tls", timeout=5, **options).finish()[-1]
    assert report["state"] == "failed" and "does not prove who it is" in report["detail"], report
    assert ours.calls == []


def test_stopped_in_a_call_it_says_goodbye_first(phone, call):
    ours = phone()
    ours.mailbox()
    program = call(ours.port, longest=3)
    wait_until(lambda: not program.is_running(), "it ends by itself", 15)
    wait_until(lambda: ours.calls[0].end == "bye", "the phone got its BYE")


def line_samples(wav):
    """The samples of a WAV file, every n-th, at the line's rate: rough, and rich in tones."""
    import struct
    import wave
    with wave.open(str(wav)) as file:
        samples = struct.unpack(f"<{file.getnframes()}h", file.readframes(file.getnframes()))
        step = file.getframerate() / 8000
    return [samples[int(index * step)] for index in range(int(len(samples) / step))]
