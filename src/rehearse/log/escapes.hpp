#pragma once

#include <string>
#include <string_view>

namespace tenfold::rehearse {

// Texts of one line that are not in it as they were: escapes undone, targets made fit to be sent. Views into it are
// good until clear(); what it is given comes to no more than four times the line.
class Scratch {
 public:
  void clear(std::string_view line);  // what comes next is of this line

  // nginx's and Apache's: "\xC3", "\x22", "\"", "\\", "\n", "\t", and so on; anything else stays.
  std::string_view without_backslashes(std::string_view text);
  // HAProxy's: "#22".
  std::string_view without_hashes(std::string_view text);
  // W3C logs have a "+" for a space (IIS), and CloudFront "%20", once or twice.
  std::string_view without_percent(std::string_view text);
  std::string_view with_spaces_for_plus(std::string_view text);
  // Bytes that no request line may have (controls, spaces, those beyond ASCII) as "%C3".
  std::string_view sendable(std::string_view target);
  std::string_view with_slash(std::string_view path);                      // "a" -> "/a"
  std::string_view joined(std::string_view path, std::string_view query);  // "/a" "b=c" -> "/a?b=c"

  // To append to directly: what is behind `from` then is a view that stays.
  std::string& text() { return text_; }
  std::string_view since(std::size_t from) const { return std::string_view(text_).substr(from); }

 private:
  std::string text_;
  bool backslashes_ = false;  // the line has some: most have none, which is seen once
};

}  // namespace tenfold::rehearse
