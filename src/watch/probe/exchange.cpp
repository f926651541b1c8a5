#include "watch/probe/exchange.hpp"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <ranges>
#include <string_view>
#include <utility>

#include "base/text/letters.hpp"
#include "watch/probe/charset.hpp"
#include "watch/probe/connector.hpp"
#include "watch/probe/words.hpp"

namespace tenfold::watch {
namespace {

using transfer::Outcome;
using transfer::Request;
using Cause = CheckResult::Cause;

constexpr unsigned most_redirects = 10;

}  // namespace

struct TlsOfHop {
  transfer::Poller& poller;
  Trust& trust;
  Request::Verify verify;
  SeenChain seen{};
  TimePoint began{};  // when the connection stood; the epoch: it never did
};

namespace {

// libcurl makes a context for each connection, once that stands.
CURLcode on_context(CURL*, void* context, void* user) {
  auto& hop = *static_cast<TlsOfHop*>(user);
  hop.began = hop.poller.now();
  if (hop.verify == Request::Verify::certificates) hop.trust.install(static_cast<ssl_ctx_st*>(context), &hop.seen);
  return CURLE_OK;
}

Duration microseconds(CURL* handle, CURLINFO what) {
  curl_off_t value = 0;
  curl_easy_getinfo(handle, what, &value);
  return std::chrono::microseconds(std::max<curl_off_t>(0, value));
}

std::string text_of(CURL* handle, CURLINFO what) {
  const char* text = nullptr;
  curl_easy_getinfo(handle, what, &text);
  return text != nullptr ? text : "";
}

Duration between(Duration from, Duration to) { return std::max(Duration(), to - from); }

std::shared_ptr<curl_slist> one_entry(const std::string& text) {
  return {curl_slist_append(nullptr, text.c_str()), &curl_slist_free_all};
}

// A cookie line of libcurl: domain, whether with its subdomains, path, whether for TLS only, end, name, value.
constexpr std::size_t end_field = 4, name_field = 5, cookie_fields = 7;

// libcurl has no way to take one out of a jar but to put it in as ended.
void forget_cookie(CURL* handle, std::string_view name) {
  curl_slist* lines = nullptr;
  curl_easy_getinfo(handle, CURLINFO_COOKIELIST, &lines);
  const std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)> owner(lines, &curl_slist_free_all);
  for (const curl_slist* line = lines; line != nullptr; line = line->next) {
    std::vector<std::string_view> fields;
    for (const auto field : std::views::split(std::string_view(line->data), '\t')) fields.emplace_back(field);
    if (fields.size() != cookie_fields || fields[name_field] != name) continue;
    fields[end_field] = "1";
    curl_easy_setopt(handle, CURLOPT_COOKIELIST, fmt::format("{}", fmt::join(fields, "\t")).c_str());
  }
}

}  // namespace

CookieJar::CookieJar() : handle_(curl_share_init()) {
  curl_share_setopt(handle_, CURLSHOPT_SHARE, CURL_LOCK_DATA_COOKIE);  // one thread: no locks
}
CookieJar::~CookieJar() { curl_share_cleanup(handle_); }

Exchange::Exchange(const Tools& tools, Way& way, std::shared_ptr<CookieJar> jar, Phases& phases, HttpProbe request,
                   Duration timeout, Done done)
    : tools_(tools),
      way_(way),
      jar_(std::move(jar)),
      phases_(phases),
      request_(std::move(request)),
      timeout_(timeout),
      done_(std::move(done)) {}

Exchange::~Exchange() {
  if (transfer_ != 0) tools_.transfers.cancel(transfer_);
}

void Exchange::begin() {
  began_ = tools_.poller.now();
  deadline_ = began_ + timeout_;
  auto target = destination_of(request_.url);
  if (!target) return fail_with(Cause::protocol, target.error().detail);
  target_ = std::move(*target);
  hop();
}

void Exchange::hop() {
  hop_began_ = tools_.poller.now();
  way_.find(target_.host, deadline_, [this](Result<Way::Found> found) { on_found(std::move(found)); });
}

void Exchange::on_found(Result<Way::Found> found) {
  const TimePoint now = tools_.poller.now();
  phases_.name_lookup += now - hop_began_;
  if (!found) {
    const bool late = found.error().code == Errc::timed_out;
    return fail_with(Cause::name,
                     late ? fmt::format("no answer within {}: {}", duration_words(timeout_), found.error().detail)
                          : found.error().detail);
  }
  tried_ = found->addresses.front().text();
  transfer_began_ = now;
  transfer_ = tools_.transfers.start(request_to(*found), [this](Outcome& outcome) {
    transfer_ = 0;
    on_outcome(outcome);
  });
}

// libcurl tries the families side by side by itself; "+": it forgets them in time.
std::string Exchange::resolve_entry(const Way::Found& found) const {
  std::vector<std::string> addresses;
  for (const Address& address : found.addresses) addresses.push_back(address.text_in_url());
  return fmt::format("+{}:{}:{}", target_.host, target_.port, fmt::join(addresses, ","));
}

// Beside what the check's own Cookie field says, or, where it has none, given back for libcurl to send beside the
// jar's: with this one request.
std::string Exchange::add_own_cookie(std::vector<std::pair<std::string, std::string>>& headers,
                                     const Way::Found& found) {
  own_cookie_name_.clear();
  if (!tools_.options.own_cookie) return {};
  Destination to = target_;
  for (const Address& address : found.addresses) to.addresses.push_back(address.text());
  std::string cookie = tools_.options.own_cookie(to);
  if (cookie.empty()) return {};
  own_cookie_name_ = cookie.substr(0, cookie.find('='));
  const auto given =
      std::ranges::find_if(headers, [](const auto& header) { return equal_but_for_case(header.first, "cookie"); });
  if (given == headers.end()) return cookie;
  given->second += "; " + cookie;
  return {};
}

// The shield may have answered with a cookie of that name. The jar would take it to every port of the host.
void Exchange::after_own_cookie(const Outcome& outcome) const {
  if (own_cookie_name_.empty()) return;
  if (jar_ != nullptr) forget_cookie(outcome.handle, own_cookie_name_);
  const bool refused = outcome.status == 403 || outcome.status == 429 || outcome.status == 503;
  if (refused && tools_.options.own_cookie_refused) tools_.options.own_cookie_refused();
}

Request Exchange::request_to(const Way::Found& found) {
  Request request;
  request.url = request_.url;
  request.method = request_.method;
  request.headers = request_.headers;
  const std::string cookie = add_own_cookie(request.headers, found);
  request.body = request_.body;
  request.timeout = std::max<Duration>(deadline_ - tools_.poller.now(), std::chrono::milliseconds(1));
  request.most_body_bytes = request_.expect.most_bytes;
  request.body_kept =
      body_ == Body::kept || looks_into_body(request_.expect) ? Request::BodyKept::yes : Request::BodyKept::counted;
  request.verify = request_.verify ? Request::Verify::certificates : Request::Verify::nothing;
  request.connection = Request::Connection::own;
  tls_ = std::make_shared<TlsOfHop>(tools_.poller, tools_.trust, request.verify);
  const bool is_name = !Address::parse(target_.host);
  const auto resolve = is_name ? one_entry(resolve_entry(found)) : nullptr;
  // What it captures lives as long as the transfer, which the handle's pointers need.
  request.prepare = [jar = jar_, resolve, tls = tls_, source = found.source, cookie,
                     agent = tools_.options.user_agent](CURL* handle) {
    if (jar != nullptr) {
      curl_easy_setopt(handle, CURLOPT_SHARE, jar->handle());
      curl_easy_setopt(handle, CURLOPT_COOKIEFILE, "");
    }
    if (!cookie.empty()) curl_easy_setopt(handle, CURLOPT_COOKIE, cookie.c_str());
    if (resolve != nullptr) curl_easy_setopt(handle, CURLOPT_RESOLVE, resolve.get());
    if (!source.empty()) curl_easy_setopt(handle, CURLOPT_INTERFACE, ("host!" + source).c_str());
    if (!agent.empty()) curl_easy_setopt(handle, CURLOPT_USERAGENT, agent.c_str());
    // The authorities are parsed already, and shared: libcurl must neither read its own nor keep ours, which can
    // change.
    curl_easy_setopt(handle, CURLOPT_CAINFO, nullptr);
    curl_easy_setopt(handle, CURLOPT_CAPATH, nullptr);
    curl_easy_setopt(handle, CURLOPT_CA_CACHE_TIMEOUT, 0L);
    curl_easy_setopt(handle, CURLOPT_SSL_SESSIONID_CACHE, 0L);
    curl_easy_setopt(handle, CURLOPT_SSL_CTX_FUNCTION, &on_context);
    curl_easy_setopt(handle, CURLOPT_SSL_CTX_DATA, tls.get());
  };
  return request;
}

void Exchange::on_outcome(Outcome& outcome) {
  add_phases(outcome.handle);
  end_.address = text_of(outcome.handle, CURLINFO_PRIMARY_IP);
  if (end_.address.empty()) end_.address = tried_;
  end_.source = text_of(outcome.handle, CURLINFO_LOCAL_IP);
  if (outcome.kind != Outcome::Kind::answered) {
    end_.verdict = failure(outcome);
    return done_(std::move(end_));
  }
  after_own_cookie(outcome);
  if (request_.follow && redirected(outcome)) return;
  if (!end_.verdict.what.empty()) return done_(std::move(end_));
  end_.answer = {.status = outcome.status,
                 .headers = std::move(outcome.headers),
                 .body = std::move(outcome.body),
                 .unreadable = {},
                 .body_bytes = outcome.body_bytes,
                 .cut = outcome.cut};
  read_text();
  end_.verdict = judge(request_.expect, end_.answer, tools_.expressions);
  done_(std::move(end_));
}

// The body as UTF-8, as all that looks into it is written.
void Exchange::read_text() {
  Answer& answer = end_.answer;
  if (answer.body.empty() || answer.cut) return;
  std::string_view type;
  for (const auto& [name, value] : answer.headers) {
    if (name == "content-type") type = value;
  }
  auto text = as_utf8(std::move(answer.body), type);
  answer.body = text ? std::move(*text) : std::string();
  if (!text) answer.unreadable = text.error().detail;
}

void Exchange::add_phases(CURL* handle) {
  const Duration name = microseconds(handle, CURLINFO_NAMELOOKUP_TIME_T);
  const Duration connect = microseconds(handle, CURLINFO_CONNECT_TIME_T);
  const Duration tls = microseconds(handle, CURLINFO_APPCONNECT_TIME_T);
  const Duration sent = microseconds(handle, CURLINFO_PRETRANSFER_TIME_T);
  const Duration first = microseconds(handle, CURLINFO_STARTTRANSFER_TIME_T);
  if (tls_->began != TimePoint() && tls != Duration()) {
    // Not all versions of libcurl part the two in the same way.
    const Duration stood = std::min(tls_->began - transfer_began_, tls);
    phases_.connect += between(name, stood);
    phases_.tls += tls - stood;
  } else {
    phases_.connect += between(name, connect);
  }
  if (first == Duration()) return;
  phases_.first_byte += between(sent, first);
  phases_.transfer += between(first, microseconds(handle, CURLINFO_TOTAL_TIME_T));
}

// Whether it goes on elsewhere. What may not be followed is left in end_.verdict.
bool Exchange::redirected(const Outcome& outcome) {
  const std::string url = text_of(outcome.handle, CURLINFO_REDIRECT_URL);
  if (url.empty() || outcome.status < 300 || outcome.status > 399) return false;
  auto target = destination_of(url);
  if (!target) {
    end_.verdict = {Cause::protocol, fmt::format("redirected to {}, which is not followed", in_quotes(url))};
    return false;
  }
  if (++redirects_ > most_redirects) {
    end_.verdict = {Cause::protocol,
                    fmt::format("more than {} redirects, the last to {}", most_redirects, in_quotes(url))};
    return false;
  }
  change_for_redirect(outcome.status, *target);
  request_.url = url;
  target_ = std::move(*target);
  hop();
  return true;
}

// RFC 9110, 15.4, as browsers do it; what proves who we are stays with the origin that it is for, also if a later
// redirect leads back there.
void Exchange::change_for_redirect(long status, const Destination& to) {
  const bool becomes_get =
      (status == 303 && request_.method != "HEAD") || ((status == 301 || status == 302) && request_.method == "POST");
  if (becomes_get) {
    request_.method = "GET";
    request_.body.clear();
    std::erase_if(request_.headers, [](const auto& header) {
      return equal_but_for_case(header.first, "content-type") || equal_but_for_case(header.first, "content-length");
    });
  }
  if (!is_same_origin(to, target_)) leave_secrets(request_.headers);
}

Verdict Exchange::failure(const Outcome& outcome) const {
  const std::string where =
      fmt::format("{}:{}", tried_.find(':') != std::string::npos ? "[" + tried_ + "]" : tried_, target_.port);
  switch (outcome.curl_code) {
    case CURLE_OPERATION_TIMEDOUT: return timeout_words(outcome.handle);
    case CURLE_COULDNT_RESOLVE_HOST: return {Cause::name, fmt::format("there is no name {}", target_.host)};
    case CURLE_COULDNT_CONNECT: {
      long error = 0;
      curl_easy_getinfo(outcome.handle, CURLINFO_OS_ERRNO, &error);
      if (error != 0) return {Cause::connect, connect_error(static_cast<int>(error), where).detail};
      return {Cause::connect, fmt::format("no connection to {}: {}", where, one_line(outcome.error))};
    }
    case CURLE_INTERFACE_FAILED:
      return {Cause::connect, fmt::format("no connection to {}: {}", where, one_line(outcome.error))};
    case CURLE_PEER_FAILED_VERIFICATION: return {Cause::certificate, tls_->seen.fault_words(target_.host)};
    case CURLE_SSL_CONNECT_ERROR:
      if (tls_->seen.at_fault()) return {Cause::certificate, tls_->seen.fault_words(target_.host)};
      return {Cause::tls, fmt::format("no TLS with {}: {}", where, one_line(outcome.error))};
    case CURLE_GOT_NOTHING: return {Cause::protocol, fmt::format("{} closed the connection without an answer", where)};
    case CURLE_PARTIAL_FILE:
      return {Cause::protocol, fmt::format("the page broke off after {}", bytes_words(outcome.body_bytes))};
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
      return {Cause::protocol,
              fmt::format("{} broke the connection off after {} of the page", where, bytes_words(outcome.body_bytes))};
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_WEIRD_SERVER_REPLY:
      return {Cause::protocol, fmt::format("what answers at {} does not speak HTTP", where)};
    case CURLE_BAD_CONTENT_ENCODING:
      return {Cause::protocol, fmt::format("the page cannot be unpacked: {}", one_line(outcome.error))};
    default: return {Cause::protocol, one_line(outcome.error)};
  }
}

Verdict Exchange::timeout_words(CURL* handle) const {
  const Duration connected = microseconds(handle, CURLINFO_CONNECT_TIME_T);
  const std::string late = fmt::format("no answer within {}", duration_words(timeout_));
  // libcurl counts a connection as made only with its TLS.
  if (tls_->began != TimePoint() && microseconds(handle, CURLINFO_APPCONNECT_TIME_T) == Duration()) {
    return {Cause::timeout, fmt::format("{}: connected after {}, then the TLS handshake did not end", late,
                                        duration_words(tls_->began - transfer_began_))};
  }
  if (connected == Duration()) {
    return {Cause::timeout,
            fmt::format("{}: no connection to {}:{}", late,
                        tried_.find(':') != std::string::npos ? "[" + tried_ + "]" : tried_, target_.port)};
  }
  const std::string after = duration_words(between(microseconds(handle, CURLINFO_NAMELOOKUP_TIME_T), connected));
  if (microseconds(handle, CURLINFO_STARTTRANSFER_TIME_T) == Duration()) {
    return {Cause::timeout, fmt::format("{}: connected after {}, then silence", late, after)};
  }
  curl_off_t bytes = 0;
  curl_easy_getinfo(handle, CURLINFO_SIZE_DOWNLOAD_T, &bytes);
  return {Cause::timeout, fmt::format("no whole answer within {}: {} came, then no end", duration_words(timeout_),
                                      bytes_words(static_cast<std::uint64_t>(bytes)))};
}

void Exchange::fail_with(Cause cause, std::string what) {
  end_.verdict = {cause, std::move(what)};
  done_(std::move(end_));
}

}  // namespace tenfold::watch
