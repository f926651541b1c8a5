#include "oncall/channels/modem/incoming.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <fstream>
#include <iterator>
#include <memory>
#include <unordered_set>

#include "base/result.hpp"

namespace tenfold::oncall::channels {
namespace {

constexpr std::size_t most_message_bytes = 4096;

WallTime changed_at(const struct stat& status) {
  return WallTime(std::chrono::seconds(status.st_mtim.tv_sec) + std::chrono::nanoseconds(status.st_mtim.tv_nsec));
}

std::string content_of(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  std::string text(most_message_bytes, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(stream.gcount()));
  return text;
}

// A reply is digits: of UTF-16, in whatever order of bytes, the ASCII is enough.
std::string ascii_of(std::string_view text) {
  std::string out;
  std::ranges::copy_if(text, std::back_inserter(out), [](char c) { return c > 0 && c < 0x7f; });
  return out;
}

// smstools: headers, an empty line, the text.
std::optional<Reply> smstools_reply(std::string_view content) {
  Reply reply;
  bool is_wide = false;
  while (true) {
    const std::size_t end = content.find('\n');
    if (end == std::string_view::npos) return std::nullopt;  // no text
    const std::string_view line = content.substr(0, end);
    content.remove_prefix(end + 1);
    if (line.empty() || line == "\r") break;
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    const std::string_view name = line.substr(0, colon);
    std::string_view value = line.substr(colon + 1);
    value.remove_prefix(std::min(value.find_first_not_of(' '), value.size()));
    if (name == "From") reply.from = value;
    if (name == "Report" && value.starts_with("yes")) return std::nullopt;
    if (name == "Alphabet") is_wide = value.starts_with("UCS");
  }
  if (reply.from.empty()) return std::nullopt;
  reply.text = is_wide ? ascii_of(content) : std::string(content);
  return reply;
}

// gammu: "IN20261125_031210_00_+4930123456_00.txt"; the text alone, in UTF-16 behind its mark or as the system has it.
std::optional<Reply> gammu_reply(std::string_view name, std::string_view content) {
  if (!name.starts_with("IN") || !name.ends_with(".txt")) return std::nullopt;
  std::array<std::string_view, 5> fields;
  for (std::string_view& field : fields) {
    const std::size_t end = name.find('_');
    field = name.substr(0, end);
    name.remove_prefix(end == std::string_view::npos ? name.size() : end + 1);
  }
  if (fields[3].empty() || !fields[4].starts_with("00")) return std::nullopt;  // a later part of a long one is no reply
  const bool is_wide = content.starts_with("\xfe\xff") || content.starts_with("\xff\xfe");
  return Reply{.from = std::string(fields[3]), .text = is_wide ? ascii_of(content) : std::string(content)};
}

}  // namespace

std::optional<Reply> incoming_reply(SpoolKind kind, std::string_view name, std::string_view content) {
  return kind == SpoolKind::gammu ? gammu_reply(name, content) : smstools_reply(content);
}

std::vector<Reply> IncomingFolder::look(WallTime since) {
  std::vector<Reply> replies;
  struct stat folder_status {};
  if (::stat(folder_.c_str(), &folder_status) != 0) {
    error_ = system_error(errno, "reading " + folder_.string()).text();
    return replies;
  }
  if (is_settled_ && changed_at(folder_status) == folder_changed_) return replies;
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(::opendir(folder_.c_str()), ::closedir);
  if (!folder) {
    error_ = system_error(errno, "reading " + folder_.string()).text();
    return replies;
  }
  error_.clear();
  folder_changed_ = changed_at(folder_status);
  is_settled_ = true;
  std::unordered_map<std::string, Seen> there;
  while (const dirent* entry = ::readdir(folder.get())) {
    struct stat status {};
    const std::string name = entry->d_name;
    if (name.starts_with('.') || name.ends_with(".LOCK")) continue;
    if (::fstatat(::dirfd(folder.get()), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(status.st_mode) ||
        changed_at(status) < since) {
      continue;
    }
    if (there.size() >= most_files) {
      error_ = fmt::format("more than {} files of the last day are in {}: replies may be overlooked", most_files,
                           folder_.string());
      break;
    }
    Seen now{.size = status.st_size, .changed = changed_at(status)};
    const auto known = seen_.find(name);
    const bool is_as_it_was =
        known != seen_.end() && known->second.size == now.size && known->second.changed == now.changed;
    if (is_as_it_was) {
      now.stage = Seen::Stage::read;
      if (known->second.stage == Seen::Stage::growing) {
        if (auto reply = incoming_reply(kind_, name, content_of(folder_ / name))) {
          reply->at = now.changed;
          replies.push_back(std::move(*reply));
        }
      }
    }
    if (now.stage == Seen::Stage::growing) is_settled_ = false;
    there.emplace(name, now);
  }
  seen_ = std::move(there);
  return replies;
}

}  // namespace tenfold::oncall::channels
