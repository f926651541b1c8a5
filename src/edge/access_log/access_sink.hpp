#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/result.hpp"

namespace tenfold::edge {

// Where finished lines go. Used by the log's thread only.
class AccessSink {
 public:
  virtual ~AccessSink() = default;

  // Writes a part from the front and returns its length in bytes; 0 when nothing could be written within `patience`
  // (a pipe that nobody empties). Errors: whatever the system says, with the file's name.
  virtual Result<std::size_t> write(std::string_view bytes, Duration patience) = 0;

  // Opens the file of that name anew, for after a rotation. After an error the old file stays in use.
  virtual Result<void> reopen() = 0;
};

// Appends to a file, which is made (mode 0644) if need be; "-" is standard output. A regular file's write waits for
// the disk, whatever the patience. Errors: refused (no permission), not_found (no such folder), unreachable (a FIFO
// that nobody reads, a socket), failed; with the path.
Result<std::unique_ptr<AccessSink>> open_access_sink(const std::string& path);

}  // namespace tenfold::edge
