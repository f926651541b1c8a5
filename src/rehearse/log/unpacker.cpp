#include "rehearse/log/unpacker.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>
#include <sys/types.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/text/letters.hpp"

namespace tenfold::rehearse {
namespace {

using namespace std::string_view_literals;
constexpr std::array magics{"\x1f\x8b"sv,
                            "\x1f\x9d"sv,
                            "BZh"sv,
                            "\xFD"
                            "7zXZ\0"sv,
                            "\x28\xB5\x2F\xFD"sv,
                            "\x04\x22\x4D\x18"sv};
constexpr std::size_t piece_bytes = 256 * 1024;

}  // namespace

struct Unpacker::State {
  archive* reader = archive_read_new();
  std::string file;
  std::string piece;  // the beginning first
  Read read;
  bool begun = false;
  bool opened = false;
  std::string_view block;   // unpacked, and not given yet
  std::uint64_t taken = 0;  // bytes of the file given to the library

  static la_ssize_t give(archive*, void* self, const void** bytes) {
    auto& state = *static_cast<State*>(self);
    std::size_t got = state.piece.size();
    if (state.begun) {
      state.piece.resize(piece_bytes);
      got = state.read(state.piece.data(), state.piece.size());
    }
    state.begun = true;
    state.taken += got;
    *bytes = state.piece.data();
    return static_cast<la_ssize_t>(got);
  }
};

bool Unpacker::is_packed(std::string_view beginning) {
  return std::ranges::any_of(magics, [&](std::string_view magic) { return beginning.starts_with(magic); });
}

Unpacker::Unpacker(std::string file, std::string beginning, Read read) : state_(std::make_unique<State>()) {
  state_->file = std::move(file);
  state_->piece = std::move(beginning);
  state_->read = std::move(read);
  archive* const reader = state_->reader;
  archive_read_support_filter_gzip(reader);
  archive_read_support_filter_bzip2(reader);
  archive_read_support_filter_xz(reader);
  archive_read_support_filter_zstd(reader);
  archive_read_support_filter_lz4(reader);
  archive_read_support_filter_compress(reader);
  archive_read_support_format_raw(reader);
  archive_read_support_format_empty(reader);
}

Unpacker::~Unpacker() { archive_read_free(state_->reader); }

std::size_t Unpacker::next(char* into, std::size_t room) {
  if (error_) return 0;
  archive* const reader = state_->reader;
  int opened = ARCHIVE_OK;
  if (!state_->opened) {
    state_->opened = true;
    archive_entry* entry = nullptr;
    opened = archive_read_open(reader, state_.get(), nullptr, &State::give, nullptr);
    if (opened == ARCHIVE_OK) opened = archive_read_next_header(reader, &entry);
    if (opened == ARCHIVE_EOF) return 0;
  }
  // By blocks: what was unpacked before the place where the data is broken is not lost.
  while (opened >= ARCHIVE_WARN && state_->block.empty()) {
    const void* bytes = nullptr;
    std::size_t size = 0;
    la_int64_t offset = 0;
    opened = archive_read_data_block(reader, &bytes, &size, &offset);
    if (opened == ARCHIVE_EOF) return 0;
    if (opened >= ARCHIVE_WARN) state_->block = {static_cast<const char*>(bytes), size};
  }
  if (!state_->block.empty()) {
    const std::size_t given = state_->block.copy(into, room);
    state_->block.remove_prefix(given);
    return given;
  }
  const char* const text = archive_error_string(reader);
  const std::string why = text == nullptr ? "not what was expected" : text;
  const bool early = lower_case(why).find("truncated") != std::string::npos;
  error_ = Error{Errc::invalid,
                 early ? fmt::format("{}: the packed data ends too early, at byte {}", state_->file, state_->taken)
                       : fmt::format("{}: broken packed data before byte {}: {}", state_->file, state_->taken, why)};
  return 0;
}

}  // namespace tenfold::rehearse
