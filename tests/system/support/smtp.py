"""A real mail server (Debian's exim) on loopback, with a configuration, a spool and a mailbox of its own in a temporary
folder. Its process is the test's; the machine's own mail is not touched.

Recipients at shop.example get their mail in the mailbox, but for these: later@ is refused for now (451), nobody@ for good
(550). Other domains are refused for good. STARTTLS is always offered; with a login it is asked for."""

import email
import email.policy
import mailbox
import os
import pathlib
import pwd
import shutil
import signal
import subprocess
import tempfile

import pytest

from .processes import Program, free_port, wait_until

PROGRAM = "/usr/sbin/exim4"
USER = "Debian-exim"
DOMAIN = "shop.example"

CONFIGURATION = """\
exim_path = {program}
primary_hostname = mail.{domain}
spool_directory = {folder}/spool
log_file_path = {folder}/log/%slog
pid_file_path = {folder}/exim.pid
local_interfaces = 127.0.0.1
daemon_smtp_ports = {port}
deliver_drop_privilege = true
keep_environment =
host_lookup =
rfc1413_query_timeout = 0s
timezone = UTC
tls_advertise_hosts = *
tls_certificate = {folder}/chain.pem
tls_privatekey = {folder}/key.pem
auth_advertise_hosts = *
acl_smtp_rcpt = recipient
begin acl
recipient:
  {needs_login}
  defer local_parts = later
        message = come back later
  deny local_parts = nobody
       message = no such user here
  accept domains = {domain}
  deny message = relay not permitted
begin routers
all:
  driver = accept
  domains = {domain}
  transport = file
begin transports
file:
  driver = appendfile
  file = {folder}/mail/all
  envelope_to_add
begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = {condition}
  server_set_id = $auth2
"""


class SmtpServer(Program):
    """`login`: (user, password) that it insists on. `authorities` is the file that proves its certificate, which is good
    for localhost and 127.0.0.1."""

    def __init__(self, login=None):
        if not os.access(PROGRAM, os.X_OK):
            pytest.skip("no exim4 on this machine")
        if os.geteuid() != 0:
            pytest.skip("exim lets only root and its own user start a daemon")
        # Not pytest's folder: exim's user, as which it runs, may not enter that one.
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="tenfold-smtp-"))
        self.port = free_port()
        self.address = f"127.0.0.1:{self.port}"
        self.authorities = self.folder / "chain.pem"
        for name in ("spool", "log", "mail"):
            (self.folder / name).mkdir()
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                        "-days", "3", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
                        "-keyout", self.folder / "key.pem", "-out", self.authorities], check=True, capture_output=True)
        user, password = login or ("", "")
        (self.folder / "exim.conf").write_text(CONFIGURATION.format(
            program=PROGRAM, domain=DOMAIN, folder=self.folder, port=self.port,
            needs_login="deny !authenticated = *\n       message = log in first" if login else "",
            condition=f"${{if and{{{{eq{{$auth2}}{{{user}}}}}{{eq{{$auth3}}{{{password}}}}}}}}}" if login else "false"))
        self._give_to_exim()
        super().__init__("exim", [PROGRAM, "-C", self.folder / "exim.conf", "-bdf", "-oX", f"127.0.0.1.{self.port}"],
                         self.folder, user=USER, group=pwd.getpwnam(USER).pw_gid, extra_groups=[], env={})

    def _give_to_exim(self):
        exim = pwd.getpwnam(USER)
        self.folder.chmod(0o755)
        for path in [self.folder, *self.folder.rglob("*")]:
            os.chown(path, exim.pw_uid, exim.pw_gid)

    def mails(self):
        """What was delivered, oldest first, as email.message.EmailMessage."""
        box = self.folder / "mail" / "all"
        if not box.exists():
            return []
        return [email.message_from_bytes(mail.as_bytes(), policy=email.policy.default)
                for mail in mailbox.mbox(box, create=False)]

    def log(self):
        return "\n".join(file.read_text(errors="replace") for file in [self.log_file, *self.folder.glob("log/*")])

    def stop(self, deadline_s=10):
        code = super().stop(deadline_s)

        def has_ended():  # sessions and deliveries outlive the daemon, in its group, and would write to the folder anew
            try:
                os.killpg(self.pid, signal.SIGTERM)
                return self._all_are_zombies()
            except ProcessLookupError:
                return True

        wait_until(has_ended, "exim's sessions end")
        shutil.rmtree(self.folder, ignore_errors=True)
        return code

    def _all_are_zombies(self):
        """Orphans that nobody reaps, where process 1 is no init."""
        for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
            try:
                state, _, group = stat.read_text().rpartition(")")[2].split()[:3]
            except OSError:
                continue
            if int(group) == self.pid and state != "Z":
                return False
        return True
