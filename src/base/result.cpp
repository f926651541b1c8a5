#include "base/result.hpp"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace tenfold {

std::string_view name(Errc code) {
  switch (code) {
    case Errc::invalid: return "invalid";
    case Errc::too_large: return "too large";
    case Errc::timed_out: return "timed out";
    case Errc::cancelled: return "cancelled";
    case Errc::closed: return "connection closed";
    case Errc::refused: return "refused";
    case Errc::unreachable: return "unreachable";
    case Errc::exhausted: return "out of resources";
    case Errc::busy: return "busy";
    case Errc::unsupported: return "not supported here";
    case Errc::not_found: return "not found";
    case Errc::failed: return "failed";
  }
  return "failed";
}

std::string Error::text() const {
  std::string text(name(code));
  if (!detail.empty()) text.append(": ").append(detail);
  return text;
}

namespace {

Errc code_of(int errno_value) {
  switch (errno_value) {
    case ETIMEDOUT: return Errc::timed_out;
    case ECANCELED: return Errc::cancelled;
    case ECONNRESET:
    case EPIPE:
    case ECONNABORTED: return Errc::closed;
    case ECONNREFUSED:
    case EACCES:
    case EPERM: return Errc::refused;
    case ENETUNREACH:
    case EHOSTUNREACH:
    case EADDRNOTAVAIL: return Errc::unreachable;
    case EMFILE:
    case ENFILE:
    case ENOMEM:
    case ENOBUFS: return Errc::exhausted;
    case EADDRINUSE:
    case EBUSY: return Errc::busy;
    case ENOSYS:
    case EOPNOTSUPP: return Errc::unsupported;
    case ENOENT: return Errc::not_found;
    default: return Errc::failed;
  }
}

}  // namespace

Error system_error(int errno_value, std::string_view doing) {
  std::string detail(doing);
  detail.append(": ").append(std::strerror(errno_value));  // NOLINT(concurrency-mt-unsafe): glibc's is per thread
  return {code_of(errno_value), std::move(detail)};
}

void broken_invariant(const char* expression, const char* file, int line) {
  std::fprintf(stderr, "tenfold: broken invariant: %s (%s:%d)\n", expression, file, line);
  std::abort();
}

}  // namespace tenfold
