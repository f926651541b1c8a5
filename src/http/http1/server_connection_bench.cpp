#include <benchmark/benchmark.h>
#include <malloc.h>

#include <cstdlib>
#include <cstring>
#include <new>
#include <string>

#include "http/http1/server_connection.hpp"
#include "net/heap_buffers.hpp"
#include "net/scope.hpp"
#include "net/sim/sim_loop.hpp"

// What a request costs in this module alone: the stream gives the same request again and again and swallows answers.
namespace {

std::uint64_t allocations = 0;
std::int64_t allocated_bytes = 0;

}  // namespace

void* operator new(std::size_t bytes) {
  ++allocations;
  void* const memory = std::malloc(bytes);
  if (memory == nullptr) std::abort();
  allocated_bytes += static_cast<std::int64_t>(malloc_usable_size(memory));
  return memory;
}
void operator delete(void* memory) noexcept {
  if (memory != nullptr) allocated_bytes -= static_cast<std::int64_t>(malloc_usable_size(memory));
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept { ::operator delete(memory); }

namespace tenfold::http::http1 {
namespace {

class RepeatingStream final : public net::Stream {
 public:
  RepeatingStream(net::sim::SimLoop& loop, std::string_view request, std::uint64_t times)
      : Stream(loop), buffers_(loop.buffers()), request_(request), left_(times) {}

  net::Task<void> finish_writing(TimePoint) override { co_return; }
  void cancel() override { interrupt_reader({Errc::cancelled}); }

 protected:
  bool want_input() override {
    if (left_ == 0) {
      deliver_end(std::nullopt);
      return true;
    }
    --left_;
    net::Buffer buffer = buffers_.allocate();
    std::memcpy(buffer.room().data(), request_.data(), request_.size());
    buffer.grow(request_.size());
    deliver(std::move(buffer));
    return true;
  }
  bool start_write() override {
    complete_write({});
    return true;
  }
  void abort_write() override {}

 private:
  net::HeapBuffers& buffers_;
  std::string_view request_;
  std::uint64_t left_;
};

class PageHandler final : public Handler {
 public:
  net::Task<void> handle(ServerExchange& exchange) override {
    ResponseHead head;
    head.headers.add(Field::content_type, "text/html; charset=utf-8");
    head.headers.add(Field::cache_control, "max-age=60");
    head.headers.add(Field::etag, "\"65a1-400\"");
    auto sent = co_await exchange.send(head, body_, BodyEnd::last, no_deadline);
    (void)sent;
  }

 private:
  std::string body_ = std::string(1024, 'x');
};

struct Server {
  net::sim::SimNetwork network;
  net::sim::SimLoop& loop = network.make_loop();
  PageHandler handler;
  ServerLimits limits{.requests_per_connection = UINT64_MAX};
  ServerMetrics metrics;
  DrainSignal drain;
  ServerContext context{handler, limits, metrics, drain};
  net::Scope scope;
};

const std::string page_request =
    "GET /products/garden/hose-20m?ref=home&sort=price HTTP/1.1\r\n"
    "Host: www.shop.example\r\n"
    "User-Agent: Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 "
    "Safari/537.36\r\n"
    "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8\r\n"
    "Accept-Encoding: gzip, deflate, br\r\n"
    "Accept-Language: de-DE,de;q=0.9,en;q=0.8\r\n"
    "Cookie: session=3f8a9c2b7d6e5f4a3b2c1d0e; cart=17; consent=1\r\n"
    "\r\n";

void serve_page(benchmark::State& state) {
  constexpr std::uint64_t batch = 1000;
  Server server;
  std::uint64_t first_allocations = 0;
  for (auto _ : state) {
    server.scope.spawn(
        serve_http1(std::make_unique<RepeatingStream>(server.loop, page_request, batch), server.context));
    if (first_allocations == 0) first_allocations = allocations;
  }
  const auto requests = static_cast<double>(server.metrics.requests.value());
  state.SetItemsProcessed(static_cast<std::int64_t>(requests));
  // Of each batch a handful are the connection's own.
  state.counters["allocations_per_request"] =
      static_cast<double>(allocations - first_allocations) / (requests - static_cast<double>(batch) + 1);
}
BENCHMARK(serve_page);

// Heap held by a connection that has served a request and waits for the next; without its stream's own memory.
void idle_connection(benchmark::State& state) {
  constexpr int connections = 1000;
  for (auto _ : state) {
    Server server;
    const net::Endpoint at{net::IpAddress::v4(0x7f000001), 80};
    const auto listener = server.loop.listen(at, {});
    std::vector<std::unique_ptr<net::Stream>> clients;
    std::vector<std::unique_ptr<net::Stream>> accepted;
    for (int i = 0; i < connections; ++i) {
      clients.push_back(
          std::move(*net::sim::run_task(server.network, server.loop, server.loop.connect(at, {}, no_deadline))));
      accepted.push_back(std::move(*net::sim::run_task(server.network, server.loop, (*listener)->accept())));
    }
    const std::int64_t before = allocated_bytes;
    for (auto& stream : accepted) server.scope.spawn(serve_http1(std::move(stream), server.context));
    server.network.settle();
    state.counters["bytes_each"] = static_cast<double>(allocated_bytes - before) / connections;
    server.drain.drain();
    server.network.settle();
    server.network.advance(std::chrono::hours(1));
  }
}
BENCHMARK(idle_connection)->Iterations(1);

}  // namespace
}  // namespace tenfold::http::http1
