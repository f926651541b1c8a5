#include "guard/known/crawler_names.hpp"

#include <array>
#include <bit>
#include <cstddef>
#include <cstring>

#include "base/text/letters.hpp"

namespace tenfold::guard {

namespace {

struct AgentToken {
  std::string_view text;  // in lower case
  Crawler crawler;
};

// As documented by the operators. Each has "bot" or "bai" in it, or comes with an address that has, as "yandex" does:
// may_be_crawler() looks for nothing else.
constexpr std::array agent_tokens{
    AgentToken{"googlebot", Crawler::google},
    AgentToken{"adsbot-google", Crawler::google},
    AgentToken{"storebot-google", Crawler::google},
    AgentToken{"bingbot", Crawler::bing},
    AgentToken{"adidxbot", Crawler::bing},
    AgentToken{"applebot", Crawler::apple},
    AgentToken{"yandex", Crawler::yandex},
    AgentToken{"baiduspider", Crawler::baidu},
    AgentToken{"petalbot", Crawler::petal},
    AgentToken{"aspiegelbot", Crawler::petal},
    AgentToken{"seznambot", Crawler::seznam},
    AgentToken{"pinterestbot", Crawler::pinterest},
    AgentToken{"pinterest.com/bot", Crawler::pinterest},
    AgentToken{"amazonbot", Crawler::amazon},
};

struct HostRule {
  std::string_view begins;
  std::string_view ends;
  Crawler crawler;
};

// Google's other names are no proof: behind google-proxy-*.google.com and *.googleusercontent.com stands whoever uses
// its translator or rents its machines.
constexpr std::array host_rules{
    HostRule{"", ".googlebot.com", Crawler::google},    HostRule{"rate-limited-proxy-", ".google.com", Crawler::google},
    HostRule{"", ".search.msn.com", Crawler::bing},     HostRule{"", ".applebot.apple.com", Crawler::apple},
    HostRule{"", ".yandex.ru", Crawler::yandex},        HostRule{"", ".yandex.net", Crawler::yandex},
    HostRule{"", ".yandex.com", Crawler::yandex},       HostRule{"", ".baidu.com", Crawler::baidu},
    HostRule{"", ".baidu.jp", Crawler::baidu},          HostRule{"", ".petalsearch.com", Crawler::petal},
    HostRule{"", ".aspiegel.com", Crawler::petal},      HostRule{"fulltextrobot-", ".seznam.cz", Crawler::seznam},
    HostRule{"", ".pinterest.com", Crawler::pinterest}, HostRule{"", ".crawl.amazonbot.amazon", Crawler::amazon},
};

// "bot" or "bai", in any case.
bool is_bot_or_bai(std::string_view text) {
  if (text.size() < 3 || to_lower(text[0]) != 'b') return false;
  const char second = to_lower(text[1]);
  const char third = to_lower(text[2]);
  return (second == 'o' && third == 't') || (second == 'a' && third == 'i');
}

// Eight bytes at a time (Mycroft's test for a zero byte): the highest bit of each that may be a "b", and of each that
// is.
std::uint64_t where_b(const char* bytes) {
  static_assert(std::endian::native == std::endian::little);
  constexpr std::uint64_t each = 0x0101010101010101;
  std::uint64_t word;
  std::memcpy(&word, bytes, sizeof word);
  const std::uint64_t zero_where_b = (word | each * 0x20) ^ each * 'b';
  return (zero_where_b - each) & ~zero_where_b & each * 0x80;
}

bool may_be_crawler(std::string_view agent) {
  std::size_t i = 0;
  for (; i + 8 <= agent.size(); i += 8) {
    for (std::uint64_t found = where_b(agent.data() + i); found != 0; found &= found - 1) {
      if (is_bot_or_bai(agent.substr(i + static_cast<std::size_t>(std::countr_zero(found)) / 8))) return true;
    }
  }
  for (; i < agent.size(); ++i) {
    if (is_bot_or_bai(agent.substr(i))) return true;
  }
  return false;
}

}  // namespace

std::string_view name(Crawler crawler) {
  constexpr std::array<std::string_view, 10> names{"none",  "google", "bing",   "apple",     "yandex",
                                                   "baidu", "petal",  "seznam", "pinterest", "amazon"};
  return names[static_cast<std::size_t>(crawler)];
}

Crawler claimed_crawler(std::string_view user_agent) {
  const std::string_view agent = user_agent.substr(0, longest_agent);
  if (!may_be_crawler(agent)) return Crawler::none;
  std::array<char, longest_agent> lower;
  for (std::size_t i = 0; i < agent.size(); ++i) lower[i] = to_lower(agent[i]);
  const std::string_view text(lower.data(), agent.size());
  for (const AgentToken& token : agent_tokens) {
    if (text.find(token.text) != std::string_view::npos) return token.crawler;
  }
  return Crawler::none;
}

Crawler crawler_of_host(std::string_view host) {
  for (const HostRule& rule : host_rules) {
    if (host.size() > rule.begins.size() + rule.ends.size() && host.starts_with(rule.begins) &&
        host.ends_with(rule.ends)) {
      return rule.crawler;
    }
  }
  return Crawler::none;
}

}  // namespace tenfold::guard
