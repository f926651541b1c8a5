#include "watch/probe/dns_answer.hpp"

#include <ares.h>
#include <arpa/inet.h>
#include <fmt/format.h>

#include <array>
#include <cctype>
#include <memory>
#include <optional>

#include "base/text/letters.hpp"
#include "watch/probe/address.hpp"

namespace tenfold::watch {
namespace {

constexpr std::size_t header_bytes = 12;
constexpr std::size_t most_records = 1'000;

std::string normal_name(std::string_view name) {
  if (name.ends_with('.')) name.remove_suffix(1);
  return lower_case(name);
}

// Walks a message; every read is checked against its end.
class Reader {
 public:
  explicit Reader(std::span<const std::uint8_t> message) : message_(message), at_(header_bytes) {}

  std::size_t at() const { return at_; }
  std::size_t left() const { return message_.size() - at_; }
  bool skip(std::size_t bytes) {
    if (bytes > left()) return false;
    at_ += bytes;
    return true;
  }
  std::optional<unsigned> number16() {
    if (left() < 2) return std::nullopt;
    const unsigned value = message_[at_] << 8 | message_[at_ + 1];
    at_ += 2;
    return value;
  }
  // Follows compression; c-ares knows about its loops.
  std::optional<std::string> name() {
    if (left() == 0) return std::nullopt;
    char* text = nullptr;
    long encoded_bytes = 0;
    const int status = ares_expand_name(message_.data() + at_, message_.data(), static_cast<int>(message_.size()),
                                        &text, &encoded_bytes);
    if (status != ARES_SUCCESS) return std::nullopt;
    const std::unique_ptr<char, decltype(&ares_free_string)> owner(text,
                                                                   [](void* memory) { ares_free_string(memory); });
    if (encoded_bytes < 0 || !skip(static_cast<std::size_t>(encoded_bytes))) return std::nullopt;
    return normal_name(text);
  }
  std::span<const std::uint8_t> bytes(std::size_t count) const { return message_.subspan(at_, count); }

 private:
  std::span<const std::uint8_t> message_;
  std::size_t at_;
};

std::optional<std::string> address_text(int family, std::span<const std::uint8_t> bytes) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (bytes.size() != (family == AF_INET ? 4u : 16u)) return std::nullopt;
  inet_ntop(family, bytes.data(), text.data(), text.size());
  return text.data();
}

// Strings, each behind its length (RFC 1035, 3.3.14).
std::optional<std::string> joined_strings(std::span<const std::uint8_t> bytes) {
  std::string out;
  while (!bytes.empty()) {
    const std::size_t length = bytes[0];
    if (length + 1 > bytes.size()) return std::nullopt;
    out.append(reinterpret_cast<const char*>(bytes.data()) + 1, length);
    bytes = bytes.subspan(length + 1);
  }
  return out;
}

// One record's data; the reader stands at its beginning, and `length` lies within the message.
std::optional<std::string> data_text(Reader reader, std::size_t length, DnsProbe::Record kind) {
  using enum DnsProbe::Record;
  const std::size_t end = reader.at() + length;
  std::optional<std::string> text;
  switch (kind) {
    case a: return address_text(AF_INET, reader.bytes(length));
    case aaaa: return address_text(AF_INET6, reader.bytes(length));
    case txt: return joined_strings(reader.bytes(length));
    case cname:
    case ns: text = reader.name(); break;
    case mx: {
      const auto preference = reader.number16();
      const auto host = reader.name();
      if (preference && host) text = fmt::format("{} {}", *preference, *host);
      break;
    }
  }
  return reader.at() == end ? text : std::nullopt;
}

}  // namespace

int dns_type(DnsProbe::Record kind) {
  switch (kind) {
    case DnsProbe::Record::a: return 1;
    case DnsProbe::Record::ns: return 2;
    case DnsProbe::Record::cname: return 5;
    case DnsProbe::Record::mx: return 15;
    case DnsProbe::Record::txt: return 16;
    case DnsProbe::Record::aaaa: return 28;
  }
  return 0;
}

std::string_view dns_type_name(DnsProbe::Record kind) {
  static constexpr std::array<std::string_view, 6> names{"A", "AAAA", "CNAME", "MX", "TXT", "NS"};
  return names[static_cast<std::size_t>(kind)];
}

Result<std::vector<std::string>> dns_records(std::span<const std::uint8_t> message, DnsProbe::Record kind) {
  if (message.size() < header_bytes) return fail(Errc::invalid, "the answer is shorter than its header");
  const unsigned questions = message[4] << 8 | message[5];
  const unsigned answers = message[6] << 8 | message[7];
  Reader reader(message);
  for (unsigned i = 0; i < questions; ++i) {
    if (!reader.name() || !reader.skip(4)) return fail(Errc::invalid, "the answer breaks off in its question");
  }
  std::vector<std::string> records;
  for (unsigned i = 0; i < answers; ++i) {
    const auto owner = reader.name();
    const auto type = reader.number16();
    const bool skipped = reader.skip(6);  // class, time to live
    const auto length = reader.number16();
    if (!owner || !type || !skipped || !length || *length > reader.left()) {
      return fail(Errc::invalid, fmt::format("the answer breaks off in record {}", i + 1));
    }
    if (static_cast<int>(*type) == dns_type(kind) && records.size() < most_records) {
      auto text = data_text(reader, *length, kind);
      if (!text) return fail(Errc::invalid, fmt::format("record {} of the answer is malformed", i + 1));
      records.push_back(std::move(*text));
    }
    reader.skip(*length);
  }
  return records;
}

bool dns_answer_is(DnsProbe::Record kind, const std::string& answer, const std::string& expected) {
  using enum DnsProbe::Record;
  switch (kind) {
    case a:
    case aaaa: {
      const auto address = Address::parse(expected);
      return address && address->text() == answer;
    }
    case txt: return answer == expected;
    case cname:
    case ns: return answer == normal_name(expected);
    case mx: {
      const std::string wanted = normal_name(expected);
      return answer == wanted || answer.substr(answer.find(' ') + 1) == wanted;
    }
  }
  return false;
}

}  // namespace tenfold::watch
