#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "net/address.hpp"
#include "rehearse/drive/target.hpp"
#include "rehearse/model/traffic_model.hpp"
#include "rehearse/plan/planner.hpp"
#include "rehearse/record/run_record.hpp"

namespace tenfold::rehearse {

// "127.2.0.0/16"
struct AddressRange {
  net::IpAddress first;  // IPv4
  int prefix_bits = 0;   // of the 32
};

// Visitors of a model, partly open: sessions begin when the plan says; inside one the next page is asked for a think
// time after the last one was done.
struct VisitorLoad {
  const TrafficModel* model = nullptr;  // not null
  PlanOptions plan;                     // shard and shards are set by drive()
};
// Requests at a constant rate on an absolute schedule, whatever the answers do.
struct ConstantLoad {
  double per_s = 0;
  Duration length{};
  Duration ramp{};
};
// As fast as the server answers: to measure its ceiling. Each connection sends its next request when the last is
// answered.
struct ClosedLoad {
  Duration length{};
};
using Load = std::variant<VisitorLoad, ConstantLoad, ClosedLoad>;

struct DriveOptions {
  Target target;
  std::string key;  // the installation's, for ownership
  int threads = 0;  // 0: one for each core
  // Constant: opened at once and kept; 0: as many as are needed. Closed: this many, at least 1. Visitors: ignored.
  int connections = 0;
  int connections_per_visitor = 6;              // as browsers do for one host over HTTP/1.1
  std::size_t most_in_flight = 100'000;         // requests, over all threads; what cannot be sent is counted as unsent
  Duration timeout = std::chrono::seconds(30);  // planned moment to the end of the answer; at most an hour
  enum class Writes : std::uint8_t { withheld, allowed } writes = Writes::withheld;  // methods that are not safe
  std::optional<AddressRange> client_addresses;  // to come from, one visitor an address in turn; loopback targets only
  std::string authorities_file;                  // PEM, for https; empty: the system's
  std::string rehearsal_secret;                  // empty: no credential is sent; else a run lasts at most 23 hours
  std::string run_id;                            // in the credential
  std::string user_agent;                        // where the model names none
};

// Told about every second of the run, on the caller's thread.
class DriveObserver {
 public:
  virtual ~DriveObserver() = default;
  enum class Proceed : std::uint8_t { on, stop };
  // `record` is all so far. Stop: no more requests are sent, and those unanswered a second later are given up.
  virtual Proceed second(const RunRecord& record) = 0;
};

// Runs the load and returns when it is done: the caller's thread waits. Proves ownership first, and every 60 s.
// SIGINT and SIGTERM are the caller's business: it says stop. Raises the process's soft limit of descriptors to the
// hard one. Errors: refused (ownership not proven, with what to do), invalid (options), unreachable, timed_out, busy
// (the target gave no answer to read a token from), exhausted.
Result<RunRecord> drive(const Load& load, const DriveOptions& options, DriveObserver& observer);

}  // namespace tenfold::rehearse
