#include "base/siphash.hpp"

#include <bit>
#include <cstring>

#include "base/result.hpp"

namespace tenfold {

namespace {

static_assert(std::endian::native == std::endian::little);

struct State {
  std::uint64_t v0, v1, v2, v3;

  void round() {
    v0 += v1, v1 = std::rotl(v1, 13), v1 ^= v0, v0 = std::rotl(v0, 32);
    v2 += v3, v3 = std::rotl(v3, 16), v3 ^= v2;
    v0 += v3, v3 = std::rotl(v3, 21), v3 ^= v0;
    v2 += v1, v1 = std::rotl(v1, 17), v1 ^= v2, v2 = std::rotl(v2, 32);
  }
  void take(std::uint64_t word) {
    v3 ^= word;
    round(), round();
    v0 ^= word;
  }
  std::uint64_t finish() {
    for (int i = 0; i < 4; ++i) round();
    return v0 ^ v1 ^ v2 ^ v3;
  }
};

State begin(const SipKey& key) {
  return {key.low ^ 0x736f6d6570736575, key.high ^ 0x646f72616e646f6d, key.low ^ 0x6c7967656e657261,
          key.high ^ 0x7465646279746573};
}

void take_all(State& state, std::string_view text) {
  const std::size_t whole = text.size() / 8 * 8;
  for (std::size_t i = 0; i < whole; i += 8) {
    std::uint64_t word;
    std::memcpy(&word, text.data() + i, 8);
    state.take(word);
  }
  std::uint64_t last = static_cast<std::uint64_t>(text.size()) << 56;
  for (std::size_t i = whole; i < text.size(); ++i) {
    last |= static_cast<std::uint64_t>(static_cast<unsigned char>(text[i])) << (8 * (i - whole));
  }
  state.take(last);
}

}  // namespace

SipKey sip_key(std::string_view bytes) {
  TENFOLD_ASSERT(bytes.size() >= 16);
  SipKey key;
  std::memcpy(&key.low, bytes.data(), 8);
  std::memcpy(&key.high, bytes.data() + 8, 8);
  return key;
}

std::uint64_t siphash(const SipKey& key, std::string_view text) {
  State state = begin(key);
  take_all(state, text);
  state.v2 ^= 0xff;
  return state.finish();
}

std::uint64_t siphash(const SipKey& key, std::uint64_t number) {
  State state = begin(key);
  state.take(number);
  state.take(std::uint64_t{8} << 56);
  state.v2 ^= 0xff;
  return state.finish();
}

std::array<std::uint8_t, 16> siphash_128(const SipKey& key, std::string_view text) {
  State state = begin(key);
  state.v1 ^= 0xee;
  take_all(state, text);
  state.v2 ^= 0xee;
  const std::uint64_t first = state.finish();
  state.v1 ^= 0xdd;
  const std::uint64_t second = state.finish();
  std::array<std::uint8_t, 16> tag;
  std::memcpy(tag.data(), &first, 8);
  std::memcpy(tag.data() + 8, &second, 8);
  return tag;
}

}  // namespace tenfold
