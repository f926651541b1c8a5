#include "edge/worker/wrong_port.hpp"

#include <cstdint>
#include <string>

#include "http/error_page.hpp"
#include "net/loop.hpp"

namespace tenfold::edge {

bool begins_plain_http(std::string_view first_bytes) {
  return !first_bytes.empty() && first_bytes.front() >= 'A' && first_bytes.front() <= 'Z';
}

net::Task<void> say_that_this_is_https(net::Stream& stream, Duration write_timeout) {
  // What the client still sends is taken for so long and so far: closing over it would be a reset, which can throw away
  // the answer at the client.
  constexpr Duration linger_time = std::chrono::seconds(2);
  constexpr std::size_t linger_bytes = 64 * 1024;
  const std::string page = http::plain_error_page(
      400, "This port speaks HTTPS, and the request came as plain HTTP: use an address that begins with https://.");
  const std::string answer =
      "HTTP/1.1 400 Bad Request\r\nContent-Type: text/html; charset=utf-8\r\nCache-Control: no-store\r\n"
      "Connection: close\r\nContent-Length: " +
      std::to_string(page.size()) + "\r\n\r\n" + page;
  net::Loop& loop = stream.loop();
  const auto written = co_await stream.write(answer, loop.now() + write_timeout);
  if (!written) co_return;
  const TimePoint end = loop.now() + linger_time;
  co_await stream.finish_writing(end);
  for (std::size_t taken = 0; taken < linger_bytes;) {
    const auto bytes = co_await stream.read(end);
    if (!bytes || bytes->empty()) co_return;
    taken += bytes->size();
  }
}

}  // namespace tenfold::edge
