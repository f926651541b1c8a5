#include "rehearse/learn/shapes.hpp"

#include <absl/hash/hash.h>

#include <algorithm>
#include <array>
#include <bit>
#include <map>

namespace tenfold::rehearse {
namespace {

constexpr std::array<std::string_view, 7> method_texts{"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"};

// A page leads on: it is the referer of what follows it. What a browser fetches for a page follows within moments, and
// nothing comes from it. How it is written decides where there is little to go by.
Kind kind_by(Hint hint, double requests, double quick, double led_from) {
  const double leads = led_from / std::max(1.0, requests);
  switch (hint) {
    case Hint::file: return Kind::asset;  // a style sheet leads to fonts, too
    case Hint::folder: return requests >= 10 && leads > 0.25 ? Kind::page : Kind::asset;
    case Hint::page:
    case Hint::none: return leads < 0.1 && requests >= 3 && quick / requests >= 0.5 ? Kind::asset : Kind::page;
  }
  return Kind::page;
}

}  // namespace

Method method_of(std::string_view text) {
  for (std::size_t i = 0; i < method_texts.size(); ++i)
    if (text == method_texts[i]) return static_cast<Method>(i);
  return Method::none;
}

std::string_view text_of(Method method) { return method_texts[static_cast<std::size_t>(method)]; }

Shapes::Shapes() { shapes_.emplace_back().kind = Kind::page; }

std::uint64_t Shapes::hash_of(std::string_view target, Method method) {
  return absl::HashOf(target) ^ (static_cast<std::uint64_t>(method) * 0x9e3779b97f4a7c15);
}

std::int64_t Shapes::find(std::uint64_t hash) const {
  const auto at = known_.find(hash);
  return at == known_.end() ? -1 : static_cast<std::int64_t>(at->second.shape);
}

std::uint32_t Shapes::shape_of(std::string_view target, Method method) {
  const std::uint32_t node = paths_.node_of(target);
  // Images at one end of a tree of pages ("/image/31?name=a.jpg" and "/image/31?name=b") part by hint.
  const Hint hint = hint_of(target);
  const std::uint64_t key =
      (std::uint64_t{node} << 16) | static_cast<std::uint64_t>(method) << 8 | (hint == Hint::file ? 1U : 0U);
  if (const auto at = by_node_.find(key); at != by_node_.end()) return at->second;
  if (shapes_.size() >= most_shapes) return 0;
  const auto index = static_cast<std::uint32_t>(shapes_.size());
  Shape& shape = shapes_.emplace_back();
  shape.node = node;
  shape.method = method;
  shape.hint = hint;
  shape.robots = target == "/robots.txt";
  by_node_.emplace(key, index);
  return index;
}

Shapes::Found Shapes::count(const Entry& entry, Method method, std::uint32_t visitor, bool crawler) {
  const std::uint64_t hash = hash_of(entry.target, method);
  auto at = known_.find(hash);
  if (at == known_.end()) {
    if (known_.size() >= most_known) forget_rarest();
    at = known_.try_emplace(hash).first;
    at->second.shape = shape_of(entry.target, method);
    at->second.target = entry.target;
    shapes_[at->second.shape].distinct->add(hash);
  }
  KnownRequest& known = at->second;
  ++known.requests;
  known.visitors.add(visitor);
  known.crawled |= crawler;
  Shape& shape = shapes_[known.shape];
  if (known.shape == 0) folded_ += 1;
  shape.requests += 1;
  shape.visitors.add(visitor);
  shape.crawled |= crawler;
  shape.conditional += entry.status == 304;
  if (entry.bytes > 0) {
    shape.bytes += static_cast<double>(entry.bytes);
    shape.bodies += 1;
  }
  if (entry.status == 200) {
    const auto bits = std::bit_width(static_cast<std::uint64_t>(std::max<std::int64_t>(0, entry.bytes)));
    ++shape.sizes[std::min<std::size_t>(static_cast<std::size_t>(bits), shape.sizes.size() - 1)];
  }
  if (entry.status > 0) {
    const auto status = std::ranges::find(shape.statuses, entry.status, &std::pair<int, double>::first);
    if (status != shape.statuses.end())
      status->second += 1;
    else if (shape.statuses.size() < 12)
      shape.statuses.emplace_back(entry.status, 1);
  }
  return {known.shape, hash};
}

void Shapes::forget_rarest() {
  forgot_ = true;
  for (std::uint32_t least = 1; known_.size() > most_known / 4 * 3; least *= 2)
    absl::erase_if(known_, [&](const auto& each) { return each.second.requests <= least; });
}

std::vector<PathTree::Fame> Shapes::fame() const {
  std::vector<PathTree::Fame> result(paths_.size());
  for (const auto& shape : shapes_) {
    auto& fame = result[shape.node];
    fame.requests += shape.requests;
    fame.visitors.add(shape.visitors);
    fame.open_to_all |= shape.crawled || shape.hint == Hint::file;
  }
  return result;
}

// Shapes that will be one template are judged together.
void Shapes::settle_all() {
  settled_ = true;
  struct Evidence {
    double requests = 0, quick = 0, led_from = 0;
  };
  const auto names = paths_.names(fame(), PathTree::Naming::final);
  std::map<std::pair<std::string_view, int>, Evidence> together;
  const auto group = [&](const Shape& shape) -> Evidence& {
    return together[{names[shape.node], static_cast<int>(shape.method) * 8 + static_cast<int>(shape.hint)}];
  };
  for (const auto& shape : shapes_) {
    Evidence& evidence = group(shape);
    evidence.requests += shape.requests;
    evidence.quick += shape.quick;
    evidence.led_from += shape.led_from;
  }
  for (auto& shape : shapes_) {
    if (shape.kind != Kind::unsettled) continue;
    const Evidence& evidence = group(shape);
    shape.kind = kind_by(shape.hint, evidence.requests, evidence.quick, evidence.led_from);
  }
}

Kind Shapes::kind(std::uint32_t index) {
  if (!settled_) settle_all();
  Shape& shape = shapes_[index];
  if (shape.kind == Kind::unsettled) shape.kind = kind_by(shape.hint, shape.requests, shape.quick, shape.led_from);
  return shape.kind;
}

}  // namespace tenfold::rehearse
