#include "app/console_client.hpp"

#include <fmt/format.h>

#include <optional>

#include "transfer/transfers.hpp"

namespace tenfold::app {
namespace {

using namespace std::chrono_literals;

constexpr Duration patience = 10s;
constexpr std::size_t most_answer_bytes = 64u << 20;

using Answer = Result<nlohmann::json>;

Answer answer_of(const transfer::Outcome& outcome, const std::string& base) {
  using Kind = transfer::Outcome::Kind;
  if (outcome.kind == Kind::not_sent) return fail(Errc::refused, outcome.error);
  if (outcome.kind == Kind::lost) return fail(Errc::timed_out, outcome.error);
  auto json = nlohmann::json::parse(outcome.body, nullptr, false);
  if (outcome.status < 300 && json.is_object()) return json;
  if (outcome.status < 300) return fail(Errc::invalid, fmt::format("{} does not speak Tenfold's API", base));
  const auto error = json.is_object() ? json.find("error") : json.end();
  if (error == json.end() || !error->is_object()) {
    return fail(Errc::invalid, fmt::format("{} answered with status {}", base, outcome.status));
  }
  return fail(Errc::invalid, fmt::format("{}; expected: {}", text_in(*error, "message"), text_in(*error, "expected")));
}

}  // namespace

std::string text_in(const nlohmann::json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

ConsoleClient::ConsoleClient(const Clock& clock, const config::Console& console)
    : clock_(clock), base_("http://" + console.address.text()), token_(console.token.reveal()) {
  // An address that stands for all of the machine's is reached by its own.
  if (console.address.host == "0.0.0.0") base_ = fmt::format("http://127.0.0.1:{}", console.address.port);
  if (console.address.host == "::") base_ = fmt::format("http://[::1]:{}", console.address.port);
}

Result<nlohmann::json> ConsoleClient::get(const std::string& path) { return ask("GET", path, {}); }

Result<nlohmann::json> ConsoleClient::post(const std::string& path, const nlohmann::json& body) {
  return ask("POST", path, body.dump());
}

Result<nlohmann::json> ConsoleClient::ask(const std::string& method, const std::string& path, std::string body) {
  auto poller = transfer::Poller::make(clock_);
  if (!poller) return std::unexpected(poller.error());
  auto transfers = transfer::Transfers::make(**poller);
  if (!transfers) return std::unexpected(transfers.error());
  transfer::Request request{.url = base_ + path, .method = method};
  request.body = std::move(body);
  request.timeout = patience;
  request.most_body_bytes = most_answer_bytes;
  if (method == "POST") request.headers.emplace_back("Content-Type", "application/json");
  if (!token_.empty()) request.headers.emplace_back("Authorization", "Bearer " + token_);
  std::optional<Answer> answer;
  (*transfers)->start(std::move(request), [&](transfer::Outcome& outcome) {
    answer = answer_of(outcome, base_);
    (*poller)->stop();
  });
  (*poller)->run();
  TENFOLD_ASSERT(answer.has_value());
  return std::move(*answer);
}

}  // namespace tenfold::app
