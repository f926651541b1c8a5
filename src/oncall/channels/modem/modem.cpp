#include "oncall/channels/modem/modem.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <system_error>
#include <utility>

#include "base/log.hpp"
#include "oncall/channels/modem/spool_file.hpp"
#include "oncall/channels/modem/spool_folder.hpp"

namespace tenfold::oncall::channels {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

constexpr std::size_t most_status_bytes = 16 * 1024;
constexpr Duration timestamps_differ = 2s;  // a file system's and ours

fs::path or_beside(const fs::path& given, const fs::path& outgoing, const char* name) {
  return given.empty() ? outgoing.parent_path() / name : given;
}

std::size_t files_in(const fs::path& folder, std::size_t most) {
  std::size_t count = 0;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end && count < most;
       entry.increment(error)) {
    if (!entry->is_directory(error)) ++count;
  }
  return count;
}

bool is_there_since(const fs::path& file, WallTime time) {
  struct stat status {};
  if (::stat(file.c_str(), &status) != 0) return false;
  const WallTime changed{std::chrono::seconds(status.st_mtim.tv_sec) +
                         std::chrono::nanoseconds(status.st_mtim.tv_nsec)};
  const WallTime moved{std::chrono::seconds(status.st_ctim.tv_sec) + std::chrono::nanoseconds(status.st_ctim.tv_nsec)};
  return std::max(changed, moved) >= time - timestamps_differ;
}

std::string beginning_of(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  std::string text(most_status_bytes, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(stream.gcount()));
  return text;
}

ModemOptions completed(ModemOptions options) {
  if (!options.outgoing.has_filename()) options.outgoing = options.outgoing.parent_path();  // "outgoing/"
  const bool is_gammu = options.kind == SpoolKind::gammu;  // leaves a file where it is until it is sent
  if (!is_gammu) options.checked = or_beside(options.checked, options.outgoing, "checked");
  options.sent = or_beside(options.sent, options.outgoing, "sent");
  options.failed = or_beside(options.failed, options.outgoing, is_gammu ? "error" : "failed");
  options.incoming = or_beside(options.incoming, options.outgoing, is_gammu ? "inbox" : "incoming");
  return options;
}

}  // namespace

Modem::Modem(ModemOptions options, transfer::Poller& poller, transfer::Transfers& transfers, const Clock& clock)
    : options_(completed(std::move(options))),
      clock_(clock),
      poller_(poller),
      errands_(poller, transfers),
      incoming_(options_.kind, options_.incoming) {}

std::string Modem::name_of(const std::string& key, const std::string& to) const {
  return options_.kind == SpoolKind::gammu ? gammu_name(key, to) : spool_name(key);
}

std::string_view Modem::daemon() const { return options_.kind == SpoolKind::gammu ? "gammu-smsd" : "smsd"; }

void Modem::send(const std::string& to, const Message& message, const std::string& key, Duration, Reporter report) {
  const auto later = [&](Report word) { errands_.later({}, [report, word = std::move(word)] { report(word); }); };
  const auto text = options_.kind == SpoolKind::gammu ? gammu_file(to, message) : spool_file(to, message);
  if (!text) return later({.state = Report::State::failed, .detail = "not a number in E.164 form"});
  if (!errands_.has_room() || files_in(options_.outgoing, most_waiting) >= most_waiting) {
    return later({.state = Report::State::failed,
                  .detail = fmt::format("{} files wait in {}: is {} running?", most_waiting, options_.outgoing.string(),
                                        daemon()),
                  .retry = true});
  }
  Watched watched{.name = name_of(key, to),
                  .written_at = clock_.wall_now(),
                  .until = poller_.now() + options_.poll_for,
                  .report = report};
  // An earlier try's file that is still there is this message. To put another of its name beside the one that is being
  // sent would end smsd.
  const Place place = place_of(watched);
  const bool is_there = place == Place::waiting || place == Place::under_way;
  if (const auto written = is_there ? Result<void>() : put_file(options_.outgoing, watched.name, *text); !written) {
    return later({.state = Report::State::failed, .detail = written.error().text(), .retry = true});
  }
  later({.state = Report::State::sent, .id = watched.name, .detail = fmt::format("in {}'s folder", daemon())});
  watch(std::move(watched));
}

void Modem::find(const std::string& to, const std::string& key, const std::string&, WallTime tried_at,
                 Reporter report) {
  Watched watched{.name = name_of(key, to),
                  .written_at = tried_at,
                  .until = poller_.now() + options_.poll_for,
                  .report = std::move(report)};
  errands_.later({}, [this, watched = std::move(watched)] {
    switch (place_of(watched)) {
      case Place::nowhere:
        return watched.report({.state = Report::State::failed,
                               .detail = fmt::format("in none of {}'s folders", daemon()),
                               .retry = true});
      case Place::waiting:
      case Place::under_way: {
        const Reporter report_to = watched.report;
        const std::string name = watched.name;
        watch(watched);
        return report_to({.state = Report::State::sent, .id = name, .detail = fmt::format("in {}'s folder", daemon())});
      }
      case Place::sent:
      case Place::failed: return look(watched);
    }
  });
}

Modem::Place Modem::place_of(const Watched& watched) const {
  std::error_code error;
  if (fs::exists(options_.outgoing / watched.name, error)) return Place::waiting;
  const auto is_checked = [&] {
    return !options_.checked.empty() && fs::exists(options_.checked / watched.name, error);
  };
  if (is_checked()) return Place::under_way;
  if (is_there_since(options_.sent / watched.name, watched.written_at)) return Place::sent;
  if (is_there_since(options_.failed / watched.name, watched.written_at)) return Place::failed;
  // It may have been moved on while we looked at one folder after the other.
  if (is_checked()) return Place::under_way;
  return Place::nowhere;
}

void Modem::watch(Watched watched) {
  errands_.later(options_.poll_every, [this, watched = std::move(watched)] { look(watched); });
}

void Modem::look(const Watched& watched) {
  const Place place = place_of(watched);
  const bool is_late = poller_.now() >= watched.until;
  if ((place == Place::waiting || place == Place::under_way) && !is_late) return watch(watched);
  Report report{.state = Report::State::delivered, .id = watched.name, .detail = "the modem has sent it"};
  if (place == Place::failed) {
    const std::string reason = fail_reason(beginning_of(options_.failed / watched.name));
    report.state = Report::State::failed;
    report.detail = fmt::format("{} could not send it{}{}", daemon(), reason.empty() ? "" : ": ", reason);
    report.retry = true;
  } else if (place == Place::nowhere) {
    std::error_code error;
    const bool keeps_sent = fs::is_directory(options_.sent, error);
    report.state = keeps_sent ? Report::State::unknown : Report::State::delivered;
    report.detail = fmt::format(fmt::runtime(keeps_sent ? "it has gone from {}'s folders"
                                                        : "{} has taken it, and keeps no record of what it sent"),
                                daemon());
  } else if (place == Place::waiting && ::unlink((options_.outgoing / watched.name).c_str()) == 0) {
    report = {.state = Report::State::failed,
              .id = watched.name,
              .detail = fmt::format("{} did not take it in time: is it running?", daemon()),
              .retry = true};
  } else if (place != Place::sent) {
    report = {.state = Report::State::unknown, .id = watched.name, .detail = "the modem has not sent it in time"};
  }
  const Reporter to = watched.report;
  to(std::move(report));
}

void Modem::hear_replies(HearReply hear) {
  hear_ = std::move(hear);
  const std::uint64_t turn = ++listening_turn_;
  if (hear_) errands_.later(options_.poll_every, [this, turn] { look_for_replies(turn); });
}

void Modem::look_for_replies(std::uint64_t turn) {
  if (turn != listening_turn_) return;
  const auto replies = incoming_.look(clock_.wall_now() - 24h);
  if (incoming_.error() != incoming_error_) {
    incoming_error_ = incoming_.error();
    if (!incoming_error_.empty()) log::warn("on call: replies by SMS are not heard: {}", incoming_error_);
  }
  for (const Reply& reply : replies) {
    const HearReply hear = hear_;  // a reply may end the listening
    if (hear) hear(reply);
  }
  if (turn == listening_turn_) errands_.later(options_.poll_every, [this, turn] { look_for_replies(turn); });
}

}  // namespace tenfold::oncall::channels
