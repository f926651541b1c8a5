#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace tenfold::rehearse {

// Unpacks gzip, bzip2, xz, zstd, lz4 and compress, several packed parts in a row too (as log rotation makes them). One
// thread.
class Unpacker {
 public:
  static constexpr std::size_t most_magic_bytes = 6;
  // Whether data that begins like this is packed.
  static bool is_packed(std::string_view beginning);

  // `read` gives the packed bytes: as many as there are, 0 at the end. `file`: its name, for messages.
  using Read = std::function<std::size_t(char* into, std::size_t room)>;
  Unpacker(std::string file, std::string beginning, Read read);
  ~Unpacker();

  // How many bytes were unpacked; 0: the end, or an error().
  std::size_t next(char* into, std::size_t room);
  const std::optional<Error>& error() const { return error_; }

 private:
  struct State;
  std::unique_ptr<State> state_;
  std::optional<Error> error_;
};

}  // namespace tenfold::rehearse
