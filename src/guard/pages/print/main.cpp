// Prints one page of the guard as an answer's fields and body, for tests/system/test_guard_pages.py:
//   guard_pages challenge FORMAT LANGUAGE page|form TO SEED BITS
//   guard_pages waiting FORMAT LANGUAGE page|form TO AHEAD ETA_S RETRY_AFTER_S
#include <charconv>
#include <cstdint>
#include <iostream>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "guard/pages/pages.hpp"

namespace {

using namespace tenfold;

std::optional<http::PageFormat> read_format(std::string_view word) {
  if (word == "html") return http::PageFormat::html;
  if (word == "json") return http::PageFormat::json;
  if (word == "text") return http::PageFormat::text;
  return std::nullopt;
}

std::optional<http::PageLanguage> read_language(std::string_view word) {
  for (std::size_t i = 0; i < http::page_languages; ++i) {
    const auto language = static_cast<http::PageLanguage>(i);
    if (http::tag(language) == word) return language;
  }
  return std::nullopt;
}

std::optional<std::int64_t> read_number(std::string_view word) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
  return error == std::errc() && end == word.data() + word.size() ? std::optional(number) : std::nullopt;
}

void print(const guard::GuardPage& page, std::string_view name, const std::string& value) {
  std::cout << "Content-Type: " << page.content_type << "\nContent-Language: " << page.content_language << '\n';
  if (!page.content_security_policy.empty()) {
    std::cout << "Content-Security-Policy: " << page.content_security_policy << '\n';
  }
  std::cout << name << ": " << value << "\n\n" << page.body;
}

bool print(std::span<const std::string_view> words) {
  if (words.size() < 7) return false;
  const auto format = read_format(words[1]);
  const auto language = read_language(words[2]);
  if (!format || !language) return false;
  const guard::Asked asked = words[3] == "form" ? guard::Asked::form : guard::Asked::page;
  const guard::GuardPages pages("Corner Shop");
  if (words[0] == "challenge") {
    const auto bits = read_number(words[6]);
    if (!bits) return false;
    const guard::ChallengeOffer offer{
        .seed = words[5], .bits = static_cast<unsigned>(*bits), .to = words[4], .asked = asked};
    print(pages.challenge(*format, *language, offer), "Tenfold-Challenge", guard::challenge_field(offer));
    return true;
  }
  const auto ahead = read_number(words[5]);
  const auto eta = read_number(words[6]);
  const auto retry_after = words.size() > 7 ? read_number(words[7]) : std::nullopt;
  if (words[0] != "waiting" || !ahead || !eta || !retry_after) return false;
  const guard::QueuePlace place{.ahead = static_cast<std::uint64_t>(*ahead),
                                .eta = std::chrono::seconds(*eta),
                                .retry_after = std::chrono::seconds(*retry_after),
                                .to = words[4],
                                .asked = asked};
  print(pages.waiting(*format, *language, place), "Tenfold-Queue", guard::queue_field(place));
  return true;
}

}  // namespace

int main(int count, char** arguments) {
  const std::vector<std::string_view> words(arguments + 1, arguments + count);
  if (print(words)) return 0;
  std::cerr << "guard_pages challenge|waiting FORMAT LANGUAGE page|form TO ...: see main.cpp\n";
  return 2;
}
