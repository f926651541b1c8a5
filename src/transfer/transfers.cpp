#include "transfer/transfers.hpp"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cstring>
#include <ctime>
#include <deque>
#include <mutex>
#include <optional>

#include "base/text/letters.hpp"
#include "transfer/unpacking.hpp"

namespace tenfold::transfer {
namespace {

using namespace std::chrono_literals;

constexpr long most_redirects = 10;
constexpr std::size_t most_header_bytes = 64 * 1024;  // of one answer; what comes after is not kept
constexpr Duration longest_retry_after = 24h;

void initialise_curl() {
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
}

// Codes that say that nothing of the request has gone out.
bool nothing_was_sent(CURLcode code) {
  switch (code) {
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_FAILED_INIT:
    case CURLE_URL_MALFORMAT:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_CONNECT:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_USE_SSL_FAILED:
    case CURLE_LOGIN_DENIED: return true;
    default: return false;
  }
}

// Bounded before it is a Duration: the year 9999 is further away than one can hold.
Duration retry_after_of(std::string_view value, std::time_t now) {
  if (value.empty()) return {};
  std::time_t seconds = 0;
  if (value.find_first_not_of("0123456789") == std::string_view::npos) {
    if (value.size() > 6) return longest_retry_after;
    seconds = std::stol(std::string(value));
  } else {
    seconds = curl_getdate(std::string(value).c_str(), nullptr) - now;
  }
  const auto most = std::chrono::duration_cast<std::chrono::seconds>(longest_retry_after).count();
  return std::chrono::seconds(std::clamp<std::time_t>(seconds, 0, most));
}

}  // namespace

struct Transfers::Transfer {
  Transfers& owner;
  Id id;
  Request request;
  Done done;
  CURL* handle = nullptr;
  curl_slist* headers = nullptr;
  Outcome outcome;
  std::size_t header_bytes = 0;
  std::optional<Unpacking> unpacking;  // of the answer whose body comes
  std::string unpacking_error;
  char error[CURL_ERROR_SIZE] = {};

  Transfer(Transfers& transfers, Id number, Request what, Done then)
      : owner(transfers), id(number), request(std::move(what)), done(std::move(then)) {}
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;
  ~Transfer() {
    if (handle != nullptr) {
      curl_multi_remove_handle(owner.multi_, handle);
      curl_easy_cleanup(handle);
    }
    curl_slist_free_all(headers);
  }

  void set_up();
  void judge(CURLcode code);
  std::string encodings() const;  // of the answer, in all of its fields
  bool take(std::string_view piece);
  std::size_t refuse(const Error& error);
};

// What libcurl calls; it knows nothing of classes.
struct CurlCallbacks {
  static int on_socket(CURL*, curl_socket_t descriptor, int what, void* user, void*) {
    auto& transfers = *static_cast<Transfers*>(user);
    if (what == CURL_POLL_REMOVE) {
      transfers.poller_.unwatch(descriptor);
      return 0;
    }
    const auto interest = what == CURL_POLL_IN    ? Poller::Interest::read
                          : what == CURL_POLL_OUT ? Poller::Interest::write
                                                  : Poller::Interest::both;
    const auto watched =
        transfers.poller_.watch(descriptor, interest, [&transfers, descriptor](Poller::Interest ready) {
          const auto bits = static_cast<unsigned>(ready);
          transfers.act(descriptor,
                        ((bits & 1u) != 0 ? CURL_CSELECT_IN : 0) | ((bits & 2u) != 0 ? CURL_CSELECT_OUT : 0));
        });
    return watched ? 0 : -1;
  }

  static int on_timer(CURLM*, long milliseconds, void* user) {
    static_cast<Transfers*>(user)->set_timer(milliseconds);
    return 0;
  }

  static std::size_t on_header(char* data, std::size_t, std::size_t size, void* user) {
    auto& transfer = *static_cast<Transfers::Transfer*>(user);
    const std::string_view line(data, size);
    if (line.starts_with("HTTP/")) {  // a further answer: after a redirect, or an interim one
      transfer.outcome.headers.clear();
      transfer.header_bytes = 0;
      transfer.outcome.body.clear();
      transfer.outcome.body_bytes = 0;
      transfer.unpacking.reset();
    }
    const auto colon = line.find(':');
    transfer.header_bytes += size;
    if (colon != std::string_view::npos && transfer.header_bytes <= most_header_bytes) {
      transfer.outcome.headers.emplace_back(lower_case(trimmed(line.substr(0, colon), blanks_and_line_ends)),
                                            trimmed(line.substr(colon + 1), blanks_and_line_ends));
    }
    return size;
  }

  static std::size_t on_body(char* data, std::size_t, std::size_t size, void* user) {
    auto& transfer = *static_cast<Transfers::Transfer*>(user);
    if (!transfer.unpacking) {
      auto unpacking = Unpacking::of(transfer.encodings());
      if (!unpacking) return transfer.refuse(unpacking.error());
      transfer.unpacking.emplace(std::move(*unpacking));
    }
    const auto put =
        transfer.unpacking->put({data, size}, [&](std::string_view piece) { return transfer.take(piece); });
    return put ? size : transfer.refuse(put.error());
  }
};

std::string Transfers::Transfer::encodings() const {
  std::string all;
  for (const auto& [name, value] : outcome.headers) {
    if (name == "content-encoding") all += (all.empty() ? "" : ",") + value;
  }
  return all;
}

bool Transfers::Transfer::take(std::string_view piece) {
  const std::size_t room = request.most_body_bytes - outcome.body_bytes;
  const std::size_t taken = std::min(piece.size(), room);
  outcome.body_bytes += taken;
  if (request.body_kept == Request::BodyKept::yes) outcome.body.append(piece.substr(0, taken));
  outcome.cut = outcome.cut || piece.size() > room;
  return !outcome.cut;
}

std::size_t Transfers::Transfer::refuse(const Error& error) {
  if (!outcome.cut) unpacking_error = error.detail;
  return CURL_WRITEFUNC_ERROR;
}

void Transfers::Transfer::set_up() {
  handle = curl_easy_init();
  TENFOLD_ASSERT(handle != nullptr);
  const auto set = [&](auto option, auto value) { curl_easy_setopt(handle, option, value); };
  set(CURLOPT_URL, request.url.c_str());
  set(CURLOPT_PROTOCOLS_STR, "http,https,smtp,smtps");
  set(CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
  set(CURLOPT_NOSIGNAL, 1L);
  // Otherwise a time-out, and with it the whole thread, waits until the name server has answered.
  set(CURLOPT_QUICK_EXIT, 1L);
  set(CURLOPT_PROXY, "");  // a proxy of the environment would answer for the one that was asked
  set(CURLOPT_ERRORBUFFER, error);
  set(CURLOPT_PRIVATE, this);
  set(CURLOPT_HEADERFUNCTION, &CurlCallbacks::on_header);
  set(CURLOPT_HEADERDATA, this);
  set(CURLOPT_WRITEFUNCTION, &CurlCallbacks::on_body);
  set(CURLOPT_WRITEDATA, this);
  set(CURLOPT_TIMEOUT_MS,
      std::max(1L, static_cast<long>(std::chrono::ceil<std::chrono::milliseconds>(request.timeout).count())));
  // Unpacked here: libcurl takes a body that breaks off in the middle for whole. Mail has no such field.
  if (request.url.starts_with("http")) {
    set(CURLOPT_ACCEPT_ENCODING, std::string(unpacked_encodings).c_str());
    set(CURLOPT_HTTP_CONTENT_DECODING, 0L);
  }
  set(CURLOPT_MAXREDIRS, most_redirects);
  set(CURLOPT_FOLLOWLOCATION, request.redirects == Request::Redirects::follow ? 1L : 0L);
  if (request.verify == Request::Verify::nothing) {
    set(CURLOPT_SSL_VERIFYPEER, 0L);
    set(CURLOPT_SSL_VERIFYHOST, 0L);
  }
  const bool repeatable = request.method != "POST" && request.method != "PATCH";
  if (request.connection == Request::Connection::own || !repeatable) set(CURLOPT_FRESH_CONNECT, 1L);
  if (request.connection == Request::Connection::own) set(CURLOPT_FORBID_REUSE, 1L);
  if (!request.user.empty()) {
    set(CURLOPT_USERNAME, request.user.c_str());
    set(CURLOPT_PASSWORD, request.password.c_str());
  }
  if (request.url.starts_with("http")) {
    if (request.method == "HEAD") set(CURLOPT_NOBODY, 1L);
    if (!request.body.empty() || request.method == "POST") {
      set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
      set(CURLOPT_POSTFIELDS, request.body.c_str());
      headers = curl_slist_append(headers, "Expect:");
    }
    if (request.method != "GET" && request.method != "HEAD" && request.method != "POST") {
      set(CURLOPT_CUSTOMREQUEST, request.method.c_str());
    }
    for (const auto& [name, value] : request.headers) {
      headers = curl_slist_append(headers, (value.empty() ? name + ";" : fmt::format("{}: {}", name, value)).c_str());
    }
    set(CURLOPT_HTTPHEADER, headers);
  }
  if (request.prepare) request.prepare(handle);
}

void Transfers::Transfer::judge(CURLcode code) {
  outcome.handle = handle;
  curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &outcome.status);
  if (code == CURLE_WRITE_ERROR && !unpacking_error.empty()) code = CURLE_BAD_CONTENT_ENCODING;
  if (code == CURLE_OK && unpacking && !unpacking->is_whole()) {
    code = CURLE_PARTIAL_FILE;
    unpacking_error =
        fmt::format("the packed body breaks off, after {} bytes as they are unpacked", outcome.body_bytes);
  }
  outcome.curl_code = code;
  if (code == CURLE_OK || (outcome.cut && code == CURLE_WRITE_ERROR)) {
    outcome.kind = Outcome::Kind::answered;
    outcome.curl_code = CURLE_OK;
    outcome.retry_after = retry_after_of(outcome.header("retry-after"), std::time(nullptr));
    return;
  }
  outcome.error = !unpacking_error.empty() ? unpacking_error : error[0] != '\0' ? error : curl_easy_strerror(code);
  // SMTP's refusals are answers that libcurl reports as errors.
  if (request.url.starts_with("smtp") && outcome.status >= 400) {
    outcome.kind = Outcome::Kind::answered;
    return;
  }
  long request_bytes = 0;
  curl_easy_getinfo(handle, CURLINFO_REQUEST_SIZE, &request_bytes);
  curl_off_t uploaded_bytes = 0;  // of a mail, whose commands libcurl does not count as a request
  curl_easy_getinfo(handle, CURLINFO_SIZE_UPLOAD_T, &uploaded_bytes);
  const bool was_sent = request_bytes > 0 || uploaded_bytes > 0;
  outcome.kind = nothing_was_sent(code) || !was_sent ? Outcome::Kind::not_sent : Outcome::Kind::lost;
}

std::string_view Outcome::header(std::string_view name) const {
  for (const auto& [known, value] : headers) {
    if (known == name) return value;
  }
  return {};
}

Result<std::unique_ptr<Transfers>> Transfers::make(Poller& poller, const Options& options) {
  initialise_curl();
  CURLM* const multi = curl_multi_init();
  if (multi == nullptr) return fail(Errc::exhausted, "libcurl has no memory");
  std::unique_ptr<Transfers> transfers(new Transfers(poller, options, multi));
  curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, &CurlCallbacks::on_socket);
  curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, transfers.get());
  curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, &CurlCallbacks::on_timer);
  curl_multi_setopt(multi, CURLMOPT_TIMERDATA, transfers.get());
  curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, static_cast<long>(options.kept_connections));
  return transfers;
}

Transfers::Transfers(Poller& poller, Options options, CURLM* multi)
    : poller_(poller), options_(options), multi_(multi) {}

Transfers::~Transfers() {
  *alive_ = false;
  transfers_.clear();
  curl_multi_cleanup(multi_);
  if (timer_ != 0) poller_.cancel(timer_);
}

Transfers::Id Transfers::start(Request request, Done done) {
  const Id id = ++last_;
  transfers_.emplace(id, std::make_unique<Transfer>(*this, id, std::move(request), std::move(done)));
  waiting_.push_back(id);
  begin_waiting();
  return id;
}

void Transfers::cancel(Id id) {
  const auto found = transfers_.find(id);
  if (found == transfers_.end()) return;
  if (found->second->handle != nullptr) --running_;
  transfers_.erase(found);
  begin_waiting();
}

void Transfers::begin_waiting() {
  while (!waiting_.empty() && running_ < options_.most_under_way) {
    const auto found = transfers_.find(waiting_.front());
    waiting_.pop_front();
    if (found == transfers_.end()) continue;  // cancelled
    found->second->set_up();
    ++running_;
    const CURLMcode code = curl_multi_add_handle(multi_, found->second->handle);
    TENFOLD_ASSERT(code == CURLM_OK);
  }
}

void Transfers::act(int descriptor, int events) {
  int running = 0;
  curl_multi_socket_action(multi_, descriptor, events, &running);
  finish_done();
}

void Transfers::finish_done() {
  int left = 0;
  std::vector<std::pair<Id, CURLcode>> done;
  while (const CURLMsg* message = curl_multi_info_read(multi_, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    void* transfer = nullptr;
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &transfer);
    done.emplace_back(static_cast<Transfer*>(transfer)->id, message->data.result);
  }
  const auto alive = alive_;
  for (const auto& [id, code] : done) {
    finish(id, code);
    if (!*alive) return;
  }
}

void Transfers::finish(Id id, int code) {
  const auto found = transfers_.find(id);
  if (found == transfers_.end()) return;  // cancelled by the one before it
  const std::unique_ptr<Transfer> transfer = std::move(found->second);
  transfers_.erase(found);
  --running_;
  transfer->judge(static_cast<CURLcode>(code));
  const auto alive = alive_;
  transfer->done(transfer->outcome);
  TENFOLD_ASSERT(*alive);  // Done must not destroy the transfers
  begin_waiting();
}

void Transfers::set_timer(long milliseconds) {
  if (timer_ != 0) poller_.cancel(timer_);
  timer_ = 0;
  if (milliseconds < 0) return;
  timer_ = poller_.at(poller_.now() + std::chrono::milliseconds(milliseconds), [this] {
    timer_ = 0;
    act(CURL_SOCKET_TIMEOUT, 0);
  });
}

}  // namespace tenfold::transfer
