#include "oncall/channels/twilio/sender.hpp"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "base/text/percent.hpp"
#include "oncall/channels/answers.hpp"
#include "oncall/plain_text.hpp"

namespace tenfold::oncall::channels {
namespace {

using namespace std::chrono_literals;
using transfer::Outcome;

constexpr Duration ask_timeout = 10s;
constexpr std::size_t most_list_bytes = 1u << 20;  // 50 resources take some 100 KB
constexpr std::int64_t clocks_differ_s = 60;       // theirs and ours, at most
constexpr std::int64_t attempt_lasts_s = 600;      // what was made later than that is of somebody else's doing

bool is_sid(std::string_view text) {
  return !text.empty() && text.size() <= 64 &&
         text.find_first_not_of("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz") ==
             std::string_view::npos;
}

// The provider's code before its words: "21211: The 'To' number is not valid".
std::string words_with_code(const Outcome& outcome) {
  const auto json = json_of(outcome);
  const std::string message = text_of(json, "message");
  if (message.empty() || !json.contains("code") || !json["code"].is_number_integer()) return provider_words(outcome);
  return plain(fmt::format("{}: {}", json["code"].get<std::int64_t>(), message), 200);
}

TwilioSends::Status status_of(const nlohmann::json& resource) {
  TwilioSends::Status status{.sid = text_of(resource, "sid"),
                             .word = text_of(resource, "status"),
                             .answered_by = text_of(resource, "answered_by"),
                             .error = text_of(resource, "error_message")};
  if (!is_sid(status.sid)) status.sid.clear();
  return status;
}

// The number as it is written in E.164; the API's own answers are.
bool is_number(std::string_view text) {
  return text.size() >= 3 && text.size() <= 20 && text.front() == '+' &&
         text.find_first_not_of("0123456789", 1) == std::string_view::npos;
}

}  // namespace

TwilioSender::TwilioSender(TwilioOptions options, std::shared_ptr<TwilioSends> sends, transfer::Poller& poller,
                           transfer::Transfers& transfers)
    : options_(std::move(options)), poller_(poller), errands_(poller, transfers), sends_(std::move(sends)) {}

transfer::Request TwilioSender::asking(const std::string& path) const {
  transfer::Request request;
  request.url = fmt::format("{}/2010-04-01/Accounts/{}/{}", options_.base_url, percent_encoded(options_.account), path);
  request.user = options_.account;
  request.password = options_.token;
  request.timeout = ask_timeout;
  request.headers = {{"User-Agent", "Tenfold"}};
  request.most_body_bytes = most_answer_bytes;
  return request;
}

// Without a public address nobody knows whether a key was pressed.
TwilioSends::Status TwilioSender::seen(const nlohmann::json& resource) const {
  TwilioSends::Status status = status_of(resource);
  const bool is_deaf = options_.public_url.empty() && kind() == ChannelKind::call;
  if (is_deaf && status.word == "completed" && status.error.empty()) status.error = "answered; keys cannot be heard";
  return status;
}

TwilioSends::Send* TwilioSender::current(const std::string& key, std::uint64_t turn) {
  TwilioSends::Send* const send = sends_->find(key);
  return send != nullptr && send->turn == turn ? send : nullptr;
}

void TwilioSender::tell(const std::string& key, std::uint64_t turn, Report report) {
  TwilioSends::Send* const send = current(key, turn);
  if (send == nullptr || !send->report) return;
  const Reporter to = send->report;
  to(std::move(report));
}

void TwilioSender::send(const std::string& to, const Message& message, const std::string& key, Duration timeout,
                        Reporter report) {
  const TwilioSends::Send& begun = sends_->begin(key, message, std::move(report));
  const std::uint64_t turn = begun.turn;
  if (!begun.kept.empty()) errands_.later({}, [this, key, turn] { hand_over(key, turn); });
  const bool is_possible = is_number(to);
  if (!is_possible || !errands_.has_room()) {
    errands_.later({}, [this, key, turn, is_possible, number = plain(to, 40)] {
      tell(key, turn,
           {.state = Report::State::failed,
            .detail = is_possible ? "too many sends are under way" : "not a number in E.164 form: " + number,
            .retry = is_possible});
    });
    return;
  }
  transfer::Request request = asking(resource() + ".json");
  request.method = "POST";
  request.headers.emplace_back("Content-Type", "application/x-www-form-urlencoded");
  request.body = form_encoded(form(to, message, key));
  request.timeout = timeout;
  errands_.ask(std::move(request), [this, key, turn](Outcome& outcome) { accepted(key, turn, outcome); });
}

void TwilioSender::accepted(const std::string& key, std::uint64_t turn, const Outcome& outcome) {
  TwilioSends::Send* const send = current(key, turn);
  if (send == nullptr) return;
  Report report = judged(outcome);
  if (report.state != Report::State::delivered) {
    // Callbacks may have told already what the lost answer did not.
    if (report.state == Report::State::unknown && send->stage != TwilioSends::Stage::nothing) {
      return poll_later(key, turn, poller_.now() + options_.poll_for);
    }
    if (outcome.kind == Outcome::Kind::answered) report.detail = words_with_code(outcome);
    // A gateway between us and the provider has lost the answer.
    if (outcome.status == 502 || outcome.status == 504) report.state = Report::State::unknown;
    return tell(key, turn, std::move(report));
  }
  const TwilioSends::Status status = seen(json_of(outcome));
  // Only the provider says 201: with it, there may be a call. Any other answer is somebody else's, and there is none.
  if (status.sid.empty() && outcome.status != 201) return tell(key, turn, not_from("the provider", outcome));
  if (status.sid.empty()) {
    return tell(key, turn,
                {.state = Report::State::unknown,
                 .detail = "an answer that is not the provider's: " + provider_words(outcome)});
  }
  if (send->sid != status.sid) {  // what came before was an earlier try's
    send->sid = status.sid;
    send->stage = TwilioSends::Stage::nothing;
  }
  sends_->take(key, {.sid = status.sid, .word = status.word.empty() ? "queued" : status.word, .error = status.error});
  poll_later(key, turn, poller_.now() + options_.poll_for);
}

// A call is over in minutes; a message's receipt comes at once, in an hour, or never.
Duration TwilioSender::poll_after(TimePoint until) const {
  const Duration every = options_.public_url.empty() ? options_.poll_every : options_.poll_seldom;
  if (kind() == ChannelKind::call) return every;
  return std::max(every, (poller_.now() - (until - options_.poll_for)) / 2);
}

void TwilioSender::poll_later(const std::string& key, std::uint64_t turn, TimePoint until) {
  const TwilioSends::Send* const send = current(key, turn);
  if (send == nullptr || send->stage == TwilioSends::Stage::ended) return;
  const Duration every = poll_after(until);
  if (poller_.now() + every > until) return;
  errands_.later(every, [this, key, turn, until] { poll(key, turn, until); });
}

// Trouble while asking is no news of the call: it is asked again until the time is up.
void TwilioSender::poll(const std::string& key, std::uint64_t turn, TimePoint until) {
  const TwilioSends::Send* const send = current(key, turn);
  if (send == nullptr || send->stage == TwilioSends::Stage::ended || send->sid.empty()) return;
  errands_.ask(asking(fmt::format("{}/{}.json", resource(), send->sid)), [this, key, turn, until](Outcome& outcome) {
    if (current(key, turn) == nullptr) return;
    if (judged(outcome).state == Report::State::delivered) sends_->take(key, seen(json_of(outcome)));
    poll_later(key, turn, until);
  });
}

void TwilioSender::find(const std::string& to, const std::string& key, const std::string& id, WallTime tried_at,
                        Reporter report) {
  TwilioSends::Send& send = sends_->ask(key, std::move(report));
  const std::uint64_t turn = send.turn;
  errands_.later({}, [this, key, turn, to, id, tried_at] {
    const bool is_told = hand_over(key, turn) > 0;
    const TwilioSends::Send* const known = current(key, turn);
    if (known == nullptr) return;
    if (is_told) return poll_later(key, turn, poller_.now() + options_.poll_for);
    const std::string sid = known->sid.empty() ? id : known->sid;
    if (is_sid(sid)) return look(key, turn, sid);
    search(key, turn, to, tried_at);
  });
}

std::size_t TwilioSender::hand_over(const std::string& key, std::uint64_t turn) {
  TwilioSends::Send* const send = current(key, turn);
  if (send == nullptr) return 0;
  const std::deque<Report> kept = std::exchange(send->kept, {});
  for (const Report& word : kept) tell(key, turn, word);
  return kept.size();
}

void TwilioSender::look(const std::string& key, std::uint64_t turn, const std::string& id) {
  errands_.ask(asking(fmt::format("{}/{}.json", resource(), id)), [this, key, turn, id](Outcome& outcome) {
    TwilioSends::Send* const send = current(key, turn);
    if (send == nullptr) return;
    if (outcome.kind == Outcome::Kind::answered && outcome.status == 404) {
      return tell(key, turn,
                  {.state = Report::State::failed, .detail = "the provider does not know it", .retry = true});
    }
    const TwilioSends::Status status = seen(json_of(outcome));
    if (judged(outcome).state != Report::State::delivered || status.sid != id) {
      return tell(key, turn, {.state = Report::State::unknown, .id = id, .detail = words_with_code(outcome)});
    }
    send->sid = id;
    send->stage = TwilioSends::Stage::nothing;  // whoever asks is told what is known already
    sends_->take(key, status);
    poll_later(key, turn, poller_.now() + options_.poll_for);
  });
}

// Not filtered by StartTime: a call that waits in the provider's queue has none yet. The list is newest first.
void TwilioSender::search(const std::string& key, std::uint64_t turn, const std::string& to, WallTime tried_at) {
  transfer::Request request = asking(
      fmt::format("{}.json?{}", resource(), form_encoded({{"To", to}, {"From", options_.from}, {"PageSize", "50"}})));
  request.most_body_bytes = most_list_bytes;
  errands_.ask(std::move(request),
               [this, key, turn, tried_at](Outcome& outcome) { searched(key, turn, tried_at, outcome); });
}

void TwilioSender::searched(const std::string& key, std::uint64_t turn, WallTime tried_at, const Outcome& outcome) {
  TwilioSends::Send* const send = current(key, turn);
  if (send == nullptr) return;
  const auto json = json_of(outcome);
  const std::string list = resource() == "Calls" ? "calls" : "messages";
  if (judged(outcome).state != Report::State::delivered || !json.is_object() || !json.contains(list) ||
      !json[list].is_array()) {
    return tell(key, turn, {.state = Report::State::unknown, .detail = "looking for it: " + words_with_code(outcome)});
  }
  const auto tried_s = std::chrono::floor<std::chrono::seconds>(tried_at).time_since_epoch().count();
  TwilioSends::Status found;
  std::int64_t found_after_s = 0;
  for (const auto& resource : json[list]) {
    const TwilioSends::Status status = seen(resource);
    const std::int64_t after_s = curl_getdate(text_of(resource, "date_created").c_str(), nullptr) - tried_s;
    if (status.sid.empty() || after_s < -clocks_differ_s || after_s > attempt_lasts_s) continue;
    if (sends_->is_of_another(status.sid, key)) continue;
    // The nearest to the try: after a restart nobody knows which are other sends'.
    if (found.sid.empty() || std::abs(after_s) < std::abs(found_after_s)) {
      found = status;
      found_after_s = after_s;
    }
  }
  if (found.sid.empty()) {
    return tell(key, turn, {.state = Report::State::failed, .detail = "the provider has none such", .retry = true});
  }
  send->sid = found.sid;
  send->stage = TwilioSends::Stage::nothing;
  sends_->take(key, found);
  poll_later(key, turn, poller_.now() + options_.poll_for);
}

}  // namespace tenfold::oncall::channels
