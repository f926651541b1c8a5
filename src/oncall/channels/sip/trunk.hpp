#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>

#include "oncall/channels/sip/call.hpp"

namespace tenfold::oncall::sip {

// The lines of a provider, and who waits for one. On the loop's thread.
class Trunk {
 public:
  using Tell = std::function<void(std::uint64_t call, Report)>;

  Trunk(const SipOptions& options, Loop& loop, Tell tell)
      : options_(options), loop_(loop), speech_(options.speech_program), tell_(std::move(tell)) {}
  Trunk(const Trunk&) = delete;
  Trunk& operator=(const Trunk&) = delete;

  void place(std::uint64_t call, CallOrder order);
  // What a key on that call has led to. Nothing happens where it has ended.
  void answer_act(std::uint64_t call, const std::string& words);
  // Hangs up everywhere, then calls `closed`: at the latest after longest_goodbye.
  void close(std::function<void()> closed);

 private:
  struct Waiting {
    std::uint64_t call;
    CallOrder order;
  };
  void fill_lines();
  void start(Waiting next);
  void give_up_late();
  void gone(std::uint64_t call);

  const SipOptions& options_;
  Loop& loop_;
  Speech speech_;
  Tell tell_;
  unsigned taken_ = 0;  // lines
  std::deque<Waiting> waiting_;
  std::unordered_map<std::uint64_t, std::unique_ptr<Call>> calls_;
  Timer look_;  // for who has waited too long
  std::function<void()> closed_;
  Timer goodbye_;
};

}  // namespace tenfold::oncall::sip
