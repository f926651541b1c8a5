#pragma once

#include <cstdint>
#include <memory>

#include "net/epoll/epoll_core.hpp"
#include "net/heap_buffers.hpp"
#include "net/stream.hpp"
#include "net/tcp_progress.hpp"

namespace tenfold::net {

class EpollStream final : public Stream, private EpollWatcher {
 public:
  // Takes the connected, non-blocking descriptor over, also when it fails.
  static Result<std::unique_ptr<Stream>> make(Loop& loop, EpollCore& core, HeapBuffers& buffers, int descriptor,
                                              const Endpoint& local, const Endpoint& peer);
  ~EpollStream() override;

  Task<void> finish_writing(TimePoint deadline) override;
  void cancel() override;
  void reset_on_close() override;
  std::uint64_t bytes_taken() const override { return net::bytes_taken(descriptor_); }
  std::uint64_t bytes_untaken() const override { return net::bytes_untaken(descriptor_); }

 protected:
  bool want_input() override;
  bool start_write() override;
  void abort_write() override;

 private:
  EpollStream(Loop& loop, EpollCore& core, HeapBuffers& buffers, int descriptor);
  void on_events(std::uint32_t events) override;
  bool try_write();  // true when write_parts() are all written or have failed: outcome_ is for complete_write()

  EpollCore& core_;
  HeapBuffers& buffers_;
  int descriptor_;
  EpollCore::Key key_;
  bool readable_ = true;  // a receive may find something
  bool end_reported_ = false;
  bool cancelled_ = false;
  std::size_t written_ = 0;
  Result<void> outcome_;
};

}  // namespace tenfold::net
