#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <chrono>
#include <map>
#include <memory>
#include <thread>

#include "app/alarm_service/alarm.hpp"
#include "app/alarm_service/api_json.hpp"
#include "app/command.hpp"
#include "app/console_client.hpp"
#include "app/load_config.hpp"
#include "app/log_setup.hpp"
#include "app/wiring/oncall_plan.hpp"
#include "base/clock.hpp"
#include "console/json.hpp"
#include "ready/evidence.hpp"

// `tenfold drill phone`: one round of the real chain, with "this is a drill", until somebody presses a key; what came
// out is evidence for `tenfold ready`. A Tenfold that runs does it with its own channels; otherwise this process does.
namespace tenfold::app {
namespace {

using namespace std::chrono_literals;

struct DrillOptions {
  std::string file = "shop.yaml";
  std::string escalation;
  std::string patience;  // empty: until the chain is through
  bool json = false;
};

constexpr Duration look_every = 300ms;
constexpr Duration longest_drill = 2h;
constexpr Duration appears_within = 10s;
constexpr Duration silence_borne = 30s;  // of whoever carries it out: a proof must not be lost to a hiccup
constexpr Duration thanks_last = 5s;     // on the phone, after the key

// Whoever carries the drill out: begins it, and says what became of it, as /api/v1/alerts has it.
class Chain {
 public:
  virtual ~Chain() = default;
  virtual Result<void> begin(const std::string& escalation) = 0;
  virtual Result<nlohmann::json> alerts() = 0;
  // Whoever has pressed a key is thanked before the call ends.
  virtual void let_thank() {}
};

class RunningChain final : public Chain {
 public:
  explicit RunningChain(ConsoleClient client) : client_(std::move(client)) {}
  Result<void> begin(const std::string& escalation) override {
    nlohmann::json body = nlohmann::json::object();
    if (!escalation.empty()) body["escalation"] = escalation;
    auto answer = client_.post("/api/v1/oncall/drill", body);
    if (!answer) return std::unexpected(answer.error());
    return {};
  }
  Result<nlohmann::json> alerts() override {
    auto answer = client_.get("/api/v1/alerts");
    if (!answer || (answer->contains("alerts") && (*answer)["alerts"].is_array())) return answer;
    return fail(Errc::invalid, fmt::format("{} does not speak Tenfold's API", client_.address()));
  }

 private:
  ConsoleClient client_;
};

// Nothing of it is kept but the evidence: a drill of its own must not disturb what a later start finds.
class OwnChain final : public Chain {
 public:
  // The configuration names people. Errors: those of Alarm::prepare and start.
  static Result<std::unique_ptr<Chain>> make(const Clock& clock, const config::Replaceable& live) {
    auto chain = std::make_unique<OwnChain>(clock);
    auto prepared = chain->alarm_.prepare(live);
    if (!prepared) return std::unexpected(prepared.error());
    auto started = chain->alarm_.start();
    if (!started) return std::unexpected(started.error());
    return chain;
  }
  explicit OwnChain(const Clock& clock)
      : alarm_({.clock = clock, .store_file = {}, .watching = Alarm::Setup::Watching::no}) {}
  Result<void> begin(const std::string& escalation) override {
    alarm_.oncall()->drill(escalation);
    return {};
  }
  Result<nlohmann::json> alerts() override {
    return nlohmann::json::parse(console::to_text(alerts_json(*alarm_.oncall()->view())));
  }
  void let_thank() override { std::this_thread::sleep_for(thanks_last); }

 private:
  Alarm alarm_;
};

// The newest drill with a number past `after`.
const nlohmann::json* newest_drill(const nlohmann::json& alerts, std::int64_t after) {
  const nlohmann::json* newest = nullptr;
  for (const auto& alert : alerts["alerts"]) {
    if (alert["kind"] != "drill" || alert["id"].get<std::int64_t>() <= after) continue;
    if (newest == nullptr || (*newest)["id"].get<std::int64_t>() < alert["id"].get<std::int64_t>()) newest = &alert;
  }
  return newest;
}

// What a send's row says, for somebody who has never heard of rows.
std::string in_words(const nlohmann::json& send) {
  const std::string state = send["state"];
  const std::string detail = send["detail"];
  if (state == "sending") return "on its way";
  if (state == "pending") return detail.empty() ? "its turn comes" : detail + "; tried again later";
  if (state == "unsure") return "the provider's answer is lost; asking whether it arrived";
  if (state == "failed") return detail.empty() ? "failed" : "failed: " + detail;
  if (state == "dropped") return "not needed any more";
  return detail.empty() ? state : detail;
}

// Says once what is new with each call and message.
class Narrator {
 public:
  Narrator(const Terminal& err, TimePoint began) : err_(err), began_(began) {}
  void tell(const nlohmann::json& drill, TimePoint now) {
    for (const auto& gap : drill["gaps"]) say(now, "gap " + gap.get<std::string>(), gap.get<std::string>());
    for (const auto& send : drill["sends"]) tell_of(send, now);
  }

 private:
  void tell_of(const nlohmann::json& send, TimePoint now) {
    const std::string key = send["key"];
    const std::string to = send["to"];
    const std::string whom = fmt::format("{:<10} {:<24}", send["who"].get<std::string>(),
                                         send["channel"].get<std::string>() + (to.empty() ? "" : " " + to));
    const std::string words = in_words(send);
    // Half a second later another channel may have taken over, and its words stand there instead.
    const std::string trouble = send.value("trouble", "");
    const auto way_ends = trouble.find(": ");
    const std::string bare = way_ends == std::string::npos ? trouble : trouble.substr(way_ends + 2);
    if (!bare.empty() && !words.contains(bare) && !heard_[key].contains(bare)) {
      say(now, key + " trouble", fmt::format("{} {}", whom, err_.ink(Ink::yellow, trouble)));
    }
    heard_[key] += fmt::format(" {}\n {}\n", words, trouble);
    say(now, key, fmt::format("{} {}", whom, words));
  }

  void say(TimePoint now, const std::string& key, const std::string& text) {
    std::string& last = said_[key];
    if (last == text) return;
    last = text;
    err_.line(fmt::format("{:6.1f} s  {}", std::chrono::duration<double>(now - began_).count(), text));
  }

  const Terminal& err_;
  TimePoint began_;
  std::map<std::string, std::string> said_;
  std::map<std::string, std::string> heard_;  // all that was said of a send
};

struct Outcome {
  nlohmann::json drill;
  Duration took{};
  bool acknowledged() const { return !drill.is_null() && !drill["acknowledged_by"].get<std::string>().empty(); }
  // By a key on a call, or by writing back. A link that was opened, or a command, proves nothing of a phone.
  bool answered() const { return acknowledged() && drill.value("acknowledged_by_means", "call") != "elsewhere"; }
};

// Who, how and how fast: "ada answered after 9 s (digit 1 on +49...)".
std::string who_and_how(const Outcome& outcome) {
  return fmt::format("{} {} after {:.0f} s ({})", outcome.drill["acknowledged_by"].get<std::string>(),
                     outcome.answered() ? "answered" : "acknowledged",
                     std::chrono::duration<double>(outcome.took).count(),
                     outcome.drill["acknowledged_how"].get<std::string>());
}

std::string what_came_out(const Outcome& outcome) {
  if (outcome.answered()) return who_and_how(outcome);
  if (outcome.acknowledged()) return who_and_how(outcome) + ": that proves no phone, nobody pressed a key on a call";
  return "nobody answered";
}

Result<Outcome> carry_out(Chain& chain, const DrillOptions& options, Duration patience, const Clock& clock,
                          const Terminal& err) {
  // Without the number of the one before, that one's proof could be taken for this one's.
  auto before = chain.alerts();
  if (!before) return std::unexpected(before.error());
  std::int64_t last = 0;
  if (const nlohmann::json* known = newest_drill(*before, 0)) {
    last = (*known)["id"].get<std::int64_t>();
    if ((*known)["state"] != "over") return fail(Errc::busy, "a drill is under way already");
  }
  const TimePoint began = clock.now();
  auto begun = chain.begin(options.escalation);
  if (!begun) return std::unexpected(begun.error());
  Narrator narrator(err, began);
  TimePoint heard = began;
  while (true) {
    auto alerts = chain.alerts();
    const Duration took = clock.now() - began;
    if (!alerts && clock.now() - heard > silence_borne) return std::unexpected(alerts.error());
    if (alerts) heard = clock.now();
    const nlohmann::json* drill = alerts ? newest_drill(*alerts, last) : nullptr;
    if (drill != nullptr) narrator.tell(*drill, clock.now());
    if (drill != nullptr && ((*drill)["state"] == "over" || took > patience)) return Outcome{*drill, took};
    if (alerts && drill == nullptr && took > appears_within) return fail(Errc::failed, "the drill did not begin");
    std::this_thread::sleep_for(look_every);  // the view is a quarter of a second old at most
  }
}

nlohmann::json summary(const Outcome& outcome) {
  const nlohmann::json& drill = outcome.drill;
  return {{"verdict", outcome.answered() ? "PASS" : "FAIL"},
          {"answered_by", drill["acknowledged_by"]},
          {"how", drill["acknowledged_how"]},
          {"means", outcome.acknowledged() ? drill.value("acknowledged_by_means", "call") : ""},
          {"after_s", std::chrono::duration<double>(outcome.took).count()},
          {"told", drill["told"]},
          {"gaps", drill["gaps"]},
          {"sends", drill["sends"]}};
}

void record(const config::Config& config, const DrillOptions& options, const nlohmann::json& summary,
            std::string_view came_out, WallTime at, const Terminal& err) {
  nlohmann::json kept = summary;
  kept.erase("sends");
  const auto escalation = oncall::escalation_of(oncall_plan(config.live), options.escalation);
  const std::string chain = escalation.name.empty() ? "everybody" : escalation.name;
  auto recorded = ready::record_evidence(config.fixed.store, {.kind = "drill-phone",
                                                              .at = at,
                                                              .subject = fmt::format("{}: {}", chain, came_out),
                                                              .verdict = summary["verdict"].get<std::string>(),
                                                              .summary = kept.dump()});
  if (!recorded) {
    err.line(fmt::format("{} the drill is not recorded as evidence: {}", err.ink(Ink::yellow, "warning:"),
                         recorded.error().text()));
  }
}

Result<std::unique_ptr<Chain>> find_chain(const Clock& clock, const config::Config& config, const Terminal& err) {
  if (config.live.console) {
    auto running = std::make_unique<RunningChain>(ConsoleClient(clock, *config.live.console));
    const auto answer = running->alerts();
    if (answer) return running;
    if (answer.error().code != Errc::refused) return std::unexpected(answer.error());
  }
  err.line("no Tenfold runs with this configuration; this process rings by itself");
  return OwnChain::make(clock, config.live);
}

Exit drill(const DrillOptions& options, const Terminal& out, const Terminal& err) {
  const auto config = load_config(options.file, err);
  if (!config) return Exit::usage;
  const auto complain = [&](Exit exit, std::string_view what) {
    err.line(fmt::format("{} {}", err.ink(Ink::red, "tenfold drill phone:"), what));
    return exit;
  };
  if (!config->live.oncall || config->live.oncall->people.empty()) {
    return complain(Exit::usage, fmt::format("{} names nobody under oncall.people", options.file));
  }
  if (!has_escalation(oncall_plan(config->live), options.escalation)) {
    return complain(Exit::usage, no_escalation(oncall_plan(config->live), options.escalation, options.file));
  }
  Duration patience = longest_drill;
  if (!options.patience.empty()) {
    const auto parsed = config::parse_duration(options.patience);
    if (!parsed) return complain(Exit::usage, "--for: expected a duration such as 10m");
    patience = *parsed;
  }
  log_errors_to_standard_error();
  const SystemClock clock;
  const WallTime at = clock.wall_now();
  auto chain = find_chain(clock, *config, err);
  if (!chain) return complain(Exit::machine_lacks, chain.error().text());
  auto outcome = carry_out(**chain, options, patience, clock, err);
  if (!outcome) return complain(Exit::machine_lacks, outcome.error().text());
  const nlohmann::json result = summary(*outcome);
  record(*config, options, result, what_came_out(*outcome), at, err);
  if (options.json) {
    out.line(result.dump());
  } else if (outcome->answered()) {
    out.line(fmt::format("{}  {}", out.ink(Ink::green, "PASS"), what_came_out(*outcome)));
  } else if (outcome->acknowledged()) {
    out.line(fmt::format("{}  {}", out.ink(Ink::red, "FAIL"), what_came_out(*outcome)));
  } else {
    out.line(fmt::format("{}  nobody answered in {:.0f} s; `tenfold who` says who should have been rung",
                         out.ink(Ink::red, "FAIL"), result["after_s"].get<double>()));
  }
  if (outcome->answered()) (*chain)->let_thank();
  return outcome->answered() ? Exit::good : Exit::falls_short;
}

}  // namespace

void add_drill_command(CLI::App& program, Exit& exit) {
  auto* command = program.add_subcommand(
      "drill", "Tries, before it is needed, what is to work on the worst night; `drill phone` rings your people");
  command->require_subcommand(1);
  auto options = std::make_shared<DrillOptions>();
  auto* phone = command->add_subcommand("phone",
                                        "Rings the people of an escalation one after the other with \"this is a "
                                        "drill\", until one presses a key or replies; "
                                        "kept as proof for `tenfold ready`");
  phone->add_option("-c,--config,file", options->file, "The configuration")->capture_default_str();
  phone->add_option("--escalation", options->escalation, "Another escalation than the first");
  phone->add_option("--for", options->patience, "Waits so long at most: 10m; without it until the chain is through");
  phone->add_flag("--json", options->json, "One JSON object: verdict, answered_by, after_s, ...");
  phone->callback([=, &exit] { exit = drill(*options, Terminal(1), Terminal(2)); });
}

}  // namespace tenfold::app
