#include "app/rehearse_command.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include <csignal>
#include <fstream>

#include "app/rehearse/ending.hpp"
#include "app/rehearse/live_view.hpp"
#include "rehearse/report/report.hpp"
#include "rehearse/verdict/judge.hpp"
#include "rehearse/verdict/limit.hpp"

namespace tenfold::app {
namespace {

using rehearse::Rehearsal;
using rehearse::RunRecord;

// Asked for by the live view; blocked before the driver's threads begin.
void block_stop_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

Exit refuse(const Terminal& err, Exit exit, std::string_view what) {
  err.line(fmt::format("{} {}", err.ink(Ink::red, "tenfold rehearse:"), what));
  return exit;
}

// What was typed, quoted for a shell where it must be: for the report.
std::string command_line() {
  std::ifstream file("/proc/self/cmdline", std::ios::binary);
  std::string line;
  for (std::string word; std::getline(file, word, '\0');) {
    if (line.empty()) word = "tenfold";
    const bool plain =
        word.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:=,%@") ==
        std::string::npos;
    if (!plain || word.empty()) {
      std::string quoted = "'";
      for (const char c : word) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
      word = quoted + "'";
    }
    line += (line.empty() ? "" : " ") + word;
  }
  return line;
}

class Conductor {
 public:
  Conductor(const RehearseOptions& options, const RehearsePlan& plan, const Terminal& err)
      : options_(options),
        plan_(plan),
        live_(err, ::isatty(2) == 1 ? LiveView::Form::redrawn : LiveView::Form::lines, options.when_down) {}

  Result<Rehearsal> verdict() {
    auto record = drive(plan_.load);
    if (!record) return std::unexpected(std::move(record.error()));
    Rehearsal rehearsal = begun(std::move(*record));
    rehearsal.judgement = rehearse::judge(rehearsal.record, plan_.slo);
    return rehearsal;
  }

  Result<Rehearsal> limit() {
    const bool visitors = plan_.model != nullptr;
    const rehearse::RunLoad run = [&](double load, rehearse::Step::Purpose purpose) {
      const bool validates = purpose == rehearse::Step::Purpose::validate;
      live_.name_step(fmt::format("{}{:.4g}{}", validates ? "validating " : "trying ", load,
                                  visitors ? " times the visitors" : " requests/s"));
      return drive(load_at(plan_, load, validates ? 2 * plan_.step : plan_.step));
    };
    auto found = rehearse::find_limit(run, plan_.slo, {.start = start_of(plan_)});
    if (!found) return std::unexpected(std::move(found.error()));
    const rehearse::Step* best = nullptr;
    for (const rehearse::Step& step : found->steps) {
      const bool better = best == nullptr || (step.sustained && (!best->sustained || step.load >= best->load));
      if (better) best = &step;
    }
    Rehearsal rehearsal = begun(best->record);
    rehearsal.judgement = best->judgement;
    describe_knee(*found);
    rehearsal.limit = std::move(*found);
    return rehearsal;
  }

 private:
  Result<RunRecord> drive(const rehearse::Load& load) {
    auto record = rehearse::drive(load, plan_.drive, live_);
    live_.erase();
    if (!record || record->ended != RunRecord::Ended::stopped) return record;
    if (live_.interrupted()) record->ended = RunRecord::Ended::interrupted;
    if (!live_.why_down().empty()) record->why_ended = live_.why_down();
    return record;
  }
  Rehearsal begun(RunRecord record) const {
    return {.record = std::move(record),
            .judgement = {},
            .slo = plan_.slo_text,
            .limit = {},
            .model_file = options_.traffic,
            .command = options_.command};
  }
  // Of visitors the plan's arithmetic is exact; a step's own count of a few dozen is not.
  void describe_knee(rehearse::LimitResult& found) const {
    const auto* visitors = std::get_if<rehearse::VisitorLoad>(&plan_.load);
    if (visitors == nullptr) {
      found.knee.visitors_per_s = found.knee.sessions_per_s = found.knee.requests_per_s;
      return;
    }
    rehearse::PlanOptions at_knee = visitors->plan;
    at_knee.times = found.knee.load;
    const rehearse::PlanFigures figures = rehearse::figures_of(*plan_.model, at_knee);
    found.knee.visitors_per_s = figures.visitors_per_s;
    found.knee.sessions_per_s = figures.sessions_per_s;
  }

  const RehearseOptions& options_;
  const RehearsePlan& plan_;
  LiveView live_;
};

Exit explain(const RehearseOptions& options, const RehearsePlan& plan, const Error& error, const Terminal& out,
             const Terminal& err) {
  switch (error.code) {
    case Errc::refused:
    case Errc::busy:
    case Errc::timed_out:
    case Errc::unreachable:  // nobody there to prove anything
      if (options.show == RehearseOptions::Show::json) out.line(refusal_json(plan, error));
      err.line(refusal_text(plan, error, err));
      return Exit::refused;
    case Errc::invalid: return refuse(err, Exit::usage, error.detail);
    case Errc::exhausted:
    case Errc::unsupported: return refuse(err, Exit::machine_lacks, error.text());
    default: return refuse(err, Exit::invalid, error.text());
  }
}

}  // namespace

Exit rehearse(const RehearseOptions& options, const Terminal& out, const Terminal& err) {
  const auto plan = plan_of(options);
  if (!plan) return refuse(err, Exit::usage, plan.error().detail.empty() ? plan.error().text() : plan.error().detail);
  block_stop_signals();
  Conductor conductor(options, *plan, err);
  const auto done = options.seek == RehearseOptions::Seek::limit ? conductor.limit() : conductor.verdict();
  if (!done) return explain(options, *plan, done.error(), out, err);
  record_as_evidence(*plan, *done, err);
  if (!options.report.empty()) {
    if (auto written = rehearse::write_report(*done, options.report); !written)
      err.line(fmt::format("{} no report: {}", err.ink(Ink::yellow, "warning:"), written.error().text()));
  }
  if (options.show == RehearseOptions::Show::json) out.line(rehearse::report_json(*done));
  err.line(ending_text(*done, options.report, err));
  return exit_of(*done);
}

void add_rehearse_command(CLI::App& program, Exit& exit) {
  auto options = std::make_shared<RehearseOptions>();
  auto* command = program.add_subcommand("rehearse", "Plays visitors, ten times as many, against a shop of your own");
  command->add_option("url", options->url, "The shop: http://127.0.0.1:8080/ or https://shop.example/")->required();
  command->add_option("--traffic", options->traffic, "The traffic model that `tenfold learn` made");
  command->add_option("--times", options->times,
                      "So many times the visitors; think times stay as they are (default 1)");
  command
      ->add_option("--profile", options->profile,
                   "peak: the log's busiest minute, held; mean: its mean, held; log: its own course")
      ->capture_default_str();
  command->add_option("--rate", options->rate,
                      "Without a model: requests at this rate (5000/s), or max: as fast as they are answered");
  command->add_option("--connections", options->connections, "For --rate: connections (max: 64)")
      ->check(CLI::Range(0, 100'000));
  command->add_option("--for", options->length, "How long (default 5m with a model, else 30s)");
  command->add_option("--ramp", options->ramp,
                      "Grow to the full load for so long (default with a model: a tenth of --for, at most 30s)");
  command->add_option("--slo", options->slo,
                      "What must hold, in every minute (default p99<800ms,errors<0.5%); checkout:p95<1s for a part");
  command->add_flag_callback(
      "--find-limit", [=] { options->seek = RehearseOptions::Seek::limit; },
      "Seek the greatest load that the shop bears");
  command->add_option("--step", options->step, "With --find-limit: how long each load is tried")->capture_default_str();
  command->add_flag_callback(
      "--keep-going", [=] { options->when_down = RehearseOptions::WhenDown::keep_going; },
      "Go on though the shop is clearly down");
  command->add_flag_callback(
      "--allow-orders", [=] { options->writes = RehearseOptions::Writes::allowed; },
      "Send requests that write (POST and the like), too");
  command->add_flag_callback(
      "--as-strangers", [=] { options->as = RehearseOptions::As::strangers; },
      "Without the rehearsal's credential: the shield treats them as anybody");
  command->add_option("--client-addresses", options->client_addresses,
                      "On loopback: come from these addresses, e.g. 127.2.0.0/16");
  command->add_option("--timeout", options->timeout, "A request without a whole answer by then has failed")
      ->capture_default_str();
  command->add_option("--threads", options->threads, "Driver threads (default: one for each core)")
      ->check(CLI::Range(0, 256));
  command->add_option("--report", options->report, "Write report.html, report.json and junit.xml into this folder");
  command->add_option("-c,--config", options->config, "shop.yaml: its rehearsal.secret and store");
  command->add_option("--store", options->store, "SQLite file in which the run is recorded as evidence");
  command->add_option("--state", options->state, "Folder of this installation's key (default ~/.local/state/tenfold)");
  command->add_option("--authorities", options->authorities,
                      "PEM file of authorities for https (default: the system's)");
  command->add_option("--seed", options->seed, "Of chance: equal seeds give equal plans")->capture_default_str();
  command->add_flag_callback(
      "--json", [=] { options->show = RehearseOptions::Show::json; }, "The result as one JSON object");
  command->callback([=, &exit] {
    options->command = command_line();
    exit = rehearse(*options, Terminal(1), Terminal(2));
  });
}

}  // namespace tenfold::app
