#include "cache/store/resource.hpp"

#include <cstdlib>
#include <cstring>
#include <new>

#include "base/result.hpp"

namespace tenfold::cache {

Resource* Resource::create(std::string_view key, std::uint64_t hash) {
  void* const memory = std::malloc(sizeof(Resource) + key.size());
  TENFOLD_ASSERT(memory != nullptr);
  auto* const resource = new (memory) Resource(key.size(), hash);
  std::memcpy(reinterpret_cast<char*>(resource + 1), key.data(), key.size());
  return resource;
}

void Resource::destroy(Resource* resource) {
  resource->~Resource();
  std::free(resource);
}

}  // namespace tenfold::cache
