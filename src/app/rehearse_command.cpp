#include "app/rehearse_command.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include <csignal>
#include <fstream>

#include "app/rehearse/conductor.hpp"
#include "app/rehearse/ending.hpp"
#include "app/rehearse/evidence.hpp"
#include "rehearse/report/report.hpp"

namespace tenfold::app {
namespace {

// Asked for by the live view; blocked before the driver's threads begin.
void block_stop_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGHUP);
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

Exit explain(const RehearseOptions& options, const RehearsePlan& plan, const Error& error, const Terminal& out,
             const Terminal& err) {
  switch (error.code) {
    case Errc::refused:
    case Errc::busy:
      if (options.show == RehearseOptions::Show::json) out.line(refusal_json(plan, error));
      err.line(refusal_text(plan, error, err));
      return Exit::refused;
    case Errc::invalid: return refuse(err, Exit::usage, error.detail);
    case Errc::exhausted:
    case Errc::unsupported: return refuse(err, Exit::machine_lacks, error.text());
    default:  // nobody there to prove anything, or to drive
      if (options.show == RehearseOptions::Show::json) out.line(unreached_json(error));
      err.line(unreached_text(error, err));
      return Exit::invalid;
  }
}

}  // namespace

Exit rehearse(const RehearseOptions& options, const Terminal& out, const Terminal& err) {
  const auto plan = plan_of(options);
  if (!plan) return refuse(err, Exit::usage, plan.error().detail.empty() ? plan.error().text() : plan.error().detail);
  block_stop_signals();
  Conductor conductor(options, *plan, err);
  auto done = options.seek == RehearseOptions::Seek::limit ? conductor.limit() : conductor.verdict();
  if (!done) return explain(options, *plan, done.error(), out, err);
  done->compared = compared_with_last(*plan, *done);
  record_as_evidence(*plan, *done, err);
  if (!options.report.empty()) {
    if (auto written = rehearse::write_report(*done, options.report); !written)
      err.line(fmt::format("{} no report: {}", err.ink(Ink::yellow, "warning:"), written.error().text()));
  }
  if (options.show == RehearseOptions::Show::json) out.line(rehearse::report_json(*done));
  err.line(ending_text(*done, options, err));
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
