#include "oncall/channels/sip/spoken_by.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <utility>

extern char** environ;

namespace tenfold::oncall::sip {
namespace {

using namespace std::chrono_literals;

constexpr Duration look_for_stop = 50ms;
constexpr std::size_t most_words = 400;  // bytes of the child's complaint

class Descriptor {
 public:
  explicit Descriptor(int number = -1) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~Descriptor() { close(); }
  int number() const { return number_; }
  bool is_open() const { return number_ >= 0; }
  void close() {
    if (number_ >= 0) ::close(std::exchange(number_, -1));
  }

 private:
  int number_;
};

struct Pipe {
  Descriptor read;
  Descriptor write;
};

Result<Pipe> make_pipe() {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return std::unexpected(system_error(errno, "a pipe to the speech program"));
  return Pipe{Descriptor(ends[0]), Descriptor(ends[1])};
}

// A child process: killed, and waited for, when it is no longer wanted.
class Child {
 public:
  explicit Child(pid_t id) : id_(id) {}
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() {
    if (id_ <= 0) return;
    kill(id_, SIGKILL);
    wait();
  }
  int wait() {
    int status = 0;
    while (waitpid(id_, &status, 0) < 0 && errno == EINTR) continue;
    id_ = -1;
    return status;
  }

 private:
  pid_t id_;
};

// Not a pipe: a child that is gone must not end us by SIGPIPE.
Result<Pipe> make_socket_pair() {
  std::array<int, 2> ends{};
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    return std::unexpected(system_error(errno, "a socket to the speech program"));
  }
  return Pipe{Descriptor(ends[0]), Descriptor(ends[1])};
}

Result<pid_t> spawn(const SpeechOrder& order, const Pipe& in, const Pipe& out, const Pipe& complaint) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, in.read.number(), STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, out.write.number(), STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, complaint.write.number(), STDERR_FILENO);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none;  // the program's threads block signals that a child should see
  sigemptyset(&none);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);

  // 150 words a minute: understood on a bad line by somebody who has just woken up. The text comes by standard input,
  // where a dash at its beginning is not taken for an option.
  std::array<std::string, 8> words{order.program, "-v", order.voice, "-s", "150", "-b", "1", "--stdin"};
  std::string to_stdout = "--stdout";
  std::array<char*, 10> arguments{};
  std::ranges::transform(words, arguments.begin(), [](std::string& word) { return word.data(); });
  arguments[words.size()] = to_stdout.data();
  pid_t id = -1;
  const int code = posix_spawnp(&id, order.program.c_str(), &actions, &attributes, arguments.data(), environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  if (code == ENOENT) {
    return fail(
        Errc::not_found,
        fmt::format("{} is not installed, so nothing can be spoken: install the package espeak-ng", order.program));
  }
  if (code != 0) return std::unexpected(system_error(code, "starting " + order.program));
  return id;
}

// The three pipes of a child that speaks, served until it has said all.
class Dialogue {
 public:
  Dialogue(const SpeechOrder& order, Pipe in, Pipe out, Pipe complaint)
      : order_(order),
        to_write_(order.text),
        in_(std::move(in.write)),
        out_(std::move(out.read)),
        complaint_(std::move(complaint.read)) {
    for (const int each : {in_.number(), out_.number(), complaint_.number()}) fcntl(each, F_SETFL, O_NONBLOCK);
  }

  Result<std::vector<std::uint8_t>> finish(const std::stop_token& stop) {
    const auto until = std::chrono::steady_clock::now() + order_.longest;
    while (out_.is_open() || complaint_.is_open()) {
      if (stop.stop_requested()) return fail(Errc::cancelled, "speaking");
      const Duration left = until - std::chrono::steady_clock::now();
      if (left <= Duration::zero()) {
        return fail(Errc::timed_out, fmt::format("{} took longer than {} s", order_.program,
                                                 std::chrono::ceil<std::chrono::seconds>(order_.longest).count()));
      }
      wait(std::min(left, look_for_stop));
      write_some();
      if (out_.is_open()) read_some();
      if (complaint_.is_open()) read_complaint();
    }
    return std::move(spoken_);
  }

  const std::string& words() const { return words_; }
  bool was_cut() const { return cut_; }

 private:
  void wait(Duration at_most) const {
    std::array<pollfd, 3> each{pollfd{in_.number(), POLLOUT, 0}, pollfd{out_.number(), POLLIN, 0},
                               pollfd{complaint_.number(), POLLIN, 0}};
    poll(each.data(), each.size(), static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(at_most).count()));
  }

  void write_some() {
    if (!in_.is_open()) return;
    const ssize_t written = send(in_.number(), to_write_.data(), to_write_.size(), MSG_NOSIGNAL);
    if (written > 0) to_write_.remove_prefix(static_cast<std::size_t>(written));
    const bool gone = written < 0 && errno != EAGAIN && errno != EINTR;
    if (gone || to_write_.empty()) in_.close();
  }

  void read_some() {
    std::array<std::uint8_t, 65'536> piece;
    const ssize_t got = read(out_.number(), piece.data(), piece.size());
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (got <= 0) return out_.close();
    const std::size_t room = order_.most_bytes - spoken_.size();
    const auto taken = std::min(room, static_cast<std::size_t>(got));
    spoken_.insert(spoken_.end(), piece.begin(), piece.begin() + static_cast<std::ptrdiff_t>(taken));
    if (spoken_.size() < order_.most_bytes) return;
    cut_ = true;
    out_.close();
    complaint_.close();
  }

  void read_complaint() {
    std::array<char, 512> piece;
    const ssize_t got = read(complaint_.number(), piece.data(), piece.size());
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (got <= 0) return complaint_.close();
    words_.append(piece.data(), std::min(static_cast<std::size_t>(got), most_words - words_.size()));
  }

  const SpeechOrder& order_;
  std::string_view to_write_;
  Descriptor in_;
  Descriptor out_;
  Descriptor complaint_;
  std::vector<std::uint8_t> spoken_;
  std::string words_;
  bool cut_ = false;
};

}  // namespace

Result<std::vector<std::uint8_t>> spoken_by(const SpeechOrder& order, const std::stop_token& stop) {
  auto in = make_socket_pair();
  auto out = make_pipe();
  auto complaint = make_pipe();
  for (const auto* each : {&in, &out, &complaint}) {
    if (!*each) return std::unexpected(each->error());
  }
  const auto id = spawn(order, *in, *out, *complaint);
  if (!id) return std::unexpected(id.error());
  Child child(*id);
  in->read.close();
  out->write.close();
  complaint->write.close();

  Dialogue dialogue(order, std::move(*in), std::move(*out), std::move(*complaint));
  auto spoken = dialogue.finish(stop);
  if (!spoken || dialogue.was_cut()) return spoken;
  const int status = child.wait();
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    return fail(Errc::failed, fmt::format("{} failed: {}", order.program, dialogue.words()));
  }
  return spoken;
}

}  // namespace tenfold::oncall::sip
