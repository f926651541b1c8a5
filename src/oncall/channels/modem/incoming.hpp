#pragma once

#include <cstdint>
#include <ctime>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "oncall/channels/channel.hpp"
#include "oncall/channels/modem/spool_file.hpp"

// The folder in which a daemon leaves the SMS that came in.
namespace tenfold::oncall::channels {

// A file of it. Nothing: a receipt of something sent, or not a message. `at` is not filled. Pure.
std::optional<Reply> incoming_reply(SpoolKind kind, std::string_view name, std::string_view content);

// Files are read and left where they are: they may be somebody else's to handle. One that is still being written is
// read at the next look. Blocks for as long as the disk takes; looks into the folder only if it has changed.
class IncomingFolder {
 public:
  // Files in the folder. Past it some of them are not seen, which error() says: nobody tidies up there.
  static constexpr std::size_t most_files = 5000;

  IncomingFolder(SpoolKind kind, std::filesystem::path folder) : kind_(kind), folder_(std::move(folder)) {}

  // What has come since `since` and has not been returned yet, in no order.
  std::vector<Reply> look(WallTime since);
  // Of the last look, in words; empty: none.
  const std::string& error() const { return error_; }

 private:
  struct Seen {
    std::int64_t size = 0;
    WallTime changed{};
    enum class Stage : std::uint8_t { growing, read } stage = Stage::growing;
  };

  SpoolKind kind_;
  std::filesystem::path folder_;
  WallTime folder_changed_{};
  bool is_settled_ = false;  // nothing grew at the last look
  std::unordered_map<std::string, Seen> seen_;
  std::string error_;
};

}  // namespace tenfold::oncall::channels
