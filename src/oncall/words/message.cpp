#include "oncall/words/message.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

#include "base/text/letters.hpp"
#include "oncall/link/signed_link.hpp"
#include "oncall/people/local_time.hpp"
#include "oncall/plain_text.hpp"
#include "oncall/words/phrases.hpp"
#include "oncall/words/reasons.hpp"
#include "oncall/words/sms.hpp"
#include "oncall/words/when.hpp"

namespace tenfold::oncall {
namespace {

constexpr std::size_t longest_subject_bytes = 250;
constexpr std::size_t longest_text_bytes = 8'000;
constexpr std::size_t longest_spoken_bytes = 1'800;  // as XML
constexpr std::size_t most_listed = 20;
constexpr Duration link_lasts = std::chrono::hours(24);

template <class... Values>
std::string filled(std::string_view phrase, const Values&... values) {
  return fmt::format(fmt::runtime(phrase), values...);
}

// How much of the details is said; the last is sure to fit.
struct Detail {
  std::size_t troubles;
  std::size_t name_bytes;
  std::size_t what_bytes;
};
constexpr std::array<Detail, 4> details{{{3, 200, 250}, {2, 100, 120}, {1, 100, 80}, {1, 30, 30}}};

struct Speaker {
  const Wording& wording;
  const Alert& alert;
  const Order& order;
  WallTime now;
  const Phrases& words;
  absl::TimeZone zone;

  Language language() const { return order.recipient.language; }
  bool to_outside() const { return order.recipient.kind == Recipient::Kind::outside_party; }
  bool is_over() const { return order.kind == Message::Kind::over; }
  bool is_drill() const { return order.kind == Message::Kind::drill; }
  // What becomes of it after a restart is the shop's own people's concern.
  bool says_from_memory() const { return !wording.note.empty() && !to_outside(); }
  std::string shop() const { return plain(wording.plan.shop, 100); }

  WallTime since() const {
    WallTime first = alert.began;
    for (const Trouble& trouble : alert.troubles) {
      if (trouble.since != WallTime() && trouble.since < first) first = trouble.since;
    }
    return first;
  }
};

std::string in_words(std::string_view what, Language language) {
  const Phrases& words = phrases(language);
  const std::array<std::pair<std::string_view, std::string_view>, 5> states{{{"down", words.down},
                                                                             {"slow", words.slow},
                                                                             {"failing", words.failing},
                                                                             {"up", words.up},
                                                                             {"unknown", words.unknown}}};
  for (const auto& [state, word] : states) {
    if (!what.starts_with(state)) continue;
    const std::string_view rest = what.substr(state.size());
    if (rest.empty() || rest.front() == ',' || rest.front() == ' ') return std::string(word).append(rest);
    if (rest.starts_with(": ")) {
      return std::string(word).append(words.colon).append(reason_in(rest.substr(2), language));
    }
  }
  return reason_in(what, language);
}

// That a second look saw the same, and how it went, is for who reads at leisure.
enum class SecondLook : std::uint8_t { told, left_out };

std::string said(const Trouble& trouble, Language language, SecondLook second = SecondLook::told) {
  if (trouble.what.empty()) return trouble.source;
  const std::string_view what = second == SecondLook::told ? trouble.what : without_second_look(trouble.what);
  return trouble.source + std::string(phrases(language).colon) + in_words(what, language);
}

std::string severity_word(const Speaker& speaker) {
  if (speaker.alert.severity == "critical") return std::string(speaker.words.critical);
  if (speaker.alert.severity == "warning") return std::string(speaker.words.warning);
  return speaker.alert.severity;
}

std::string names_of_past(const Alert& alert, std::size_t most, std::size_t name_bytes) {
  std::vector<std::string> names;
  for (const std::string& source : alert.past) {
    if (names.size() == most) break;
    names.push_back(shortened(source, name_bytes));
  }
  std::string joined = fmt::format("{}", fmt::join(names, ", "));
  if (alert.past.size() > names.size()) joined += fmt::format(" (+{})", alert.past.size() - names.size());
  return joined;
}

// "front-page: down: connection refused (+2)"
std::string headline(const Speaker& speaker, SecondLook second) {
  const Phrases& words = speaker.words;
  if (speaker.order.kind == Message::Kind::uplink) return std::string(words.subject_uplink);
  if (speaker.is_over()) {
    const std::string names = names_of_past(speaker.alert, 3, 60);
    return std::string(words.subject_over) + (names.empty() ? "" : std::string(words.colon) + names);
  }
  if (speaker.alert.troubles.empty()) return severity_word(speaker);
  std::string text = shortened(said(speaker.alert.troubles.front(), speaker.language(), second), 160);
  if (speaker.alert.troubles.size() > 1) text += fmt::format(" (+{})", speaker.alert.troubles.size() - 1);
  return text;
}

std::string subject(const Speaker& speaker, SecondLook second) {
  const Phrases& words = speaker.words;
  if (speaker.is_drill()) return fmt::format("{}{}{}", words.subject_drill, words.colon, speaker.shop());
  std::string text = fmt::format("{}{}{}", speaker.shop(), words.colon, headline(speaker, second));
  if (speaker.order.kind == Message::Kind::reminder) {
    text = fmt::format("{}{}{}", words.subject_reminder, words.colon, text);
  } else if (speaker.order.kind == Message::Kind::gap) {
    text = fmt::format("{}{}{}", words.subject_gap, words.colon, text);
  }
  return shortened(text, longest_subject_bytes);
}

// What is the matter, for eye and ear.
std::string first_sentences(const Speaker& speaker) {
  const Phrases& words = speaker.words;
  switch (speaker.order.kind) {
    case Message::Kind::over: return filled(words.over, speaker.shop());
    case Message::Kind::drill: return filled(words.drill, speaker.shop());
    case Message::Kind::uplink: return filled(words.uplink, speaker.shop());
    case Message::Kind::reminder: return filled(words.reminder, speaker.shop());
    case Message::Kind::gap:
      return filled(words.alert, speaker.shop()) + " " +
             filled(words.gap, speaker.order.step + 1, plain(speaker.alert.escalation, 100));
    case Message::Kind::alert: break;
  }
  return speaker.to_outside() ? std::string(words.outside_alert) : filled(words.alert, speaker.shop());
}

Duration lasted(const Speaker& speaker) { return speaker.alert.over_at.value_or(speaker.now) - speaker.since(); }

std::string link(const Speaker& speaker) {
  const bool acknowledges = !speaker.is_over() && !speaker.to_outside();
  if (!acknowledges || speaker.wording.link_url.empty() || speaker.wording.link_secret.empty()) return {};
  return signed_link(speaker.wording.link_url, speaker.wording.link_secret,
                     {speaker.alert.id, speaker.order.recipient.who, speaker.now + link_lasts});
}

std::string introduction(const Speaker& speaker, std::string_view number) {
  return number.empty() ? filled(speaker.words.introduction, speaker.shop())
                        : filled(speaker.words.customer_number, speaker.shop(), number);
}

std::string troubles_written(const Speaker& speaker) {
  std::string text;
  const auto& troubles = speaker.alert.troubles;
  for (std::size_t i = 0; i < std::min(troubles.size(), most_listed); ++i) {
    text += fmt::format("- {}\n", shortened(said(troubles[i], speaker.language()), 300));
  }
  if (troubles.size() > most_listed) text += fmt::format("(+{})\n", troubles.size() - most_listed);
  return text;
}

std::string written(const Speaker& speaker, const std::string& url) {
  const Phrases& words = speaker.words;
  const auto line = [&](std::string_view label, std::string_view value) {
    return fmt::format("{}{}{}\n", label, words.colon, value);
  };
  std::string text;
  if (speaker.to_outside()) text += introduction(speaker, speaker.order.recipient.customer_number) + "\n";
  text += first_sentences(speaker) + "\n";
  if (speaker.is_over()) {
    if (!speaker.alert.past.empty()) text += filled(words.affected, names_of_past(speaker.alert, 20, 200)) + "\n";
    text += filled(words.lasted, duration_words(speaker.language(), lasted(speaker))) + "\n";
  } else if (!speaker.is_drill()) {
    text += troubles_written(speaker);
    text += line(words.since, written_when(speaker.language(), speaker.zone, speaker.since()));
    text += line(words.severity, severity_word(speaker));
    if (!speaker.to_outside() && !speaker.alert.told.empty()) {
      text += line(words.told, shortened(fmt::format("{}", fmt::join(speaker.alert.told, ", ")), 300));
    }
  }
  if (!speaker.wording.note.empty()) text += "\n" + plain(speaker.wording.note, 600) + "\n";
  if (!url.empty()) text.append("\n").append(words.acknowledge).append("\n");
  while (text.ends_with('\n')) text.pop_back();
  return shortened(text, longest_text_bytes);
}

// One by one, so that a voice does not read it as one number: "K, 4, 7, 1, 1".
std::string spelled(std::string_view number) {
  std::string text;
  for (const char c : number) {
    const bool ascii = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (!ascii) continue;
    if (!text.empty()) text += ", ";
    text += c;
  }
  return text;
}

std::string digits_said(const Speaker& speaker) {
  const Phrases& words = speaker.words;
  const Digits& digits = speaker.wording.plan.digits;
  const std::string again = filled(words.press_again, digits.say_again);
  if (speaker.is_over()) return again;
  const std::string_view acknowledge = speaker.is_drill()     ? words.press_drill
                                       : speaker.to_outside() ? words.press_outside_acknowledge
                                                              : words.press_acknowledge;
  const std::string_view escalate = speaker.to_outside() ? words.press_outside_escalate : words.press_escalate;
  return fmt::format("{} {} {}", filled(acknowledge, digits.acknowledge), filled(escalate, digits.escalate), again);
}

std::string ended(std::string text) {
  if (!text.ends_with('.') && !text.ends_with('!') && !text.ends_with('?')) text += '.';
  return text;
}

std::string troubles_said(const Speaker& speaker, const Detail& detail) {
  const auto& troubles = speaker.alert.troubles;
  std::string text;
  const std::size_t count = std::min(detail.troubles, troubles.size());
  if (troubles.size() > count) text += " " + filled(speaker.words.many, troubles.size());
  for (std::size_t i = 0; i < count; ++i) {
    const std::string what =
        shortened(speakable(in_words(without_second_look(troubles[i].what), speaker.language()), speaker.language()),
                  detail.what_bytes);
    const std::string name = shortened(troubles[i].source, detail.name_bytes);
    text += " " + ended(what.empty() ? name : name + std::string(speaker.words.colon) + what);
  }
  return text;
}

enum class Keys : std::uint8_t { said, left_out };

std::string spoken(const Speaker& speaker, const Detail& detail, Keys keys) {
  const Phrases& words = speaker.words;
  std::string text;
  if (speaker.to_outside()) {
    text = introduction(speaker, spelled(plain(speaker.order.recipient.customer_number, 40))) + " ";
  }
  text += first_sentences(speaker);
  if (speaker.is_over()) {
    const std::string names = names_of_past(speaker.alert, detail.troubles, detail.name_bytes);
    if (!names.empty()) text += " " + filled(words.affected, names);
    text += " " + filled(words.lasted, duration_words(speaker.language(), lasted(speaker)));
  } else if (!speaker.is_drill()) {
    if (speaker.order.kind != Message::Kind::uplink) text += troubles_said(speaker, detail);
    text += " " + filled(words.began, spoken_when(speaker.language(), speaker.zone, speaker.since(), speaker.now));
    if (speaker.alert.severity == "critical") text.append(" ").append(words.is_critical);
    if (speaker.alert.severity == "warning") text.append(" ").append(words.is_warning);
  }
  if (speaker.says_from_memory()) text.append(" ").append(words.from_memory_spoken);
  return keys == Keys::said ? text + " " + digits_said(speaker) : text;
}

std::size_t bytes_as_xml(std::string_view text) {
  std::size_t bytes = 0;
  for (const char c : text) bytes += c == '&' ? 5 : c == '<' || c == '>' ? 4 : c == '"' || c == '\'' ? 6 : 1;
  return bytes;
}

std::string spoken_within_bounds(const Speaker& speaker, Keys keys) {
  for (const Detail& detail : details) {
    std::string text = spoken(speaker, detail, keys);
    if (bytes_as_xml(text) <= longest_spoken_bytes) return text;
  }
  // Only a shop or an escalation whose name is made of such characters comes this far: without any names.
  return keys == Keys::said ? digits_said(speaker) : std::string(speaker.words.is_critical);
}

// Behind the title of a short message: ", since 03:12, critical"
std::string short_tail(const Speaker& speaker) {
  if (speaker.is_drill() || speaker.is_over()) return {};
  const std::string since = filled(speaker.words.since_short, short_when(speaker.zone, speaker.since(), speaker.now));
  std::string text = fmt::format(", {}, {}", since, shortened(severity_word(speaker), 20));
  if (speaker.says_from_memory()) text.append(", ").append(speaker.words.from_memory_short);
  return text;
}

// What to write back: "Reply 1 to take it, 2 to pass it on.", or "Reply 1 7 ..." to say that it is of alert 7.
std::string what_to_reply(const Speaker& speaker) {
  const Digits& digits = speaker.wording.plan.digits;
  const bool names = speaker.wording.open_alerts == Wording::OpenAlerts::several;
  const std::string number = names ? fmt::format(" {}", speaker.alert.id) : std::string();
  return filled(speaker.is_drill() ? speaker.words.reply_drill : speaker.words.reply,
                fmt::to_string(digits.acknowledge) + number, fmt::to_string(digits.escalate) + number);
}

// Behind that number; empty: no unit.
std::string_view unit_word(std::string_view unit, std::string_view number, const Phrases& words) {
  const std::array<std::pair<std::string_view, const Phrases::Unit*>, 4> units{{{"ms", &words.spoken_millisecond},
                                                                                {"s", &words.spoken_second},
                                                                                {"min", &words.spoken_minute},
                                                                                {"h", &words.spoken_hour}}};
  for (const auto& [symbol, named] : units) {
    if (unit == symbol) return number == "1" ? named->one : named->many;
  }
  return unit == "%" ? words.percent : std::string_view();
}

bool is_unit(std::string_view word, std::string_view number, const Phrases& words) {
  return !unit_word(word.substr(0, word.find_last_not_of(":;,.)") + 1), number, words).empty();
}

// "250ms," → "250 milliseconds,"
std::string with_unit_spelled(std::string_view word, const Phrases& words) {
  std::size_t number = 0;
  while (number < word.size() &&
         (is_digit(word[number]) || (number > 0 && (word[number] == '.' || word[number] == ','))))
    ++number;
  std::size_t end = word.size();
  while (end > number && (word[end - 1] == ',' || word[end - 1] == ')' || word[end - 1] == ';' || word[end - 1] == '.'))
    --end;
  const std::string_view unit = unit_word(word.substr(number, end - number), word.substr(0, number), words);
  if (number == 0 || unit.empty()) return std::string(word);
  return fmt::format("{} {}{}", word.substr(0, number), unit, word.substr(end));
}

}  // namespace

std::string speakable(std::string_view text, Language language) {
  const Phrases& words = phrases(language);
  std::string out;
  std::string_view before;
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(text.size(), word.size() + 1));
    if (!out.empty()) out += ' ';
    const bool counted = !before.empty() && is_digit(before.back());
    if (word.find("://") != std::string_view::npos || word.starts_with("www.")) {
      out += words.an_address;
    } else if (counted && is_unit(word, before, words)) {
      const std::string_view bare = word.substr(0, word.find_last_not_of(":;,.)") + 1);
      out.append(unit_word(bare, before, words)).append(word.substr(bare.size()));
    } else {
      out += with_unit_spelled(word, words);
    }
    before = word;
  }
  return out;
}

Message make_message(const Wording& wording, const Alert& alert, const Order& order, WallTime now) {
  const Speaker speaker{wording, alert, order, now, phrases(order.recipient.language), zone_of(wording.plan.time_zone)};
  const std::string url = link(speaker);
  Message message{.kind = order.kind,
                  .alert = order.alert,
                  .subject = subject(speaker, SecondLook::told),
                  .text = written(speaker, url),
                  .spoken = spoken_within_bounds(speaker, Keys::said),
                  .spoken_without_digits = spoken_within_bounds(speaker, Keys::left_out),
                  .language = order.recipient.language,
                  .acknowledge_url = url,
                  .severity = alert.severity,
                  .since = speaker.since(),
                  .digit_acknowledge = wording.plan.digits.acknowledge,
                  .digit_escalate = wording.plan.digits.escalate,
                  .digit_again = wording.plan.digits.say_again};
  const std::string title = subject(speaker, SecondLook::left_out);
  message.short_text = sms_text(title, short_tail(speaker), url);
  if (!speaker.is_over() && !speaker.to_outside()) {
    message.short_text_to_reply =
        sms_text(title, fmt::format("{}. {}", short_tail(speaker), what_to_reply(speaker)), url);
  }
  return message;
}

}  // namespace tenfold::oncall
