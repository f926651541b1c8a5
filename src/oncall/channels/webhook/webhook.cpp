#include "oncall/channels/webhook/webhook.hpp"

#include "base/hmac.hpp"
#include "base/text/iso_time.hpp"
#include "oncall/channels/answers.hpp"
#include "oncall/channels/encode.hpp"
#include "oncall/channels/written.hpp"
#include "transfer/web_page.hpp"

namespace tenfold::oncall::channels {
namespace {

constexpr std::size_t most_event_subject_bytes = 1024;
constexpr std::size_t most_event_bytes = 16 * 1024;

}  // namespace

Result<transfer::Request> Webhook::request(const std::string&, const Message& message, const std::string& key) {
  const nlohmann::json body{
      {"version", 1},
      {"event", kind_name(message.kind)},
      {"key", key},
      {"alert", message.alert},
      {"severity", message.severity},
      {"subject", subject_line(message, most_event_subject_bytes)},
      {"text", written(message, most_event_bytes)},
      {"language", oncall::name(message.language)},
      {"since", iso_time(message.since)},
      {"acknowledge_url", message.acknowledge_url},
  };
  auto post = json_post(options_.url, json_body(body));
  const auto timestamp =
      std::to_string(std::chrono::floor<std::chrono::seconds>(clock_.wall_now()).time_since_epoch().count());
  post.headers.emplace_back("Idempotency-Key", header_safe(key));
  post.headers.emplace_back("X-Tenfold-Timestamp", timestamp);
  if (!options_.secret.empty()) {
    post.headers.emplace_back("X-Tenfold-Signature", hmac_sha256_hex(options_.secret, timestamp + "." + post.body));
  }
  return post;
}

// What the shop's own receiver says is its own affair. A page for a browser is not for us: a login stands in between.
Report Webhook::judge(const transfer::Outcome& outcome) const {
  Report report = judged(outcome);
  const bool is_doubtful = report.state == Report::State::delivered && transfer::is_web_page(outcome);
  return is_doubtful ? not_from("the webhook", outcome) : report;
}

}  // namespace tenfold::oncall::channels
