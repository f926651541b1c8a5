#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "watch/probe/dns_answer.hpp"
#include "watch/probe/looks.hpp"
#include "watch/probe/words.hpp"

namespace tenfold::watch {
namespace {

using Cause = CheckResult::Cause;

class DnsLook final : public TimedLook {
 public:
  DnsLook(const DnsProbe& probe, LookSetup setup) : TimedLook(std::move(setup)), probe_(probe) {}
  ~DnsLook() override {
    if (timer_ != 0) tools_.poller.cancel(timer_);
  }

  // A check of one name server asks that one again: another's answer would say nothing of it.
  void begin() override {
    start_clock();
    const std::string servers = probe_.resolver.empty() ? way_.resolver() : probe_.resolver;
    if (!probe_.resolver.empty()) way_.say_asked_again();
    timer_ = tools_.poller.at(deadline(), [this] {
      timer_ = 0;
      finish_failed(Cause::timeout, fmt::format("{}: no name server answered for {}", late_words(), probe_.name));
    });
    result_.address = first_address(servers);
    question_ = tools_.names.ask(probe_.name, dns_type(probe_.record), servers,
                                 [this](Result<std::vector<std::uint8_t>> message) { on_answer(std::move(message)); });
  }

 private:
  void on_answer(Result<std::vector<std::uint8_t>> message) {
    result_.phases.name_lookup = tools_.poller.now() - (deadline() - check_.timeout);
    if (!message) {
      if (message.error().code != Errc::not_found) return finish_failed(Cause::name, message.error().detail);
      return finish_failed(Cause::name, missing_words(message.error().detail));
    }
    const auto records = dns_records(*message, probe_.record);
    if (!records) return finish_failed(Cause::protocol, records.error().detail);
    if (records->empty()) return finish_failed(Cause::content, missing_words(""));
    for (const std::string& expected : probe_.answers) {
      if (std::ranges::none_of(
              *records, [&](const std::string& answer) { return dns_answer_is(probe_.record, answer, expected); })) {
        return finish_failed(Cause::content, unexpected_words(*records, expected));
      }
    }
    finish_good();
  }

  // c-ares says "no record of this kind" for a name that has others.
  std::string missing_words(const std::string& said) const {
    if (said.starts_with("there is no name")) return said;
    return fmt::format("{} has no {} record", probe_.name, dns_type_name(probe_.record));
  }

  std::string unexpected_words(const std::vector<std::string>& records, const std::string& expected) const {
    constexpr std::size_t most_shown = 5;
    std::vector<std::string> shown;
    for (const std::string& record : records) {
      if (shown.size() < most_shown) shown.push_back(in_quotes(record));
    }
    return fmt::format("the {} record of {} is {}{}; {} is missing", dns_type_name(probe_.record), probe_.name,
                       fmt::join(shown, ", "),
                       records.size() > most_shown ? fmt::format(" and {} more", records.size() - most_shown) : "",
                       in_quotes(expected));
  }

  // Of the first name server of a list, "192.0.2.1:53" or "[2001:db8::1]:53"; empty when it is none.
  static std::string first_address(const std::string& servers) {
    const std::string first = servers.substr(0, servers.find(','));
    if (const auto address = Address::parse(first)) return address->text();
    const auto address = Address::parse(first.substr(0, first.rfind(':')));
    return address ? address->text() : "";
  }

  void finish_good() { stop(), end_good(); }
  void finish_failed(Cause cause, std::string what) { stop(), end_failed(cause, std::move(what)); }
  void stop() {
    question_.reset();
    if (timer_ != 0) tools_.poller.cancel(std::exchange(timer_, 0));
  }

  const DnsProbe& probe_;
  Names::Question question_;
  transfer::Poller::TimerId timer_ = 0;  // 0: none
};

}  // namespace

std::unique_ptr<Look> make_dns_look(const DnsProbe& probe, LookSetup setup) {
  return std::make_unique<DnsLook>(probe, std::move(setup));
}

}  // namespace tenfold::watch
