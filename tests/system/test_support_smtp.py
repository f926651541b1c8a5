"""The tests' mail server does what the tests of Tenfold's mail rely on."""

import email.message
import smtplib
import ssl

import pytest
from support.processes import wait_until
from support.smtp import SmtpServer


@pytest.fixture
def start_smtp(parts):
    def start(**options):
        server = SmtpServer(**options)
        parts.append(server)
        server.wait_for_port(server.port)
        return server

    return start


def letter(to, subject="Shop: Störung"):
    mail = email.message.EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "tenfold@shop.example", to, subject
    mail.set_content("unten\n.\n.punkt\n")
    return mail


def test_a_mail_arrives_over_starttls_as_it_was(start_smtp):
    server = start_smtp()
    with smtplib.SMTP("127.0.0.1", server.port) as client:
        client.starttls(context=ssl.create_default_context(cafile=server.authorities))
        client.send_message(letter("ada@shop.example"))
    mail, = wait_until(server.mails, "the mail is delivered")
    assert mail["Subject"] == "Shop: Störung"
    assert mail["Envelope-to"] == "ada@shop.example"
    assert mail.get_content() == "unten\n.\n.punkt\n"


def test_a_certificate_of_nobody_known_is_refused_by_the_client(start_smtp):
    server = start_smtp()
    with smtplib.SMTP("127.0.0.1", server.port) as client, pytest.raises(ssl.SSLCertVerificationError):
        client.starttls(context=ssl.create_default_context())


def test_recipients_that_are_refused(start_smtp):
    server = start_smtp()
    for to, code in (("later@shop.example", 451), ("nobody@shop.example", 550), ("ada@elsewhere.example", 550)):
        with smtplib.SMTP("127.0.0.1", server.port) as client, pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
            client.send_message(letter(to))
        assert refused.value.recipients[to][0] == code
    assert server.mails() == []


def test_a_login_is_insisted_on(start_smtp):
    server = start_smtp(login=("shop", "s3cret"))
    with smtplib.SMTP("127.0.0.1", server.port) as client, pytest.raises(smtplib.SMTPRecipientsRefused):
        client.send_message(letter("ada@shop.example"))
    with smtplib.SMTP("127.0.0.1", server.port) as client, pytest.raises(smtplib.SMTPAuthenticationError):
        client.login("shop", "wrong")
    with smtplib.SMTP("127.0.0.1", server.port) as client:
        client.login("shop", "s3cret")
        client.send_message(letter("ada@shop.example"))
    wait_until(server.mails, "the mail is delivered")
