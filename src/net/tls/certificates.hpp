#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "net/tls/openssl.hpp"
#include "net/tls/tls.hpp"

namespace tenfold::net {

// A certificate with its chain and key, as read from its files.
struct Certificate {
  std::vector<X509Ptr> chain;  // the server's own first
  KeyPtr key;
  CertificateInfo info;
};

// Errors: invalid, naming the file and what is wrong with it.
Result<Certificate> read_certificate(const CertificateFiles& files);

// Which certificate a name (SNI) gets: an exact name before a wildcard, and of equals the one added first.
class CertificateNames {
 public:
  // Wildcards stand for one label, the leftmost (RFC 9525, 6.3). Names that are addresses do no harm: SNI has none.
  void add(const std::vector<std::string>& names, std::size_t certificate);
  // The certificate's number, or 0 (the first is the default) where no name matches. Letters of any case.
  std::size_t find(std::string_view name) const;

 private:
  struct Entry {
    std::string name;
    std::size_t certificate;
  };
  const Entry* exact(std::string_view name) const;
  std::vector<Entry> entries_;  // sorted by name
};

}  // namespace tenfold::net
