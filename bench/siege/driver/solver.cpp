// The one-shot functions of OpenSSL 3 cost three times as much as these, and a solver does little else.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "solver.hpp"

#include <openssl/sha.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <bit>
#include <charconv>
#include <utility>

#include "base/text/letters.hpp"

namespace tenfold::siege {
namespace {

int leading_zero_bits(const std::array<unsigned char, SHA256_DIGEST_LENGTH>& digest) {
  int bits = 0;
  for (const unsigned char byte : digest) {
    if (byte != 0) return bits + std::countl_zero(byte);
    bits += 8;
  }
  return bits;
}

}  // namespace

std::optional<Challenge> parse_challenge(std::string_view field) {
  Challenge challenge;
  bool version_1 = false;
  while (!field.empty()) {
    const std::size_t end = field.find(';');
    const std::string_view part = trimmed(field.substr(0, end));
    field = end == std::string_view::npos ? std::string_view() : field.substr(end + 1);
    if (part == "v1") version_1 = true;
    if (part.starts_with("seed=")) challenge.seed = part.substr(5);
    if (part.starts_with("path=")) challenge.path = part.substr(5);
    if (part.starts_with("bits=")) std::from_chars(part.data() + 5, part.data() + part.size(), challenge.bits);
  }
  if (!version_1 || challenge.seed.empty() || !challenge.path.starts_with('/')) return std::nullopt;
  return challenge;
}

std::optional<Solution> solve(const Challenge& challenge, std::uint64_t most_hashes) {
  SHA256_CTX begun;
  SHA256_Init(&begun);
  SHA256_Update(&begun, challenge.seed.data(), challenge.seed.size());
  SHA256_Update(&begun, ":", 1);
  std::array<char, 20> digits;
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest;
  for (std::uint64_t nonce = 0; nonce < most_hashes; ++nonce) {
    const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), nonce);
    SHA256_CTX context = begun;
    SHA256_Update(&context, digits.data(), static_cast<std::size_t>(end - digits.data()));
    SHA256_Final(digest.data(), &context);
    if (leading_zero_bits(digest) >= challenge.bits) return Solution{nonce, nonce + 1};
  }
  return std::nullopt;
}

Solver::Solver(net::Loop& loop) : loop_(loop), thread_([this] { work(); }) {}

Solver::~Solver() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  more_.notify_one();
  thread_.join();
}

net::Task<std::optional<Solution>> Solver::run(Challenge challenge, For whom, TimePoint deadline) {
  auto job = std::make_shared<Job>();
  job->challenge = std::move(challenge);
  {
    const std::lock_guard lock(mutex_);
    auto& waiting = waiting_[static_cast<std::size_t>(whom)];
    if (waiting.size() >= most_waiting) co_return std::nullopt;
    waiting.push_back(job);
  }
  more_.notify_one();
  const auto done = co_await job->done.wait(loop_, deadline);
  if (done) co_return job->solution;
  const std::lock_guard lock(mutex_);
  job->abandoned = true;
  co_return std::nullopt;
}

std::shared_ptr<Solver::Job> Solver::next() {
  std::unique_lock lock(mutex_);
  while (true) {
    for (auto& waiting : waiting_) {
      while (!waiting.empty()) {
        auto job = std::move(waiting.front());
        waiting.pop_front();
        if (!job->abandoned) return job;
      }
    }
    if (stopping_) return nullptr;
    more_.wait(lock);
  }
}

void Solver::work() {
  ::setpriority(PRIO_PROCESS, static_cast<id_t>(::syscall(SYS_gettid)), -5);
  while (auto job = next()) {
    job->solution = solve(job->challenge, most_hashes);
    loop_.post([job] { job->done.notify_all(); });
  }
}

}  // namespace tenfold::siege
