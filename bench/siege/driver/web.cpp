#include "web.hpp"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <optional>

#include "base/text/letters.hpp"

namespace tenfold::siege {
namespace {

constexpr std::size_t most_body_bytes = 512 * 1024;  // past it the rest of a page is not kept
constexpr std::string_view host_name = "shop.example";

struct Framed {
  http::RequestHead head;
  std::string cookies;  // head's views point here
  std::string referer;
};

void frame(const World& world, const Request& request, const rehearse::CookieJar* jar, Framed& framed) {
  http::RequestHead& head = framed.head;
  head.method = request.method;
  head.method_name = http::name(request.method);
  head.scheme = "http";
  head.authority = world.authority;
  head.target = request.target;
  head.headers.add("User-Agent", request.habit.user_agent);
  head.headers.add("Accept", request.habit.accept);
  if (!request.habit.language.empty()) head.headers.add("Accept-Language", request.habit.language);
  if (!request.referer.empty()) {
    framed.referer = "http://" + world.authority + request.referer;
    head.headers.add("Referer", framed.referer);
  }
  if (request.method == http::Method::post) head.headers.add("Content-Type", "application/x-www-form-urlencoded");
  if (request.websocket) {
    head.headers.add("Connection", "Upgrade");
    head.headers.add("Upgrade", "websocket");
    head.headers.add("Sec-WebSocket-Version", "13");
    head.headers.add("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==");
  }
  if (!request.cookies.empty()) {
    head.headers.add("Cookie", request.cookies);
  } else if (jar != nullptr) {
    jar->append_field(framed.cookies, request.target, rehearse::CookieJar::Transport::clear, world.wall());
    const std::string_view line = framed.cookies;
    constexpr std::string_view name = "Cookie: ";
    if (!line.empty()) head.headers.add("Cookie", trimmed(line.substr(name.size()), "\r\n"));
  }
}

void take_head(const World& world, const http::ResponseHead& head, std::string_view target, rehearse::CookieJar* jar,
               Answer& answer) {
  answer.status = head.status;
  answer.from_shop = head.headers.find("X-Shop").has_value();
  if (const auto value = head.headers.find(http::Field::tenfold_challenge)) answer.challenge = *value;
  if (const auto value = head.headers.find(http::Field::tenfold_queue)) answer.queue = *value;
  if (const auto value = head.headers.find(http::Field::location)) answer.location = *value;
  if (const auto value = head.headers.find(http::Field::retry_after)) {
    std::from_chars(value->data(), value->data() + value->size(), answer.retry_after_s);
  }
  if (jar == nullptr) return;
  for (const http::Header& each : head.headers) {
    if (each.field == http::Field::set_cookie) jar->take(each.value, target, host_name, world.wall());
  }
}

Answer failed(Answer answer, const http::ClientConnection& line, const Error& error) {
  answer.failure = failure_of(error);
  answer.stale = error.code == Errc::closed && line.untouched();
  answer.status = 0;
  return answer;
}

void add_path(std::vector<std::string>& found, std::string_view path, std::size_t most) {
  if (!path.starts_with('/') || path.starts_with("//") || found.size() >= most) return;
  if (std::ranges::find(found, path) == found.end()) found.emplace_back(path);
}

}  // namespace

Answer::Failure failure_of(const Error& error) {
  switch (error.code) {
    case Errc::timed_out: return Answer::Failure::timed_out;
    case Errc::refused:
    case Errc::unreachable: return Answer::Failure::connect;
    case Errc::exhausted: return Answer::Failure::no_room;
    case Errc::invalid:
    case Errc::too_large: return Answer::Failure::invalid;
    default: return Answer::Failure::closed;
  }
}

net::Task<Result<Line>> dial(World& world, net::IpAddress source, TimePoint deadline, net::CancelToken cancel) {
  net::ConnectOptions options;
  options.source = source;
  options.cancel = cancel;
  auto stream = co_await world.loop.connect(world.scenario.target_for(source), options, deadline);
  if (!stream) co_return std::unexpected(stream.error());
  co_return http::make_http1_client(std::move(*stream));
}

net::Task<Answer> exchange(World& world, http::ClientConnection& line, const Request& request, rehearse::CookieJar* jar,
                           Body body, TimePoint deadline) {
  Answer answer;
  Framed framed;
  frame(world, request, jar, framed);
  http::BodyLength length;
  if (!request.form.empty() || request.method == http::Method::post) {
    length = {http::BodyLength::Kind::known, request.form.size()};
  }
  // A server that refuses may answer before it has taken the request: what failed to be sent shows when reading.
  [[maybe_unused]] auto sent =
      co_await line.send_request(framed.head, length, request.form, http::BodyEnd::last, deadline);
  while (true) {
    auto head = co_await line.read_head(deadline);
    if (!head) co_return failed(std::move(answer), line, head.error());
    const int status = (*head)->status;
    if (status < 200 && status != 101) continue;
    take_head(world, **head, request.target, jar, answer);
    if (status == 101) co_return answer;
    break;
  }
  while (true) {
    auto piece = co_await line.read_body(deadline);
    if (!piece) co_return failed(std::move(answer), line, piece.error());
    if (piece->empty()) co_return answer;
    if (body == Body::kept && answer.body.size() < most_body_bytes) answer.body.append(piece->view());
  }
}

std::vector<std::string> assets_of(std::string_view page, std::size_t most) {
  std::vector<std::string> found;
  std::size_t at = 0;
  while (found.size() < most) {
    at = page.find('<', at);
    if (at == std::string_view::npos) break;
    const std::string_view tag = page.substr(at, page.find('>', at) - at);
    ++at;
    if (tag.starts_with("<link ")) add_path(found, value_behind(tag, "href=\""), most);
    if (tag.starts_with("<script ") || tag.starts_with("<img ")) add_path(found, value_behind(tag, "src=\""), most);
  }
  return found;
}

std::string value_behind(std::string_view page, std::string_view text) {
  const std::size_t at = page.find(text);
  if (at == std::string_view::npos) return {};
  const std::string_view rest = page.substr(at + text.size());
  return std::string(rest.substr(0, rest.find('"')));
}

std::optional<Refresh> refresh_of(std::string_view page) {
  std::size_t at = page.find("http-equiv=\"refresh\"");
  if (at == std::string_view::npos) at = page.find("http-equiv=refresh");
  if (at == std::string_view::npos) return std::nullopt;
  const std::string content = value_behind(page.substr(at), "content=\"");
  Refresh refresh{.after_s = std::atof(content.c_str())};
  const std::size_t url = lower_case(content).find("url=");
  if (url != std::string::npos) refresh.to = trimmed(std::string_view(content).substr(url + 4), "' ");
  for (std::size_t amp = refresh.to.find("&amp;"); amp != std::string::npos; amp = refresh.to.find("&amp;", amp + 1)) {
    refresh.to.erase(amp + 1, 4);
  }
  return refresh;
}

}  // namespace tenfold::siege
