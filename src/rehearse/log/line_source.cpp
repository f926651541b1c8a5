#include "rehearse/log/line_source.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace tenfold::rehearse {

namespace {
constexpr std::size_t read_bytes = 256 * 1024;
}

LineSource::LineSource(std::string file, int descriptor)
    : file_(std::move(file)), descriptor_(descriptor), buffer_(read_bytes + longest_line, '\0') {}

LineSource::~LineSource() {
  if (descriptor_ > 0) ::close(descriptor_);
}

Result<std::unique_ptr<LineSource>> LineSource::open(const std::string& file) {
  if (file == "-") return std::unique_ptr<LineSource>(new LineSource("standard input", 0));
  const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0 && errno == ENOENT) return fail(Errc::not_found, file + ": there is no such file");
  if (descriptor < 0) return std::unexpected(system_error(errno, "opening " + file));
  ::posix_fadvise(descriptor, 0, 0, POSIX_FADV_SEQUENTIAL);
  return std::unique_ptr<LineSource>(new LineSource(file, descriptor));
}

std::size_t LineSource::read_raw(char* into, std::size_t room) {
  while (true) {
    const ssize_t got = ::read(descriptor_, into, room);
    if (got >= 0) return static_cast<std::size_t>(got);
    if (errno == EINTR) continue;
    error_ = system_error(errno, "reading " + file_);
    return 0;
  }
}

// Looks at the beginning of the file, of which `got` bytes are there. Returns how many bytes are there then.
std::size_t LineSource::look(char* into, std::size_t room, std::size_t got) {
  looked_ = true;
  // A pipe may give a single byte at first.
  while (got > 0 && got < Unpacker::most_magic_bytes) {
    const std::size_t more = read_raw(into + got, room - got);
    if (more == 0) break;
    got += more;
  }
  if (!Unpacker::is_packed({into, got})) return got;
  unpacker_ = std::make_unique<Unpacker>(file_, std::string(into, got),
                                         [this](char* to, std::size_t bytes) { return read_raw(to, bytes); });
  return unpacker_->next(into, room);
}

bool LineSource::fill() {
  if (ended_) return false;
  if (begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  char* const into = buffer_.data() + end_;
  const std::size_t room = std::min(buffer_.size() - end_, read_bytes);
  std::size_t got = unpacker_ ? unpacker_->next(into, room) : read_raw(into, room);
  if (!looked_) got = look(into, room, got);
  if (unpacker_ && unpacker_->error() && !error_) error_ = unpacker_->error();
  end_ += got;
  if (got == 0 || error_) ended_ = true;
  return got > 0;
}

// A line that is too long: its beginning is kept for the message.
std::string_view LineSource::pass_over() {
  overlong_text_.assign(buffer_.data() + begin_, 256);
  begin_ = end_;
  while (fill()) {
    const void* const end = std::memchr(buffer_.data() + begin_, '\n', end_ - begin_);
    if (end != nullptr) {
      begin_ = static_cast<std::size_t>(static_cast<const char*>(end) - buffer_.data()) + 1;
      break;
    }
    begin_ = end_;
  }
  ++number_;
  overlong_ = true;
  return overlong_text_;
}

std::optional<std::string_view> LineSource::next() {
  std::size_t searched = begin_;
  overlong_ = false;
  while (true) {
    const void* const found = std::memchr(buffer_.data() + searched, '\n', end_ - searched);
    if (found != nullptr) {
      const auto at = static_cast<std::size_t>(static_cast<const char*>(found) - buffer_.data());
      std::string_view line(buffer_.data() + begin_, at - begin_);
      begin_ = at + 1;
      ++number_;
      if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
      if (line.size() > longest_line) overlong_ = true;
      return line;
    }
    const std::size_t have = end_ - begin_;
    if (have > longest_line) return pass_over();
    if (!fill()) {
      if (end_ == begin_) return {};
      const std::string_view line(buffer_.data() + begin_, end_ - begin_);
      begin_ = end_;
      ++number_;
      return line;
    }
    searched = begin_ + have;
  }
}

}  // namespace tenfold::rehearse
