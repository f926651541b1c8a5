#include "app/serve/guard_json.hpp"

#include <chrono>

#include "base/text/iso_time.hpp"
#include "console/json.hpp"
#include "guard/measure/key.hpp"
#include "guard/subject.hpp"

namespace tenfold::app {

console::ApiPart::Answer guard_refusal(int status, std::string_view message, std::string_view expected) {
  return {.status = status, .body = console::to_text(console::error_json(message, expected))};
}

std::string prefix_text(const guard::judging::Subject& subject) {
  if (subject.level > guard::judging::SubjectLevel::block) return std::string(guard::judging::name(subject.level));
  const auto level = static_cast<guard::Level>(subject.level);
  return guard::prefix_of(level, static_cast<std::uint64_t>(subject.id)).text();
}

double whole_seconds(Duration duration) { return console::rounded(std::chrono::duration<double>(duration).count()); }

Result<net::IpNetwork> network_in(const GuardJson& body) {
  if (!body.is_object() || !body.contains("prefix") || !body["prefix"].is_string()) {
    return fail(Errc::invalid, R"({"prefix": "192.0.2.1" or "192.0.2.0/24"})");
  }
  return net::IpNetwork::parse(body["prefix"].get<std::string>());
}

GuardJson to_json(const guard::OwnerEntry& entry, WallTime now) {
  return {{"prefix", entry.network.text()},
          {"reason", entry.reason},
          {"since", iso_time(entry.added)},
          {"until", iso_time(entry.ends)},
          {"ends_in_s", whole_seconds(entry.ends - now)}};
}

}  // namespace tenfold::app
