#include "rehearse/learn/agents.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "base/text/letters.hpp"

namespace tenfold::rehearse {
namespace {

constexpr std::array crawler_words = std::to_array<std::string_view>(
    {"bot", "crawl", "spider", "slurp", "facebookexternalhit", "mediapartners", "google-", "googleother", "bingpreview",
     "yandex", "baidu", "archiver", "feedfetcher", "preview", "whatsapp/", "indexer", "scanner", "site24x7"});
constexpr std::array script_words = std::to_array<std::string_view>(
    {"curl/",     "wget/",   "python",  "java/",      "go-http-client", "libwww",   "perl",       "ruby",
     "php/",      "guzzle",  "axios",   "node-fetch", "undici",         "scrapy",   "httpclient", "headless",
     "phantomjs", "monitor", "uptime",  "pingdom",    "zabbix",         "nagios",   "check_http", "apachebench",
     "wrk",       "httpie",  "postman", "aiohttp",    "libcurl",        "restsharp"});

}  // namespace

AgentKind agent_kind(std::string_view user_agent) {
  if (user_agent.empty()) return AgentKind::untold;
  std::string lower = lower_case(user_agent.substr(0, 512));
  // A make of telephone, not a robot.
  if (const auto at = lower.find("cubot"); at != std::string::npos) lower.erase(at, 5);
  const auto has = [&](std::string_view word) { return lower.find(word) != std::string::npos; };
  if (std::ranges::any_of(crawler_words, has)) return AgentKind::crawler;
  if (std::ranges::any_of(script_words, has)) return AgentKind::script;
  return AgentKind::browser;
}

}  // namespace tenfold::rehearse
