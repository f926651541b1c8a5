#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>

#include "origin/topology.hpp"

namespace tenfold::origin {

// A worker's hold on one topology. Counted without atomics: one thread only.
class Generation {
 public:
  explicit Generation(std::shared_ptr<const Topology> topology) : topology_(std::move(topology)) {}
  const Topology& topology() const { return *topology_; }

 private:
  friend class GenerationRef;
  std::shared_ptr<const Topology> topology_;
  std::uint32_t references_ = 0;
};

class GenerationRef {
 public:
  GenerationRef() = default;
  explicit GenerationRef(Generation* generation) : generation_(generation) { take(); }
  GenerationRef(const GenerationRef& other) : generation_(other.generation_) { take(); }
  GenerationRef(GenerationRef&& other) noexcept : generation_(std::exchange(other.generation_, nullptr)) {}
  GenerationRef& operator=(GenerationRef other) noexcept {
    std::swap(generation_, other.generation_);
    return *this;
  }
  ~GenerationRef() {
    if (generation_ != nullptr && --generation_->references_ == 0) delete generation_;
  }
  const Generation* operator->() const { return generation_; }
  explicit operator bool() const { return generation_ != nullptr; }

 private:
  void take() {
    if (generation_ != nullptr) ++generation_->references_;
  }
  Generation* generation_ = nullptr;
};

// A route that a request was given, good across a reload. Copies are cheap. One thread only.
class RouteRef {
 public:
  RouteRef() = default;
  RouteRef(GenerationRef generation, const Route* route) : generation_(std::move(generation)), route_(route) {}

  const Route& operator*() const { return *route_; }
  const Route* operator->() const { return route_; }
  const Topology& topology() const { return generation_->topology(); }
  // The cookie whose value belongs into FetchRequest::sticky; empty: none.
  std::string_view sticky_cookie() const { return route_->sticky_cookie; }

 private:
  GenerationRef generation_;
  const Route* route_ = nullptr;
};

}  // namespace tenfold::origin
