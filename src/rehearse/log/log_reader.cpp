#include "rehearse/log/log_reader.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "base/text/iso_time.hpp"
#include "rehearse/log/entry_spool.hpp"
#include "rehearse/log/host_survey.hpp"
#include "rehearse/log/log_file.hpp"
#include "rehearse/log/time_survey.hpp"
#include "rehearse/log/time_window.hpp"
#include "rehearse/log/visitor_survey.hpp"

namespace tenfold::rehearse {
namespace {

using EntryVisit = std::function<void(const Entry&)>;

bool is_pipe(const std::string& file) {
  struct stat status {};
  return file == "-" || ::stat(file.c_str(), &status) != 0 || !S_ISREG(status.st_mode);
}

std::string at_text(std::int64_t ms) { return iso_time(WallTime(std::chrono::milliseconds(ms))); }

std::string length_text(std::int64_t ms) {
  const double hours = static_cast<double>(ms) / 3.6e6;
  if (hours >= 48) return fmt::format("{:.1f} days", hours / 24);
  return hours >= 1 ? fmt::format("{:.1f} h", hours) : fmt::format("{:.0f} min", hours * 60);
}

class Reading {
 public:
  Reading(const std::vector<std::string>& files, const LogReaderOptions& options, const EntryVisit& visit)
      : files_(files), options_(options), visit_(visit), hosts_(options.host) {
    if (options.client_field == "peer") trust_ = Trust::peer;
    if (options.client_field == "forwarded") trust_ = Trust::forwarded;
    if (trust_ == Trust::by_line) line_options_.client_field = options.client_field;
    field_is_named_ = !line_options_.client_field.empty();
    // In a line whose fields have no names, a name says as much: $http_x_forwarded_for, $remote_addr.
    const Slot meant = meaning_of(field_name(line_options_.client_field)).slot;
    if (meant == Slot::forwarded) trust_ = Trust::forwarded;
    if (meant == Slot::peer) trust_ = Trust::peer;
    line_options_.format = options.format;
    told_ = trust_ != Trust::by_line || field_is_named_;
    for (const std::string& file : files) piped_ |= is_pipe(file);
  }

  Result<LogCounts> run() {
    if (!options_.format.empty()) {
      if (auto format = LineFormat::of(options_.format); !format)
        return fail(Errc::invalid, fmt::format("the format {}: {}", options_.format, format.error().detail));
    }
    if (auto read = first_pass(); !read) return std::unexpected(std::move(read.error()));
    if (auto good = any_good(); !good) return std::unexpected(std::move(good.error()));
    const Trust trust = told_ ? trust_ : visitors_.verdict();
    const TimeSurvey::Kept kept = times_.kept();
    const bool disordered = counts_.late_lines > tolerated();
    counts_.lone_lines = kept.lone;
    const bool visited = static_cast<bool>(options_.start_over);
    if (!visited || disordered || kept.lone > 0 || trust != trust_) {
      trust_ = trust;
      counts_.sorted = disordered;
      if (visited) options_.start_over();
      if (auto read = second_pass(kept); !read) return std::unexpected(std::move(read.error()));
      late_before_ = counts_.late_lines;
      if (counts_.sorted) counts_.late_lines = 0;
    }
    take_notes(kept);
    return std::move(counts_);
  }

 private:
  // Few lines out of order change no figure; a log with more of them is sorted.
  std::uint64_t tolerated() const { return counts_.lines / 10'000; }

  Result<std::vector<std::unique_ptr<LogFile>>> open() const {
    std::vector<std::unique_ptr<LogFile>> open;
    for (const std::string& name : files_) {
      auto source = LineSource::open(name);
      if (!source) return std::unexpected(std::move(source.error()));
      open.push_back(std::make_unique<LogFile>(std::move(*source), line_options_));
    }
    return open;
  }

  // All files' entries, merged by time as far as each is in order.
  template <class Take>
  Result<void> read(LogCounts& counts, const Take& take) {
    auto opened = open();
    if (!opened) return std::unexpected(std::move(opened.error()));
    std::vector<std::unique_ptr<LogFile>>& open = *opened;
    std::optional<Error> error;
    clock_steps_ = 0;
    const auto end_of = [&](const LogFile& file) {
      if (file.error() && !error) error = file.error();
      clock_steps_ += file.clock_steps();
    };
    std::erase_if(open, [&](const std::unique_ptr<LogFile>& file) {
      const bool some = file->advance(counts);
      if (!some) end_of(*file);
      return !some;
    });
    while (!open.empty()) {
      const auto first = std::min_element(
          open.begin(), open.end(), [](const auto& a, const auto& b) { return a->entry().at_ms < b->entry().at_ms; });
      take((*first)->entry());
      if (!(*first)->advance(counts)) {
        end_of(**first);
        open.erase(first);
      }
    }
    if (error) return std::unexpected(std::move(*error));
    return {};
  }

  Result<void> first_pass() {
    bool in_vain = !options_.start_over;
    const EntryVisit visit = [&](const Entry& entry) {
      if (!in_vain) visit_(entry);
    };
    TimeWindow window(window_s(), options_.most_waiting, visit);
    std::uint64_t taken = 0;
    auto done = read(counts_, [&](const Entry& entry) {
      if (!hosts_.see(entry.host)) return;
      times_.see(entry.at_ms);
      visitors_.see(entry);
      if (piped_) spool_.take(entry);
      if ((++taken & 0xfff) == 0 && !in_vain)
        in_vain = window.late() > 64 + 4 * tolerated() || (!told_ && visitors_.verdict() != trust_);
      take_visitor(entry, window);
    });
    window.flush();
    counts_.late_lines = window.late();
    if (in_vain && !done && options_.start_over) options_.start_over();
    return done;
  }

  std::int64_t window_s() const { return std::chrono::ceil<std::chrono::seconds>(options_.sorting_window).count(); }

  void take_visitor(const Entry& entry, TimeWindow& window) {
    if (entry.forwarded.empty()) {
      window.take(entry);
      return;
    }
    Entry chosen = entry;
    chosen.client = visitor_of(entry, trust_);
    window.take(chosen);
  }

  Result<void> second_pass(const TimeSurvey::Kept& kept) {
    const auto visit_chosen = [&](const Entry& entry) {
      if (entry.at_ms < kept.from_ms || entry.at_ms > kept.to_ms) return;
      Entry chosen = entry;
      chosen.client = visitor_of(entry, trust_);
      visit_(chosen);
    };
    if (piped_) return spool_.give(visit_chosen);
    LogCounts again;
    HostSurvey hosts(options_.host);
    if (!counts_.sorted) {
      TimeWindow window(window_s(), options_.most_waiting, visit_);
      auto done = read(again, [&](const Entry& entry) {
        if (hosts.see(entry.host) && entry.at_ms >= kept.from_ms && entry.at_ms <= kept.to_ms)
          take_visitor(entry, window);
      });
      window.flush();
      return done;
    }
    auto done = read(again, [&](const Entry& entry) {
      if (hosts.see(entry.host)) spool_.take(entry);
    });
    return done ? spool_.give(visit_chosen) : done;
  }

  Result<void> any_good() const {
    if (counts_.lines == 0) return fail(Errc::invalid, fmt::format("{}: the log is empty", files_.front()));
    if (counts_.lines == counts_.bad_lines) {
      const BadLine& bad = counts_.examples.front();
      return fail(Errc::invalid, fmt::format("no line is one of an access log: {}:{}: expected {}, found \"{}\"",
                                             bad.file, bad.number, bad.expected, bad.text));
    }
    if (visitors_.lines() == 0) {
      const std::string hosts = hosts_.named();
      return fail(Errc::invalid,
                  fmt::format("no line is of the host {}: {}", options_.host,
                              hosts.empty() ? "the log does not tell which host was asked" : "the log has " + hosts));
    }
    const bool lacks_it = trust_ == Trust::forwarded ? visitors_.forwarded_share(trust_) <= 0
                                                     : field_is_named_ && trust_ == Trust::by_line;
    if (lacks_it && visitors_.settled() == 0)
      return fail(Errc::invalid, fmt::format("no line has an address in a field named {}", options_.client_field));
    return {};
  }

  void take_notes(const TimeSurvey::Kept& kept) {
    std::vector<std::string>& notes = counts_.notes;
    if (counts_.sorted && kept.lone == 0)
      notes.push_back(fmt::format("{} lines were more than a minute older than others before them; all were sorted.",
                                  late_before_));
    if (counts_.sorted && kept.lone > 0)
      notes.emplace_back("The lines were not in the order of time; all were sorted.");
    if (kept.lone > 0)
      notes.push_back(fmt::format("{} far from all others ({} to {}), as of a wrong clock, and left out: {}{}.",
                                  kept.lone == 1 ? std::string("One line is") : fmt::format("{} lines are", kept.lone),
                                  at_text(kept.first_ms), at_text(kept.last_ms), at_text(kept.lone_at_ms),
                                  kept.lone == 1 ? "" : " and others"));
    if (clock_steps_ > 0)
      notes.push_back(
          fmt::format("The times have no zone and go back by an hour{}, as at the end of summer time: what follows was "
                      "taken to be an "
                      "hour later.",
                      clock_steps_ > 1 ? fmt::format(", {} times", clock_steps_) : ""));
    const std::int64_t pause_ms = kept.pause_to_ms - kept.pause_from_ms;
    if (pause_ms >= 3'600'000 && pause_ms * 5 >= kept.last_ms - kept.first_ms)
      notes.push_back(
          fmt::format("Nothing is in the log between {} and {} ({}): if the shop was open then, lines are "
                      "missing, and the means are too low.",
                      at_text(kept.pause_from_ms), at_text(kept.pause_to_ms), length_text(pause_ms)));
    if (std::string note = visitors_.note(trust_); !note.empty()) notes.push_back(std::move(note));
    counts_.other_hosts = hosts_.of_others();
    if (const std::string hosts = hosts_.several(); !hosts.empty() && options_.host.empty())
      notes.push_back(
          fmt::format("The log is of several hosts, learned as if they were one: {}. --host picks one.", hosts));
    if (counts_.other_hosts > 0)
      notes.push_back(fmt::format("{} lines are of other hosts than {}, or of none; left out.", counts_.other_hosts,
                                  options_.host));
    counts_.peers = visitors_.peers();
    if (visitors_.settled() > 0)
      counts_.client = options_.client_field;
    else if (visitors_.forwarded_share(trust_) > 0.5)
      counts_.client = "forwarded";
  }

  const std::vector<std::string>& files_;
  const LogReaderOptions& options_;
  const EntryVisit& visit_;
  LineOptions line_options_;
  Trust trust_ = Trust::by_line;
  bool field_is_named_ = false;
  bool told_ = false;   // somebody said whose address counts
  bool piped_ = false;  // what was read cannot be read again
  int clock_steps_ = 0;
  std::uint64_t late_before_ = 0;
  LogCounts counts_;
  HostSurvey hosts_;
  TimeSurvey times_;
  VisitorSurvey visitors_;
  EntrySpool spool_{{.memory_bytes = options_.sorting_memory_bytes, .most_parts = 256, .folder = {}}};
};

}  // namespace

Result<LogCounts> read_logs(const std::vector<std::string>& files, const LogReaderOptions& options,
                            const std::function<void(const Entry&)>& visit) {
  return Reading(files, options, visit).run();
}

}  // namespace tenfold::rehearse
