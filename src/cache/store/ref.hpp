#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>

namespace tenfold::cache {

// Base of objects that count who holds them; T has `static void destroy(T*)`. Thread-safe.
template <class T>
class Counted {
 public:
  void hold() const { holders_.fetch_add(1, std::memory_order_relaxed); }
  void drop() const {
    if (holders_.fetch_sub(1, std::memory_order_acq_rel) == 1) T::destroy(const_cast<T*>(static_cast<const T*>(this)));
  }
  std::uint32_t holders() const { return holders_.load(std::memory_order_relaxed); }

 protected:
  ~Counted() = default;

 private:
  mutable std::atomic<std::uint32_t> holders_{0};
};

// Holds a Counted object: the size of a pointer, copied without allocation.
template <class T>
class Ref {
 public:
  Ref() = default;
  Ref(std::nullptr_t) {}
  explicit Ref(T* object) : object_(object) {
    if (object_ != nullptr) object_->hold();
  }
  Ref(const Ref& other) : Ref(other.object_) {}
  template <class U>
  requires std::is_convertible_v<U*, T*> Ref(const Ref<U>& other) : Ref(other.get()) {}
  Ref(Ref&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
  Ref& operator=(Ref other) noexcept {
    std::swap(object_, other.object_);
    return *this;
  }
  ~Ref() {
    if (object_ != nullptr) object_->drop();
  }

  T* get() const { return object_; }
  T& operator*() const { return *object_; }
  T* operator->() const { return object_; }
  explicit operator bool() const { return object_ != nullptr; }
  bool operator==(const Ref&) const = default;

 private:
  T* object_ = nullptr;
};

}  // namespace tenfold::cache
