#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

#include "base/result.hpp"

// A folder that a daemon reads, into which whole files are put. Blocks for the moments that a local disk takes.
namespace tenfold::oncall::channels {

// In it files are written, and then renamed into the folder itself: the daemon never sees half of one. smsd and
// gammu-smsd look at files only, never into a folder. (A name in the folder itself will not do: at its start smsd
// removes what ends in .LOCK, and refuses to start if one vanishes while it does so; it reads hidden names
// until 3.1.17.)
inline constexpr std::string_view staging_folder = ".tenfold";

// What a process that was killed half way has left in there is removed after a minute, at most this many files with
// each that is put.
inline constexpr std::size_t most_leftovers_at_once = 100;

// On the disk before it is seen: a message must not be lost half way. What has that name already is replaced. The file
// is the folder's group's to rewrite. Errors name the file.
Result<void> put_file(const std::filesystem::path& folder, const std::string& name, std::string_view text);

}  // namespace tenfold::oncall::channels
