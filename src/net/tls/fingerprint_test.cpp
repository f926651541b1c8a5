#include "net/tls/fingerprint.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tenfold::net {
namespace {

std::string number(std::size_t value, int bytes) {
  std::string text;
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) text += static_cast<char>(value >> shift & 0xff);
  return text;
}
std::string sized(std::string_view content, int bytes) { return number(content.size(), bytes).append(content); }
std::string list(const std::vector<std::uint16_t>& values) {
  std::string text;
  for (const std::uint16_t value : values) text += number(value, 2);
  return text;
}

using Extensions = std::vector<std::pair<std::uint16_t, std::string>>;

struct HelloText {
  std::uint16_t version = 0x0303;
  std::vector<std::uint16_t> ciphers = {0x1301};
  Extensions extensions = {};

  std::string text() const {
    std::string body = number(version, 2) + std::string(32, 'r') + sized("", 1) + sized(list(ciphers), 2) + "\x01";
    body += '\0';
    std::string all;
    for (const auto& [kind, content] : extensions) all += number(kind, 2) + sized(content, 2);
    if (!extensions.empty()) body += sized(all, 2);
    return "\x01" + sized(body, 3);
  }
  std::string fingerprint() const { return std::string(fingerprint_of(text()).view()); }
};

std::string protocols(std::string_view first) { return sized(sized(first, 1) + sized("http/1.1", 1), 2); }

// The example of FoxIO's description of JA4, with GREASE where Chromium puts it.
HelloText chromium() {
  const std::vector<std::uint16_t> ciphers{0xdada, 0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc02c, 0xc030,
                                           0xcca9, 0xcca8, 0xc013, 0xc014, 0x009c, 0x009d, 0x002f, 0x0035};
  const std::vector<std::uint16_t> algorithms{0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601};
  return {.ciphers = ciphers,
          .extensions = {{0x2a2a, ""},
                         {0x001b, "x"},
                         {0x0000, "name"},
                         {0x0033, "x"},
                         {0x0010, protocols("h2")},
                         {0x4469, "x"},
                         {0x0017, ""},
                         {0x002d, "x"},
                         {0x000d, sized(list(algorithms), 2)},
                         {0x0005, "x"},
                         {0x0023, ""},
                         {0x0012, ""},
                         {0x002b, sized(list({0xfafa, 0x0304, 0x0303}), 1)},
                         {0xff01, "x"},
                         {0x000b, "x"},
                         {0x000a, "x"},
                         {0x0015, std::string(200, '\0')},
                         {0x8a8a, "x"}}};
}

TEST(TlsFingerprint, IsThatOfTheDescription) {
  // One extension there is counted that the hash's list has and that is no GREASE: 16 in all.
  EXPECT_EQ(chromium().fingerprint(), "t13d1516h2_8daaf6152771_e5627efa2ab1");
}

TEST(TlsFingerprint, IsTheSameWhateverGreaseAndOrderAreDrawn) {
  HelloText other = chromium();
  other.ciphers[0] = 0x0a0a;
  other.extensions.front().first = 0xbaba;
  std::ranges::reverse(other.extensions);
  EXPECT_EQ(other.fingerprint(), chromium().fingerprint());
  other.ciphers[0] = 0x0a1a;  // not GREASE
  EXPECT_NE(other.fingerprint(), chromium().fingerprint());
}

TEST(TlsFingerprint, TellsTheOrderOfSignatureAlgorithms) {
  HelloText other = chromium();
  other.extensions[8].second = sized(list({0x0804, 0x0403}), 2);
  EXPECT_EQ(other.fingerprint().substr(0, 23), chromium().fingerprint().substr(0, 23));
  EXPECT_NE(other.fingerprint(), chromium().fingerprint());
}

TEST(TlsFingerprint, OfALittleHelloHasZeros) {
  EXPECT_EQ((HelloText{.version = 0x0301, .ciphers = {}}).fingerprint(), "t10i000000_000000000000_000000000000");
  EXPECT_EQ((HelloText{.version = 0x1234, .ciphers = {0x1a1a}}).fingerprint(), "t00i000000_000000000000_000000000000");
}

TEST(TlsFingerprint, WritesProtocolsThatAreNoLettersInHex) {
  const auto of = [](std::string_view protocol) {
    return HelloText{.extensions = {{0x0010, protocols(protocol)}}}.fingerprint().substr(8, 2);
  };
  EXPECT_EQ(of("http/1.1"), "h1");
  EXPECT_EQ(of("x"), "xx");
  EXPECT_EQ(of("\xab"), "ab");
  EXPECT_EQ(of("\xab\xcd"), "ad");
  EXPECT_EQ(of("0\xab"), "3b");
  EXPECT_EQ(of("<h2>"), "3e");
  EXPECT_EQ(of(""), "00");
}

TEST(TlsFingerprint, CountsUpTo99AndTakesUpTo256) {
  HelloText many{.ciphers = std::vector<std::uint16_t>(99, 1)};
  EXPECT_EQ(many.fingerprint().substr(4, 2), "99");
  many.ciphers.resize(100, 1);
  EXPECT_EQ(many.fingerprint().substr(4, 2), "99");
  many.ciphers.resize(most_offered, 1);
  many.extensions.assign(most_offered, {7, ""});
  many.extensions[0] = {0x000d, sized(list(std::vector<std::uint16_t>(most_offered, 2)), 2)};
  EXPECT_EQ(many.fingerprint().substr(4, 4), "9999");
  many.ciphers.push_back(1);
  EXPECT_EQ(many.fingerprint(), "");
  many.ciphers.pop_back();
  many.extensions.emplace_back(7, "");
  EXPECT_EQ(many.fingerprint(), "");
  many.extensions.pop_back();
  many.extensions[0].second = sized(list(std::vector<std::uint16_t>(most_offered + 1, 2)), 2);
  EXPECT_EQ(many.fingerprint(), "");
}

TEST(TlsFingerprint, OfAPartOrOfMoreIsNone) {
  const std::string whole = chromium().text();
  for (std::size_t bytes = 0; bytes < whole.size(); ++bytes) {
    EXPECT_TRUE(fingerprint_of(std::string_view(whole).substr(0, bytes)).empty());
    // With the outer length put right, so that what ends is a field inside.
    if (bytes < 4) continue;
    const std::string cut = "\x01" + sized(std::string_view(whole).substr(4, bytes - 4), 3);
    if (cut.size() != whole.size()) {
      const bool before_the_extensions = cut.size() == HelloText{.ciphers = chromium().ciphers}.text().size();
      EXPECT_EQ(fingerprint_of(cut).empty(), !before_the_extensions) << bytes;
    }
  }
  EXPECT_TRUE(fingerprint_of(whole + "x").empty());
  EXPECT_TRUE(fingerprint_of("\x02" + whole.substr(1)).empty());
}

TEST(TlsFingerprint, LengthsThatLieGiveNone) {
  const auto with = [](std::uint16_t kind, std::string content) {
    return HelloText{.extensions = {{kind, std::move(content)}}}.fingerprint();
  };
  for (const std::uint16_t kind : {0x000d, 0x0010, 0x002b}) {
    EXPECT_EQ(with(kind, ""), "");
    EXPECT_EQ(with(kind, "\xff"), "");
    EXPECT_EQ(with(kind, "\xff\xff\x01\x02"), "");
  }
  EXPECT_EQ(with(0x000d, sized("\x01\x02\x03", 2)), "");  // half an algorithm
  EXPECT_EQ(with(0x002b, sized("\x03\x04\x03", 1)), "");
  EXPECT_EQ(with(0x0010, sized("\x05h2", 2)), "");
}

}  // namespace
}  // namespace tenfold::net
