#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "console/gate.hpp"

namespace tenfold::console {

// A part of the API that another role of the program brings along (watch, on call): its paths, what they take and what
// they answer. Called on the console's thread, where all others wait meanwhile: a read of the disk at the longest. Must
// outlive the console.
class ApiPart {
 public:
  struct Endpoint {
    std::string_view path;  // "/api/v1/checks"; one that ends in "/" stands for all below it
    Access access = Access::read;
    std::string_view methods = "GET, HEAD";
    // Of a request's body past Console::most_body_bytes: whole: 413. beginning: it is read and left out, so that
    // whoever sends a log along has reported all the same; past Console::most_ignored_bytes the connection is closed
    // instead.
    enum class Body : unsigned char { whole, beginning } body = Body::whole;
  };
  struct Request {
    std::string_view method;
    std::string_view path;
    std::string_view query;  // without "?"
    std::string body;        // Console::most_body_bytes at most
  };
  struct Answer {
    int status = 200;
    std::string content_type = "application/json";
    std::string body;
    // A page whose form may be sent back to where it came from.
    enum class Form : unsigned char { none, own } form = Form::none;
  };

  virtual ~ApiPart() = default;
  virtual std::vector<Endpoint> endpoints() const = 0;
  virtual Answer answer(const Request& request) = 0;
  // What the page's events show of it each second: a JSON object of names and values; empty: nothing.
  virtual std::string reading() const { return {}; }
};

}  // namespace tenfold::console
