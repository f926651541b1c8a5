#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "base/random.hpp"
#include "net/loop.hpp"
#include "net/resolver.hpp"
#include "net/scope.hpp"
#include "net/task.hpp"
#include "origin/directory.hpp"
#include "origin/ejection.hpp"
#include "origin/health.hpp"

namespace tenfold::origin {

// Keeps the directory's marks true: checks every server, checks suspected ones at once, judges ejection, keeps names
// resolved. One for each process, on one loop (not a worker's, so that a busy worker delays no check); all that it is
// given must outlive it. Every function is to be called on that loop's thread, or before it runs.
class Checks final : private DirectoryObserver {
 public:
  Checks(Directory& directory, net::Loop& loop, net::Resolver& resolver, Random& random);
  Checks(const Checks&) = delete;
  Checks& operator=(const Checks&) = delete;
  ~Checks();  // stop() was awaited, or start() never called

  void start();
  // Resumes once every server has been resolved and checked once, or at the deadline.
  net::Task<void> first_round(TimePoint deadline);
  // Gives up checks and lookups that are under way.
  net::Task<void> stop();

 private:
  struct Patient;  // a server and what is known of it
  struct Name;     // a host name that is kept resolved
  struct Finding {
    CheckResult result = CheckResult::nobody;
    std::string error;  // for people; empty: good
  };

  void on_topology() override;
  void on_suspect(Server& server) override;
  void on_review() override;

  void admit_patients();
  net::Task<void> watch(std::shared_ptr<Patient> patient);
  void admit_names();
  net::Task<void> keep_resolved(std::shared_ptr<Name> name);
  void say_unresolved(const std::string& host, const std::string& why);
  net::Task<void> keep_reviewing();
  net::Task<Finding> check(std::shared_ptr<Patient> patient);
  static Result<std::shared_ptr<net::TlsClientContext>> tls_context(Patient& patient);
  net::Task<Finding> ask(std::shared_ptr<Patient> patient, std::unique_ptr<net::Stream> stream, TimePoint deadline);
  void conclude(Patient& patient, const Finding& finding, CheckReason reason);
  void review();
  void review_pool(const Pool& pool);
  void apply(Patient& patient, const EjectionDecision& decision);
  void publish(Patient& patient);

  Directory& directory_;
  net::Loop& loop_;
  net::Resolver& resolver_;
  Random& random_;
  std::shared_ptr<const Topology> topology_;
  std::map<std::uint32_t, std::shared_ptr<Patient>> patients_;  // by Server::id()
  std::map<std::string, std::shared_ptr<Name>> names_;          // by host
  net::Event checked_;                                          // a patient was checked for the first time
  net::Scope tasks_;
  Directory::Subscription subscription_;
};

}  // namespace tenfold::origin
