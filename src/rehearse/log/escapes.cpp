#include "rehearse/log/escapes.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "base/text/hex.hpp"
#include "base/text/percent.hpp"

namespace tenfold::rehearse {
namespace {

// A byte from two hexadecimal digits at a place; -1: there are none.
int byte_at(std::string_view text, std::size_t at) {
  if (at + 2 > text.size()) return -1;
  const int high = hex_value(text[at]);
  const int low = hex_value(text[at + 1]);
  return high < 0 || low < 0 ? -1 : high * 16 + low;
}

bool may_be_sent(char c) { return c > ' ' && c < 0x7f; }

bool eight_may_be_sent(const char* at) {
  constexpr std::uint64_t ones = 0x0101010101010101;
  std::uint64_t eight = 0;
  std::memcpy(&eight, at, 8);
  const std::uint64_t below = (eight - ones * 0x21) & ~eight;  // a byte under 0x21
  const std::uint64_t delete_byte = eight ^ (ones * 0x7f);
  const std::uint64_t is_delete = (delete_byte - ones) & ~delete_byte;
  return ((eight | below | is_delete) & (ones << 7)) == 0;
}

// Eight bytes at a time, the last ones twice: nearly every target is plain.
bool all_may_be_sent(std::string_view text) {
  if (text.size() < 8) return std::ranges::all_of(text, [](char c) { return may_be_sent(c); });
  for (std::size_t at = 0; at + 8 <= text.size(); at += 8) {
    if (!eight_may_be_sent(text.data() + at)) return false;
  }
  return eight_may_be_sent(text.data() + text.size() - 8);
}

}  // namespace

void Scratch::clear(std::string_view line) {
  text_.clear();
  backslashes_ = line.find('\\') != std::string_view::npos;
  // Views must stay when more is appended. A text is undone once (never longer than it was, and wrapped lines
  // are undone up to three times), and the target made fit: three bytes for one.
  const std::size_t most = line.size() * 10 + 64;
  if (text_.capacity() < most) text_.reserve(most);
}

std::string_view Scratch::without_backslashes(std::string_view text) {
  if (!backslashes_ || text.find('\\') == std::string_view::npos) return text;
  const std::size_t begin = text_.size();
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::size_t next = std::min(text.find('\\', i), text.size() - 1);
    text_.append(text, i, next - i);
    i = next;
    if (text[i] != '\\' || i + 1 >= text.size()) {
      text_ += text[i];
      continue;
    }
    switch (text[++i]) {
      case 'n': text_ += '\n'; break;
      case 't': text_ += '\t'; break;
      case 'r': text_ += '\r'; break;
      case 'v': text_ += '\v'; break;
      case 'b': text_ += '\b'; break;
      case 'f': text_ += '\f'; break;
      case '"':
      case '\\': text_ += text[i]; break;
      case 'x':
        if (const int byte = byte_at(text, i + 1); byte >= 0) {
          text_ += static_cast<char>(byte);
          i += 2;
          break;
        }
        [[fallthrough]];
      default: text_.append({'\\', text[i]});
    }
  }
  return since(begin);
}

std::string_view Scratch::without_hashes(std::string_view text) {
  if (text.find('#') == std::string_view::npos) return text;
  const std::size_t begin = text_.size();
  for (std::size_t i = 0; i < text.size(); ++i) {
    const int byte = text[i] == '#' ? byte_at(text, i + 1) : -1;
    text_ += byte < 0 ? text[i] : static_cast<char>(byte);
    if (byte >= 0) i += 2;
  }
  return since(begin);
}

std::string_view Scratch::without_percent(std::string_view text) {
  std::string_view undone = text;
  for (int times = 0; times < 2 && undone.find('%') != std::string_view::npos; ++times) {
    const std::size_t begin = text_.size();
    text_ += percent_decoded_leniently(undone, Plus::stays);
    undone = since(begin);
  }
  return undone;
}

std::string_view Scratch::with_spaces_for_plus(std::string_view text) {
  if (text.find('+') == std::string_view::npos) return text;
  const std::size_t begin = text_.size();
  text_ += text;
  std::replace(text_.begin() + static_cast<std::ptrdiff_t>(begin), text_.end(), '+', ' ');
  return since(begin);
}

std::string_view Scratch::sendable(std::string_view target) {
  if (all_may_be_sent(target)) return target;
  const std::size_t begin = text_.size();
  for (std::size_t i = 0; i < target.size(); ++i) {
    const auto* const bad =
        std::find_if_not(target.begin() + static_cast<std::ptrdiff_t>(i), target.end(), may_be_sent);
    const auto end = static_cast<std::size_t>(bad - target.begin());
    text_.append(target, i, end - i);
    if (end < target.size()) append_percent(text_, target[end]);
    i = end;
  }
  return since(begin);
}

std::string_view Scratch::with_slash(std::string_view path) {
  const std::size_t begin = text_.size();
  text_.append("/").append(path);
  return since(begin);
}

std::string_view Scratch::joined(std::string_view path, std::string_view query) {
  if (query.starts_with('?')) query.remove_prefix(1);
  if (query.empty() || query == "-") return path;
  const std::size_t begin = text_.size();
  text_.append(path).append("?").append(query);
  return since(begin);
}

}  // namespace tenfold::rehearse
