#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace tenfold::http {

// What a request must look like, as an owner writes it ("POST /checkout*"), made ready for comparing. Immutable;
// thread-safe.
class RequestPattern {
 public:
  // method: empty for any. path: `*` stands for any run of characters, also none; compared without the query, case and
  // all. It is read as http::normal_path() reads paths, so that "/mein%20konto*" is what it looks like; an escaped star
  // is no wildcard and cannot be told from one: such a pattern stays as it is.
  RequestPattern(std::string method, const std::string& path);

  // path: as http::normal_path() gives it.
  bool matches(std::string_view method, std::string_view path) const {
    return (method_.empty() || method_ == method) && path.starts_with(beginning()) && rest_matches(path);
  }

 private:
  // Nearly all patterns are a path, or one with a star at its end: told by the beginning and a look at the length.
  enum class Rest : unsigned char { nothing, anything, stars };

  std::string_view beginning() const { return std::string_view(path_).substr(0, star_); }
  bool rest_matches(std::string_view path) const;

  std::string method_;
  std::string path_;
  std::size_t star_;  // where the first is, or the end
  Rest rest_;
};

}  // namespace tenfold::http
