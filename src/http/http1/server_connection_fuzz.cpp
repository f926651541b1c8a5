#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "http/http1/fuzz_cuts.hpp"
#include "http/server.hpp"
#include "net/scope.hpp"
#include "net/sim/sim_loop.hpp"

// A whole connection over the simulated network: however a client's bytes are cut, the same requests reach the handler
// and the same answers come back.
namespace tenfold::http::http1 {
namespace {

// Notes what it is given, and echoes the length of the body.
class NotingHandler final : public Handler {
 public:
  net::Task<void> handle(ServerExchange& exchange) override {
    notes.append(exchange.request().method_name).append(" ").append(exchange.request().target).append("\n");
    for (const Header& header : exchange.request().headers) {
      notes.append(header.name).append("=").append(header.value).append("\n");
    }
    std::string body;
    while (true) {
      auto part = co_await exchange.read_body(no_deadline);
      if (!part) {
        // How much of a broken body came before its fault depends on the cutting.
        notes.append(part.error().text()).append("\n");
        co_return;
      }
      if (part->empty()) break;
      body.append(part->view());
    }
    notes.append(body).append("\n");
    const std::string length = std::to_string(body.size());
    ResponseHead head;
    auto sent = co_await exchange.send(head, length, BodyEnd::last, no_deadline);
    (void)sent;
  }

  std::string notes;
};

enum class Cutting : std::uint8_t { none, some };

net::Task<void> send(net::Stream& stream, std::string_view bytes, Cutting cutting) {
  Cuts cuts(bytes);
  while (!bytes.empty()) {
    const std::string_view piece = bytes.substr(0, cutting == Cutting::none ? bytes.size() : cuts.next(bytes.size()));
    bytes.remove_prefix(piece.size());
    auto sent = co_await stream.write(piece, no_deadline);
    if (!sent) co_return;
    // Lets the other end take the piece before the next.
    auto slept = co_await stream.loop().sleep_until(stream.loop().now());
    (void)slept;
  }
  co_await stream.finish_writing(no_deadline);
}

net::Task<void> receive(net::Stream& stream, std::string& received) {
  while (true) {
    auto bytes = co_await stream.read(no_deadline);
    if (!bytes || bytes->empty()) co_return;
    received.append(bytes->view());
  }
}

struct Outcome {
  std::string seen;
  std::string answers;
  bool operator==(const Outcome&) const = default;
};

void erase_all(std::string& text, std::string_view what) {
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at)) text.erase(at, what.size());
}

Outcome serve(std::string_view bytes, Cutting cutting) {
  net::sim::SimNetwork network;
  net::sim::SimLoop& loop = network.make_loop();
  const net::Endpoint at{net::IpAddress::v4(0x7f000001), 80};
  auto listener = loop.listen(at, {});
  NotingHandler handler;
  ServerLimits limits;
  limits.body_bytes = 100'000;
  ServerMetrics metrics;
  DrainSignal drain;
  ServerContext context{handler, limits, metrics, drain};
  Outcome outcome;
  {
    net::Scope scope;
    auto stream = net::sim::run_task(network, loop, loop.connect(at, {}, no_deadline));
    auto accepted = net::sim::run_task(network, loop, (*listener)->accept());
    scope.spawn(serve_http1(std::move(*accepted), context));
    scope.spawn(send(**stream, bytes, cutting));
    scope.spawn(receive(**stream, outcome.answers));
    TENFOLD_ASSERT(network.run_until([&] { return scope.running() == 0; }, std::chrono::hours(1)));
  }
  // Whether a client had to be told to go on depends on the cutting.
  erase_all(outcome.answers, "HTTP/1.1 100 Continue\r\n\r\n");
  outcome.seen = std::move(handler.notes);
  return outcome;
}

}  // namespace
}  // namespace tenfold::http::http1

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tenfold::http::http1;
  if (size > 4096) return 0;
  const std::string_view bytes = as_text(data, size);
  TENFOLD_ASSERT(serve(bytes, Cutting::none) == serve(bytes, Cutting::some));
  return 0;
}
