#include "rehearse/drive/ownership/token_file.hpp"

#include "http/client.hpp"

namespace tenfold::rehearse {

namespace {

constexpr int most_interim_answers = 8;

using Opened = Result<std::unique_ptr<net::Stream>>;

// What a failed wait says about the server.
Error no_answer(const Error& error) {
  const Errc code = error.code == Errc::timed_out || error.code == Errc::cancelled ? error.code : Errc::unreachable;
  return {code, error.detail.empty() ? std::string(name(error.code)) : error.detail};
}

net::Task<Opened> open(net::Loop& loop, const Target& target, net::Endpoint endpoint,
                       std::shared_ptr<net::TlsClientContext> tls, TimePoint deadline) {
  auto stream = co_await loop.connect(endpoint, {}, deadline);
  if (!stream && stream.error().code == Errc::unreachable) co_return fail(Errc::not_found, stream.error().detail);
  if (!stream) co_return std::unexpected(no_answer(stream.error()));
  if (!target.tls()) co_return std::move(*stream);
  auto secured = co_await net::connect_tls(std::move(*stream), tls, target.host, deadline);
  if (secured) co_return std::move(*secured);
  if (secured.error().code == Errc::failed) co_return std::unexpected(secured.error());
  co_return std::unexpected(no_answer(secured.error()));
}

Result<void> acceptable(const http::ResponseHead& head) {
  if (head.status == 200) return {};
  const std::string status = "status " + std::to_string(head.status);
  if (head.status == 429 || head.status >= 500) return fail(Errc::busy, status);
  if (head.status >= 300 && head.status < 400) return fail(Errc::refused, "a redirect, which is not followed");
  return fail(Errc::refused, status);
}

net::Task<Result<std::string>> read_body(http::ClientConnection& connection, TimePoint deadline) {
  std::string text;
  while (true) {
    auto part = co_await connection.read_body(deadline);
    if (!part) co_return std::unexpected(no_answer(part.error()));
    if (part->empty()) co_return text;
    if (text.size() + part->size() > most_token_file_bytes) {
      co_return fail(Errc::refused, "a file of more than 4 KiB");
    }
    text.append(part->view());
  }
}

}  // namespace

net::Task<Result<std::string>> read_token_file(net::Loop& loop, Target target, net::Endpoint endpoint,
                                               std::shared_ptr<net::TlsClientContext> tls, TimePoint deadline) {
  auto stream = co_await open(loop, target, endpoint, tls, deadline);
  if (!stream) co_return std::unexpected(stream.error());
  const auto connection = http::make_http1_client(std::move(*stream), {.head_bytes = 16 * 1024});

  const std::string authority = target.authority();
  http::RequestHead request;
  request.scheme = target.scheme;
  request.authority = authority;
  request.target = token_path;
  request.headers.add(http::Field::host, authority);
  request.headers.add("Accept", "text/plain, */*;q=0.1");
  request.headers.add("User-Agent", "tenfold-rehearse");
  const http::BodyLength no_body;
  auto sent = co_await connection->send_request(request, no_body, {}, http::BodyEnd::last, deadline);
  if (!sent) co_return std::unexpected(no_answer(sent.error()));

  for (int i = 0; i < most_interim_answers; ++i) {
    auto head = co_await connection->read_head(deadline);
    if (!head && (head.error().code == Errc::invalid || head.error().code == Errc::too_large)) {
      co_return fail(Errc::refused, "an answer that is not HTTP");
    }
    if (!head) co_return std::unexpected(no_answer(head.error()));
    if ((*head)->status >= 100 && (*head)->status < 200) continue;
    if (auto good = acceptable(**head); !good) co_return std::unexpected(good.error());
    auto body = co_await read_body(*connection, deadline);
    co_return body;
  }
  co_return fail(Errc::refused, "no final answer");
}

}  // namespace tenfold::rehearse
