#include "net/tls/certificates.hpp"

#include <openssl/err.h>
#include <openssl/pemerr.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "base/text/letters.hpp"

namespace tenfold::net {

namespace {

constexpr std::size_t largest_file_bytes = 1 << 20;

struct FileCloser {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

std::unexpected<Error> wrong(const std::string& file, std::string_view what) {
  return fail(Errc::invalid, file + ": " + std::string(what));
}

Result<std::string> read_file(const std::string& path) {
  const std::unique_ptr<std::FILE, FileCloser> file(std::fopen(path.c_str(), "rbe"));
  std::string content;
  std::array<char, 4096> block;
  if (file) {
    while (const std::size_t got = std::fread(block.data(), 1, block.size(), file.get())) {
      content.append(block.data(), got);
      if (content.size() > largest_file_bytes)
        return wrong(path, "is larger than 1 MiB, so it is no certificate or key");
    }
  }
  if (!file || std::ferror(file.get()) != 0) {
    return wrong(path, "cannot be read: " + std::string(std::strerror(errno)));  // NOLINT(concurrency-mt-unsafe)
  }
  return content;
}

BioPtr memory(const std::string& content) {
  return BioPtr(BIO_new_mem_buf(content.data(), static_cast<int>(content.size())));
}

Result<std::vector<X509Ptr>> read_chain(const std::string& path) {
  const auto content = read_file(path);
  if (!content) return std::unexpected(content.error());
  const BioPtr bio = memory(*content);
  std::vector<X509Ptr> chain;
  forget_openssl_errors();
  while (X509Ptr next{PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)}) chain.push_back(std::move(next));
  const bool no_more = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  const std::string reason = take_openssl_reason();
  if (!no_more) return wrong(path, "certificate " + std::to_string(chain.size() + 1) + " is damaged: " + reason);
  if (chain.empty()) {
    const bool has_key = content->find("PRIVATE KEY-----") != std::string::npos;
    return wrong(path, has_key ? "holds a private key where the certificate chain is expected"
                               : "holds no certificate in PEM form (-----BEGIN CERTIFICATE-----)");
  }
  return chain;
}

int note_that_it_is_encrypted(char*, int, int, void* encrypted) {
  *static_cast<bool*>(encrypted) = true;
  return -1;
}

Result<KeyPtr> read_key(const std::string& path) {
  const auto content = read_file(path);
  if (!content) return std::unexpected(content.error());
  const BioPtr bio = memory(*content);
  bool encrypted = false;
  forget_openssl_errors();
  KeyPtr key(PEM_read_bio_PrivateKey(bio.get(), nullptr, &note_that_it_is_encrypted, &encrypted));
  const bool not_found = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  const std::string reason = take_openssl_reason();
  if (key) return key;
  if (encrypted)
    return wrong(path, "the key is encrypted; `openssl pkey -in FILE -out NEW` writes it without passphrase");
  if (content->find("PRIVATE KEY-----") == std::string::npos || not_found) {
    return wrong(path, "holds no private key in PEM form (-----BEGIN PRIVATE KEY-----)");
  }
  return wrong(path, "the private key is damaged: " + reason);
}

}  // namespace

Result<Certificate> read_certificate(const CertificateFiles& files) {
  auto chain = read_chain(files.chain);
  if (!chain) return std::unexpected(chain.error());
  auto key = read_key(files.key);
  if (!key) return std::unexpected(key.error());

  const auto fits = [&](const X509Ptr& certificate) {
    return X509_check_private_key(certificate.get(), key->get()) == 1;
  };
  const auto own = std::find_if(chain->begin(), chain->end(), fits);
  forget_openssl_errors();
  if (own == chain->end()) return wrong(files.key, "does not belong to the certificate in " + files.chain);
  if (own != chain->begin()) {
    return wrong(files.chain, "the server's own certificate must come first; it is number " +
                                  std::to_string(own - chain->begin() + 1));
  }
  Certificate certificate{.chain = std::move(*chain), .key = std::move(*key), .info = {}};
  const X509& leaf = *certificate.chain.front();
  certificate.info = {.chain_file = files.chain,
                      .names = certificate_names(leaf),
                      .not_before = wall_time_of(*X509_get0_notBefore(&leaf)),
                      .not_after = wall_time_of(*X509_get0_notAfter(&leaf))};
  return certificate;
}

void CertificateNames::add(const std::vector<std::string>& names, std::size_t certificate) {
  for (const std::string& name : names) {
    const auto at = std::lower_bound(entries_.begin(), entries_.end(), name,
                                     [](const Entry& entry, const std::string& wanted) { return entry.name < wanted; });
    if (at == entries_.end() || at->name != name) entries_.insert(at, Entry{name, certificate});
  }
}

const CertificateNames::Entry* CertificateNames::exact(std::string_view name) const {
  const auto at = std::lower_bound(entries_.begin(), entries_.end(), name,
                                   [](const Entry& entry, std::string_view wanted) { return entry.name < wanted; });
  return at != entries_.end() && at->name == name ? &*at : nullptr;
}

std::size_t CertificateNames::find(std::string_view name) const {
  std::string wanted = lower_case(name);
  if (!wanted.empty() && wanted.back() == '.') wanted.pop_back();
  if (const Entry* entry = exact(wanted)) return entry->certificate;
  const std::size_t dot = wanted.find('.');
  if (dot == 0 || dot == std::string::npos) return 0;
  const Entry* const wildcard = exact("*" + wanted.substr(dot));
  return wildcard != nullptr ? wildcard->certificate : 0;
}

}  // namespace tenfold::net
