#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "transfer/poller.hpp"

// As in curl/curl.h, which not everybody who starts a transfer needs to read.
typedef void CURL;
typedef void CURLM;

namespace tenfold::transfer {

using Headers = std::vector<std::pair<std::string, std::string>>;

struct Request {
  std::string url;  // http, https, smtp, smtps
  std::string method = "GET";
  Headers headers;
  std::string body;  // sent if it is not empty, or the method is POST
  std::string user;  // basic authentication, or the mail server's login; empty: none
  std::string password;
  Duration timeout = std::chrono::seconds(10);  // of the whole
  std::size_t most_body_bytes = 1u << 20;       // of the answer; the transfer ends there with Outcome::cut
  enum class Verify : std::uint8_t { certificates, nothing } verify = Verify::certificates;
  enum class Redirects : std::uint8_t { follow, stay } redirects = Redirects::stay;  // 10 at most
  enum class BodyKept : std::uint8_t { yes, counted } body_kept = BodyKept::yes;  // counted: only Outcome::body_bytes
  // own: a new connection, closed at the end. POST and PATCH never go over a connection that was used before: libcurl
  // would send them again, by itself, when the server closes it in that moment.
  enum class Connection : std::uint8_t { shared, own } connection = Connection::shared;
  // What else libcurl can do, set on the handle last: mail's envelope, a cookie file, another resolver.
  std::function<void(CURL*)> prepare;
};

struct Outcome {
  // Whether the other side may have acted on it. What was `lost` may have arrived: it must not be repeated blindly.
  enum class Kind : std::uint8_t {
    answered,  // `status` and what follows are the other side's
    not_sent,  // no name, no connection, no TLS: nothing has reached it
    lost,      // sent, at least in part, and no whole answer came
  } kind = Kind::not_sent;
  int curl_code = 0;  // CURLcode
  std::string error;  // in words, with the address: "connecting to 127.0.0.1:25: connection refused"; empty: answered
  long status = 0;    // of HTTP or SMTP
  Headers headers;    // of the last answer; names in lower case
  std::string body;
  std::uint64_t body_bytes = 0;  // at most most_body_bytes
  bool cut = false;              // more than most_body_bytes came
  Duration retry_after{};        // of the header, in seconds or as a date, a day at most; zero: none
  CURL* handle = nullptr;        // for curl_easy_getinfo, until Done returns
  std::string_view header(std::string_view name) const;  // lower case; empty: not there
};

// Carries requests over one Poller by libcurl's multi interface. On the Poller's thread only. Connections are kept and
// used again. Bounds: most_under_way transfers at once; further ones wait in order, their time-outs running only from
// their beginning. Mail: for the server's word on the message, and for its goodbye, libcurl waits without the poller,
// so that nothing else on this thread goes on: whoever mails needs a thread for it.
class Transfers {
 public:
  using Done = std::function<void(Outcome&)>;  // from within Poller::run, never from within start()
  using Id = std::uint64_t;
  struct Options {
    std::size_t most_under_way = 10'000;
    std::size_t kept_connections = 256;
  };

  // The poller must outlive it. Errors: exhausted.
  static Result<std::unique_ptr<Transfers>> make(Poller& poller, const Options& options);
  static Result<std::unique_ptr<Transfers>> make(Poller& poller) { return make(poller, Options()); }
  Transfers(const Transfers&) = delete;
  Transfers& operator=(const Transfers&) = delete;
  ~Transfers();  // drops what is under way, without a word

  Id start(Request request, Done done);
  void cancel(Id id);  // Done is not called any more
  std::size_t under_way() const { return transfers_.size(); }

 private:
  struct Transfer;
  friend struct CurlCallbacks;

  Transfers(Poller& poller, Options options, CURLM* multi);
  void begin_waiting();
  void act(int descriptor, int events);
  void finish_done();
  void finish(Id id, int code);
  void set_timer(long milliseconds);

  Poller& poller_;
  Options options_;
  CURLM* multi_;
  std::unordered_map<Id, std::unique_ptr<Transfer>> transfers_;  // under way and waiting
  std::deque<Id> waiting_;
  std::size_t running_ = 0;
  Id last_ = 0;
  Poller::TimerId timer_ = 0;                                   // 0: none
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // for tasks that outlive it
};

}  // namespace tenfold::transfer
