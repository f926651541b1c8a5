#include "oncall/channels/sip/media.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <span>

#include "oncall/channels/sip/re_version.hpp"

namespace tenfold::oncall::sip {
namespace {

constexpr std::uint32_t rate = 8'000;
constexpr int type_pcmu = 0;  // RFC 3551, section 6
constexpr int type_pcma = 8;
// After a stall (a suspended machine, a stopped process) we do not send what is late in one burst: it starts anew.
constexpr Duration most_late = std::chrono::milliseconds(200);
constexpr std::size_t most_packet_bytes = 1'500;

TimePoint media_now() { return std::chrono::steady_clock::now(); }

// The two laws have numbers of their own, which need no name beside them (RFC 3551, section 6; RFC 8866,
// section 8.2.3).
bool is_format(const sdp_format* format, const char* name, int own_type) {
  return format->name != nullptr ? str_casecmp(format->name, name) == 0 : format->pt == own_type;
}
bool is_pcma(const sdp_format* format) { return is_format(format, "PCMA", type_pcma); }
bool is_pcmu(const sdp_format* format) { return is_format(format, "PCMU", type_pcmu); }

std::span<const std::uint8_t> bytes_of(const mbuf* packet) { return {mbuf_buf(packet), mbuf_get_left(packet)}; }

}  // namespace

Result<std::unique_ptr<Media>> Media::open(const sa& local, const sa& provider, MediaPorts ports, SoundCipher cipher,
                                           Listener listener) {
  std::unique_ptr<Media> media(new Media(std::move(listener), provider));
  if (const int code = media->open_session(local, ports, cipher); code != 0) {
    return fail(Errc::exhausted, "opening the audio: " + error_text(code));
  }
  return media;
}

int Media::open_session(const sa& local, MediaPorts ports, SoundCipher cipher) {
  int code = make_re(socket_, [&](RtpSocket** out) {
    return rtp_listen(
        out, IPPROTO_UDP, &local, ports.first, ports.last, false,
        [](const sa* source, const rtp_header* header, mbuf* packet, void* self) {
          auto& media = *static_cast<Media*>(self);
          if (!media.is_stranger(*source)) media.hear(*header, packet);
        },
        nullptr, this);
  });
  if (code != 0) return code;
  code = make_re(session_, [&](sdp_session** out) { return sdp_session_alloc(out, &local); });
  if (code != 0) return code;
  code = sdp_media_add(&audio_, session_.get(), sdp_media_audio, sa_port(rtp_local(socket_.get())),
                       cipher == SoundCipher::srtp ? sdp_proto_rtpsavp : sdp_proto_rtpavp);
  if (code != 0) return code;
  const auto add = [this](const char* id, const char* name, const char* parameters) {
    return sdp_format_add(nullptr, audio_, false, id, name, rate, 1, nullptr, nullptr, nullptr, false, parameters);
  };
  code = add("8", "PCMA", nullptr);
  if (code == 0) code = add("0", "PCMU", nullptr);
  if (code == 0) code = add("101", telev_rtpfmt, "0-15");
  if (code == 0) code = sdp_media_set_lattr(audio_, true, "ptime", "20");
  if (code != 0 || cipher == SoundCipher::none) return code;
  keys_of_sound_ = std::make_unique<SoundKeys>();
  return keys_of_sound_->offer(socket_.get(), audio_);
}

Re<mbuf> Media::offer() {
  Re<mbuf> description;
  make_re(description, [this](mbuf** out) { return sdp_encode(out, session_.get(), true); });
  return description;
}

int Media::take_answer(mbuf* description) {
  if (const int code = sdp_decode(session_.get(), description, false); code != 0) return code;
  return settle();
}

int Media::take_offer(mbuf* description, mbuf** answer) {
  // A re-INVITE without a description asks for our offer; both are one set of formats here.
  const bool asked = mbuf_get_left(description) == 0;
  if (!asked) {
    if (const int code = sdp_decode(session_.get(), description, true); code != 0) return code;
    if (const int code = settle(); code != 0) return code;
  }
  return sdp_encode(answer, session_.get(), asked);
}

int Media::settle() {
  const sdp_format* chosen = nullptr;
  for (const auto* each = list_head(sdp_media_format_lst(audio_, false)); each != nullptr && chosen == nullptr;
       each = each->next) {
    const auto* format = static_cast<const sdp_format*>(each->data);
    const bool is_ours = format->sup && (is_pcma(format) || is_pcmu(format));
    if (is_ours) chosen = format;
  }
  if (chosen == nullptr) return ENOMEDIUM;
  law_ = is_pcma(chosen) ? Law::a : Law::mu;
  audio_type_ = static_cast<std::uint8_t>(chosen->pt);
  const sdp_format* events = sdp_media_format(audio_, false, nullptr, -1, telev_rtpfmt, -1, -1);
  event_type_ = events != nullptr ? events->pt : -1;
  remote_ = *sdp_media_raddr(audio_);
  return keys_of_sound_ != nullptr ? keys_of_sound_->settle(audio_) : 0;
}

void Media::start() {
  if (started_) return;
  started_ = true;
  timestamp_ = rand_u32();
  next_due_ = alive_at_ = media_now();
  send_due();
}

void Media::play(Sound sound) {
  played_ = 0;
  playing_ = std::move(sound);
  if (playing_ == nullptr) playing_ = std::make_shared<const std::vector<std::int16_t>>();
}

void Media::press(char digit) {
  alive_at_ = media_now();
  if (const auto fresh = keys_.info(digit, media_now())) listener_.pressed(*fresh);
}

void Media::send_due() {
  if (media_now() - next_due_ > most_late) next_due_ = media_now();
  while (next_due_ <= media_now()) {
    send_one();
    next_due_ += packet_time;
  }
  pace_.start(next_due_ - media_now(), [this] { send_due(); });
}

void Media::send_one() {
  std::array<std::int16_t, packet_samples> samples{};
  bool over = false;
  if (playing_ != nullptr) {
    const auto rest = std::span(*playing_).subspan(played_);
    const std::size_t taken = std::min(rest.size(), samples.size());
    std::ranges::copy(rest.first(taken), samples.begin());
    played_ += taken;
    over = played_ == playing_->size();
  }
  const bool is_silent = (sdp_media_dir(audio_) & SDP_SENDONLY) == 0 || !sa_isset(&remote_, SA_ALL);  // on hold
  if (!is_silent) {
    const auto codes = g711_encode(law_, samples);
    const Re<mbuf> packet(mbuf_alloc(RTP_HEADER_SIZE + codes.size()));
    packet->pos = packet->end = RTP_HEADER_SIZE;
    mbuf_write_mem(packet.get(), codes.data(), codes.size());
    packet->pos = RTP_HEADER_SIZE;
    send_rtp(socket_.get(), remote_, audio_type_, first_packet_, timestamp_, packet.get());
    first_packet_ = false;
  }
  timestamp_ += packet_samples;
  if (!over) return;
  playing_ = nullptr;
  listener_.played();
}

bool Media::is_stranger(const sa& source) const {
  return !sa_cmp(&source, &remote_, SA_ADDR) && !sa_cmp(&source, &provider_, SA_ADDR);
}

void Media::hear(const rtp_header& header, mbuf* packet) {
  if (!started_ || mbuf_get_left(packet) > most_packet_bytes) return;
  ++packets_heard_;
  alive_at_ = media_now();
  if (header.pt == event_type_) {
    if (const auto digit = keys_.event(bytes_of(packet), header.ts, media_now())) listener_.pressed(*digit);
    return;
  }
  if (header.pt != type_pcma && header.pt != type_pcmu) return;
  const auto samples = g711_decode(header.pt == type_pcma ? Law::a : Law::mu, bytes_of(packet));
  const auto tone = tones_.hear(samples);
  if (!tone) return;
  if (const auto digit = keys_.tone(*tone, media_now())) listener_.pressed(*digit);
}

}  // namespace tenfold::oncall::sip
