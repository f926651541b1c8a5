#include "rehearse/drive/validate.hpp"

#include <algorithm>

#include "http/rehearsal_credential.hpp"
#include "rehearse/drive/connection/client_addresses.hpp"

namespace tenfold::rehearse {

namespace {

constexpr double most_per_s = 10'000'000;
constexpr int most_threads = 1024;
constexpr Duration longest_timeout = std::chrono::hours(1);
constexpr Duration longest_with_credential = std::chrono::hours(23);
constexpr std::size_t longest_user_agent = 512;

Result<void> expected(bool met, std::string_view what) {
  if (met) return {};
  return fail(Errc::invalid, std::string(what));
}

bool is_field_text(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= ' ' && c < 0x7f; });
}

// A target that was put together by hand must be one that parse_target() gives: it goes into request lines.
bool is_target(const Target& target) {
  const auto again = parse_target(target.origin() + target.path);
  return again && again->scheme == target.scheme && again->host == target.host && again->port == target.port &&
         again->path == target.path;
}

Result<void> validate_load(const VisitorLoad& load, const DriveOptions& options) {
  if (load.model == nullptr) return fail(Errc::invalid, "there is no model to play");
  if (!(load.plan.times > 0)) return fail(Errc::invalid, "times: expected more than 0");
  for (const Template& each : load.model->templates) {
    const bool token = !each.method.empty() && std::ranges::all_of(each.method, [](char c) {
      return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-';
    });
    if (!token) return fail(Errc::invalid, "model: template \"" + each.name + "\": expected a method");
  }
  return expected(options.connections_per_visitor >= 1 && options.connections_per_visitor <= 64,
                  "connections for each visitor: expected 1 to 64");
}
Result<void> validate_load(const ConstantLoad& load, const DriveOptions& options) {
  if (!(load.per_s > 0) || load.per_s > most_per_s) {
    return fail(Errc::invalid, "rate: expected more than 0/s and at most 10,000,000/s");
  }
  if (load.ramp < Duration::zero() || load.ramp > load.length) {
    return fail(Errc::invalid, "ramp: expected at most the run's length");
  }
  return expected(options.connections >= 0, "connections: expected 0 or more");
}
Result<void> validate_load(const ClosedLoad&, const DriveOptions& options) {
  return expected(options.connections >= 1, "connections: expected at least 1");
}

}  // namespace

Duration length_of(const Load& load) {
  if (const auto* visitors = std::get_if<VisitorLoad>(&load)) return visitors->plan.length;
  if (const auto* constant = std::get_if<ConstantLoad>(&load)) return constant->length;
  return std::get<ClosedLoad>(load).length;
}

Result<void> validate(const Load& load, const DriveOptions& options) {
  const auto of_kind = [&](const auto& each) { return validate_load(each, options); };
  if (auto good = std::visit(of_kind, load); !good) return good;
  const Duration length = length_of(load);
  if (length <= Duration::zero()) return fail(Errc::invalid, "length: expected more than 0 s");
  if (!is_target(options.target)) return fail(Errc::invalid, "target: expected an http or https URL");
  if (options.threads < 0 || options.threads > most_threads) return fail(Errc::invalid, "threads: expected 0 to 1,024");
  if (options.most_in_flight == 0) return fail(Errc::invalid, "most in flight: expected at least 1");
  if (options.timeout <= Duration::zero() || options.timeout > longest_timeout) {
    return fail(Errc::invalid, "time-out: expected more than 0 s and at most 1 h");
  }
  if (options.user_agent.size() > longest_user_agent || !is_field_text(options.user_agent)) {
    return fail(Errc::invalid, "user agent: expected at most 512 printable ASCII characters");
  }
  if (options.client_addresses) {
    if (auto addresses = ClientAddresses::in(*options.client_addresses, 0, 1); !addresses) {
      return std::unexpected(addresses.error());
    }
  }
  if (options.rehearsal_secret.empty()) return {};
  if (!http::is_rehearsal_id(options.run_id)) {
    return fail(Errc::invalid, "run id: expected 1 to 64 letters, digits, \"_\" or \"-\"");
  }
  return expected(length <= longest_with_credential, "length: expected at most 23 h with a rehearsal credential");
}

}  // namespace tenfold::rehearse
