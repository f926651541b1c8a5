#pragma once

#include <sqlite3.h>

#include <condition_variable>
#include <cstddef>
#include <map>
#include <mutex>

#include "base/result.hpp"

namespace tenfold::store {

// A disk that stops answering: while it is held, whoever syncs a SQLite file of this process waits. One at a time;
// files that are opened before it are not on it.
class TestDisk {
 public:
  TestDisk() : real_(sqlite3_vfs_find(nullptr)), held_(*real_) {
    held_.zName = "tenfold-test-disk";
    held_.xOpen = &TestDisk::open;
    held_.pNext = nullptr;
    state().real = real_;
    TENFOLD_ASSERT(sqlite3_vfs_register(&held_, 1) == SQLITE_OK);
  }
  TestDisk(const TestDisk&) = delete;
  TestDisk& operator=(const TestDisk&) = delete;
  ~TestDisk() {
    release();
    sqlite3_vfs_register(real_, 1);
    sqlite3_vfs_unregister(&held_);
  }

  void hold() { set(true); }
  void release() { set(false); }
  std::size_t waiting() const {
    const std::lock_guard lock(state().mutex);
    return state().waiting;
  }

 private:
  // The methods of a file as SQLite made them, with our sync; first, so that a file's table leads to the original one.
  struct Methods {
    sqlite3_io_methods ours;
    const sqlite3_io_methods* original;
  };
  struct State {
    std::mutex mutex;
    std::condition_variable changed;
    bool is_held = false;
    std::size_t waiting = 0;
    sqlite3_vfs* real = nullptr;
    std::map<const sqlite3_io_methods*, Methods> methods;
  };
  // For the process's life: a thread that was left behind with a file still uses it.
  static State& state() {
    static State* const made = new State;
    return *made;
  }

  static void set(bool is_held) {
    const std::lock_guard lock(state().mutex);
    state().is_held = is_held;
    state().changed.notify_all();
  }

  static int open(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* out_flags) {
    const int code = state().real->xOpen(state().real, name, file, flags, out_flags);
    if (code != SQLITE_OK || file->pMethods == nullptr) return code;
    const std::lock_guard lock(state().mutex);
    Methods& methods =
        state().methods.try_emplace(file->pMethods, Methods{*file->pMethods, file->pMethods}).first->second;
    methods.ours.xSync = &TestDisk::sync;
    file->pMethods = &methods.ours;
    return code;
  }

  static int sync(sqlite3_file* file, int flags) {
    std::unique_lock lock(state().mutex);
    ++state().waiting;
    state().changed.wait(lock, [] { return !state().is_held; });
    --state().waiting;
    lock.unlock();
    return reinterpret_cast<const Methods*>(file->pMethods)->original->xSync(file, flags);
  }

  sqlite3_vfs* real_;
  sqlite3_vfs held_;
};

}  // namespace tenfold::store
