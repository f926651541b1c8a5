#include "app/serve/guard_lists_part.hpp"

#include <fmt/format.h>

#include <charconv>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

#include "app/serve/guard_json.hpp"
#include "app/serve/in_query.hpp"
#include "app/serve/owners_word.hpp"
#include "base/log.hpp"
#include "base/text/iso_time.hpp"
#include "base/text/percent.hpp"
#include "config/units.hpp"
#include "console/json.hpp"
#include "guard/ladder/audit.hpp"

namespace tenfold::app {

namespace {

using guard::OwnerEntries;
using guard::OwnerLists;

std::string word_in(const GuardJson& body, const char* key) {
  return body.contains(key) && body[key].is_string() ? body[key].get<std::string>() : std::string();
}

// Of ASCII or of Latin-1, as UTF-8 has those (C2 80 to C2 9F): a log shows a reason on the line of its event.
bool has_control(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte < 0x20 || byte == 0x7f) return true;
    const bool begins_latin = byte == 0xc2 && i + 1 < text.size();
    if (begins_latin && static_cast<unsigned char>(text[i + 1]) < 0xa0) return true;
  }
  return false;
}

// What is asked for, or what is wrong with it and what was expected.
Result<guard::OwnerEntry> entry_in(const GuardJson& body, WallTime now) {
  const auto network = network_in(body);
  if (!network) return std::unexpected(network.error());
  if (config::holds_anyone({network->text()})) {
    return fail(Errc::invalid, "a network that is not half of the world: /8 or narrower of IPv4, /7 of IPv6");
  }
  std::string reason = word_in(body, "reason");
  if (reason.empty() || reason.size() > OwnerLists::longest_reason_bytes) {
    return fail(Errc::invalid, fmt::format("\"reason\": why, for those who find it later, in at most {} bytes",
                                           OwnerLists::longest_reason_bytes));
  }
  if (has_control(reason)) {
    return fail(Errc::invalid, "\"reason\": words on one line, without line breaks, tabs or other control characters");
  }
  const auto length = config::parse_duration(word_in(body, "for"));
  if (!length || *length < std::chrono::seconds(1) || *length > GuardListsPart::longest) {
    return fail(Errc::invalid, "\"for\": a duration such as 30m or 7d, from 1s to 366d; for longer there is shop.yaml");
  }
  const auto added = std::chrono::floor<std::chrono::seconds>(now);
  return guard::OwnerEntry{.network = *network,
                           .reason = std::move(reason),
                           .added = added,
                           .ends = added + std::chrono::ceil<std::chrono::seconds>(*length)};
}

// A block of whom the owner lets be does nothing, neither does one while nothing is enforced.
void say_whether_it_acts(const edge::GuardView& view, const OwnersWord& word, GuardJson& answered) {
  const bool enforces = view.mode == edge::GuardMode::enforce;
  answered["acts"] = enforces && word.allowed.empty();
  if (!word.allowed.empty()) {
    answered["because"] = fmt::format("let be by {}: that goes before a block", word.allowed);
  } else if (!enforces) {
    answered["because"] = "guard.mode is not enforce: its requests are counted, and served";
  }
  if (word.allowed.empty() && !word.allowed_in_part.empty()) {
    answered["except"] = fmt::format("let be by {}", word.allowed_in_part);
  }
}

GuardJson audit_json(const guard::ladder::AuditEntry& entry, WallTime at) {
  return {{"at", iso_time(at)},
          {"prefix", prefix_text(entry.subject)},
          {"level", guard::judging::name(entry.subject.level)},
          {"from", guard::ladder::name(entry.from)},
          {"to", guard::ladder::name(entry.to)},
          {"tried_on_a_tenth", entry.reach == guard::ladder::Measure::Reach::canary},
          {"posture", guard::judging::name(entry.posture)},
          {"reason", entry.reason()}};
}

// What is not given stays as `into` is.
template <class Number>
bool read_number(std::string_view text, Number most, Number& into) {
  if (text.empty()) return true;
  Number read = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), read);
  if (code != std::errc() || end != text.data() + text.size() || read > most) return false;
  into = read;
  return true;
}

Result<edge::History::Question> question_in(std::string_view query) {
  edge::History::Question question;
  constexpr std::uint64_t any = UINT64_MAX;
  if (!read_number(in_query(query, "since"), any, question.since) ||
      !read_number(in_query(query, "before"), any, question.before) ||
      !read_number(in_query(query, "limit"), GuardListsPart::most_steps, question.most)) {
    return fail(Errc::invalid,
                fmt::format("since=<number>, before=<number>, limit=<{} at most>", GuardListsPart::most_steps));
  }
  const auto prefix = percent_decoded(in_query(query, "prefix"), Plus::stays);
  if (prefix && prefix->empty()) return question;
  const auto network = net::IpNetwork::parse(prefix.value_or(""));
  if (!network) return fail(Errc::invalid, "prefix=<an address or a network>");
  question.of = *network;
  return question;
}

}  // namespace

std::vector<console::ApiPart::Endpoint> GuardListsPart::endpoints() const {
  return {{.path = "/api/v1/blocks", .access = console::Access::change, .methods = "POST"},
          {.path = "/api/v1/blocks/audit"},
          {.path = "/api/v1/allowed"},
          {.path = "/api/v1/allowed", .access = console::Access::change, .methods = "POST"},
          {.path = "/api/v1/allowed/remove", .access = console::Access::change, .methods = "POST"}};
}

console::ApiPart::Answer GuardListsPart::answer(const Request& request) {
  if (brain_ == nullptr) return guard_refusal(503, "starting", "a moment's patience");
  if (request.path == "/api/v1/blocks") return add(&OwnerEntries::deny, request.body);
  if (request.path == "/api/v1/blocks/audit") return audit(request.query);
  if (request.path == "/api/v1/allowed/remove") return remove_allowed(request.body);
  return request.method == "POST" ? add(&OwnerEntries::allow, request.body) : allowed();
}

console::ApiPart::Answer GuardListsPart::add(guard::OwnerList list, const std::string& body) {
  const WallTime now = clock_.wall_now();
  auto entry = entry_in(GuardJson::parse(body, nullptr, false), now);
  if (!entry) return guard_refusal(400, "this cannot be put on the list", entry.error().detail);
  const bool denies = list == &OwnerEntries::deny;
  const std::string words = fmt::format("{} until {}: {}", entry->network.text(), iso_time(entry->ends), entry->reason);
  const GuardJson shown = to_json(*entry, now);
  const net::IpNetwork network = entry->network;
  if (auto added = brain_->add(list, std::move(*entry)); !added) {
    return guard_refusal(409, "the list is full",
                         fmt::format("at most {} entries: networks instead of addresses", OwnerLists::most_entries));
  }
  log::info("guard: the owner {} {}", denies ? "blocks" : "lets be", words);
  GuardJson answered{{denies ? "blocked" : "allowed", shown}};
  if (denies) say_whether_it_acts(brain_->view(), owners_word(brain_->view(), brain_->entries(), network), answered);
  return {.body = console::to_text(answered)};
}

console::ApiPart::Answer GuardListsPart::remove_allowed(const std::string& body) {
  const auto network = network_in(GuardJson::parse(body, nullptr, false));
  if (!network) return guard_refusal(400, "this names nobody", network.error().detail);
  if (!brain_->take_out(&OwnerEntries::allow, *network)) {
    return guard_refusal(404, "it is not on the list", "a prefix that /api/v1/allowed lists");
  }
  log::info("guard: the owner lets {} be no more", network->text());
  return {.body = console::to_text({{"removed", network->text()}})};
}

console::ApiPart::Answer GuardListsPart::allowed() const {
  const WallTime now = clock_.wall_now();
  GuardJson all = GuardJson::array();
  for (const guard::OwnerEntry& entry : brain_->view().lists.allow) all.push_back(to_json(entry, now));
  return {.body = console::to_text({{"allowed", std::move(all)}})};
}

console::ApiPart::Answer GuardListsPart::audit(std::string_view query) const {
  const auto question = question_in(query);
  if (!question) return guard_refusal(400, "these steps cannot be found", question.error().detail);
  const edge::History::Found found = brain_->history(*question);
  const auto at = [&](TimePoint time) { return clock_.wall_now() - (clock_.now() - time); };
  GuardJson steps = GuardJson::array(), changes = GuardJson::array();
  for (const auto& [number, entry] : found.steps) {
    steps.push_back(audit_json(entry, at(entry.at)));
    steps.back()["number"] = number;
  }
  for (const edge::History::PostureChange& each : found.changes) {
    changes.push_back({{"at", iso_time(at(each.at))},
                       {"from", guard::judging::name(each.from)},
                       {"to", guard::judging::name(each.to)},
                       {"looks_like", each.looks_like},
                       {"reasons", each.reasons}});
  }
  return {.body = console::to_text(
              {{"steps_total", found.total}, {"steps", std::move(steps)}, {"postures", std::move(changes)}})};
}

}  // namespace tenfold::app
