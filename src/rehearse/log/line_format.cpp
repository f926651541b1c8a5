#include "rehearse/log/line_format.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/text/letters.hpp"
#include "rehearse/log/fields.hpp"

namespace tenfold::rehearse {
namespace {

struct Named {
  std::string_view name, words;
};
constexpr Named named_formats[] = {
    {"common", R"~(%h %l %u %t "%r" %>s %b)~"},
    {"combined", R"~(%h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i")~"},
    {"vhost_combined", R"~(%v:%p %h %l %u %t "%r" %>s %O "%{Referer}i" "%{User-Agent}i")~"},
};

struct Directive {
  char letter;
  std::string_view name;  // nginx's, or one of field_names.cpp
};
// mod_log_config's.
constexpr Directive directives[] = {
    {'h', "remote_addr"},  {'a', "remote_addr"}, {'t', "time_local"},  {'r', "request"},     {'s', "status"},
    {'b', "bytes_sent"},   {'B', "bytes_sent"},  {'O', "bytes_sent"},  {'m', "method"},      {'U', "document_uri"},
    {'q', "query_string"}, {'v', "server_name"}, {'V', "server_name"}, {'T', "request_time"}};

std::string variable_name(std::string_view name) {
  std::string text = lower_case(name);
  std::ranges::replace(text, '-', '_');
  return text;
}

bool of_a_name(char c) { return is_letter_or_digit(c) || c == '_'; }

}  // namespace

void LineFormat::add(std::string& literal, Piece piece) {
  piece.literal = std::exchange(literal, {});
  if (!piece.name.empty()) piece.meaning = meaning_of(piece.name);
  piece.expected = fmt::format("\"{}\" before {}, as the format has it", piece.literal, piece.name);
  pieces_.push_back(std::move(piece));
}

// "%>s", "%{Referer}i", "%{%Y-%m-%dT%H:%M:%S}t", "%200,304{Referer}i"; `words` begins behind the percent sign.
LineFormat::Piece LineFormat::apache(std::string_view& words, std::string& error) {
  Piece piece;
  std::string_view argument;
  while (!words.empty() && (words[0] == '>' || words[0] == '<' || words[0] == '!' || words[0] == ',' ||
                            words[0] == '^' || is_digit(words[0])))
    words.remove_prefix(1);
  if (words.starts_with('{')) {
    const std::size_t close = words.find('}');
    if (close == std::string_view::npos) {
      error = "a \"}\" is missing";
      return piece;
    }
    argument = words.substr(1, close - 1);
    words.remove_prefix(close + 1);
  }
  if (words.empty()) {
    error = "a letter is missing behind the last \"%\"";
    return piece;
  }
  const char letter = words[0];
  words.remove_prefix(letter == 't' && words.starts_with("ti") ? 2 : 1);
  piece.name = "-";
  if (letter == 'i' || letter == 'x' || letter == 'e' || letter == 'n') {
    piece.name = variable_name(argument);
  } else if (letter == 't' && !argument.empty()) {
    piece.name = "timestamp";
  } else if (const auto* at = std::ranges::find(directives, letter, &Directive::letter); at != std::end(directives)) {
    piece.name = at->name;
    piece.in_brackets = letter == 't';
  }
  return piece;
}

Result<LineFormat> LineFormat::of(std::string_view words) {
  words = trimmed(words, " \t\r\n'");
  for (const Named& each : named_formats) {
    if (words == each.name) words = each.words;
  }
  LineFormat format;
  std::string literal, error;
  while (!words.empty() && error.empty()) {
    const char c = words[0];
    words.remove_prefix(1);
    if (c == '\\' && !words.empty()) {
      literal += words[0] == 't' ? '\t' : words[0];
      words.remove_prefix(1);
    } else if (c == '%' && words.starts_with('%')) {
      literal += '%';
      words.remove_prefix(1);
    } else if (c == '%') {
      Piece piece = apache(words, error);
      if (error.empty()) format.add(literal, std::move(piece));
    } else if (c == '$') {
      const bool braces = words.starts_with('{');
      if (braces) words.remove_prefix(1);
      const auto* const end = std::ranges::find_if_not(words, of_a_name);
      const auto size = static_cast<std::size_t>(end - words.begin());
      Piece piece;
      piece.name = size == 0 ? "-" : variable_name(words.substr(0, size));
      words.remove_prefix(size);
      if (braces && words.starts_with('}')) words.remove_prefix(1);
      if (size == 0 && words.starts_with('-')) words.remove_prefix(1);  // "$-": a value that nobody wants
      format.add(literal, std::move(piece));
    } else {
      literal += c;
    }
  }
  if (!error.empty()) return fail(Errc::invalid, error);
  format.end_ = literal;
  const auto means = [&](Slot slot) {
    return std::ranges::any_of(format.pieces_, [&](const Piece& piece) { return piece.meaning.slot == slot; });
  };
  if (!means(Slot::time)) return fail(Errc::invalid, "it has no time, such as $time_local or %t");
  if (!means(Slot::request) && !means(Slot::target) && !means(Slot::path))
    return fail(Errc::invalid, "it has no request, such as $request or %r");
  return format;
}

bool LineFormat::parse(std::string_view line, std::string_view client_field, Scratch& scratch, NamedFields& found,
                       std::string_view& expected) const {
  std::string_view rest = line;
  for (std::size_t i = 0; i < pieces_.size(); ++i) {
    const Piece& piece = pieces_[i];
    expected = piece.expected;
    if (!rest.starts_with(piece.literal)) return false;
    rest.remove_prefix(piece.literal.size());
    const bool last = i + 1 == pieces_.size();
    const std::string_view until = last ? std::string_view(end_) : std::string_view(pieces_[i + 1].literal);
    std::string_view value;
    if (piece.in_brackets && rest.starts_with('[')) {
      const std::size_t close = rest.find(']');
      if (close == std::string_view::npos) return false;
      value = rest.substr(0, close + 1);
      rest.remove_prefix(close + 1);
    } else if (until.starts_with('"') && piece.literal.ends_with('"')) {
      std::string_view behind = rest;
      const auto inside = until_quote(behind);
      if (!inside) return false;
      value = *inside;
      rest.remove_prefix(value.size());
    } else if (until.empty()) {
      // The last value, or two values in a row: the first gets all.
      const std::size_t end = last ? rest.size() : std::min(rest.find_first_of(" \t\""), rest.size());
      value = rest.substr(0, end);
      rest.remove_prefix(end);
    } else {
      const std::size_t end = rest.find(until);
      expected = last ? std::string_view("the format's end") : std::string_view(pieces_[i + 1].expected);
      if (end == std::string_view::npos) return false;
      value = rest.substr(0, end);
      rest.remove_prefix(end);
    }
    const bool named = !client_field.empty() && piece.name == client_field;
    // The request line is undone where it is taken apart.
    if (piece.meaning.slot != Slot::request) value = scratch.without_backslashes(value);
    if (value != "-") found.keep(piece.meaning, value, named);
    found.saw(piece.meaning.slot);
  }
  return true;
}

}  // namespace tenfold::rehearse
