#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "http/exchange.hpp"
#include "http/http1/body_reader.hpp"
#include "http/http1/chunk_frame.hpp"
#include "http/http1/date_line.hpp"
#include "http/http1/parser.hpp"
#include "http/http1/serialize.hpp"
#include "http/rules/promised_length.hpp"
#include "http/server.hpp"
#include "net/cancel.hpp"
#include "net/intrusive_list.hpp"
#include "net/loop.hpp"
#include "net/scope.hpp"
#include "net/timers.hpp"

namespace tenfold::http::http1 {

class ServerConnection;

// One request on an HTTP/1.x connection. Lives from its complete head to the end of the answer and then goes back to
// SharedByConnections, so that a connection between requests holds none.
class Exchange final : public ServerExchange {
 public:
  explicit Exchange(net::Loop& loop) : ServerExchange(loop), departure_timer_(&on_departed, this) {}

  bool awaits_continue() const override;
  net::Task<Result<net::Buffer>> read_body(TimePoint deadline) override;
  void interrupt_read_body() override;
  const Headers& trailers() const override { return body_.trailers(); }
  net::Task<Result<void>> send_interim(const ResponseHead& head, TimePoint deadline) override;
  net::Task<Result<void>> send(const ResponseHead& head, std::string_view body, BodyEnd end,
                               TimePoint deadline) override;
  net::Task<Result<void>> send_together(const ResponseHead& head, std::span<const std::string_view> parts, BodyEnd end,
                                        TimePoint deadline) override;
  net::Task<Result<void>> send_body(std::string_view bytes, BodyEnd end, TimePoint deadline,
                                    const Headers* trailers) override;
  net::Task<Result<void>> send_parts(std::span<const std::string_view> parts, BodyEnd end, TimePoint deadline,
                                     const Headers* trailers) override;
  net::Task<Result<net::Stream*>> upgrade(const ResponseHead& head, TimePoint deadline) override;
  Burning burn(Chore chore) override;
  void close_after() override { keep_alive_ = false; }
  void spare() override;
  const FavouredPlace* place() const override;
  void hold(std::unique_ptr<const FavouredPlace> place) override;
  void break_off() override;
  std::uint64_t bytes_taken() const override;
  net::CancelToken client_left() override { return left_source_.token(); }
  void set_departure_grace(Duration grace) override;

 private:
  friend class ServerConnection;
  friend class SharedByConnections;

  // How the answer's body is framed.
  enum class Framing : std::uint8_t { none, known, chunked, until_close };

  void begin(ServerConnection& connection);
  // The client has finished sending: it is taken for gone when its grace is over, unless the exchange is by then.
  void departs(TimePoint finished) { loop_.timers().arm(departure_timer_, finished + departure_grace_); }
  static void on_departed(void* self);
  void reset();

  net::Task<void> continue_written();
  Result<net::Buffer> cut(net::Buffer input);
  void note_burnt(std::size_t received, std::size_t framing);
  bool burns_too_much() const;
  Error body_failed(Error error, TimePoint limit);

  HeadAdditions settle_response(const ResponseHead& head, std::size_t body_bytes, BodyEnd end);
  void settle_framing(const ResponseHead& head, std::size_t body_bytes, BodyEnd end, HeadAdditions& additions);
  bool may_keep_alive() const;
  Result<void> begin_answer(const ResponseHead& head, std::size_t body_bytes, BodyEnd end, HeadAdditions& additions);
  Result<void> sent(Result<void> written, std::size_t body_bytes, BodyEnd end);
  FramedParts::Coding coding() const;
  net::WriteLimit write_limit(TimePoint deadline) const;

  ServerConnection* connection_ = nullptr;
  std::string head_text_;  // the head, when it does not lie in the connection's input
  RequestFraming request_framing_;
  BodyReader body_;
  Framing framing_ = Framing::none;
  PromisedLength left_;  // of the answer's body
  Refusal failure_;      // why the body could not be read: the answer if the handler gives none
  net::CancelSource left_source_;
  net::Timer departure_timer_;
  Duration departure_grace_ = departure_grace;
  bool keep_alive_ = false;
  bool continue_sent_ = false;
  bool continuing_ = false;  // an interim answer is being written
  net::Event continued_;     // and now is not any more
  bool upgraded_ = false;
  bool broken_ = false;  // writing failed, or what the handler sent does not fit its head: nothing more can be sent
};

// What the connections of one loop share.
class SharedByConnections {
 public:
  explicit SharedByConnections(net::CancelToken drain);

  std::unique_ptr<Exchange> take_exchange(net::Loop& loop);
  void give_back(std::unique_ptr<Exchange> exchange);
  DateLine& date() { return date_; }
  // Connections on which nothing of a request has arrived, by their turn, the longest idle first. All are closed when
  // draining begins.
  net::IntrusiveList<ServerConnection>& idle(IdleTurn turn) { return idle_[static_cast<std::size_t>(turn)]; }

 private:
  static void on_drain(void* self);

  static constexpr std::size_t kept_exchanges = 128;  // about 400 KiB; more are freed
  std::vector<std::unique_ptr<Exchange>> free_;
  DateLine date_;
  std::array<net::IntrusiveList<ServerConnection>, idle_turns> idle_;
  net::CancelHook drain_hook_;
};

}  // namespace tenfold::http::http1
