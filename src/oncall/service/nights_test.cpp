#include <cstdio>
#include <cstdlib>
#include <ratio>

#include "oncall/service/night_test.hpp"

// What must hold in every night: nobody who should be told is not, nobody is rung after they have answered, one call a
// number at a time, what is said is what is done, and every end is told.
// TENFOLD_NIGHTS: how many (15; docs/oncall.md has what 10,000 gave), TENFOLD_NIGHT_SEED: the first one's seed.
// TENFOLD_NIGHT_TRACE: says what happens in it.
namespace tenfold::oncall {
namespace {

using namespace std::chrono_literals;
using ActKind = ActOutcome::Kind;

// The longest that a plan leaves between two tries (a reminder), a busy line's call, pauses of tries that failed.
constexpr Duration longest_silence = 15min + 3min + 12min;
// A round in ten minutes, its redial, the contacts that take another's place, and what else joins anew.
constexpr std::size_t most_calls_an_hour = 40;

std::uint64_t night_number(const char* name, std::uint64_t otherwise) {
  const char* const text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

}  // namespace

void Night::fault(const std::string& what) {
  ++faults_;
  const auto hours = std::chrono::duration<double, std::ratio<3600>>(clock_.now().time_since_epoch()).count();
  ADD_FAILURE() << "TENFOLD_NIGHT_SEED=" << seed_ << ", after " << hours - 1 << " h: " << what;
}

void Night::note(const std::string& what) const {
  static const bool is_wanted = std::getenv("TENFOLD_NIGHT_TRACE") != nullptr;
  const auto seconds = std::chrono::duration<double>(clock_.now().time_since_epoch()).count() - 3600;
  if (is_wanted) std::printf("%10.3f %s\n", seconds, what.c_str());
}

const Alert* Night::alert_with(const std::string& source) const {
  for (const auto& [id, alert] : desk_->book().alerts()) {
    if (alert.state == Alert::State::over) continue;
    if (std::ranges::find(alert.troubles, source, &Trouble::source) != alert.troubles.end()) return &alert;
  }
  return nullptr;
}

std::string Night::who_has(const std::string& number) const {
  for (const Person& person : plan_.people) {
    if (std::ranges::find(person.contacts, number, &Contact::to) != person.contacts.end()) return person.name;
  }
  return "provider";
}

void Night::check_ringing(const TestChannel::Sent& sent) {
  const Message& message = sent.message;
  note("sent to " + sent.to + ": " + sent.key);
  if (message.kind == Message::Kind::over) return;
  const std::string who = who_has(sent.to);
  const auto found = desk_->book().alerts().find(message.alert);
  if (found == desk_->book().alerts().end()) return fault("rung for an alert that is no more");
  const Alert& alert = found->second;
  if (alert.state == Alert::State::over || alert.state == Alert::State::resting) {
    fault("rung for what is " + std::string(name(alert.state)));
  }
  for (const Trouble& trouble : alert.troubles) {
    sources_[trouble.source].unheard_since = std::max(sources_[trouble.source].unheard_since, clock_.now());
  }
  const auto taken = taken_.find(message.alert);
  const bool is_taken = taken != taken_.end() && taken->second.until - 1s > clock_.now();
  if (is_taken) fault(who + " is rung for what " + taken->second.by + " has taken");
  auto& times = rung_[std::to_string(message.alert) + who];
  times.push_back(clock_.now());
  std::erase_if(times, [&](TimePoint each) { return clock_.now() - each > 1h; });
  if (times.size() > most_calls_an_hour) fault(who + " is rung again and again");
}

void Night::check_outcome(const ActOutcome& outcome, std::int64_t number, const std::string& by, bool takes) {
  note(by + (takes ? " presses 1 for alert " : " presses 2 for alert ") + std::to_string(number) + ": outcome " +
       std::to_string(static_cast<int>(outcome.kind)));
  const auto found = desk_->book().alerts().find(number);
  if (found == desk_->book().alerts().end()) {
    if (outcome.kind != ActKind::over) fault("something else than that it is over is said of a forgotten alert");
    return;
  }
  const Alert& alert = found->second;
  const bool is_theirs = alert.state == Alert::State::acknowledged && alert.acknowledged_by == by;
  if (outcome.kind == ActKind::taken || outcome.kind == ActKind::taken_already) {
    if (!takes) fault("whoever passes on hears that it is theirs");
    const bool rests = alert.state == Alert::State::resting;
    if (!is_theirs && !rests) fault(by + " hears that it is theirs, and it is not");
    if (outcome.kind == ActKind::taken) taken_[number] = {by, clock_.now() + plan_.acknowledged_for};
    silent_until_.erase(number);
  } else if (outcome.kind == ActKind::theirs_if_it_comes_back) {
    taken_[number] = {by, clock_.now() + plan_.acknowledged_for};
  } else if (outcome.kind == ActKind::taken_by_another) {
    if (alert.state != Alert::State::acknowledged || alert.acknowledged_by == by) fault("nobody else has it");
  } else if (!takes && outcome.kind != ActKind::party_declines && outcome.kind != ActKind::over &&
             outcome.kind != ActKind::nobody_is_rung && outcome.kind != ActKind::nothing_is_wrong) {
    taken_.erase(number);  // passed on
  }
}

// While something is wrong, nobody has it, and a way out works, somebody is tried again and again.
void Night::check_silence() {
  const TimePoint now = clock_.now();
  for (const char* const channel : {"sip", "twilio"}) {
    if (down_until_[channel] > now) providers_good_since_ = now;
  }
  for (auto& [name, source] : sources_) {
    if (!source.is_down) continue;
    const Alert* const alert = alert_with(name);
    if (alert == nullptr) {
      fault(name + " is down, and there is no alert of it");
      continue;
    }
    const auto taken = taken_.find(alert->id);
    const auto silent = silent_until_.find(alert->id);
    const bool is_taken = taken != taken_.end() && taken->second.until > now;
    const bool is_silent = silent != silent_until_.end() && silent->second > now;
    if (source.rests || is_taken || is_silent) {
      source.unheard_since = now;
      continue;
    }
    if (taken != taken_.end() && taken->second.until <= now) taken_.erase(taken);
    const TimePoint since = std::max(source.unheard_since, providers_good_since_);
    if (now - since > longest_silence) {
      fault(name + " is down, nobody has it, and nobody was rung for half an hour (" +
            std::string(oncall::name(alert->state)) + ", " + alert->acknowledged_by + ")");
    }
  }
}

void Night::check_the_end() {
  if (faults_ > 0) return;
  for (const auto& [number, people] : heard_) {
    const auto found = desk_->book().alerts().find(number);
    if (found == desk_->book().alerts().end()) continue;
    if (found->second.state != Alert::State::over) fault("an alert has not ended: " + std::to_string(number));
    for (const std::string& who : people) {
      if (!heard_end_[number].contains(who))
        fault(who + " was never told that alert " + std::to_string(number) + " is over");
    }
  }
}

TEST(Nights, NobodyIsForgottenAndNobodyIsRungForNothing) {
  const auto nights = night_number("TENFOLD_NIGHTS", 15);
  const auto first = night_number("TENFOLD_NIGHT_SEED", entropy_seed() % 1'000'000'000);
  std::printf("TENFOLD_NIGHTS=%lu TENFOLD_NIGHT_SEED=%lu\n", static_cast<unsigned long>(nights),
              static_cast<unsigned long>(first));
  for (std::uint64_t night = 0; night < nights && !testing::Test::HasFailure(); ++night) Night(first + night).play();
}

}  // namespace tenfold::oncall
