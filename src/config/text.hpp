#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

// What messages need to know about text: where something stands, what was probably meant. Pure; any thread.
namespace tenfold::config {

// The lines of a text, by number from 0. Refers to the text, which must outlive it.
class Lines {
 public:
  explicit Lines(std::string_view text);

  struct BadText {
    int line;    // from 1
    int column;  // from 1, in characters
    std::string message;
  };
  // The first place that is not UTF-8 or holds a control character that YAML forbids.
  std::optional<BadText> find_bad_text() const;

  // How many characters the first `bytes` bytes of a line are.
  int characters(int line, int bytes) const;
  // Whether a quoted text begins there and runs past the end of the file.
  bool unclosed_quote(int line, int column_bytes) const;
  // An address such as [::1]:80 without quotes, which YAML takes for a list: its place in characters, from 1.
  std::optional<BadText> unquoted_ipv6(int line) const;
  // A tab before the first character of that line, or of the line before it: the line's number.
  std::optional<int> tab_in_indentation(int line) const;

 private:
  std::string_view line(int number) const;

  std::string_view text_;
  std::vector<std::size_t> starts_;
};

// The candidate that was probably meant: at most a third of its letters differ. Empty when none is near.
std::string_view nearest(std::string_view word, const std::vector<std::string_view>& candidates);

// The text with what is not UTF-8 replaced by U+FFFD.
std::string valid_utf8(std::string_view text);

// For messages: at most 60 characters, without control characters.
std::string shortened(std::string_view text);

// "a", "a or b", "a, b or c".
std::string joined(const std::vector<std::string_view>& words, std::string_view last_word = "or");

}  // namespace tenfold::config
