#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "config/serving.hpp"
#include "config/values.hpp"

namespace tenfold::config {

struct CertificateFinding {
  enum class About : unsigned char { chain, key } about = About::chain;
  enum class Weight : unsigned char { error, warning } weight = Weight::error;
  std::string message;  // names no key material
};
struct AccessLogFinding {
  enum class Weight : unsigned char { error, warning } weight = Weight::error;
  std::string message;
};
// Looks into a certificate's files: whether they can be read and are PEM, belong together and are valid now.
using CertificateCheck = std::function<std::vector<CertificateFinding>(const Certificate&)>;

// What is wrong with a value on this machine, and what was expected; empty: nothing.
using MachineCheck = std::function<std::string(const std::string& value)>;
// Whether that user and group (empty: whoever asks) can write the access log, and open it anew after a rotation.
using AccessLogCheck = std::function<std::optional<AccessLogFinding>(const std::string& path, const std::string& user,
                                                                     const std::string& group)>;

// What the reader asks of the machine it runs on.
struct Surroundings {
  // The value of an environment variable.
  std::function<std::optional<std::string>(const std::string& name)> environment;
  // Without one it is only checked that the files can be opened.
  CertificateCheck certificate_check = {};
  // Whether there is such a user, such a group, whether the store's file is one and the access log can be written.
  // Without them all are believed: for `tenfold check`. A start and a reload go without, or a disk that hangs would
  // hold up both.
  MachineCheck user_check = {};
  MachineCheck group_check = {};
  MachineCheck store_check = {};
  AccessLogCheck access_log_check = {};
  // Where time zones are looked for by name.
  std::string zoneinfo = "/usr/share/zoneinfo";
  // Files that a process may have open (RLIMIT_NOFILE, the hard limit). 0: not known.
  std::uint64_t most_open_files = 0;
  // What the machine, or the container, has. 0: not known.
  std::uint64_t memory_bytes = 0;
  // Of the machine's network interfaces.
  std::vector<std::string> own_addresses = {};
  // Where this process listens whatever the file says, since that changes at a restart only: for a reload.
  std::vector<HostPort> still_served = {};
  // Day on which the file is checked: for what is out of date.
  WallTime now = {};
};

// The process's own environment and the system's clock.
Surroundings system_surroundings();

}  // namespace tenfold::config
