#pragma once

#include <memory>
#include <string>

#include "app/serve/guard_json.hpp"
#include "edge/brain/brain.hpp"
#include "edge/guard_policy.hpp"
#include "guard/known/address_set.hpp"
#include "guard/known/owner_lists.hpp"
#include "net/address.hpp"

// What the owner's lists say of a network: those of shop.yaml and those that the API keeps.
namespace tenfold::app {

// Where it is said, as people look for it: `guard.deny "scrapers"`, `POST /api/v1/blocks of 192.0.2.0/24, until
// 2026-12-01T08:00:00Z: copies our prices`. Empty: nowhere.
struct OwnersWord {
  std::string denied;           // all of it
  std::string allowed;          // likewise, whatever it asks for; it goes before what is denied
  std::string denied_in_part;   // some of its addresses
  std::string allowed_in_part;  // likewise, or some paths
  // Where all of it is denied and not let be: what has to be changed for it to be served.
  std::string remedy;

  bool is_denied() const { return !denied.empty() && allowed.empty(); }
  // "denied by guard.deny \"scrapers\"; some of it is let be by ..."; empty: the owner says nothing.
  std::string text() const;
};

OwnersWord owners_word(const edge::GuardView& view, const guard::OwnerEntries& entries, const net::IpNetwork& network);

// Whether all of a network is let be, whatever it asks for, as OwnersWord::allowed has it; for many networks.
class LetBe {
 public:
  LetBe(const edge::GuardView& view, const guard::OwnerEntries& entries);
  bool contains(const net::IpNetwork& network) const;

 private:
  guard::AddressSet by_api_;
  std::shared_ptr<const edge::GuardRules> rules_;
};

// Sets "by", "step", "why" and "standing" of what is shown of a client or network, where the owner's word decides them,
// and adds what holds for a part of it to "why".
void say_owners_word(const OwnersWord& word, GuardJson& shown);

}  // namespace tenfold::app
