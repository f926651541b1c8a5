#include "app/alarm_service/channel_health.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <map>
#include <string_view>
#include <system_error>
#include <utility>

#include "app/moments.hpp"
#include "oncall/outbox/ledger.hpp"
#include "store/database.hpp"

namespace tenfold::app {
namespace {

constexpr Duration store_patience = std::chrono::seconds(1);  // for a process that writes it

// The person's line, and not the channel: it was busy, or rang in vain.
bool is_of_the_line(std::string_view words) {
  return std::ranges::any_of(std::array<std::string_view, 4>{"busy", "declined", "nobody answered", "no answer"},
                             [&](std::string_view known) { return words.contains(known); });
}

// Opening the ledger makes its tables, and looking must make nothing.
bool has_sends(const std::string& store_file) {
  auto database = store::Database::open(store_file, {.busy_timeout = store_patience});
  if (!database) return false;
  auto statement = (*database)->prepare("SELECT 1 FROM sqlite_master WHERE type='table' AND name='oncall_sends'");
  if (!statement) return false;
  const auto step = statement->step();
  return step && *step == store::Statement::Step::row;
}

// "sip: wrong password" names the channel that failed.
std::pair<std::string_view, std::string_view> channel_and_words(std::string_view trouble) {
  const auto colon = trouble.find(": ");
  if (colon == std::string_view::npos || trouble.substr(0, colon).contains(' ')) return {};
  return {trouble.substr(0, colon), trouble.substr(colon + 2)};
}

void note(const Tried& row, std::map<std::string, ready::ChannelHealth, std::less<>>& all) {
  const bool got_through = row.state == "delivered" || row.state == "sent";
  const auto [channel, words] = channel_and_words(row.trouble);
  const bool failed = !channel.empty() && !is_of_the_line(words) && !(got_through && channel == row.by);
  if (failed) {
    ready::ChannelHealth& health = all[std::string(channel)];
    if (!health.failed_at || *health.failed_at <= row.at) {
      health.failed_at = row.at;
      health.why = words;
    }
  }
  if (got_through && !row.by.empty()) {
    ready::ChannelHealth& health = all[row.by];
    health.worked_at = std::max(health.worked_at.value_or(row.at), row.at);
  }
}

std::string text_of(const nlohmann::json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

}  // namespace

std::vector<Tried> tried_in(const oncall::View& view) {
  std::vector<Tried> out;
  for (const oncall::AlertView& alert : view.alerts) {
    for (const oncall::SendView& send : alert.sends) {
      out.push_back({send.by, send.state, send.detail, send.trouble, send.changed_at.value_or(send.created_at)});
    }
  }
  return out;
}

std::vector<Tried> tried_in(const nlohmann::json& answer) {
  std::vector<Tried> out;
  const auto alerts = answer.find("alerts");
  if (alerts == answer.end() || !alerts->is_array()) return out;
  for (const auto& alert : *alerts) {
    if (!alert.is_object() || !alert.contains("sends") || !alert["sends"].is_array()) continue;
    for (const auto& send : alert["sends"]) {
      if (!send.is_object()) continue;
      const std::string changed = text_of(send, "changed_at");
      const auto at = moment_of_iso(changed.empty() ? text_of(send, "created_at") : changed);
      if (!at) continue;
      out.push_back(
          {text_of(send, "by"), text_of(send, "state"), text_of(send, "detail"), text_of(send, "trouble"), *at});
    }
  }
  return out;
}

std::vector<Tried> tried_in(const std::string& store_file) {
  std::error_code error;
  if (store_file.empty() || !std::filesystem::exists(store_file, error) || !has_sends(store_file)) return {};
  auto ledger = oncall::Ledger::open(store_file, {.busy_timeout = store_patience});
  if (!ledger) return {};
  const auto kept = ledger->read();
  if (!kept) return {};
  std::vector<Tried> out;
  for (const oncall::Send& send : kept->sends) {
    out.push_back({send.attempts == 0 ? std::string() : send.by, std::string(oncall::name(send.state)), send.detail,
                   send.trouble, send.changed_at.value_or(send.created_at)});
  }
  return out;
}

std::vector<ready::ChannelHealth> channel_health(const std::vector<Tried>& tried) {
  std::map<std::string, ready::ChannelHealth, std::less<>> all;
  for (const Tried& row : tried) note(row, all);
  std::vector<ready::ChannelHealth> out;
  for (auto& [name, health] : all) {
    health.name = name;
    out.push_back(std::move(health));
  }
  return out;
}

}  // namespace tenfold::app
