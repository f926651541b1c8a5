#include "net/tls/fingerprint.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <span>

#include "base/sha256.hpp"
#include "base/text/hex.hpp"
#include "base/text/letters.hpp"

namespace tenfold::net {

namespace {

// Takes fields off the front of untrusted bytes. Once there is less than a field says, all that follows is empty and
// good() is false.
class FieldReader {
 public:
  explicit FieldReader(std::string_view bytes) : rest_(bytes) {}

  std::size_t number(std::size_t bytes) {
    std::size_t value = 0;
    for (const char byte : take(bytes)) value = value << 8 | static_cast<unsigned char>(byte);
    return value;
  }
  std::uint16_t number16() { return static_cast<std::uint16_t>(number(2)); }
  std::string_view take(std::size_t bytes) {
    if (bytes > rest_.size()) {
      good_ = false;
      rest_ = {};
      return {};
    }
    const std::string_view taken = rest_.substr(0, bytes);
    rest_.remove_prefix(bytes);
    return taken;
  }
  std::string_view behind_its_length(std::size_t length_bytes) { return take(number(length_bytes)); }
  void expect_end() {
    if (!rest_.empty()) good_ = false;
  }
  bool empty() const { return rest_.empty(); }
  bool good() const { return good_; }

 private:
  std::string_view rest_;
  bool good_ = true;
};

// RFC 8701: numbers that browsers send by chance, so that servers learn to ignore what they do not know.
bool is_grease(std::uint16_t value) { return (value & 0x0f0f) == 0x0a0a && value >> 8 == (value & 0xff); }

// Numbers as they were offered, GREASE left out.
class Offered {
 public:
  bool add(std::uint16_t value) {  // false: there are too many
    if (is_grease(value)) return true;
    if (count_ == values_.size()) return false;
    values_[count_++] = value;
    return true;
  }
  // Of a list of numbers of two bytes; false: it is none, or there are too many.
  bool add_all(std::string_view list) {
    FieldReader reader(list);
    while (!reader.empty()) {
      if (!add(reader.number16())) return false;
    }
    return reader.good();
  }
  std::span<std::uint16_t> values() { return {values_.data(), count_}; }
  std::size_t count() const { return count_; }

 private:
  std::array<std::uint16_t, most_offered> values_{};
  std::size_t count_ = 0;
};

// What the fingerprint is made of.
struct Hello {
  std::uint16_t version = 0;
  bool has_name = false;      // SNI
  std::string_view protocol;  // ALPN's first
  Offered ciphers;
  Offered signatures;
  Offered extensions;  // all, also those that the hash leaves out
};

constexpr std::uint16_t server_name = 0, signature_algorithms = 13, alpn = 16, supported_versions = 43;

bool read_extension(std::uint16_t kind, std::string_view content, Hello& hello) {
  if (!hello.extensions.add(kind)) return false;
  FieldReader reader(content);
  switch (kind) {
    case server_name: hello.has_name = true; return true;
    case signature_algorithms: return hello.signatures.add_all(reader.behind_its_length(2)) && reader.good();
    case alpn: {
      FieldReader protocols(reader.behind_its_length(2));
      hello.protocol = protocols.behind_its_length(1);
      return reader.good() && protocols.good();
    }
    case supported_versions: {
      Offered versions;
      if (!versions.add_all(reader.behind_its_length(1))) return false;
      for (const std::uint16_t version : versions.values()) hello.version = std::max(hello.version, version);
      return reader.good();
    }
    default: return true;
  }
}

bool read(std::string_view message, Hello& hello) {
  constexpr std::size_t client_hello = 1, random_bytes = 32;
  FieldReader outer(message);
  const bool is_hello = outer.number(1) == client_hello;
  FieldReader reader(outer.behind_its_length(3));
  outer.expect_end();
  if (!is_hello || !outer.good()) return false;
  hello.version = reader.number16();
  reader.take(random_bytes);
  reader.behind_its_length(1);  // the session's id
  if (!hello.ciphers.add_all(reader.behind_its_length(2))) return false;
  reader.behind_its_length(1);  // compression
  if (!reader.good() || reader.empty()) return reader.good();
  FieldReader extensions(reader.behind_its_length(2));
  reader.expect_end();
  while (!extensions.empty()) {
    const std::uint16_t kind = extensions.number16();
    const std::string_view content = extensions.behind_its_length(2);
    if (!extensions.good() || !read_extension(kind, content, hello)) return false;
  }
  return reader.good();
}

std::string_view version_text(std::uint16_t version) {
  switch (version) {
    case 0x0304: return "13";
    case 0x0303: return "12";
    case 0x0302: return "11";
    case 0x0301: return "10";
    case 0x0300: return "s3";
    default: return "00";
  }
}

// The first and the last character of the protocol's name; of its hex digits where one of them is no letter or digit.
std::array<char, 2> protocol_text(std::string_view protocol) {
  if (protocol.empty()) return {'0', '0'};
  const char first = protocol.front(), last = protocol.back();
  if (is_letter_or_digit(first) && is_letter_or_digit(last)) return {first, last};
  return {hex_digits[static_cast<unsigned char>(first) >> 4], hex_digits[static_cast<unsigned char>(last) & 15]};
}

std::array<char, 2> count_text(std::size_t count) {
  const std::size_t shown = std::min<std::size_t>(count, 99);
  return {static_cast<char>('0' + shown / 10), static_cast<char>('0' + shown % 10)};
}

// Lists of numbers in hex, to be hashed.
class HashedText {
 public:
  void add(std::span<const std::uint16_t> values) {
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (i != 0) add(',');
      for (int shift = 12; shift >= 0; shift -= 4) add(hex_digits[static_cast<std::size_t>(values[i] >> shift & 15)]);
    }
  }
  void add(char c) { text_[bytes_++] = c; }
  std::array<char, 12> hash() const {
    std::array<char, 12> digits;
    digits.fill('0');
    if (bytes_ == 0) return digits;
    const Sha256 whole = sha256({text_.data(), bytes_});
    for (std::size_t i = 0; i < digits.size(); ++i) {
      digits[i] = hex_digits[static_cast<std::size_t>(i % 2 == 0 ? whole[i / 2] >> 4 : whole[i / 2] & 15)];
    }
    return digits;
  }

 private:
  std::array<char, 2 * most_offered * 5 + 1> text_;
  std::size_t bytes_ = 0;
};

std::array<char, 12> hash_of_ciphers(Hello& hello) {
  HashedText text;
  std::ranges::sort(hello.ciphers.values());
  text.add(hello.ciphers.values());
  return text.hash();
}

// Browsers shuffle their extensions, and do not shuffle their signature algorithms. Server name and protocol depend on
// what is asked for, and not on who asks.
std::array<char, 12> hash_of_extensions(Hello& hello) {
  HashedText text;
  const auto all = hello.extensions.values();
  const auto left_out = std::ranges::remove_if(all, [](auto kind) { return kind == server_name || kind == alpn; });
  const std::span<std::uint16_t> kinds = all.first(all.size() - left_out.size());
  std::ranges::sort(kinds);
  text.add(kinds);
  if (hello.signatures.count() != 0) {
    text.add('_');
    text.add(hello.signatures.values());
  }
  return text.hash();
}

}  // namespace

TlsFingerprint fingerprint_of(std::string_view client_hello) {
  Hello hello;
  TlsFingerprint fingerprint;
  if (!read(client_hello, hello)) return fingerprint;
  char* to = fingerprint.text.data();
  const auto append = [&to](const auto& part) {
    std::memcpy(to, part.data(), part.size());
    to += part.size();
  };
  append(std::string_view("t"));
  append(version_text(hello.version));
  append(std::string_view(hello.has_name ? "d" : "i"));
  append(count_text(hello.ciphers.count()));
  append(count_text(hello.extensions.count()));
  append(protocol_text(hello.protocol));
  append(std::string_view("_"));
  append(hash_of_ciphers(hello));
  append(std::string_view("_"));
  append(hash_of_extensions(hello));
  return fingerprint;
}

}  // namespace tenfold::net
