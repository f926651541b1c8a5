// What TLS costs: handshakes, bytes, a request of 1 KB, and memory while idle; raw streams beside it. Both ends run
// here, over the simulated network, so that the kernel has no part in it: a server's share is about half of each figure
// (of a full handshake, the larger half).
#include <benchmark/benchmark.h>
#include <malloc.h>

#include "net/scope.hpp"
#include "net/sim/sim_loop.hpp"
#include "net/tls/test_certificates.hpp"
#include "net/tls/tls.hpp"

namespace tenfold::net {
namespace {

using Connected = Result<std::unique_ptr<Stream>>;

enum class Layer { raw, tls };
enum class Resume { no, yes };

Task<void> accept_one(Listener& listener, std::shared_ptr<const TlsServerContext> context, Connected& into) {
  into = co_await listener.accept();
  if (context == nullptr) co_return;
  auto raw = std::move(*into);
  into = co_await accept_tls(std::move(raw), context, no_deadline);
}

Task<void> connect_one(Loop& loop, Endpoint to, std::shared_ptr<TlsClientContext> context, Connected& into) {
  into = co_await loop.connect(to, {}, no_deadline);
  if (context == nullptr) co_return;
  auto raw = std::move(*into);
  into = co_await connect_tls(std::move(raw), context, "shop.example", no_deadline);
}

Task<void> write_all(Stream& stream, std::string_view bytes) {
  auto written = co_await stream.write(bytes, no_deadline);
  TENFOLD_ASSERT(written.has_value());
}

Task<void> read_bytes(Stream& stream, std::size_t count) {
  while (count > 0) {
    auto bytes = co_await stream.read(no_deadline);
    TENFOLD_ASSERT(bytes.has_value() && !bytes->empty());
    count -= bytes->size();
  }
}

Task<void> answer(Stream& stream, std::size_t question_bytes, std::string_view answer_bytes) {
  co_await read_bytes(stream, question_bytes);
  co_await write_all(stream, answer_bytes);
}

class Bench {
 public:
  explicit Bench(TestKeyKind key = TestKeyKind::p256) : leaf_(authority_.issue("DNS:shop.example", {.key = key})) {
    const auto file = folder_.write("authority.pem", authority_.pem());
    server_context_ = *make_tls_server_context({leaf_.save(folder_, "shop")}, {"http/1.1"});
    client_options_ = {.authorities_file = file, .protocols = {"http/1.1"}};
    client_context_ = *make_tls_client_context(client_options_);
  }

  struct Pair {
    Connected client = fail(Errc::failed);
    Connected server = fail(Errc::failed);
  };

  void connect(Pair& pair, Layer layer) {
    Scope scope;
    scope.spawn(accept_one(*listener_, layer == Layer::tls ? server_context_ : nullptr, pair.server));
    scope.spawn(connect_one(loop_, listener_->local(), layer == Layer::tls ? client_context_ : nullptr, pair.client));
    network_.settle();
    TENFOLD_ASSERT(pair.client.has_value() && pair.server.has_value());
  }
  // 200 bytes there, 1 KB back.
  void request(Pair& pair) {
    Scope scope;
    scope.spawn(answer(**pair.server, question_.size(), answer_));
    scope.spawn(write_all(**pair.client, question_));
    scope.spawn(read_bytes(**pair.client, answer_.size()));
    network_.settle();
    TENFOLD_ASSERT(scope.running() == 0);
  }
  void transfer(Pair& pair, std::string_view bytes) {
    Scope scope;
    scope.spawn(read_bytes(**pair.client, bytes.size()));
    scope.spawn(write_all(**pair.server, bytes));
    network_.settle();
    TENFOLD_ASSERT(scope.running() == 0);
  }
  void settle() { network_.settle(); }

 private:
  sim::SimNetwork network_;
  sim::SimLoop& loop_ = network_.make_loop();
  std::unique_ptr<Listener> listener_ = *loop_.listen(*Endpoint::parse("127.0.0.1:443"), {});
  TestFolder folder_;
  TestAuthority authority_;
  TestCertificate leaf_;
  TlsClientOptions client_options_;
  std::shared_ptr<const TlsServerContext> server_context_;
  std::shared_ptr<TlsClientContext> client_context_;
  const std::string question_ = std::string(200, 'q');
  const std::string answer_ = std::string(1024, 'a');
};

void handshake(benchmark::State& state, TestKeyKind key, Resume resume) {
  Bench bench(key);
  if (resume == Resume::yes) {
    Bench::Pair first;
    bench.connect(first, Layer::tls);
    bench.request(first);  // brings the ticket
  }
  for (auto _ : state) {
    Bench::Pair pair;
    bench.connect(pair, Layer::tls);
    TENFOLD_ASSERT((*pair.server)->tls()->resumed == (resume == Resume::yes));
    // Brings the ticket for the next. Its cost is request_1kb's.
    if (resume == Resume::yes) bench.request(pair);
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK_CAPTURE(handshake, ecdsa_p256_full, TestKeyKind::p256, Resume::no)->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(handshake, rsa_2048_full, TestKeyKind::rsa, Resume::no)->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(handshake, resumed, TestKeyKind::p256, Resume::yes)->Unit(benchmark::kMicrosecond);

void request_1kb(benchmark::State& state, Layer layer) {
  Bench bench;
  Bench::Pair pair;
  bench.connect(pair, layer);
  for (auto _ : state) bench.request(pair);
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK_CAPTURE(request_1kb, raw, Layer::raw)->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(request_1kb, tls, Layer::tls)->Unit(benchmark::kMicrosecond);

void transfer(benchmark::State& state, Layer layer) {
  Bench bench;
  Bench::Pair pair;
  bench.connect(pair, layer);
  const std::string bytes(static_cast<std::size_t>(state.range(0)), 'x');
  for (auto _ : state) bench.transfer(pair, bytes);
  state.SetBytesProcessed(state.iterations() * state.range(0));
}
BENCHMARK_CAPTURE(transfer, raw, Layer::raw)->Arg(16 << 10)->Arg(1 << 20)->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(transfer, tls, Layer::tls)->Arg(16 << 10)->Arg(1 << 20)->Unit(benchmark::kMicrosecond);

// Heap bytes that a server's end holds after a request, while it waits for the next.
void idle_memory(benchmark::State& state, Layer layer) {
  constexpr std::size_t connections = 1000;
  double held = 0;
  for (auto _ : state) {
    Bench bench;
    std::vector<Bench::Pair> pairs(connections);
    for (Bench::Pair& pair : pairs) {
      bench.connect(pair, layer);
      bench.request(pair);
    }
    const std::size_t before = mallinfo2().uordblks;
    for (Bench::Pair& pair : pairs) pair.server = fail(Errc::failed);
    held = static_cast<double>(before - mallinfo2().uordblks);
    bench.settle();
  }
  state.counters["bytes_per_connection"] = held / connections;
}
BENCHMARK_CAPTURE(idle_memory, raw, Layer::raw)->Iterations(1)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(idle_memory, tls, Layer::tls)->Iterations(1)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace tenfold::net
