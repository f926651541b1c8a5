#include "oncall/channels/twilio/sends.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "oncall/plain_text.hpp"

namespace tenfold::oncall::channels {
namespace {

using Stage = TwilioSends::Stage;

struct Word {
  std::string_view word;
  Stage stage;
  Report::State state;
};

// Of calls, then of messages. A message has no ringing; what the network has taken is as good as that.
constexpr std::array words{
    Word{"queued", Stage::accepted, Report::State::sent},
    Word{"initiated", Stage::accepted, Report::State::sent},
    Word{"ringing", Stage::ringing, Report::State::ringing},
    Word{"in-progress", Stage::answered, Report::State::answered},
    Word{"answered", Stage::answered, Report::State::answered},
    Word{"completed", Stage::ended, Report::State::delivered},
    Word{"busy", Stage::ended, Report::State::busy},
    Word{"no-answer", Stage::ended, Report::State::no_answer},
    Word{"canceled", Stage::ended, Report::State::failed},
    Word{"failed", Stage::ended, Report::State::failed},
    Word{"accepted", Stage::accepted, Report::State::sent},
    Word{"scheduled", Stage::accepted, Report::State::sent},
    Word{"sending", Stage::accepted, Report::State::sent},
    Word{"sent", Stage::accepted, Report::State::sent},
    Word{"delivered", Stage::ended, Report::State::delivered},
    Word{"read", Stage::ended, Report::State::delivered},
    Word{"undelivered", Stage::ended, Report::State::failed},
};

const Word* find_word(std::string_view status) {
  for (const Word& word : words) {
    if (word.word == status) return &word;
  }
  return nullptr;
}

std::string detail_of(const TwilioSends::Status& status, const TwilioSends::Send& send) {
  if (!status.error.empty()) return plain(status.error, 200);
  if (status.answered_by.starts_with("machine")) return "a mailbox answered";
  if (status.word == "completed" && !send.acknowledged && !send.escalated) return "answered, and no key was pressed";
  return plain(status.word, 40);
}

}  // namespace

Stage TwilioSends::stage_of(std::string_view status) {
  const Word* const word = find_word(status);
  return word == nullptr ? Stage::nothing : word->stage;
}

TwilioSends::Send* TwilioSends::find(const std::string& key) {
  const auto found = sends_.find(key);
  return found == sends_.end() ? nullptr : &found->second;
}

TwilioSends::Send& TwilioSends::known(const std::string& key) {
  if (Send* const send = find(key)) return *send;
  while (sends_.size() >= most) {
    sends_.erase(order_.front());
    order_.pop_front();
  }
  order_.push_back(key);
  return sends_[key];
}

TwilioSends::Send& TwilioSends::begin(const std::string& key, const Message& message, Channel::Reporter report) {
  Send& send = known(key);
  if (!send.sid.empty()) send.earlier.push_back(std::exchange(send.sid, {}));
  if (send.earlier.size() > most_kept_words) send.earlier.pop_front();
  send.stage = Stage::nothing;
  std::erase_if(send.kept, [](const Report& kept) {  // a person's act is no try's
    return kept.state != Report::State::acknowledged && kept.state != Report::State::escalate;
  });
  send.message = message;
  send.report = std::move(report);
  send.turn = ++last_turn_;
  return send;
}

TwilioSends::Send& TwilioSends::ask(const std::string& key, Channel::Reporter report) {
  Send& send = known(key);
  send.report = std::move(report);
  send.turn = ++last_turn_;
  return send;
}

bool TwilioSends::is_of_another(std::string_view sid, const std::string& key) const {
  for (const auto& [known_key, send] : sends_) {
    if (send.sid == sid && known_key != key) return true;
    if (std::find(send.earlier.begin(), send.earlier.end(), sid) != send.earlier.end()) return true;
  }
  return false;
}

void TwilioSends::tell(Send& send, Report report) {
  if (report.id.empty()) report.id = send.sid;
  if (!send.report) {
    if (send.kept.size() == most_kept_words) send.kept.pop_front();
    send.kept.push_back(std::move(report));
    return;
  }
  const Channel::Reporter to = send.report;  // it may begin another try of the same key
  to(std::move(report));
}

void TwilioSends::take(const std::string& key, const Status& status) {
  const Word* const word = find_word(status.word);
  if (word == nullptr) return;
  Send& send = known(key);
  const bool is_earlier = std::find(send.earlier.begin(), send.earlier.end(), status.sid) != send.earlier.end();
  if (send.sid.empty() && !is_earlier) send.sid = status.sid;
  if (!status.sid.empty() && status.sid != send.sid) return;  // an earlier try's
  if (word->stage <= send.stage) return;
  send.stage = word->stage;
  tell(send, {.state = word->state,
              .id = send.sid,
              .detail = detail_of(status, send),
              .retry = word->state == Report::State::failed && status.retry == Status::Retry::may_help});
}

void TwilioSends::acknowledge(const std::string& key, std::string_view detail, Answer answer) {
  Send& send = known(key);
  send.acknowledged = true;
  Report report{.state = Report::State::acknowledged, .detail = std::string(detail)};
  report.answer = std::move(answer);
  tell(send, std::move(report));
}

void TwilioSends::escalate(const std::string& key, std::string_view detail, Answer answer) {
  Send& send = known(key);
  if (send.acknowledged) return acknowledge(key, detail, std::move(answer));
  send.escalated = true;
  Report report{.state = Report::State::escalate, .detail = std::string(detail)};
  report.answer = std::move(answer);
  tell(send, std::move(report));
}

}  // namespace tenfold::oncall::channels
