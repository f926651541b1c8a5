#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "origin/server.hpp"

namespace tenfold::edge {

struct Visit;

// A request that the origins failed.
struct Complaint {
  std::string_view what;                   // "GET", or what was being done
  std::string_view path;                   // without the query, which may hold what is private
  int status = 0;                          // what the client gets; 0: nobody waits
  const origin::Server* server = nullptr;  // null: none was asked
  std::string_view cause;
  std::uint32_t attempts = 0;
};

// Tells the operator why requests fail, in the program's log: at most `most` lines in each `interval` for a worker,
// however many fail, and then how many were not told of. One thread only.
class Complaints {
 public:
  static constexpr std::uint32_t most = 5;
  static constexpr Duration interval = std::chrono::seconds(10);

  void tell(TimePoint now, const Complaint& complaint);
  std::uint32_t told() const { return began_ == TimePoint() ? 0 : told_; }  // lines in the present interval
  std::uint64_t untold() const { return untold_; }

  // "GET /a: 502: 10.0.0.1:80: closed the connection without an answer (2 attempts)". Nothing in it can forge a line.
  static std::string text(const Complaint& complaint);

 private:
  TimePoint began_{};
  std::uint32_t told_ = most;
  std::uint64_t untold_ = 0;
};

// Of the visit's request and its origin_error. status: what the client gets, or has got the head of.
void complain(Visit& visit, int status);
// `why`, which must stay for as long as the visit, becomes the origin_error.
void complain(Visit& visit, int status, std::string_view why);
// An answer stays unfinished, which the client sees by its framing; `why` is for the log and becomes the origin_error.
void note_cut(Visit& visit, std::string_view why);

}  // namespace tenfold::edge
