"""The tests' modem does what the tests of Tenfold's SMS rely on; and smsd takes files of the form that Tenfold writes."""

import itertools

import pytest
from support.modem import Gammu, Modem, Sms, Smsd
from support.processes import wait_until


@pytest.fixture
def modem(parts):
    modem = Modem()
    parts.append(modem)
    return modem


@pytest.fixture
def smsd(parts, tmp_path, modem):
    smsd = Smsd(tmp_path / "sms", modem)
    parts.append(smsd)
    return smsd


def put(smsd, text, name="tenfold-1"):
    """As Tenfold does: in a folder that smsd passes over, then renamed."""
    hidden = smsd.outgoing / ".tenfold" / name
    hidden.parent.mkdir(exist_ok=True)
    hidden.write_text(f"To: 4930123456\nAlphabet: UTF-8\nAutosplit: 3\n\n{text}")
    hidden.rename(smsd.outgoing / name)


@pytest.mark.parametrize(("text", "alphabet"), [("Störung: front-page_1 @ 03:12\nhttps://a.example/ack/7?x=1", "GSM-7"),
                                                ("Всё стоит", "UCS-2")])
def test_a_text_goes_out_as_it_was(modem, smsd, text, alphabet):
    put(smsd, text)
    wait_until((smsd.folder / "sent" / "tenfold-1").exists, "smsd has sent it", deadline_s=20)
    assert modem.sent == [Sms("+4930123456", text, alphabet)]


def test_a_long_text_goes_out_in_parts(modem, smsd):
    put(smsd, "0123456789" * 40)
    wait_until((smsd.folder / "sent" / "tenfold-1").exists, "smsd has sent it", deadline_s=20)
    assert "".join(sms.text for sms in modem.sent) == "0123456789" * 40


def test_a_text_that_comes_in_is_in_smsds_folder(modem, smsd):
    modem.receive("+4930123456", "1 7")
    incoming = smsd.folder / "incoming"
    wait_until(lambda: any("1 7" in file.read_text() for file in incoming.iterdir()), "smsd has read it", deadline_s=30)
    headers = next(incoming.iterdir()).read_text().split("\n\n")[0]
    assert "From: 4930123456" in headers
    wait_until(lambda: not modem.inbox, "smsd has taken it off the card")


def test_what_the_network_refuses_is_kept_with_the_reason(modem, smsd):
    modem.refuses = "+CMS ERROR: 38"
    put(smsd, "down")
    failed = smsd.folder / "failed" / "tenfold-1"
    wait_until(failed.exists, "smsd gives up", deadline_s=60)
    assert "Fail_reason:" in failed.read_text().split("\n\n")[0]


def test_smsd_starts_while_texts_are_put_and_leaves_alone_what_is_half_written(modem, parts, tmp_path):
    """At its start smsd 3.1.21 removes *.LOCK files, and refuses to start if one of them vanishes meanwhile."""
    smsd = Smsd(tmp_path / "sms", modem)
    parts.append(smsd)
    half = smsd.outgoing / ".tenfold" / "tenfold-half"
    half.parent.mkdir()
    half.write_text("To: 49")
    numbers = itertools.count(1)

    def has_started():
        assert smsd.is_running(), smsd.log()
        for number in itertools.islice(numbers, 20):
            put(smsd, "down", f"tenfold-{number}")
            (smsd.outgoing / f"tenfold-{number}").unlink(missing_ok=True)
        return "Outgoing file checker has started" in smsd.log()

    wait_until(has_started, "smsd has started", deadline_s=20, every_s=0)
    put(smsd, "up", "tenfold-last")
    wait_until((smsd.folder / "sent" / "tenfold-last").exists, "smsd has sent it", deadline_s=20)
    assert half.read_text() == "To: 49"


@pytest.fixture
def gammu(parts, tmp_path, modem):
    gammu = Gammu(tmp_path / "gammu", modem)
    parts.append(gammu)
    return gammu


def test_gammu_sends_a_text_as_it_was(modem, gammu):
    text = "Störung: front-page @ 03:12 " + "0123456789" * 20
    name = "OUTA00000000_000000_00_+4930123456_tenfold-1.txt"
    hidden = gammu.outbox / ".tenfold" / name
    hidden.parent.mkdir()
    hidden.write_bytes(b"\xfe\xff" + text.encode("utf-16-be"))
    hidden.rename(gammu.outbox / name)
    wait_until((gammu.folder / "sent" / name).exists, "gammu-smsd has sent it", deadline_s=40)
    assert {(sms.to, sms.alphabet) for sms in modem.sent} == {("+4930123456", "GSM-7")}
    assert "".join(sms.text for sms in modem.sent) == text


def test_what_comes_in_is_in_gammus_inbox(modem, gammu):
    modem.receive("+4930123456", "1 7")
    wait_until(lambda: list((gammu.folder / "inbox").iterdir()), "gammu-smsd has read it", deadline_s=40)
    file = next((gammu.folder / "inbox").iterdir())
    assert "_+4930123456_00.txt" in file.name
    wait_until(lambda: file.read_text() == "1 7", "all of it is there")
