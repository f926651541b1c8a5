"""The sound of a test's phone: hears RTP of G.711, judges it, and presses keys (RFC 4733 events, or tones in the sound)."""

import math
import random
import socket
import struct
import threading
import time
import wave

RATE = 8000
PACKET_SAMPLES = 160
PACKET_S = PACKET_SAMPLES / RATE
TYPE_PCMU, TYPE_PCMA, TYPE_EVENT = 0, 8, 101
LOUD_RMS = 200  # of a packet in which somebody speaks
KEYS = "0123456789*#ABCD"
ROWS = dict(zip("123A456B789C*0#D", [697] * 4 + [770] * 4 + [852] * 4 + [941] * 4))
COLUMNS = dict(zip("147*2580369#ABCD", [1209] * 4 + [1336] * 4 + [1477] * 4 + [1633] * 4))


def _decode_ulaw(code):
    code = ~code & 0xFF
    magnitude = ((((code & 0x0F) << 3) + 132) << (code >> 4 & 7)) - 132
    return -magnitude if code & 0x80 else magnitude


def _decode_alaw(code):
    code ^= 0x55
    magnitude = ((code & 0x0F) << 4) + 8
    segment = code >> 4 & 7
    if segment:
        magnitude = (magnitude + 0x100) << (segment - 1)
    return magnitude if code & 0x80 else -magnitude


DECODE = {TYPE_PCMU: [_decode_ulaw(code) for code in range(256)], TYPE_PCMA: [_decode_alaw(code) for code in range(256)]}


def encode(payload_type, sample):
    """The code whose sound is nearest: slow and surely right."""
    table = DECODE[payload_type]
    return min(range(256), key=lambda code: abs(table[code] - sample))


def rms(samples):
    return math.sqrt(sum(sample * sample for sample in samples) / len(samples)) if samples else 0.0


class Handset:
    """One call's RTP socket on 127.0.0.1. Listens from the start; speaks to whoever it hears."""

    def __init__(self):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.lock = threading.Lock()
        self.packets = []  # (arrived, payload type, sequence, timestamp, marker, payload)
        self.peer = None
        self.ssrc = random.getrandbits(32)
        self.sequence = random.getrandbits(15)
        self.timestamp = random.getrandbits(31)
        threading.Thread(target=self._listen, daemon=True).start()

    def close(self):
        try:
            self.socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.socket.close()

    def _listen(self):
        while True:
            try:
                packet, peer = self.socket.recvfrom(2048)
            except OSError:
                return
            if len(packet) < 12 or packet[0] >> 6 != 2:
                continue
            kind, sequence, timestamp = struct.unpack("!xBHI", packet[:8])
            with self.lock:
                self.peer = peer
                self.packets.append((time.monotonic(), kind & 0x7F, sequence, timestamp, bool(kind & 0x80), packet[12:]))

    def _heard(self):
        with self.lock:
            return list(self.packets)

    # What was heard.

    def samples(self):
        return [DECODE[kind][code] for _, kind, _, _, _, payload in self._heard() if kind in DECODE for code in payload]

    def rms(self):
        """Of all that was heard from the first loud packet to the last: pauses within a message count, those around not."""
        loud = [rms(packet) > LOUD_RMS for packet in self._packets()]
        if True not in loud:
            return 0.0
        first, last = loud.index(True), len(loud) - loud[::-1].index(True)
        return rms([sample for packet in self._packets()[first:last] for sample in packet])

    def _packets(self):
        return [[DECODE[kind][code] for code in payload] for _, kind, _, _, _, payload in self._heard() if kind in DECODE]

    def seconds(self):
        return len(self.samples()) / RATE

    def loud_seconds(self):
        return sum(PACKET_S for packet in self._packets() if rms(packet) > LOUD_RMS)

    def utterances(self, pause_s=1.5):
        """Loud stretches with at least such a pause between them, as (begin, end) in seconds of sound."""
        found = []
        for index, packet in enumerate(self._packets()):
            if rms(packet) <= LOUD_RMS:
                continue
            at = index * PACKET_S
            if found and at - found[-1][1] < pause_s:
                found[-1][1] = at + PACKET_S
            else:
                found.append([at, at + PACKET_S])
        return [tuple(stretch) for stretch in found]

    def timing(self):
        """What is wrong with the stream: lost or repeated numbers, steps of the time that are not the packet's length,
        how far the pace is from real time, and the longest gap."""
        packets = [packet for packet in self._heard() if packet[1] in DECODE]
        if len(packets) < 2:
            raise AssertionError("no sound was heard")
        numbers = [b[2] - a[2] & 0xFFFF for a, b in zip(packets, packets[1:])]
        steps = [b[3] - a[3] & 0xFFFFFFFF for a, b in zip(packets, packets[1:])]
        gaps = [b[0] - a[0] for a, b in zip(packets, packets[1:])]
        expected = (len(packets) - 1) * PACKET_S
        return {"numbers_wrong": sum(step != 1 for step in numbers), "steps_wrong": sum(step != PACKET_SAMPLES for step in steps),
                "off_pace_s": abs(packets[-1][0] - packets[0][0] - expected), "longest_gap_s": max(gaps),
                "marked_first": packets[0][4], "sizes": {len(packet[5]) for packet in packets}}

    def save(self, file):
        with wave.open(str(file), "wb") as out:
            out.setnchannels(1)
            out.setsampwidth(2)
            out.setframerate(RATE)
            samples = self.samples()
            out.writeframes(struct.pack(f"<{len(samples)}h", *samples))

    # What is said.

    def _send(self, payload_type, payload, marker=False, timestamp=None):
        with self.lock:
            peer = self.peer
        if peer is None:
            raise AssertionError("nobody to speak to: no RTP has come")
        header = struct.pack("!BBHII", 0x80, payload_type | (0x80 if marker else 0), self.sequence & 0xFFFF,
                             (self.timestamp if timestamp is None else timestamp) & 0xFFFFFFFF, self.ssrc)
        self.sequence += 1
        try:
            self.socket.sendto(header + payload, peer)
        except OSError:
            pass  # The call is over on the other side.

    def press(self, digit, seconds=0.1):
        """RFC 4733: the event again and again while the key is held, and its end three times, all of one timestamp."""
        began = self.timestamp
        packets = max(1, round(seconds / PACKET_S))
        next_at = time.monotonic()
        for number in range(packets + 3):
            last = number >= packets
            held = min(number + 1, packets) * PACKET_SAMPLES
            self._send(TYPE_EVENT, struct.pack("!BBH", KEYS.index(digit), 10 | (0x80 if last else 0), held), number == 0, began)
            next_at += PACKET_S
            if not last:
                time.sleep(max(0, next_at - time.monotonic()))  # The pace of a phone, not a wait for something.
        self.timestamp = began + (packets + 3) * PACKET_SAMPLES

    def play(self, samples, payload_type=TYPE_PCMA):
        """Sound, in real time."""
        codes = {sample: encode(payload_type, sample) for sample in set(samples)}
        next_at = time.monotonic()
        for start in range(0, len(samples), PACKET_SAMPLES):
            piece = samples[start:start + PACKET_SAMPLES]
            piece = piece + [0] * (PACKET_SAMPLES - len(piece))
            self._send(payload_type, bytes(codes.get(sample) or encode(payload_type, sample) for sample in piece))
            self.timestamp += PACKET_SAMPLES
            next_at += PACKET_S
            time.sleep(max(0, next_at - time.monotonic()))

    def tone(self, digit, seconds=0.15):
        """The digit as its two tones in the sound, as an old phone sends it."""
        self.play(tone(digit, seconds))


def tone(digit, seconds, amplitude=8000):
    def at(index):
        return round(amplitude * (math.sin(2 * math.pi * ROWS[digit] * index / RATE) + math.sin(2 * math.pi * COLUMNS[digit] * index / RATE)))
    return [at(index) for index in range(int(seconds * RATE))]
