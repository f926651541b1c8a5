#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "rehearse/log/unpacker.hpp"

namespace tenfold::rehearse {

// The lines of a file, a pipe or standard input ("-"), unpacked where they are packed (told by the first bytes). One
// thread.
class LineSource {
 public:
  static constexpr std::size_t longest_line = 64 * 1024;

  // Errors: not_found, refused, failed.
  static Result<std::unique_ptr<LineSource>> open(const std::string& file);
  ~LineSource();

  // The next line without its end; good until the next call. A longer one than longest_line comes as its first part,
  // with overlong() true. Nothing: the end, or an error() that ended it.
  std::optional<std::string_view> next();
  bool overlong() const { return overlong_; }
  std::uint64_t number() const { return number_; }  // of the last line, from 1
  const std::string& file() const { return file_; }
  // Broken packed data (with the byte at which it is), or a failed read.
  const std::optional<Error>& error() const { return error_; }

 private:
  LineSource(std::string file, int descriptor);
  bool fill();  // false: nothing more
  std::string_view pass_over();
  std::size_t read_raw(char* into, std::size_t room);
  std::size_t look(char* into, std::size_t room, std::size_t got);

  std::string file_;
  int descriptor_;
  std::unique_ptr<Unpacker> unpacker_;
  bool looked_ = false;  // whether it is packed
  std::string buffer_;
  std::size_t begin_ = 0;  // of what has not been given
  std::size_t end_ = 0;
  bool ended_ = false;
  bool overlong_ = false;
  std::string overlong_text_;
  std::uint64_t number_ = 0;
  std::optional<Error> error_;
};

}  // namespace tenfold::rehearse
