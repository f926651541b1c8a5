#include "origin/checks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <set>

#include "base/log.hpp"
#include "http/client.hpp"
#include "net/tls/tls.hpp"

namespace tenfold::origin {

namespace {

// Ejections end and servers warm up in steps of this.
constexpr Duration review_every = 250ms;

// First checks come within this, so that a dead server is known before the first customers meet it.
constexpr Duration first_check_within = 100ms;

constexpr Duration resolve_timeout = 5s;
constexpr Duration resolve_again_after_failure = 5s;
// A shorter TTL would only load the name server; a longer one would miss a move for too long.
constexpr Duration least_time_to_live = 1s;
constexpr Duration most_time_to_live = 1h;

constexpr int most_interims = 32;

bool is_down(HealthRecord::State state) {
  return state != HealthRecord::State::unknown && state != HealthRecord::State::good;
}

// Sets before it clears, so that no reader sees a server that is down as good in between.
void mark_health(Server& server, HealthRecord::State state) {
  using State = HealthRecord::State;
  if (state == State::dead) server.set(Mark::dead);
  if (state == State::silent) server.set(Mark::silent);
  if (state == State::failing) server.set(Mark::failing);
  if (state != State::dead) server.clear(Mark::dead);
  if (state != State::silent) server.clear(Mark::silent);
  if (state != State::failing) server.clear(Mark::failing);
}

std::string why_ejected(const EjectionDecision& decision, const EjectionSample& sample) {
  switch (decision.cause) {
    case EjectionDecision::Cause::failures: return fmt::format("{} requests in a row failed", sample.failures_in_row);
    case EjectionDecision::Cause::server_errors_in_row:
      return fmt::format("{} answers in a row were 5xx", sample.server_errors_in_row);
    case EjectionDecision::Cause::error_share:
      return fmt::format("{} of {} answers were 5xx", sample.server_errors, sample.answers);
    case EjectionDecision::Cause::none: break;
  }
  return {};
}

// The final status. Interim ones put no deadline off, and more than a few are no answer.
net::Task<Result<int>> status_of_answer(http::ClientConnection& connection, const http::RequestHead& request,
                                        TimePoint deadline) {
  auto sent = co_await connection.send_request(request, {}, {}, http::BodyEnd::last, deadline);
  if (!sent) co_return std::unexpected(std::move(sent.error()));
  for (int interims = 0; interims <= most_interims; ++interims) {
    auto head = co_await connection.read_head(deadline);
    if (!head) co_return std::unexpected(std::move(head.error()));
    if ((*head)->status >= 200) co_return (*head)->status;
    if (connection.stream().loop().now() >= deadline) co_return fail(Errc::timed_out, "only interim responses came");
  }
  co_return fail(Errc::invalid, "too many interim responses");
}

}  // namespace

struct Checks::Patient {
  Patient(std::shared_ptr<Server> watched, Duration window) : server(std::move(watched)), outcomes(window) {}

  std::shared_ptr<Server> server;
  const PoolSettings* pool = nullptr;  // the first that it is in, of the present topology
  HealthRecord health;
  EjectionRecord ejection;
  OutcomeWindow outcomes;
  ServerTotals recent;  // of the ejection window
  CheckReport report;
  std::string ejected_because;
  ServerState shown = ServerState::unchecked;
  net::Event wanted;        // a check is wanted now
  net::CancelSource leave;  // no longer configured, or all checks stop
  std::shared_ptr<net::TlsClientContext> tls;
};

struct Checks::Name {
  explicit Name(std::string its_host) : host(std::move(its_host)) {}
  const std::string host;
  net::CancelSource leave;
};

Checks::Checks(Directory& directory, net::Loop& loop, net::Resolver& resolver, Random& random)
    : directory_(directory), loop_(loop), resolver_(resolver), random_(random) {}

Checks::~Checks() { TENFOLD_ASSERT(tasks_.running() == 0); }

void Checks::start() {
  subscription_ = directory_.subscribe(loop_, *this, Directory::Kind::other);
  admit_patients();
  tasks_.spawn(keep_reviewing());
}

net::Task<void> Checks::stop() {
  subscription_.end();
  tasks_.cancel();
  for (const auto& [id, patient] : patients_) patient->leave.cancel();
  for (const auto& [host, name] : names_) name->leave.cancel();
  co_await tasks_.drain();
  patients_.clear();
  names_.clear();
}

net::Task<void> Checks::first_round(TimePoint deadline) {
  const auto unchecked = [this] {
    return std::any_of(patients_.begin(), patients_.end(),
                       [](const auto& entry) { return entry.second->report.checks == 0; });
  };
  while (unchecked() && loop_.now() < deadline) {
    auto one_more = co_await checked_.wait(loop_, deadline, tasks_.token());
    if (!one_more) break;
  }
}

void Checks::on_topology() { admit_patients(); }

void Checks::on_suspect(Server& server) {
  const auto found = patients_.find(server.id());
  if (found == patients_.end()) {
    server.clear(Mark::suspected);
    return;
  }
  Patient& patient = *found->second;
  ++patient.report.suspicions;
  publish(patient);
  patient.wanted.notify_all();
}

void Checks::on_review() { review(); }

void Checks::admit_patients() {
  topology_ = directory_.topology();
  for (auto entry = patients_.begin(); entry != patients_.end();) {
    const bool stays = std::find(topology_->servers.begin(), topology_->servers.end(), entry->second->server) !=
                       topology_->servers.end();
    if (!stays) entry->second->leave.cancel();
    entry = stays ? std::next(entry) : patients_.erase(entry);
  }
  std::vector<std::shared_ptr<Patient>> arrived;
  for (const auto& pool : topology_->pools) {
    for (const Member& member : pool->members) {
      auto& patient = patients_[member.server->id()];
      if (!patient) {
        patient = std::make_shared<Patient>(member.server->shared_from_this(), topology_->settings.ejection.window);
        arrived.push_back(patient);
      }
    }
  }
  for (const auto& [id, patient] : patients_) patient->pool = nullptr;
  for (const auto& pool : topology_->pools) {
    for (const Member& member : pool->members) {
      Patient& patient = *patients_[member.server->id()];
      if (patient.pool == nullptr) patient.pool = &pool->settings;
    }
  }
  for (const auto& patient : arrived) tasks_.spawn(watch(patient));
  admit_names();
}

void Checks::admit_names() {
  std::set<std::string> hosts;
  for (const auto& pool : topology_->pools) {
    for (const ServerSettings& server : pool->settings.servers) {
      if (server.unix_path.empty() && !net::IpAddress::parse(server.host)) hosts.insert(server.host);
    }
  }
  for (auto entry = names_.begin(); entry != names_.end();) {
    const bool stays = hosts.contains(entry->first);
    if (!stays) entry->second->leave.cancel();
    entry = stays ? std::next(entry) : names_.erase(entry);
  }
  for (const std::string& host : hosts) {
    auto& name = names_[host];
    if (name) continue;
    name = std::make_shared<Name>(host);
    tasks_.spawn(keep_resolved(name));
  }
}

// ---- one server ----

net::Task<void> Checks::watch(std::shared_ptr<Patient> patient) {
  const net::CancelToken leave = patient->leave.token();
  const HealthPolicy& first_policy = topology_->settings.health;
  TimePoint next = loop_.now() +
                   Duration(static_cast<std::int64_t>(
                       random_.unit() * static_cast<double>(std::min(first_check_within, first_policy.every).count())));
  while (!leave.cancelled()) {
    const bool resolved = !patient->server->marks().has(Mark::unresolved);
    const bool suspected = patient->server->marks().has(Mark::suspected);
    if (!resolved || (loop_.now() < next && !suspected)) {
      const TimePoint until = resolved ? next : no_deadline;
      auto woken = co_await patient->wanted.wait(loop_, until, leave);
      continue;
    }
    const Finding finding = co_await check(patient);
    if (leave.cancelled()) break;
    // Suspicion may have come up while a routine check was under way: that one then answers it.
    const bool doubted = patient->server->marks().has(Mark::suspected);
    conclude(*patient, finding, doubted ? CheckReason::suspicion : CheckReason::routine);
    const Duration every = topology_->settings.health.every;
    next = loop_.now() +
           Duration(static_cast<std::int64_t>((0.9 + 0.2 * random_.unit()) * static_cast<double>(every.count())));
  }
}

net::Task<void> Checks::keep_resolved(std::shared_ptr<Name> name) {
  const net::CancelToken leave = name->leave.token();
  while (!leave.cancelled()) {
    auto answer = co_await resolver_.resolve(name->host, loop_.now() + resolve_timeout, leave);
    if (leave.cancelled()) break;
    Duration pause = resolve_again_after_failure;
    if (answer && !answer->addresses.empty()) {
      pause = std::clamp(answer->time_to_live, least_time_to_live, most_time_to_live);
      directory_.set_addresses(name->host, std::move(answer->addresses));
    } else {
      say_unresolved(name->host, answer ? "no address" : answer.error().text());
    }
    auto slept = co_await loop_.sleep_for(pause, leave);
  }
}

// The addresses that it had stay: a name server that is down must not take the shop with it.
void Checks::say_unresolved(const std::string& host, const std::string& why) {
  bool has_some = false;
  for (const auto& [id, patient] : patients_) {
    if (patient->server->host() != host) continue;
    has_some = has_some || !patient->server->address().empty();
    patient->report.last_error = "name does not resolve";
    publish(*patient);
  }
  log::warn("origin {}: its name does not resolve ({}){}", host, why,
            has_some ? "; the addresses that it had stay in use" : "");
}

Result<std::shared_ptr<net::TlsClientContext>> Checks::tls_context(Patient& patient) {
  if (!patient.server->tls()) return nullptr;
  if (!patient.tls) {
    auto made = patient.server->make_tls_context();
    if (!made) return made;
    patient.tls = std::move(*made);
  }
  return patient.tls;
}

net::Task<Checks::Finding> Checks::check(std::shared_ptr<Patient> patient) {
  const TimePoint deadline = loop_.now() + topology_->settings.health.timeout;
  auto context = tls_context(*patient);
  if (!context) {
    Finding finding{CheckResult::nobody, context.error().text()};
    co_return finding;
  }
  auto stream = co_await patient->server->connect(loop_, std::move(*context), deadline, patient->leave.token());
  if (!stream) {
    const bool late = stream.error().code == Errc::timed_out;
    Finding finding{late ? CheckResult::no_answer : CheckResult::nobody, stream.error().text()};
    co_return finding;
  }
  // Its pool's settings went with the old topology.
  if (patient->leave.cancelled()) co_return Finding();
  auto finding = co_await ask(patient, std::move(*stream), deadline);
  co_return finding;
}

net::Task<Checks::Finding> Checks::ask(std::shared_ptr<Patient> patient, std::unique_ptr<net::Stream> stream,
                                       TimePoint deadline) {
  // The topology may be replaced, and with it the policy, before the answer comes.
  const std::shared_ptr<const Topology> topology = topology_;
  const HealthPolicy& policy = topology->settings.health;
  const std::string path = patient->pool->health_path.empty() ? policy.path : patient->pool->health_path;
  std::string host = policy.host;
  if (host.empty()) host = patient->pool->host;
  if (host.empty()) host = patient->server->host().empty() ? "localhost" : patient->server->name();

  http::RequestHead request;
  request.method = http::Method::get;
  request.method_name = "GET";
  request.scheme = patient->server->tls() ? "https" : "http";
  request.authority = host;
  request.target = path;
  request.headers.add(http::Field::host, host);
  request.headers.add(http::Field::user_agent, "tenfold-health");

  const auto connection = http::make_http1_client(std::move(stream));
  net::CancelHook hook([](void* its) { static_cast<net::Stream*>(its)->cancel(); }, &connection->stream());
  hook.attach(patient->leave.token());
  auto status = co_await status_of_answer(*connection, request, deadline);
  if (status) {
    const bool good = *status >= policy.status_from && *status <= policy.status_to;
    Finding finding{good ? CheckResult::good : CheckResult::bad_answer, good ? "" : fmt::format("status {}", *status)};
    co_return finding;
  }
  const Errc code = status.error().code;
  const CheckResult result = code == Errc::timed_out ? CheckResult::no_answer
                             : code == Errc::closed  ? CheckResult::nobody
                                                     : CheckResult::bad_answer;
  Finding finding{result, status.error().text()};
  co_return finding;
}

void Checks::conclude(Patient& patient, const Finding& finding, CheckReason reason) {
  Server& server = *patient.server;
  const HealthPolicy& policy = topology_->settings.health;
  const HealthRecord before = patient.health;
  patient.health = after_check(before, finding.result, reason, policy);
  const bool heard = finding.result == CheckResult::good || finding.result == CheckResult::bad_answer;
  if (heard) server.heard(loop_.now());

  ++patient.report.checks;
  if (finding.result != CheckResult::good) ++patient.report.failed_checks;
  patient.report.last_check = loop_.clock().wall_now();
  patient.report.last_error = finding.error;
  if (patient.report.checks == 1) checked_.notify_all();

  const bool was_down = is_down(before.state);
  const bool now_down = is_down(patient.health.state);
  if (was_down && !now_down) server.start_warming(loop_.now());
  mark_health(server, patient.health.state);
  server.clear(Mark::suspected);
  if (now_down) {
    patient.report.why = fmt::format("{} health check{} failed: {}", patient.health.bad_in_row,
                                     patient.health.bad_in_row == 1 ? "" : "s", finding.error);
  }
  if (!was_down && now_down) {
    log::warn("origin {} is down: {}", server.full_name(), patient.report.why);
    if (patient.health.state != HealthRecord::State::failing) directory_.announce_down(server);
  }
  if (was_down && !now_down) {
    server.forget_rows();
    log::info("origin {} is back", server.full_name());
    directory_.announce_room(server);
  }
  publish(patient);
}

void Checks::publish(Patient& patient) {
  const ServerState state = state_of(patient.server->marks(), patient.report);
  if (state != patient.shown) patient.report.since = loop_.clock().wall_now();
  patient.shown = state;
  switch (state) {
    case ServerState::down: break;  // conclude() said why
    case ServerState::ejected: patient.report.why = patient.ejected_because; break;
    case ServerState::suspected: patient.report.why = "silent for longer than usual; being checked"; break;
    case ServerState::slow_start: patient.report.why = "back, taking its share little by little"; break;
    case ServerState::unchecked:
    case ServerState::healthy:
    case ServerState::draining: patient.report.why.clear(); break;
  }
  if (patient.server->marks().has(Mark::unresolved)) patient.report.why = "its name does not resolve";
  directory_.report(*patient.server, patient.report);
}

// ---- all servers ----

net::Task<void> Checks::keep_reviewing() {
  const net::CancelToken stop = tasks_.token();
  while (!stop.cancelled()) {
    review();
    auto slept = co_await loop_.sleep_for(review_every, stop);
  }
}

void Checks::review() {
  const TimePoint now = loop_.now();
  for (const auto& [id, patient] : patients_) {
    Server& server = *patient->server;
    patient->recent = patient->outcomes.advance(server.totals(), now);
    const bool warm = server.marks().has(Mark::warming) && server.warmth(now, patient->pool->slow_start) >= 1;
    if (warm) {
      server.clear(Mark::warming);
      publish(*patient);
    }
  }
  for (const auto& pool : topology_->pools) review_pool(*pool);
}

void Checks::review_pool(const Pool& pool) {
  std::vector<EjectionSample> samples;
  for (const Member& member : pool.members) {
    const Patient& patient = *patients_[member.server->id()];
    const Marks marks = member.server->marks();
    samples.push_back({.down = is_down(patient.health.state) || marks.has(Mark::unresolved),
                       .failures_in_row = member.server->failures_in_row(),
                       .server_errors_in_row = member.server->server_errors_in_row(),
                       .answers = patient.recent.answers - (patient.recent.server_errors - patient.recent.own_errors),
                       .server_errors = patient.recent.own_errors,
                       .record = patient.ejection});
  }
  for (const EjectionDecision& decision : judge(samples, topology_->settings.ejection, loop_.now())) {
    Patient& patient = *patients_[pool.members[decision.server].server->id()];
    patient.ejected_because = why_ejected(decision, samples[decision.server]);
    apply(patient, decision);
  }
}

void Checks::apply(Patient& patient, const EjectionDecision& decision) {
  Server& server = *patient.server;
  patient.ejection = decision.record;
  if (decision.act == EjectionDecision::Act::eject) {
    ++patient.report.ejections;
    server.set(Mark::ejected);
    const Duration length = decision.record.until - loop_.now();
    log::warn("origin {} is ejected for {} s: {}", server.full_name(),
              std::chrono::duration_cast<std::chrono::seconds>(length).count(), patient.ejected_because);
  } else {
    server.forget_rows();
    server.start_warming(loop_.now());
    server.clear(Mark::ejected);
    log::info("origin {} is back from ejection", server.full_name());
    directory_.announce_room(server);
  }
  publish(patient);
}

}  // namespace tenfold::origin
