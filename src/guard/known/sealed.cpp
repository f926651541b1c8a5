#include "guard/known/sealed.hpp"

#include <bit>
#include <cstddef>

namespace tenfold::guard {

namespace {

static_assert(std::endian::native == std::endian::little);

// kind, end of line, key check, content, tag
constexpr std::size_t key_check_bytes = 8;
constexpr std::size_t tag_bytes = 16;

std::string head_of(const SipKey& key, std::string_view kind) {
  std::string head = "tenfold " + std::string(kind) + "\n";
  append_number(head, siphash(key, "which secret"));
  return head;
}

std::string tag_of(const SipKey& key, std::string_view text) {
  const auto tag = siphash_128(key, text);
  return {reinterpret_cast<const char*>(tag.data()), tag.size()};
}

}  // namespace

std::string seal(const SipKey& key, std::string_view kind, std::string_view content) {
  std::string sealed = head_of(key, kind);
  sealed.reserve(sealed.size() + content.size() + tag_bytes);
  sealed += content;
  sealed += tag_of(key, sealed);
  return sealed;
}

Result<std::string_view> unseal(const SipKey& key, std::string_view kind, std::string_view sealed) {
  const std::string head = head_of(key, kind);
  const std::string_view name(head.data(), head.size() - key_check_bytes);
  if (sealed.size() < head.size() + tag_bytes || !sealed.starts_with(name)) {
    return fail(Errc::invalid, "expected what was saved as \"" + std::string(kind) + "\"");
  }
  if (!sealed.starts_with(head)) return fail(Errc::invalid, "was saved under another secret");
  const std::string_view text = sealed.substr(0, sealed.size() - tag_bytes);
  if (tag_of(key, text) != sealed.substr(text.size())) return fail(Errc::invalid, "is damaged");
  return text.substr(head.size());
}

}  // namespace tenfold::guard
