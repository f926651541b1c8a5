#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "config/serving.hpp"

namespace tenfold::config {

struct CertificateFinding {
  enum class About : unsigned char { chain, key } about = About::chain;
  enum class Weight : unsigned char { error, warning } weight = Weight::error;
  std::string message;  // names no key material
};
// Looks into a certificate's files: whether they can be read and are PEM, belong together and are valid now.
using CertificateCheck = std::function<std::vector<CertificateFinding>(const Certificate&)>;

// What the reader asks of the machine it runs on.
struct Surroundings {
  // The value of an environment variable.
  std::function<std::optional<std::string>(const std::string& name)> environment;
  // Without one it is only checked that the files can be opened.
  CertificateCheck certificate_check = {};
  // Where time zones are looked for by name.
  std::string zoneinfo = "/usr/share/zoneinfo";
  // Day on which the file is checked: for what is out of date.
  WallTime now = {};
};

// The process's own environment and the system's clock.
Surroundings system_surroundings();

}  // namespace tenfold::config
