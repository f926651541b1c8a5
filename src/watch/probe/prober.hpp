#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "watch/probe/check.hpp"
#include "watch/probe/destination.hpp"

namespace tenfold::transfer {
class Poller;
}

namespace tenfold::watch {

// Asks the world, once for each start(). All on one thread, the Poller's.
class Prober {
 public:
  using Done = std::function<void(CheckResult)>;  // once, from within Poller::run, never from within start()

  virtual ~Prober() = default;
  // `check` is copied. Path::other looks by another way than the check's last usual look went: another address family
  // if the name has one, else another resolver, else another of our source addresses, else the same way anew (fresh
  // connection, name asked for anew); the result's `by` says which. Not for heartbeats: nobody is asked there.
  virtual void start(const Check& check, CheckResult::Path path, Done done) = 0;
  virtual std::size_t under_way() const = 0;
};

struct ProberOptions {
  // Looks at once; past it they queue in order, and their time-outs run only from their beginning. Each may hold an
  // answer of its check's most_bytes in memory, if its expectation looks into the answer.
  std::size_t most_under_way = 1'000;
  std::size_t most_waiting = 100'000;  // past it a look fails at once, and says why
  std::string resolver;                // "192.0.2.1:53,[2001:db8::1]:53"; empty: those of /etc/resolv.conf
  // For the second look; empty: the system's others, if it has several.
  std::string other_resolver;
  // Our own addresses, for the second look; none: a further one of the interface that leads there, if it has one.
  std::vector<std::string> source_addresses;
  std::string
      authorities;  // PEM file of the authorities that are trusted; empty: the system's. Read anew when it changes
  std::string user_agent = "Tenfold-Watch/1";
  // "name=value" that tells the shop's own shield whose look it is, asked for at each request and sent with that one
  // alone: a redirect and a journey's next step are asked about anew, and no jar keeps it. Null, or an empty text:
  // none. On the Poller's thread, as the next.
  std::function<std::string(const Destination&)> own_cookie;
  std::function<void()> own_cookie_refused;  // whoever brought it was answered 403, 429 or 503; may be null
};

// HTTP and HTTPS always over fresh connections with full handshakes and names asked for anew: a check must see what a
// new visitor sees. The poller must outlive it. Errors: exhausted, invalid (a resolver that is no address), not_found
// (the authorities' file).
Result<std::unique_ptr<Prober>> make_prober(transfer::Poller& poller, ProberOptions options);

}  // namespace tenfold::watch
