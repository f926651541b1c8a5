#pragma once

#include <nlohmann/json.hpp>

#include <string>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "config/config.hpp"

namespace tenfold::app {

// The text of that name; empty where there is none, or `object` is no object: whoever answers may be anybody.
std::string text_in(const nlohmann::json& object, const char* name);

// Speaks to the Tenfold that runs with this configuration, through its API. Waits for each answer, 10 s at most.
class ConsoleClient {
 public:
  // Answers are JSON objects. Errors of all calls: refused (nobody listens there: it does not run), timed_out, invalid
  // (it said no, in its words; or something else answers there).
  ConsoleClient(const Clock& clock, const config::Console& console);

  Result<nlohmann::json> get(const std::string& path);
  Result<nlohmann::json> post(const std::string& path, const nlohmann::json& body);
  std::string address() const { return base_; }

 private:
  Result<nlohmann::json> ask(const std::string& method, const std::string& path, std::string body);

  const Clock& clock_;
  std::string base_;
  std::string token_;
};

}  // namespace tenfold::app
