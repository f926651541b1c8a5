#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "net/scope.hpp"
#include "net/sim/sim_loop.hpp"
#include "net/sim/sim_network.hpp"
#include "origin/checks.hpp"
#include "origin/directory.hpp"
#include "origin/upstreams.hpp"

// A shop's servers, a directory, checks and workers in a simulated network, for tests.
namespace tenfold::origin::testing_world {

// What a server is asked.
struct Asked {
  std::string head;  // with its empty line
  std::string body;
  std::string method() const { return head.substr(0, head.find(' ')); }
  std::string target() const {
    const std::size_t start = head.find(' ') + 1;
    return head.substr(start, head.find(' ', start) - start);
  }
  bool has(std::string_view text) const { return head.find(text) != std::string::npos; }
};

// How it answers.
struct Answer {
  int status = 200;
  std::string body = "hello";
  Duration think{0};
  std::string fields = {};           // whole lines
  std::string before = {};           // raw bytes sent first (interim responses)
  std::size_t body_sent = SIZE_MAX;  // fewer than the length announced: then the connection closes
  enum class Then : std::uint8_t { keep, close } then = Then::keep;
  enum class When : std::uint8_t { whole_request, head_only } when = When::whole_request;
  std::string raw = {};  // instead of all that
};

// An HTTP/1.1 server of few words.
class TestServer {
 public:
  using Behaviour = std::function<Answer(const Asked&)>;

  TestServer(net::sim::SimLoop& loop, net::Endpoint at) : loop_(loop), at_(at) {
    listener_ = std::move(*loop.listen(at, {}));
    scope_.spawn(accept_all());
  }
  ~TestServer() { TENFOLD_ASSERT(scope_.running() == 0); }

  void shut_down() {
    listener_->stop();
    // Each may end its connection's task at once, which takes it off the list.
    const auto streams = streams_;
    for (net::Stream* stream : streams) {
      if (std::find(streams_.begin(), streams_.end(), stream) != streams_.end()) stream->cancel();
    }
  }

  const net::Endpoint& endpoint() const { return at_; }
  int requests() const { return requests_; }  // health checks not counted
  int health_checks() const { return health_checks_; }
  int connections() const { return connections_; }
  int open_connections() const { return static_cast<int>(streams_.size()); }
  Asked last_asked;
  Behaviour behaviour = [](const Asked&) { return Answer(); };
  Answer health_answer{.body = "ok"};

 private:
  net::Task<void> accept_all() {
    for (;;) {
      auto stream = co_await listener_->accept();
      if (!stream) co_return;
      ++connections_;
      scope_.spawn(serve(std::move(*stream)));
    }
  }

  static std::size_t content_length(const std::string& head) {
    const std::size_t at = head.find("Content-Length: ") != std::string::npos ? head.find("Content-Length: ")
                                                                              : head.find("content-length: ");
    return at == std::string::npos ? 0 : std::stoul(head.substr(at + 16));
  }
  static bool whole_chunked(const std::string& body) {
    const bool last_chunk = body.starts_with("0\r\n") || body.find("\r\n0\r\n") != std::string::npos;
    return last_chunk && body.ends_with("\r\n\r\n");
  }

  net::Task<void> serve(std::unique_ptr<net::Stream> stream) {
    streams_.push_back(stream.get());
    co_await serve_requests(*stream);
    std::erase(streams_, stream.get());
  }

  net::Task<void> serve_requests(net::Stream& stream) {
    std::string received;
    for (;;) {
      Asked asked;
      bool head_done = false;
      Answer answer;
      for (;;) {
        const std::size_t end = received.find("\r\n\r\n");
        if (end != std::string::npos) {
          asked.head = received.substr(0, end + 4);
          const bool chunked = asked.has("chunked");
          const std::size_t length = content_length(asked.head);
          const std::string rest = received.substr(end + 4);
          if (!head_done) {
            head_done = true;
            answer = decide(asked);
          }
          if (answer.when == Answer::When::head_only) {
            received.clear();
            break;
          }
          if (chunked ? whole_chunked(rest) : rest.size() >= length) {
            asked.body = chunked ? rest : rest.substr(0, length);
            received = chunked ? std::string() : rest.substr(length);
            answer = decide_whole(asked, answer);
            break;
          }
        }
        auto part = co_await stream.read(no_deadline);
        if (!part || part->empty()) co_return;
        received.append(part->view());
      }
      if (answer.think > Duration::zero()) {
        auto slept = co_await loop_.sleep_for(answer.think);
      }
      const std::string bytes = text_of(asked, answer);
      auto sent = co_await stream.write(bytes, no_deadline);
      if (!sent || answer.then == Answer::Then::close || answer.body_sent < answer.body.size()) co_return;
    }
  }

  Answer decide(const Asked& asked) {
    if (asked.target() == "/healthz") return health_answer;
    return behaviour(asked);
  }
  Answer decide_whole(const Asked& asked, const Answer& answer) {
    if (asked.target() == "/healthz") {
      ++health_checks_;
      return answer;
    }
    ++requests_;
    last_asked = asked;
    return answer;
  }

  static std::string text_of(const Asked& asked, const Answer& answer) {
    if (!answer.raw.empty()) return answer.raw;
    std::string text = answer.before + "HTTP/1.1 " + std::to_string(answer.status) + " X\r\n" + answer.fields +
                       "Content-Length: " + std::to_string(answer.body.size()) + "\r\n\r\n";
    if (asked.method() != "HEAD") text += answer.body.substr(0, answer.body_sent);
    return text;
  }

  net::sim::SimLoop& loop_;
  net::Endpoint at_;
  std::unique_ptr<net::Listener> listener_;
  std::vector<net::Stream*> streams_;
  net::Scope scope_;
  int requests_ = 0;
  int health_checks_ = 0;
  int connections_ = 0;
};

// A request's body from a list of parts, each after a while.
class PartsBody final : public RequestBody {
 public:
  PartsBody(net::Loop& loop, std::vector<std::string> parts, Duration each_after = Duration::zero())
      : loop_(loop), parts_(std::move(parts)), each_after_(each_after) {}
  net::Task<Result<net::Buffer>> read(TimePoint deadline) override {
    if (each_after_ > Duration::zero()) {
      const TimePoint at = loop_.now() + each_after_;
      auto slept = co_await loop_.sleep_until(std::min(at, deadline), interrupted_.token());
      if (!slept) co_return fail(Errc::cancelled);
      if (deadline < at) co_return fail(Errc::timed_out);
    }
    if (next_ == parts_.size()) co_return fails_at_end ? Result<net::Buffer>(fail(Errc::closed)) : net::Buffer();
    const std::string& part = parts_[next_++];
    net::Buffer buffer = loop_.allocate();
    std::copy(part.begin(), part.end(), buffer.room().begin());
    buffer.grow(part.size());
    co_return buffer;
  }
  void interrupt() override { interrupted_.cancel(); }
  std::size_t taken() const { return next_; }
  bool fails_at_end = false;

 private:
  net::Loop& loop_;
  std::vector<std::string> parts_;
  Duration each_after_;
  net::CancelSource interrupted_;
  std::size_t next_ = 0;
};

// A request to make, and what came of it.
struct Call {
  http::Method method = http::Method::get;
  std::string target = "/";
  std::string host = "shop.example";
  RequestBody* body = nullptr;
  http::BodyLength body_length = {};
  std::string sticky = {};
  std::uint32_t gather_bytes = 64 * 1024;
  Duration patience = std::chrono::seconds(60);
  Duration last_resort_patience = std::chrono::seconds(60);
  net::CancelToken cancel = {};
  std::string extra_field = {};  // its value is "100-continue"
  Claim claim = {};
  std::uint32_t most_uploads = 32;

  bool done = false;
  int status = 0;  // 0: failed, see error
  std::string text;
  Error error = {};
  FetchFailure::Side side = FetchFailure::Side::origin;
  std::uint32_t attempts = 0;
  std::string server;  // that answered, or was tried last
  std::string cause;
  Duration origin_time{};
  std::string new_sticky;
  Duration took{};
  std::vector<int> interims;
  Errc body_error = Errc::failed;  // if body_broke
  bool body_broke = false;
  bool was_uploading = false;  // when the answer's head was given
};

using Calls = std::vector<std::shared_ptr<Call>>;

class CollectInterims final : public InterimSink {
 public:
  explicit CollectInterims(Call& call) : call_(call) {}
  net::Task<void> interim(const http::ResponseHead& head) override {
    call_.interims.push_back(head.status);
    co_return;
  }

 private:
  Call& call_;
};

inline net::Task<void> make_call(Upstreams& upstreams, Call& call) {
  net::Loop& loop = upstreams.loop();
  const TimePoint began = loop.now();
  http::RequestHead head;
  head.method = call.method;
  head.method_name = http::name(call.method);
  head.scheme = "http";
  head.authority = call.host;
  head.target = call.target;
  head.headers.add(http::Field::host, call.host);
  if (!call.extra_field.empty()) head.headers.add(call.extra_field, "100-continue");
  CollectInterims interims(call);
  FetchRequest request{.head = head,
                       .route = upstreams.route(head.method_name, head.authority, head.path()),
                       .deadline = loop.now() + call.patience,
                       .last_resort_deadline = loop.now() + call.last_resort_patience};
  request.body = call.body;
  request.body_length = call.body_length;
  request.sticky = call.sticky;
  request.gather_bytes = call.gather_bytes;
  request.interim = &interims;
  request.cancel = call.cancel;
  request.claim = call.claim;
  request.most_uploads = call.most_uploads;
  auto fetched = co_await upstreams.fetch(std::move(request));
  if (!fetched) {
    call.error = fetched.error().error;
    call.side = fetched.error().side;
    call.attempts = fetched.error().attempts;
    if (fetched.error().server != nullptr) call.server = fetched.error().server->name();
    call.cause = fetched.error().cause;
    call.origin_time = fetched.error().origin_time;
  } else {
    call.status = fetched->head().status;
    call.attempts = fetched->attempts();
    call.server = fetched->server().name();
    call.origin_time = fetched->origin_time();
    call.new_sticky = fetched->new_sticky();
    call.was_uploading = fetched->uploading();
    while (call.status != 101) {
      net::Buffer part = fetched->take_ready_body();
      if (part.empty() && fetched->body_done()) break;
      if (part.empty()) {
        auto read = co_await fetched->read_body(loop.now() + std::chrono::seconds(30));
        if (!read) {
          call.body_broke = true;
          call.body_error = read.error().code;
          break;
        }
        if (read->empty()) break;
        part = std::move(*read);
      }
      call.text.append(part.view());
    }
    if (fetched->uploading()) co_await fetched->finish();
  }
  call.took = loop.now() - began;
  call.done = true;
}

inline net::Endpoint endpoint_of(int number) {
  return {net::IpAddress::v4(0x0a000000u + static_cast<std::uint32_t>(number)), 80};
}

inline ServerSettings server_settings(int number) { return {.host = endpoint_of(number).address.text(), .port = 80}; }

class World {
 public:
  explicit World(std::uint64_t seed = 1)
      : network(seed), loop(network.make_loop()), checks_loop(network.make_loop()), server_loop(network.make_loop()) {}
  ~World() {
    upstreams_drain();
    if (checks) net::sim::run_task(network, checks_loop, checks->stop());
    upstreams.reset();
    checks.reset();
    for (auto& [number, server] : servers) server->shut_down();
    network.advance(std::chrono::seconds(60));
    servers.clear();
  }

  // A server at 10.0.0.<number>:80.
  TestServer& add_server(int number) {
    auto& server = servers[number];
    server = std::make_unique<TestServer>(server_loop, endpoint_of(number));
    return *server;
  }
  TestServer& server(int number) { return *servers.at(number); }

  // One pool "eu" of the servers 1 to n.
  static Settings one_pool(int count) {
    Settings settings;
    PoolSettings& pool = settings.pools.emplace_back();
    pool.name = pool.region = "eu";
    for (int i = 1; i <= count; ++i) pool.servers.push_back(server_settings(i));
    settings.health.path = "/healthz";
    settings.sticky_secret = "secret";
    return settings;
  }

  enum class Checked : std::uint8_t { no, yes };
  void start(Settings settings, Checked checked = Checked::yes) {
    auto made = Directory::make(std::move(settings), network.clock());
    TENFOLD_ASSERT(made.has_value());
    directory = std::move(*made);
    upstreams = std::make_unique<Upstreams>(*directory, loop, random, std::move(admission));
    if (checked == Checked::no) return;
    checks = std::make_unique<Checks>(*directory, checks_loop, resolver, random);
    checks->start();
    network.advance(std::chrono::milliseconds(300));
  }

  void begin(Call& call) { calls.spawn(make_call(*upstreams, call)); }
  void run(Call& call) {
    begin(call);
    network.run_until([&] { return call.done; }, std::chrono::minutes(5));
  }
  Call get(std::string target = "/") {
    Call call{.target = std::move(target)};
    run(call);
    return call;
  }

  // Sends GETs at an even rate, not waiting for answers.
  Calls load(int per_s, Duration length, const Call& like = {}) {
    Calls made;
    const Duration gap = std::chrono::nanoseconds(std::chrono::seconds(1)) / per_s;
    for (Duration at{0}; at < length; at += gap) {
      made.push_back(std::make_shared<Call>(like));
      all_calls_.push_back(made.back());
      begin(*made.back());
      network.advance(gap);
    }
    return made;
  }
  void finish(Duration limit = std::chrono::minutes(2)) {
    TENFOLD_ASSERT(network.run_until([&] { return calls.running() == 0; }, limit));
  }

  ServerSnapshot snapshot_of(int number) const {
    for (const PoolSnapshot& pool : directory->snapshot()) {
      for (const ServerSnapshot& each : pool.servers) {
        if (each.name == endpoint_of(number).text()) return each;
      }
    }
    return {};
  }

  void upstreams_drain() {
    for (auto& [number, each] : servers) network.revive(each->endpoint()), network.resume(each->endpoint());
    finish();
  }

  net::sim::SimNetwork network;
  net::sim::SimLoop& loop;
  net::sim::SimLoop& checks_loop;
  net::sim::SimLoop& server_loop;
  net::sim::SimResolver resolver;
  FastRandom random{7};
  std::map<int, std::unique_ptr<TestServer>> servers;
  std::unique_ptr<Directory> directory;
  std::unique_ptr<Admission> admission;  // for start(); null: first come, first served
  std::unique_ptr<Upstreams> upstreams;
  std::unique_ptr<Checks> checks;
  net::Scope calls;

 private:
  Calls all_calls_;  // those under way need theirs, whatever the test keeps
};

// Of those that have ended.
inline int failures(const Calls& calls) {
  return static_cast<int>(
      std::count_if(calls.begin(), calls.end(), [](const auto& call) { return call->done && call->status != 200; }));
}
inline Duration slowest(const Calls& calls) {
  Duration longest{};
  for (const auto& call : calls) longest = std::max(longest, call->took);
  return longest;
}

}  // namespace tenfold::origin::testing_world
