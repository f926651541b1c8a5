#include "rehearse/log/json_scanner.hpp"

#include "base/text/hex.hpp"
#include "base/text/letters.hpp"
#include "rehearse/log/fields.hpp"

namespace tenfold::rehearse {
namespace {

constexpr Meaning skipped{Slot::foreign, 0};

void append_utf8(unsigned code, std::string& out) {
  if (code < 0x80) {
    out.push_back(static_cast<char>(code));
  } else if (code < 0x800) {
    out.push_back(static_cast<char>(0xC0 | (code >> 6)));
    out.push_back(static_cast<char>(0x80 | (code & 0x3F)));
  } else if (code < 0x10000) {
    out.push_back(static_cast<char>(0xE0 | (code >> 12)));
    out.push_back(static_cast<char>(0x80 | ((code >> 6) & 0x3F)));
    out.push_back(static_cast<char>(0x80 | (code & 0x3F)));
  } else {
    out.push_back(static_cast<char>(0xF0 | (code >> 18)));
    out.push_back(static_cast<char>(0x80 | ((code >> 12) & 0x3F)));
    out.push_back(static_cast<char>(0x80 | ((code >> 6) & 0x3F)));
    out.push_back(static_cast<char>(0x80 | (code & 0x3F)));
  }
}

// Four digits at a place; -1: there are none.
int code_at(std::string_view text, std::size_t at) {
  if (at + 4 > text.size()) return -1;
  int code = 0;
  for (std::size_t i = at; i < at + 4; ++i) {
    const int value = hex_value(text[i]);
    if (value < 0) return -1;
    code = code * 16 + value;
  }
  return code;
}

}  // namespace

bool JsonScanner::run() {
  skip_space();
  if (at_ >= text_.size() || text_[at_] != '{' || !value({}, 0)) return false;
  skip_space();
  return at_ == text_.size();
}

void JsonScanner::skip_space() {
  while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\r')) ++at_;
}

bool JsonScanner::take(char c) {
  skip_space();
  if (at_ >= text_.size() || text_[at_] != c) return false;
  ++at_;
  return true;
}

bool JsonScanner::value(Meaning meaning, int depth) {
  skip_space();
  if (at_ >= text_.size() || depth > most_depth) return false;
  switch (text_[at_]) {
    case '{': return object(meaning, depth);
    case '[': return array(meaning, depth);
    case '"': {
      std::string_view found;
      if (!string(found, meaning)) return false;
      fields_.keep(meaning, found, named_);
      return true;
    }
    default: return literal(meaning);
  }
}

// The member's name is added to the path; what a whole object means, nothing in it does.
bool JsonScanner::key(std::size_t path_before, Meaning outer, Meaning& meaning) {
  std::string_view name;
  skip_space();
  if (!string(name, Meaning{Slot::request, 0}) || !take(':')) return false;
  path_size_ = path_before;
  meaning = {};
  named_ = false;
  const bool fits = path_before + 1 + name.size() <= longest_path;
  if (outer.slot == Slot::foreign || !fits) {
    meaning = skipped;
    if (outer.slot != Slot::foreign && !fits) meaning = {};
    if (!fits) return true;
  }
  if (path_size_ > 0) path_[path_size_++] = '.';
  for (const char c : name) path_[path_size_++] = c == '-' ? '_' : to_lower(c);
  const std::string_view path(path_.data(), path_size_);
  if (!client_field_.empty() &&
      (path == client_field_ || (path.ends_with(client_field_) && path[path.size() - client_field_.size() - 1] == '.')))
    named_ = true;
  if (meaning.slot == Slot::foreign) return true;
  meaning = meaning_of(path);
  fields_.saw(meaning.slot);
  // Traefik counts its "Duration" in nanoseconds, Caddy its "duration" in seconds.
  if (meaning.slot == Slot::seconds && name == "Duration") meaning.slot = Slot::nanoseconds;
  return true;
}

bool JsonScanner::object(Meaning outer, int depth) {
  ++at_;
  if (take('}')) return true;
  const std::size_t path_before = path_size_;
  do {
    Meaning meaning;
    if (!key(path_before, outer, meaning) || !value(meaning, depth + 1)) return false;
  } while (take(','));
  path_size_ = path_before;
  named_ = false;
  return take('}');
}

bool JsonScanner::array(Meaning meaning, int depth) {
  ++at_;
  if (take(']')) return true;
  do {
    if (!value(meaning, depth + 1)) return false;
  } while (take(','));
  return take(']');
}

bool JsonScanner::literal(Meaning meaning) {
  const std::size_t from = at_;
  while (at_ < text_.size()) {
    const char c = text_[at_];
    const bool part = is_digit(c) || (c >= 'a' && c <= 'z') || c == '-' || c == '+' || c == '.' || c == 'E';
    if (!part) break;
    ++at_;
  }
  const std::string_view found = text_.substr(from, at_ - from);
  if (found.empty()) return false;
  if (found != "null" && found != "true" && found != "false") fields_.keep(meaning, found, named_);
  return true;
}

bool JsonScanner::string(std::string_view& found, Meaning meaning) {
  if (at_ >= text_.size() || text_[at_] != '"') return false;
  std::string_view rest = text_.substr(at_ + 1);
  const auto inside = until_quote(rest);
  if (!inside) return false;
  at_ = text_.size() - rest.size();
  found = *inside;
  const bool wanted = named_ || (meaning.slot != Slot::none && meaning.slot != Slot::foreign);
  return !wanted || found.find('\\') == std::string_view::npos || unescape(found);
}

bool JsonScanner::unescape(std::string_view& found) {
  std::string& out = scratch_.text();
  const std::size_t begin = out.size();
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (found[i] != '\\') {
      out.push_back(found[i]);
      continue;
    }
    if (++i >= found.size()) return false;
    switch (found[i]) {
      case 'n': out.push_back('\n'); break;
      case 't': out.push_back('\t'); break;
      case 'r': out.push_back('\r'); break;
      case 'b': out.push_back('\b'); break;
      case 'f': out.push_back('\f'); break;
      case 'x': {  // no JSON, but nginx without escape=json writes it
        if (i + 2 >= found.size() || hex_value(found[i + 1]) < 0 || hex_value(found[i + 2]) < 0) return false;
        out.push_back(static_cast<char>(hex_value(found[i + 1]) * 16 + hex_value(found[i + 2])));
        i += 2;
        break;
      }
      case 'u': {
        int code = code_at(found, i + 1);
        if (code < 0) return false;
        i += 4;
        // Two halves of a surrogate pair are one character (RFC 8259, 7).
        if (code >= 0xD800 && code < 0xDC00 && found.substr(i + 1, 2) == "\\u") {
          const int low = code_at(found, i + 3);
          if (low >= 0xDC00 && low < 0xE000) {
            code = 0x10000 + (code - 0xD800) * 0x400 + (low - 0xDC00);
            i += 6;
          }
        }
        append_utf8(static_cast<unsigned>(code), out);
        break;
      }
      default: out.push_back(found[i]);
    }
  }
  found = scratch_.since(begin);
  return true;
}

}  // namespace tenfold::rehearse
