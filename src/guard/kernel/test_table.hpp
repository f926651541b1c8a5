#pragma once

#include <cstddef>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "guard/kernel/blocks.hpp"
#include "guard/kernel/table.hpp"

namespace tenfold::guard::kernel {

// A kernel for tests: a list, which can be told to take nothing more. Outlives the table that writes to it.
struct TestKernel {
  std::map<Prefix, Duration> blocked;
  std::vector<net::IpNetwork> allowed;
  std::vector<Table::Left> left;
  Counts counts;
  bool is_stuck = false;
  bool takes_no_allow_list = false;
  std::size_t puts = 0;
};

class TestTable final : public Table {
 public:
  explicit TestTable(TestKernel& kernel) : kernel_(kernel) {}

  Result<void> put(const Prefix& prefix, Duration lasts) override {
    if (kernel_.is_stuck) return fail(Errc::exhausted);
    ++kernel_.puts;
    kernel_.blocked[prefix] = lasts;
    return {};
  }
  Result<void> take_out(const Prefix& prefix) override {
    if (kernel_.is_stuck) return fail(Errc::exhausted);
    kernel_.blocked.erase(prefix);
    return {};
  }
  Result<void> allow(std::span<const net::IpNetwork> networks) override {
    if (kernel_.is_stuck || kernel_.takes_no_allow_list) return fail(Errc::exhausted);
    kernel_.allowed.assign(networks.begin(), networks.end());
    return {};
  }
  Counts counts() override { return kernel_.counts; }
  std::vector<Left> left() override {
    for (const Left& each : kernel_.left) kernel_.blocked[each.prefix] = each.lasts;
    return std::exchange(kernel_.left, {});
  }
  std::string words() const override { return "a test's kernel"; }

 private:
  TestKernel& kernel_;
};

}  // namespace tenfold::guard::kernel
