"""sipp (Debian's sip-tester) as a phone: it does the signalling, a Handset of ours the sound.

    phone = SippPhone("answer", folder)     # or busy, ignore (rings until cancelled), mailbox (answers, hangs up itself)
    phone.handset.press("1")"""

import pathlib

from .processes import Program, free_port, wait_until
from .rtp import Handset

COMMON = """[last_Via:]
      [last_From:]
      [last_To:];tag=[pid]sipp[call_number]
      [last_Call-ID:]
      [last_CSeq:]
      Contact: <sip:[local_ip]:[local_port];transport=[transport]>"""


def answer(status, body=""):
    content = f"Content-Type: application/sdp\n      Content-Length: [len]\n\n{body}" if body else "Content-Length: 0\n"
    return f"<send><![CDATA[\n      SIP/2.0 {status}\n      {COMMON}\n      {content}\n    ]]></send>\n"


def description(port):
    return f"""      v=0
      o=sipp 1 1 IN IP4 127.0.0.1
      s=-
      c=IN IP4 127.0.0.1
      t=0 0
      m=audio {port} RTP/AVP 0 101
      a=rtpmap:0 PCMU/8000
      a=rtpmap:101 telephone-event/8000
      a=fmtp:101 0-15
"""


def scenario(behaviour, port):
    steps = ['<recv request="INVITE" crlf="true"/>']
    if behaviour == "busy":
        steps += [answer("486 Busy Here"), '<recv request="ACK"/>']
    else:
        steps += [answer("100 Trying"), answer("180 Ringing")]
    if behaviour == "ignore":
        cancelled = f"[last_Via:]\n      [last_From:]\n      [last_To:]\n      [last_Call-ID:]\n      [last_CSeq:]\n      Content-Length: 0\n"
        # The CANCEL has the INVITE's branch; its own answer first, then the INVITE's, which needs the INVITE's CSeq.
        steps += ['<recv request="CANCEL"/>', f"<send><![CDATA[\n      SIP/2.0 200 OK\n      {cancelled}\n    ]]></send>\n",
                  f"<send><![CDATA[\n      SIP/2.0 487 Request Terminated\n      [last_Via:]\n      [last_From:]\n"
                  "      [last_To:];tag=[pid]sipp[call_number]\n      [last_Call-ID:]\n      CSeq: [cseq] INVITE\n      Content-Length: 0\n\n    ]]></send>\n",
                  '<recv request="ACK"/>']
    if behaviour in ("answer", "mailbox"):
        steps += ['<pause milliseconds="200"/>', answer("200 OK", description(port)), '<recv request="ACK" rrs="true"/>']
    if behaviour == "answer":
        steps += ['<recv request="BYE"/>', answer("200 OK")]
    if behaviour == "mailbox":
        steps += ['<pause milliseconds="3000"/>', """<send><![CDATA[
      BYE [next_url] SIP/2.0
      Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
      From: <sip:phone@[local_ip]:[local_port]>;tag=[pid]sipp[call_number]
      To[$3]
      Call-ID: [call_id]
      CSeq: 2 BYE
      Max-Forwards: 70
      Content-Length: 0

    ]]></send>
""", '<recv response="200"/>']
        steps[0] = """<recv request="INVITE" crlf="true" rrs="true"><action>
      <ereg regexp=":.*" search_in="hdr" header="From" assign_to="3"/></action></recv>"""
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<scenario name="{behaviour}">\n' + "\n".join(steps) + "\n</scenario>\n"


class SippPhone(Program):
    """Takes one call, and ends when that is over: with 0 if every message was the one that the scenario expects."""

    def __init__(self, behaviour, folder, transport="udp"):
        self.handset = Handset()
        self.port = free_port()
        self.is_stream = transport == "tcp"
        file = pathlib.Path(folder) / f"{behaviour}.xml"
        file.write_text(scenario(behaviour, self.handset.port))
        super().__init__("sipp", ["sipp", "-sf", file, "-i", "127.0.0.1", "-p", self.port, "-t", "t1" if self.is_stream else "u1",
                                  "-m", "1", "-nostdin", "-trace_err", "-trace_msg", "-timeout", "60s", "-timeout_error"], folder)

    def wait_until_ready(self):
        # Not by connecting: sipp would count that as a call.
        table = pathlib.Path("/proc/net/tcp" if self.is_stream else "/proc/net/udp")
        entry = f":{self.port:04X} "
        wait_until(lambda: any(entry in line.split(maxsplit=2)[1] + " " for line in table.read_text().splitlines()[1:]), "sipp listens")

    def wait_for_end(self):
        wait_until(lambda: not self.is_running(), "sipp has all that it expects", 20)
        assert self.process.returncode == 0, self.log()

    def stop(self):
        super().stop()
        self.handset.close()
