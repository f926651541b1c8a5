#include "rehearse/drive/visitor/validators.hpp"

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

bool Validators::choose(std::uint32_t template_index, std::string_view target, bool planned) {
  if (template_index >= owed_.size()) owed_.resize(template_index + 1);
  std::uint32_t& owed = owed_[template_index];
  if (!planned && owed == 0) return false;
  const bool known = by_target_.contains(target);
  if (planned && !known && owed < most_owed) ++owed;
  if (!planned && known) --owed;
  return known;
}

void Validators::append_fields(std::string& text, std::string_view target) const {
  const auto found = by_target_.find(target);
  if (found == by_target_.end()) return;
  const Validator& known = found->second;
  if (!known.etag.empty()) text.append("If-None-Match: ").append(known.etag).append("\r\n");
  if (!known.last_modified.empty()) text.append("If-Modified-Since: ").append(known.last_modified).append("\r\n");
}

}  // namespace tenfold::rehearse
