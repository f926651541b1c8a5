#pragma once

#include <re.h>

// libre 1 and 2 define these words of C++'s as macros, for C's sake.
#undef bool
#undef true
#undef false

#include <memory>
#include <string>
#include <system_error>
#include <utility>

// libre's objects, counted by libre, held by unique owners here.
namespace tenfold::oncall::sip {

using SipStack = struct ::sip;        // a name that is our namespace's too
using RtpSocket = struct ::rtp_sock;  // and one that is a function's

struct Dereference {
  void operator()(void* object) const { mem_deref(object); }
};
template <class T>
using Re = std::unique_ptr<T, Dereference>;

// For libre's functions that make an object: made([&](auto** out) { return telev_alloc(out, 50); }, &object).
template <class T, class Make>
int make_re(Re<T>& into, Make&& make) {
  T* raw = nullptr;
  const int code = std::forward<Make>(make)(&raw);
  if (code == 0) into.reset(raw);
  return code;
}

inline std::string text(const pl& words) { return words.p == nullptr ? std::string() : std::string(words.p, words.l); }
inline std::string error_text(int code) { return std::generic_category().message(code); }

}  // namespace tenfold::oncall::sip
