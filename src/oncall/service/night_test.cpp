#include "oncall/service/night_test.hpp"

#include <algorithm>

// The world of a night: providers, phones and people, who do whatever they may.
namespace tenfold::oncall {
namespace {

using namespace std::chrono_literals;
using Said = Report::State;

constexpr Duration night_lasts = 9h;
constexpr Duration morning_lasts = 4h;

}  // namespace

Plan Night::plan(FastRandom& random) {
  Plan plan{.shop = "Corner Shop"};
  plan.people = {{.name = "ada", .contacts = {{ChannelKind::call, "+1"}, {ChannelKind::sms, "+1", 2min}}},
                 {.name = "bela", .contacts = {{ChannelKind::call, "+2"}, {ChannelKind::mail, "bela@shop.example"}}},
                 {.name = "carl", .contacts = {{ChannelKind::sms, "+3"}, {ChannelKind::call, "+3", 1min}}}};
  plan.outside_parties = {{.name = "provider", .is = "internet provider", .office = "+9"}};
  const auto repeat = static_cast<unsigned>(random.below(3));
  plan.escalations = {
      {.name = "all",
       .steps = {{.notify = {"ada"}}, {.notify = {"bela"}, .after = 5min}, {.notify = {"provider"}, .after = 15min}},
       .repeat = repeat,
       .repeat_after = 10min},
      {.name = "other",
       .steps = {{.notify = {"bela", "carl"}}, {.notify = {"ada"}, .after = 3min}},
       .repeat = repeat,
       .repeat_after = 10min}};
  plan.over_after = random.below(2) == 0 ? 0s : 2min;
  return plan;
}

Night::Night(std::uint64_t seed) : seed_(seed), random_(seed), plan_(plan(random_)) {
  add_channel("sip", ChannelKind::call);
  add_channel("twilio", ChannelKind::call);
  add_channel("modem", ChannelKind::sms);
  add_channel("mail", ChannelKind::mail);
  providers_good_since_ = clock_.now();
  begin_life();
}

void Night::add_channel(std::string name, ChannelKind kind) {
  auto made = std::make_unique<TestChannel>(name, kind);
  made->set_pace(1s);
  made->on_send = [this, name](const TestChannel::Sent& each) { sent(name, TestChannel::Sent(each)); };
  made->on_find = [this, name](const TestChannel::Found& each) { find(name, TestChannel::Found(each)); };
  channels_.push_back(std::move(made));
}

// ---- Time ----

void Night::at(Duration after, std::function<void()> what, bool only_in_this_life) {
  happenings_.emplace(clock_.now() + after, Happening{std::move(what), only_in_this_life ? life_ : 0});
}

void Night::begin_life() {
  ++life_;
  turn_wanted_ = true;
  desk_random_ = std::make_unique<FastRandom>(seed_ + life_);
  desk_ = std::make_unique<Desk>(
      Desk::Parts{.clock = clock_,
                  .random = *desk_random_,
                  .channels = channels_,
                  .message = [](const Order& order) { return Message{.kind = order.kind, .alert = order.alert}; },
                  .happened = [this] { turn_wanted_ = true; }},
      plan_);
  const auto taken = desk_->take_up(disk_.kept());
  if (!taken) fault("what was written down is not understood: " + taken.error().text());
  // As the watch does: of what is down and told it says again how it stands.
  for (const auto& [name, source] : sources_) {
    if (source.is_down) break_something(name);
  }
}

void Night::turn() {
  turn_wanted_ = false;
  desk_->decide();
  const auto page = desk_->next_page();
  if (!disk_is_full_ && !Desk::is_empty(*page)) {
    disk_.write(*page);
    desk_->note_written(*page);
  }
  desk_->answer_acts(disk_is_full_ ? ActOutcome::Kept::in_memory : ActOutcome::Kept::on_disk);
  desk_->start_begun();
  desk_->listen();
}

void Night::play() {
  const TimePoint evening = clock_.now();
  at(
      0s, [this] { happen_something(); }, false);
  at(
      night_lasts,
      [this] {
        quiet_ = true;
        disk_is_full_ = false;
        down_until_.clear();
        providers_good_since_ = clock_.now();
        for (auto& [name, source] : sources_) {
          if (source.is_down) mend(name);
        }
      },
      false);
  while (clock_.now() < evening + night_lasts + morning_lasts && faults_ == 0) {
    if (turn_wanted_) {
      turn();
      check_silence();
      continue;
    }
    const auto due = desk_->next_due();
    const auto next = happenings_.begin();
    if (next == happenings_.end() && !due) break;
    const bool is_happening = next != happenings_.end() && (!due || next->first <= *due);
    const TimePoint moment = is_happening ? next->first : *due;
    clock_.advance(std::max<Duration>(moment - clock_.now(), 0ns));
    if (is_happening) {
      const Happening happening = std::move(next->second);
      happenings_.erase(next);
      if (happening.life == 0 || happening.life == life_) happening.what();
    }
    turn_wanted_ = true;
  }
  check_the_end();
}

// ---- What goes wrong ----

void Night::happen_something() {
  if (quiet_) return;
  at(
      within(10min), [this] { happen_something(); }, false);
  const std::string source = "check-" + std::to_string(random_.below(5));
  switch (random_.below(12)) {
    case 0:
    case 1:
    case 2:
    case 3: return break_something(source);
    case 4: return mend(source);
    case 5:
      if (sources_[source].is_down) sources_[source].rests = !sources_[source].rests, break_something(source);
      return;
    case 6: return provider(chance(50) ? "sip" : "twilio", within(20min));
    case 7: return provider("modem", within(20min));
    case 8:
      return at(
          within(20s), [this] { kill(); }, false);
    case 9: return set_clock();
    case 10:
      if (!disk_is_full_) {
        disk_is_full_ = true;
        at(
            within(10min), [this] { disk_is_full_ = false, turn_wanted_ = true; }, false);
      }
      return;
    case 11: {
      const Alert* const alert = alert_with(source);
      if (alert == nullptr) return;
      if (chance(50)) {
        const Duration silence = 5min + within(1h);
        desk_->silence(alert->id, clock_.wall_now() + silence);
        note("alert " + std::to_string(alert->id) + " is silenced");
        silent_until_[alert->id] = clock_.now() + silence;
        taken_.erase(alert->id);
      } else {
        const std::string by = chance(50) ? "ada" : "bela";
        check_outcome(desk_->acknowledge(alert->id, by, "the link", Alert::Means::elsewhere), alert->id, by, true);
      }
    }
  }
}

void Night::break_something(const std::string& name) {
  Source& source = sources_[name];
  note(name + (source.is_down ? source.rests ? " rests" : " is still down" : " is down"));
  if (!source.is_down || !source.rests) source.unheard_since = std::max(source.unheard_since, clock_.now());
  source.is_down = true;
  desk_->trouble({.source = name,
                  .what = "down: connection refused",
                  .severity = "critical",
                  .escalation = name == "check-0" ? "other" : "all",
                  .since = clock_.wall_now(),
                  .rests = source.rests ? Trouble::Rests::yes : Trouble::Rests::no});
}

void Night::mend(const std::string& name) {
  note(name + " is well");
  sources_[name] = {};
  desk_->over(name);
}

// At any moment: between two turns, or within one, before what it has decided is written down.
void Night::kill() {
  if (disk_is_full_) return;  // what is lost then was said to be
  note("killed");
  if (chance(50)) desk_->decide();
  if (chance(50)) disk_.write(*desk_->next_page());
  for (auto& [number, call] : talking_) call->report = nullptr;
  begin_life();
}

void Night::set_clock() {
  const Duration by = within(4h) - 2h;
  note("the clock is set by " + std::to_string(std::chrono::duration_cast<std::chrono::seconds>(by).count()) + " s");
  clock_.set_wall(clock_.wall_now() + by);
  if (by <= 0s) return;
  // It looks as if the machine had slept: what lasts until a time of day ends earlier.
  for (auto& [alert, taken] : taken_) taken.until -= by;
  for (auto& [alert, until] : silent_until_) until -= by;
}

void Night::provider(const std::string& channel, Duration down_for) {
  down_until_[channel] = std::max(down_until_[channel], clock_.now() + down_for);
}

// ---- Providers and phones ----

void Night::sent(const std::string& channel, const TestChannel::Sent& each) {
  check_ringing(each);
  if (each.message.kind == Message::Kind::over) heard_end_[each.message.alert].insert(who_has(each.to));
  const bool is_down = down_until_[channel] > clock_.now();
  if (is_down) {
    if (channel == "sip" || channel == "twilio") providers_good_since_ = clock_.now();
    const Said word = chance(20) ? Said::unknown : Said::failed;
    if (chance(10)) return;  // not a word of it
    return at(within(5s), [report = each.report, word] { report({.state = word, .retry = true}); });
  }
  channel == "sip" || channel == "twilio" ? ring(channel, each) : write_to(channel, each);
}

void Night::write_to(const std::string& channel, const TestChannel::Sent& each) {
  const auto call = std::make_shared<Call>(Call{.to = each.to, .key = each.key, .report = each.report});
  calls_[channel + each.key].push_back(call);
  const std::string who = who_has(each.to);
  if (each.message.kind != Message::Kind::over) heard_[each.message.alert].insert(who);
  const bool lost = chance(10);
  call->last = Report{.state = Said::delivered};
  at(within(3s), [this, call, lost] { tell(call, {.state = lost ? Said::unknown : Said::sent}); });
  if (channel != "modem" || each.message.kind == Message::Kind::over || !chance(30)) return;
  const std::string text = (chance(70) ? "1 " : "2 ") + std::to_string(each.message.alert);
  at(10s + within(5min), [this, to = each.to, text] {
    for (const auto& channel_of : channels_) {
      auto& listening = static_cast<TestChannel&>(*channel_of);
      if (!listening.hear) continue;
      const std::int64_t alert = std::stoll(text.substr(2));
      const auto before = desk_->book().alerts().find(alert);
      const bool rang = before != desk_->book().alerts().end() && before->second.state != Alert::State::acknowledged;
      listening.hear({.from = to, .text = text, .at = clock_.wall_now()});
      const auto after = desk_->book().alerts().find(alert);
      if (rang && after != desk_->book().alerts().end() && after->second.state == Alert::State::acknowledged) {
        taken_[alert] = {who_has(to), clock_.now() + plan_.acknowledged_for};
      }
    }
  });
}

void Night::ring(const std::string& channel, const TestChannel::Sent& each) {
  const auto call = std::make_shared<Call>(Call{.to = each.to, .key = each.key, .report = each.report});
  if (channel == "twilio") calls_[channel + each.key].push_back(call);
  const auto line = talking_.find(each.to);
  if (line != talking_.end() && line->second && !line->second->over) {
    if (line->second->is_known && line->second->report) fault("two calls at once to " + each.to);
    return at(1s, [this, call] { hang_up(call, Report{.state = Said::busy}); });
  }
  talking_[each.to] = call;
  if (channel == "twilio" && chance(5)) {
    call->is_known = false;
    at(30s, [this, call] { tell(call, {.state = Said::unknown}); });
  } else {
    at(500ms, [this, call] { tell(call, {.state = Said::sent, .id = "id"}); });
  }
  if (chance(25))
    return at(
        45s, [this, call] { hang_up(call, Report{.state = Said::no_answer}); }, false);
  at(
      3s + within(30s), [this, call, channel, message = each.message] { pick_up(call, channel, message); }, false);
}

void Night::pick_up(const std::shared_ptr<Call>& call, const std::string& channel, const Message& message) {
  const bool rings_on = channel == "twilio" || call->report;  // a call by SIP ends with the program
  if (!rings_on) return hang_up(call, std::nullopt);
  tell(call, {.state = Said::answered});
  const bool is_mailbox = chance(20);
  if (is_mailbox)
    return at(
        40s, [this, call] { hang_up(call, Report{.state = Said::delivered}); }, false);
  if (message.kind != Message::Kind::over) heard_[message.alert].insert(who_has(call->to));
  const bool presses = message.kind == Message::Kind::over ? chance(5) : chance(75);
  if (!presses)
    return at(
        30s, [this, call] { hang_up(call, Report{.state = Said::delivered}); }, false);
  at(
      2s + within(25s), [this, call, message, takes = chance(50)] { press(call, message, takes); }, false);
}

void Night::press(const std::shared_ptr<Call>& call, const Message& message, bool takes) {
  if (!call->report) return hang_up(call, std::nullopt);
  Report word{.state = takes ? Said::acknowledged : Said::escalate};
  word.answer = [this, alert = message.alert, by = who_has(call->to), takes](const ActOutcome& outcome) {
    check_outcome(outcome, alert, by, takes);
  };
  hang_up(call, std::move(word));
}

void Night::hang_up(const std::shared_ptr<Call>& call, std::optional<Report> word) {
  call->over = true;
  if (word) tell(call, std::move(*word));
}

void Night::tell(const std::shared_ptr<Call>& call, Report word) {
  if (word.state != Said::unknown) call->last = word;
  const Channel::Reporter report = call->report;
  if (report) report(std::move(word));
}

// SIP knows of nothing that an earlier life has done; the modem forgets; Twilio and the mail server know.
void Night::find(const std::string& channel, const TestChannel::Found& found) {
  const auto known = calls_.find(channel + found.key);
  if (channel == "modem") return at(1s, [report = found.report] { report({.state = Said::unknown}); });
  if (known == calls_.end() || known->second.empty()) {
    return at(1s, [report = found.report] { report({.state = Said::failed, .retry = true}); });
  }
  const auto call = known->second.back();
  at(1s, [this, call, report = found.report] {
    call->report = report;
    call->is_known = true;
    Report word = call->last.value_or(Report{.state = Said::sent});
    report(std::move(word));
  });
}

}  // namespace tenfold::oncall
