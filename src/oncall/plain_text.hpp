#pragma once

#include <string>
#include <string_view>

// Texts that come from elsewhere (a server's answer, a configuration) on their way to people. Pure; any thread.
namespace tenfold::oncall {

// Valid UTF-8 without control characters (each run of them becomes one blank), cut at `most_bytes` between characters.
std::string plain(std::string_view text, std::size_t most_bytes);

// Cut at the last blank that leaves no more than `most_bytes`, with "..." where something is missing; inside a word
// only if that word is longer than half of it all.
std::string shortened(std::string_view text, std::size_t most_bytes);

}  // namespace tenfold::oncall
