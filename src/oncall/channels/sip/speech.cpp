#include "oncall/channels/sip/speech.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <numeric>
#include <span>

#include "oncall/channels/sip/resample.hpp"
#include "oncall/channels/sip/spoken_by.hpp"

namespace tenfold::oncall::sip {
namespace {

std::uint32_t little_endian(std::span<const std::uint8_t> bytes) {
  std::uint32_t value = 0;
  for (std::size_t i = bytes.size(); i > 0; --i) value = (value << 8) | bytes[i - 1];
  return value;
}

// Cuts at the bound, but not within a character of UTF-8.
std::string_view up_to(std::string_view text, std::size_t bytes) {
  if (text.size() <= bytes) return text;
  while (bytes > 0 && (static_cast<unsigned char>(text[bytes]) & 0xc0) == 0x80) --bytes;
  return text.substr(0, bytes);
}

}  // namespace

Result<std::vector<std::int16_t>> samples_of_wav(std::span<const std::uint8_t> file) {
  constexpr std::size_t file_header = 12;
  constexpr std::size_t chunk_header = 8;
  constexpr std::size_t format_bytes = 16;
  if (file.size() < file_header || std::memcmp(file.data(), "RIFF", 4) != 0 || std::memcmp(&file[8], "WAVE", 4) != 0) {
    return fail(Errc::invalid, "not a WAV file");
  }
  unsigned rate = 0;
  for (auto rest = file.subspan(file_header); rest.size() >= chunk_header;) {
    const std::size_t says = little_endian(rest.subspan(4, 4));
    const auto body = rest.subspan(chunk_header, std::min(says, rest.size() - chunk_header));
    if (std::memcmp(rest.data(), "fmt ", 4) == 0) {
      if (body.size() < format_bytes || little_endian(body.subspan(0, 2)) != 1 ||
          little_endian(body.subspan(2, 2)) != 1 || little_endian(body.subspan(14, 2)) != 16) {
        return fail(Errc::invalid, "WAV: expected one channel of 16-bit PCM");
      }
      rate = little_endian(body.subspan(4, 4));
      if (rate < line_rate || rate > 48'000) return fail(Errc::invalid, fmt::format("WAV: {} samples a second", rate));
    } else if (std::memcmp(rest.data(), "data", 4) == 0) {
      if (rate == 0) return fail(Errc::invalid, "WAV: samples before their format");
      std::vector<std::int16_t> samples(body.size() / 2);
      for (std::size_t i = 0; i < samples.size(); ++i) {
        samples[i] = static_cast<std::int16_t>(little_endian(body.subspan(2 * i, 2)));
      }
      return to_line_rate(samples, rate);
    }
    rest = rest.subspan(chunk_header + body.size());
  }
  return fail(Errc::invalid, "WAV: no samples");
}

Result<Sound> Speech::say(const std::string& text, Language language, const std::stop_token& stop) {
  if (Sound known = find(text, language)) return known;
  constexpr std::size_t header_room = 4096;
  constexpr std::size_t espeak_rate = 22'050;
  const std::size_t most_bytes =
      header_room +
      2 * espeak_rate * static_cast<std::size_t>(std::chrono::floor<std::chrono::seconds>(longest_sound).count());
  const SpeechOrder order{.program = program_,
                          .voice = std::string(name(language)),
                          .text = std::string(up_to(text, longest_text)),
                          .most_bytes = most_bytes,
                          .longest = longest_work};
  const auto file = spoken_by(order, stop);
  if (!file) return std::unexpected(file.error());
  auto samples = samples_of_wav(*file);
  if (!samples) return fail(Errc::failed, program_ + ": " + samples.error().detail);
  auto sound = std::make_shared<const std::vector<std::int16_t>>(std::move(*samples));
  keep(text, language, sound);
  return sound;
}

Sound Speech::find(const std::string& text, Language language) {
  return kept_.with([&](auto& kept) -> Sound {
    for (auto it = kept.begin(); it != kept.end(); ++it) {
      if (it->language != language || it->text != text) continue;
      kept.splice(kept.begin(), kept, it);
      return kept.front().sound;
    }
    return nullptr;
  });
}

void Speech::keep(const std::string& text, Language language, Sound sound) {
  kept_.with([&](auto& kept) {
    kept.push_front({language, text, std::move(sound)});
    const auto samples = [&] {
      return std::accumulate(kept.begin(), kept.end(), std::size_t{0},
                             [](std::size_t sum, const Kept& one) { return sum + one.sound->size(); });
    };
    while (kept.size() > most_kept || (kept.size() > 1 && samples() > most_kept_samples)) kept.pop_back();
  });
}

}  // namespace tenfold::oncall::sip
