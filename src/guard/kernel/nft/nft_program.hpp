#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace tenfold::guard::kernel {

// Where nft(8) is; empty: it is not installed. Only the system's folders are looked in, since it runs as root.
std::string nft_path();

// Has nft read this from standard input, in one transaction. Waits for it. Errors: unsupported (there is none), refused
// (no right to), failed (with its words).
Result<void> run_nft(std::string_view input);
// What it prints for these arguments.
Result<std::string> ask_nft(std::initializer_list<const char*> arguments);

}  // namespace tenfold::guard::kernel
