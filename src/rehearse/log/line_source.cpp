#include "rehearse/log/line_source.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace tenfold::rehearse {

namespace {
constexpr std::size_t read_bytes = 256 * 1024;
}

// Several gzip members in a row are one file (RFC 1952, 2.2), as log rotation makes them.
struct LineSource::Inflater {
  z_stream stream{};
  std::string packed = std::string(read_bytes, '\0');
  std::uint64_t taken = 0;  // bytes of the file given to zlib
  bool member_ended = false;

  Inflater() { inflateInit2(&stream, 15 + 16); }
  ~Inflater() { inflateEnd(&stream); }
};

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

std::size_t LineSource::read_unpacked(char* into, std::size_t room) {
  Inflater& inflater = *inflater_;
  z_stream& stream = inflater.stream;
  stream.next_out = reinterpret_cast<Bytef*>(into);
  stream.avail_out = static_cast<uInt>(room);
  while (stream.avail_out == room) {
    if (stream.avail_in == 0) {
      const std::size_t got = read_raw(inflater.packed.data(), inflater.packed.size());
      if (got == 0) {
        if (!error_ && !inflater.member_ended && inflater.taken != 0)
          error_ =
              Error{Errc::invalid, fmt::format("{}: the gzip data ends too early, at byte {}", file_, inflater.taken)};
        return 0;
      }
      inflater.taken += got;
      stream.next_in = reinterpret_cast<Bytef*>(inflater.packed.data());
      stream.avail_in = static_cast<uInt>(got);
    }
    if (inflater.member_ended) {
      while (stream.avail_in > 0 && *stream.next_in == 0) ++stream.next_in, --stream.avail_in;  // padding, as of tapes
      if (stream.avail_in == 0) continue;
      inflateReset(&stream);
      inflater.member_ended = false;
    }
    const int result = inflate(&stream, Z_NO_FLUSH);
    if (result == Z_STREAM_END) {
      inflater.member_ended = true;
    } else if (result != Z_OK && result != Z_BUF_ERROR) {
      error_ = Error{Errc::invalid,
                     fmt::format("{}: broken gzip data at byte {}: {}", file_, inflater.taken - stream.avail_in,
                                 stream.msg != nullptr ? stream.msg : "not what was expected")};
      return room - stream.avail_out;
    }
  }
  return room - stream.avail_out;
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
  std::size_t got = inflater_ ? read_unpacked(into, room) : read_raw(into, room);
  if (!looked_) {
    // A pipe may give a single byte at first.
    while (got == 1) {
      const std::size_t more = read_raw(into + got, room - got);
      if (more == 0) break;
      got += more;
    }
    looked_ = true;
    if (got >= 2 && into[0] == '\x1f' && into[1] == '\x8b') {
      inflater_ = std::make_unique<Inflater>();
      inflater_->packed.assign(into, got);
      inflater_->packed.resize(std::max(got, read_bytes));
      inflater_->taken = got;
      inflater_->stream.next_in = reinterpret_cast<Bytef*>(inflater_->packed.data());
      inflater_->stream.avail_in = static_cast<uInt>(got);
      got = read_unpacked(into, room);
    }
  }
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
