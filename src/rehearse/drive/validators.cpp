#include "rehearse/drive/validators.hpp"

namespace tenfold::rehearse {

void Validators::remember(std::string_view target, const http::Headers& headers) {
  std::string_view etag = headers.find(http::Field::etag).value_or("");
  std::string_view modified = headers.find(http::Field::last_modified).value_or("");
  if (etag.size() > most_bytes) etag = {};
  if (modified.size() > most_bytes) modified = {};
  const auto found = by_target_.find(target);
  if (found == by_target_.end()) {
    const bool worth_it = !etag.empty() || !modified.empty();
    if (worth_it && by_target_.size() < most_targets)
      by_target_.emplace(target, Validator{std::string(etag), std::string(modified)});
    return;
  }
  if (found->second.etag != etag) found->second.etag = etag;
  if (found->second.last_modified != modified) found->second.last_modified = modified;
}

void Validators::append_fields(std::string& text, std::string_view target) const {
  const auto found = by_target_.find(target);
  if (found == by_target_.end()) return;
  const Validator& known = found->second;
  if (!known.etag.empty()) text.append("If-None-Match: ").append(known.etag).append("\r\n");
  if (!known.last_modified.empty()) text.append("If-Modified-Since: ").append(known.last_modified).append("\r\n");
}

}  // namespace tenfold::rehearse
