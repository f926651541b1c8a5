#include "app/rehearse/options.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <system_error>

#include "base/random.hpp"
#include "config/load.hpp"
#include "config/units.hpp"
#include "rehearse/drive/ownership/ownership.hpp"
#include "rehearse/model/model_json.hpp"
#include "rehearse/verdict/stretch.hpp"

namespace tenfold::app {
namespace {

using rehearse::ClosedLoad;
using rehearse::ConstantLoad;
using rehearse::PlanOptions;
using rehearse::VisitorLoad;

std::unexpected<Error> wrong(std::string_view option, std::string_view found, std::string_view expected) {
  return fail(Errc::invalid, fmt::format("{} {}: expected {}", option, found, expected));
}

Result<Duration> duration_of(std::string_view option, const std::string& text, Duration least) {
  const auto parsed = config::parse_duration(text);
  if (!parsed || *parsed < least) return wrong(option, text, "a duration such as 30s or 10m");
  return *parsed;
}

std::string variable(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

// Where the installation's key and, without a configuration, its store are (XDG Base Directory Specification).
std::string state_folder(const RehearseOptions& options) {
  if (!options.state.empty()) return options.state;
  if (const std::string own = variable("TENFOLD_STATE"); !own.empty()) return own;
  if (const std::string state = variable("XDG_STATE_HOME"); !state.empty()) return state + "/tenfold";
  const std::string home = variable("HOME");
  return home.empty() ? "/var/lib/tenfold" : home + "/.local/state/tenfold";
}

Result<void> make_state_folder(const std::string& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error)
    return fail(Errc::failed,
                fmt::format("the folder {} cannot be made: {}; choose another with --state", folder, error.message()));
  return {};
}

Result<PlanOptions::Profile> profile_of(const std::string& text) {
  if (text == "peak") return PlanOptions::Profile::peak;
  if (text == "mean") return PlanOptions::Profile::mean;
  if (text == "log") return PlanOptions::Profile::log;
  return wrong("--profile", text, "peak, mean or log");
}

Result<rehearse::AddressRange> addresses_of(const std::string& text) {
  const auto network = net::IpNetwork::parse(text);
  if (!network) return wrong("--client-addresses", text, "a part of 127.0.0.0/8 such as 127.2.0.0/16");
  if (!network->base().is_v4()) return wrong("--client-addresses", text, "a part of 127.0.0.0/8 such as 127.2.0.0/16");
  return rehearse::AddressRange{network->base(), network->prefix_bits() - 96};
}

class Reader {
 public:
  explicit Reader(const RehearseOptions& options) : options_(options) {}

  Result<RehearsePlan> run() {
    // In the order in which a person would look for what is wrong.
    for (const auto step :
         {&Reader::target, &Reader::model, &Reader::load, &Reader::objectives, &Reader::driver, &Reader::secrets}) {
      if (auto read = (this->*step)(); !read) return std::unexpected(std::move(read.error()));
    }
    return std::move(plan_);
  }

 private:
  Result<void> target() {
    auto target = rehearse::parse_target(options_.url);
    if (!target) return std::unexpected(std::move(target.error()));
    plan_.drive.target = std::move(*target);
    return {};
  }
  Result<void> model() {
    if (!options_.traffic.empty() && !options_.rate.empty())
      return fail(Errc::invalid,
                  "--traffic and --rate exclude each other: visitors of a model, or a plain rate of requests");
    if (options_.traffic.empty() && options_.times)
      return fail(Errc::invalid, "--times needs --traffic: times what? `tenfold learn access.log` makes a model");
    if (options_.traffic.empty()) {
      if (options_.rate.empty() && options_.seek == RehearseOptions::Seek::verdict)
        return fail(Errc::invalid,
                    "what is to be played? Give --traffic shop.traffic.json (`tenfold learn access.log` makes it), or "
                    "--rate 100/s");
      return {};
    }
    auto model = rehearse::read_model(options_.traffic);
    if (!model) return fail(Errc::invalid, model.error().detail);
    plan_.model = std::make_shared<const rehearse::TrafficModel>(std::move(*model));
    return {};
  }
  Result<void> load() {
    auto step = duration_of("--step", options_.step, std::chrono::seconds(1));
    if (!step) return std::unexpected(std::move(step.error()));
    plan_.step = *step;
    const std::string length_text = !options_.length.empty() ? options_.length : plan_.model ? "5m" : "30s";
    const auto length = duration_of("--for", length_text, std::chrono::seconds(1));
    if (!length) return std::unexpected(length.error());
    Duration ramp{};
    if (!options_.ramp.empty()) {
      const auto given = duration_of("--ramp", options_.ramp, Duration::zero());
      if (!given) return std::unexpected(given.error());
      if (*given >= *length) return wrong("--ramp", options_.ramp, "less than --for");
      ramp = *given;
    } else if (plan_.model) {
      ramp = std::min<Duration>(*length / 10, std::chrono::seconds(30));
    }
    return plan_.model ? visitors(*length, ramp) : rate(*length, ramp);
  }
  Result<void> visitors(Duration length, Duration ramp) {
    const auto profile = profile_of(options_.profile);
    if (!profile) return std::unexpected(profile.error());
    const double times = options_.times.value_or(1);
    if (!(times > 0 && times <= 1e6))
      return wrong("--times", fmt::format("{}", times), "more than 0, and 1000000 at most");
    VisitorLoad visitors{.model = plan_.model.get()};
    visitors.plan = {.times = times, .profile = *profile, .length = length, .ramp = ramp, .seed = options_.seed};
    plan_.load = visitors;
    return {};
  }
  Result<void> rate(Duration length, Duration ramp) {
    if (options_.rate == "max") {
      if (options_.seek == RehearseOptions::Seek::limit)
        return fail(Errc::invalid, "--find-limit seeks a rate: give the first one to try, such as --rate 100/s");
      plan_.load = ClosedLoad{.length = length};
      return {};
    }
    const std::string text = options_.rate.empty() ? "100/s" : options_.rate;
    const auto per_s = config::parse_rate(text);
    if (!per_s || !(*per_s > 0 && *per_s <= 1e7)) return wrong("--rate", text, "a rate such as 5000/s, or max");
    plan_.load = ConstantLoad{.per_s = *per_s, .length = length, .ramp = ramp};
    return {};
  }
  Result<void> objectives() {
    // Without promises the ceiling of a server is measured: then only errors count.
    const bool ceiling = std::holds_alternative<ClosedLoad>(plan_.load);
    plan_.slo_text = !options_.slo.empty() ? options_.slo
                     : ceiling             ? "errors<0.5%"
                                           : std::string(rehearse::default_slo);
    auto slo = rehearse::parse_slo(plan_.slo_text);
    if (!slo) return fail(Errc::invalid, "--slo: " + slo.error().detail);
    plan_.slo = std::move(*slo);
    for (const rehearse::Objective& objective : plan_.slo) {
      if (auto known = scope(objective); !known) return known;
    }
    return {};
  }
  Result<void> scope(const rehearse::Objective& objective) const {
    if (objective.scope.empty()) return {};
    std::string names;
    const auto look = [&](const std::string& name) {
      if (names.size() < 400) names += (names.empty() ? "" : ", ") + name;
      return rehearse::in_scope(name, objective.scope);
    };
    if (!plan_.model && look("GET " + plan_.drive.target.path)) return {};
    if (plan_.model) {
      for (const rehearse::Template& each : plan_.model->templates) {
        if (look(each.name)) return {};
      }
    }
    return fail(Errc::invalid,
                fmt::format("--slo: \"{}\": nothing that is asked for has \"{}\" in its name; there are {}",
                            objective.text, objective.scope, names));
  }
  Result<void> driver() {
    const auto timeout = duration_of("--timeout", options_.timeout, std::chrono::milliseconds(1));
    if (!timeout) return std::unexpected(timeout.error());
    plan_.drive.timeout = *timeout;
    plan_.drive.threads = options_.threads;
    plan_.drive.connections = options_.connections;
    if (options_.rate == "max" && options_.connections == 0) plan_.drive.connections = 64;
    plan_.drive.writes = options_.writes == RehearseOptions::Writes::allowed ? rehearse::DriveOptions::Writes::allowed
                                                                             : rehearse::DriveOptions::Writes::withheld;
    plan_.drive.authorities_file = options_.authorities;
    plan_.drive.run_id = fmt::format("{:016x}", entropy_seed());
    plan_.drive.user_agent = std::string("Tenfold/") + TENFOLD_VERSION + " (rehearsal)";
    if (options_.client_addresses.empty()) return {};
    const auto range = addresses_of(options_.client_addresses);
    if (!range) return std::unexpected(range.error());
    plan_.drive.client_addresses = *range;
    return {};
  }
  Result<void> secrets() {
    const std::string folder = state_folder(options_);
    if (auto made = make_state_folder(folder); !made) return made;
    auto key = rehearse::installation_key(folder + "/installation.key");
    if (!key) return std::unexpected(std::move(key.error()));
    plan_.drive.key = std::move(*key);
    plan_.store_file = !options_.store.empty() ? options_.store : folder + "/tenfold.db";
    if (options_.config.empty()) return {};
    const auto loaded = config::load_file(options_.config);
    if (!loaded.ok())
      return fail(Errc::invalid,
                  fmt::format("{} is not good; `tenfold check -c {}` says why", options_.config, options_.config));
    if (options_.as == RehearseOptions::As::rehearsal)
      plan_.drive.rehearsal_secret = loaded.config->live.rehearsal.secret.reveal();
    if (options_.store.empty()) plan_.store_file = loaded.config->fixed.store;
    return {};
  }

  const RehearseOptions& options_;
  RehearsePlan plan_;
};

}  // namespace

Result<RehearsePlan> plan_of(const RehearseOptions& options) { return Reader(options).run(); }

rehearse::Load load_at(const RehearsePlan& plan, double load, Duration length) {
  rehearse::Load wanted = plan.load;
  if (auto* visitors = std::get_if<VisitorLoad>(&wanted)) {
    visitors->plan.times = load;
    visitors->plan.length = length;
    visitors->plan.ramp = Duration::zero();
  } else if (auto* constant = std::get_if<ConstantLoad>(&wanted)) {
    constant->per_s = load;
    constant->length = length;
    constant->ramp = Duration::zero();
  }
  return wanted;
}

double start_of(const RehearsePlan& plan) {
  if (const auto* visitors = std::get_if<VisitorLoad>(&plan.load)) return visitors->plan.times;
  return std::get<ConstantLoad>(plan.load).per_s;
}

}  // namespace tenfold::app
