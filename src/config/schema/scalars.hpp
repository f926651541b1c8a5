#pragma once

#include <fmt/format.h>

#include <chrono>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/calendar.hpp"
#include "config/schema/type.hpp"
#include "config/text.hpp"
#include "config/units.hpp"

// The types of single values, each with its bounds. Bounds include both ends.
namespace tenfold::config {

struct DurationBounds {
  Duration least = {};
  Duration most = std::chrono::days(366);
};
TypeOf<Duration> duration(DurationBounds bounds = {});

struct SizeBounds {
  std::uint64_t least = 0;
  std::uint64_t most = std::uint64_t{1} << 50;
};
TypeOf<std::uint64_t> size(SizeBounds bounds = {});

TypeOf<unsigned> count(unsigned least, unsigned most);
TypeOf<std::uint64_t> large_count(std::uint64_t least, std::uint64_t most);
TypeOf<std::uint16_t> port();
TypeOf<double> rate(double least_per_s, double most_per_s);
TypeOf<double> factor(double least, double most);
TypeOf<double> share();  // 0% to 100%
TypeOf<std::int64_t> money_hundredths();
TypeOf<bool> on_off();

TypeOf<std::string> text(std::size_t most_bytes = 200);
TypeOf<std::string> identifier();    // how sections are named and referred to
TypeOf<std::string> url_path();      // "/healthz", with a query if need be
TypeOf<std::string> url();           // http or https
TypeOf<std::string> host_name();     // a name or an address
TypeOf<std::string> host_pattern();  // a name, or "*.example.org"
// A word that stands for "nothing special" (an empty string), or the inner type.
TypeOf<std::string> unless(std::string word, TypeOf<std::string> inner);

enum class FileUse : unsigned char {
  read,   // must be there and readable now
  write,  // its folder must be there
};
TypeOf<std::string> file(FileUse use);  // becomes absolute
TypeOf<std::string> log_file();         // as file(write), or "-"

enum class PortUse : unsigned char { listen, connect };  // listen: an address, and port 0 picks a free one
TypeOf<HostPort> host_port(PortUse use);
TypeOf<ServerAddress> server_address();  // to connect to; a socket that is not there yet is a warning
TypeOf<Network> network();
TypeOf<RequestPattern> request_pattern();
TypeOf<std::string> colour();  // "#0b5c4d", in lower case
TypeOf<StatusRange> status_range();
TypeOf<std::string> currency();  // ISO 4217
enum class ShortSecret : unsigned char { error, warning };
// Text, or { file: path }, or { env: NAME }; a file's last line end is not part of it. Never shown. An empty one is an
// error whatever is said of short ones.
TypeOf<Secret> secret(std::size_t least_bytes, ShortSecret when_short = ShortSecret::error);

TypeOf<std::string> phone_number();  // E.164
TypeOf<std::string> mail_address();
TypeOf<std::string> time_zone();  // of the system's tz database
TypeOf<std::string> regular_expression();
TypeOf<std::string> json_pointer();  // RFC 6901
TypeOf<std::string> http_method();
TypeOf<HeaderLine> header_line();
TypeOf<std::chrono::sys_days> date();
TypeOf<std::chrono::minutes> time_of_day();
TypeOf<LocalTime> local_time();

template <class E>
struct Word {
  std::string text;
  E value;
  std::string help;
};

// One of some words.
template <class E>
class WordType final : public Type<E> {
 public:
  explicit WordType(std::vector<Word<E>> words) : words_(std::move(words)) {}

  void read(const Node& node, Reader& reader, E& into) const override {
    std::vector<std::string_view> known;
    for (const Word<E>& word : words_) {
      known.push_back(word.text);
      if (node.kind == Node::Kind::scalar && node.text == word.text) {
        into = word.value;
        return;
      }
    }
    if (node.kind != Node::Kind::scalar) {
      reader.error(node, fmt::format("found {}, expected {}", node.kind_text(), expected()));
      return;
    }
    const auto meant = nearest(node.text, known);
    reader.error(node, fmt::format("found \"{}\", expected {}{}", shortened(node.text), expected(),
                                   meant.empty() ? "" : fmt::format("; did you mean {}?", meant)));
  }

  std::string expected() const override {
    std::vector<std::string_view> known;
    for (const Word<E>& word : words_) known.push_back(word.text);
    return joined(known);
  }

  Json json_schema() const override {
    Json words = Json::array();
    for (const Word<E>& word : words_) {
      const bool number = !word.text.empty() && word.text.find_first_not_of("0123456789") == std::string::npos;
      words.push_back({{"const", number ? Json(std::stoi(word.text)) : Json(word.text)}, {"description", word.help}});
    }
    return {{"oneOf", std::move(words)}};
  }

  Json written(const E& value) const override {
    for (const Word<E>& word : words_) {
      if (word.value == value) return word.text;
    }
    return nullptr;
  }

 private:
  std::vector<Word<E>> words_;
};

template <class E>
TypeOf<E> one_of(std::vector<Word<E>> words) {
  return std::make_shared<WordType<E>>(std::move(words));
}

}  // namespace tenfold::config
