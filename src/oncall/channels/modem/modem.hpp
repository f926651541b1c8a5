#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "oncall/channels/channel.hpp"
#include "oncall/channels/errands.hpp"
#include "oncall/channels/modem/incoming.hpp"

namespace tenfold::oncall::channels {

struct ModemOptions {
  SpoolKind kind = SpoolKind::smstools;
  std::filesystem::path outgoing = "/var/spool/sms/outgoing";
  std::filesystem::path checked = {};  // these four: empty: beside outgoing, as Debian has them
  std::filesystem::path sent = {};
  std::filesystem::path failed = {};
  std::filesystem::path incoming = {};
  Duration poll_every = std::chrono::seconds(1);
  // What smsd has not sent by then is taken back: a text of an alarm that is long over helps nobody.
  Duration poll_for = std::chrono::minutes(10);
};

// SMS by a modem on the shelf, through the folders of smstools or gammu-smsd: needs no uplink of ours. A file is
// written where smsd does not look and then renamed, so that it never reads half of one. What became of it is seen by
// the folder in which it is. Blocks for as long as the disk takes: it belongs on a thread of its own (ChannelThread).
class Modem final : public Channel {
 public:
  static constexpr std::size_t most_waiting = 100;  // files in outgoing; past it the modem is stuck and a send fails

  Modem(ModemOptions options, transfer::Poller& poller, transfer::Transfers& transfers, const Clock& clock);

  std::string_view name() const override { return "modem"; }
  ChannelKind kind() const override { return ChannelKind::sms; }
  bool survives_uplink() const override { return true; }
  bool takes_replies() const override { return true; }
  void hear_replies(HearReply hear) override;
  void send(const std::string& to, const Message& message, const std::string& key, Duration timeout,
            Reporter report) override;
  // By the file's name, which is made of the key.
  void find(const std::string& to, const std::string& key, const std::string& id, WallTime tried_at,
            Reporter report) override;

 private:
  struct Watched {
    std::string name;
    WallTime written_at{};  // what lies in sent or failed from before is of an earlier try
    TimePoint until{};
    Reporter report;
  };
  enum class Place : std::uint8_t { waiting, under_way, sent, failed, nowhere };

  std::string name_of(const std::string& key, const std::string& to) const;
  std::string_view daemon() const;
  Place place_of(const Watched& watched) const;
  void watch(Watched watched);
  void look(const Watched& watched);
  void look_for_replies(std::uint64_t turn);

  ModemOptions options_;
  const Clock& clock_;
  transfer::Poller& poller_;
  Errands errands_;
  IncomingFolder incoming_;
  HearReply hear_;                    // null: nobody waits for replies
  std::uint64_t listening_turn_ = 0;  // another one each time that somebody begins to listen
  std::string incoming_error_;        // as it was last said
};

}  // namespace tenfold::oncall::channels
