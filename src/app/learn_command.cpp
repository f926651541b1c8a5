#include "app/learn_command.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include <optional>

#include "app/learn/summary.hpp"
#include "config/units.hpp"
#include "rehearse/learn/learner.hpp"
#include "rehearse/log/log_reader.hpp"
#include "rehearse/model/model_json.hpp"

namespace tenfold::app {
namespace {

Exit refuse(const Terminal& err, std::string_view what) {
  err.line(fmt::format("{} {}", err.ink(Ink::red, "tenfold learn:"), what));
  return Exit::usage;
}

// How far it is, redrawn in place; only on a terminal.
class Progress {
 public:
  void count() {
    if (!shown_ || ++lines_ % 500'000 != 0) return;
    const std::string text = fmt::format("\r{} million lines", static_cast<double>(lines_) / 1e6);
    [[maybe_unused]] const auto written = ::write(2, text.data(), text.size());
    drawn_ = true;
  }
  ~Progress() {
    if (drawn_) [[maybe_unused]]
      const auto written = ::write(2, "\r\x1b[K", 4);
  }

 private:
  const bool shown_ = ::isatty(2) == 1;
  bool drawn_ = false;
  std::uint64_t lines_ = 0;
};

}  // namespace

Exit learn(const LearnCommandOptions& options, const Terminal& out, const Terminal& err) {
  const auto gap = config::parse_duration(options.gap);
  if (!gap || *gap <= Duration::zero())
    return refuse(err, fmt::format("--gap {}: expected a duration such as 30m", options.gap));
  rehearse::LearnOptions wanted;
  wanted.session_gap_s = std::chrono::duration<double>(*gap).count();
  std::optional<rehearse::Learner> learner(wanted);
  Result<rehearse::LogCounts> counts = fail(Errc::failed);
  {
    Progress progress;
    rehearse::LogReaderOptions reading;
    reading.format = options.format;
    reading.client_field = options.client_field;
    reading.host = options.host;
    reading.start_over = [&] { learner.emplace(wanted); };
    counts = rehearse::read_logs(options.logs, reading, [&](const rehearse::Entry& entry) {
      learner->take(entry);
      progress.count();
    });
  }
  if (!counts) return refuse(err, counts.error().detail);

  auto learned = learner->finish();
  learned.summary.notes.insert(learned.summary.notes.begin(), counts->notes.begin(), counts->notes.end());
  if (learned.summary.requests == 0)
    return refuse(err,
                  fmt::format("{}: no line tells of a request that a visitor could make again, so that no model was "
                              "written",
                              options.logs.front()));
  learned.model.made_by = std::string("tenfold ") + TENFOLD_VERSION;
  // What `tenfold rehearse` would not take is not written.
  if (auto back = rehearse::model_from_json(rehearse::to_json(learned.model), options.output); !back)
    return refuse(err,
                  fmt::format("the model came out wrong and was not written; please report this with the log's first "
                              "lines: {}",
                              back.error().detail));
  if (auto written = rehearse::write_model(learned.model, options.output); !written)
    return refuse(err, fmt::format("the model cannot be written: {}", written.error().text()));
  if (options.show == LearnCommandOptions::Show::json) {
    out.line(learned_json(*counts, learned, options.output).dump());
  } else {
    err.line(learned_text(*counts, learned, options.output, err));
  }
  return Exit::good;
}

void add_learn_command(CLI::App& program, Exit& exit) {
  auto options = std::make_shared<LearnCommandOptions>();
  auto* command = program.add_subcommand("learn", "Learns from access logs how a shop is visited");
  command
      ->add_option(
          "logs", options->logs,
          "Access logs: nginx, Apache, HAProxy, JSON lines and more (docs/logs.md); also packed; - for standard input")
      ->required();
  command->add_option("-o,--output", options->output, "The traffic model")->capture_default_str();
  command->add_option("--gap", options->gap, "A visitor silent for so long begins a new session")
      ->capture_default_str();
  command->add_option("--format", options->format,
                      "How the lines are written, in nginx's or Apache's words: '$remote_addr [$time_local] "
                      "\"$request\" $status'; found "
                      "out where it is not given");
  command->add_option(
      "--client-field", options->client_field,
      "Whose address is the visitor's: peer (who connected), forwarded (X-Forwarded-For or the like), or "
      "the name of a field; found out where it is not given");
  command->add_option("--host", options->host, "Of a log of several hosts, only this one");
  command->add_flag_callback(
      "--json", [=] { options->show = LearnCommandOptions::Show::json; }, "The summary as one JSON object");
  command->callback([=, &exit] { exit = learn(*options, Terminal(1), Terminal(2)); });
}

}  // namespace tenfold::app
