#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"

// As in OpenSSL, which not everybody needs to read.
struct ssl_st;
struct ssl_ctx_st;
struct x509_st;
struct x509_store_st;

namespace tenfold::watch {

// What a handshake saw of the other side's certificates; filled by the verification that Trust installs.
class SeenChain {
 public:
  SeenChain() = default;
  SeenChain(const SeenChain&) = delete;
  SeenChain& operator=(const SeenChain&) = delete;
  ~SeenChain();

  bool at_fault() const { return error_ != 0; }
  // What is wrong, and with which certificate: "the certificate ended on 2026-11-01". Of a chain that was not at fault:
  // that it is for other names than `host`.
  std::string fault_words(const std::string& host) const;
  // The end of the first certificate of the chain to end, and its name if it is not the server's own.
  struct End {
    WallTime at{};
    std::string of;  // "the certificate", "the certificate of \"Intermediate X\""
  };
  std::optional<End> end() const;

 private:
  friend struct VerifyCallback;

  long error_ = 0;  // X509_V_ERR_..., the first
  x509_st* faulty_ = nullptr;
  bool faulty_is_own_ = true;
  x509_st* own_ = nullptr;
  std::optional<End> end_;
};

// The trusted authorities, parsed once and shared by all handshakes: parsing them costs more than ten handshakes.
class Trust {
 public:
  // An empty file name: the system's authorities. Errors: not_found, exhausted.
  static Result<std::unique_ptr<Trust>> make(std::string file);
  Trust(const Trust&) = delete;
  Trust& operator=(const Trust&) = delete;
  ~Trust();

  // For a context of somebody else (libcurl's): trusts our authorities and tells `seen`, which must outlive the
  // context's handshakes.
  void install(ssl_ctx_st* context, SeenChain* seen);
  // A connection of our own, verified, with the name of the server (or its address) to be proven.
  ssl_st* connection(const std::string& server_name, SeenChain* seen);

 private:
  explicit Trust(std::string file) : file_(std::move(file)) {}
  Result<void> load();
  void reload_if_changed();

  std::string file_;
  std::int64_t written_ns_ = 0;
  x509_store_st* store_ = nullptr;
  ssl_ctx_st* context_ = nullptr;
};

}  // namespace tenfold::watch
