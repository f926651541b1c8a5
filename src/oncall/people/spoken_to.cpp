#include <algorithm>
#include <array>
#include <string_view>

#include "oncall/people/plan.hpp"

// In which language an outside party is spoken to that names none: that of the country of its number.
namespace tenfold::oncall {
namespace {

using enum Language;

struct Country {
  std::string_view code;
  Language most;  // spoken there, of those that Tenfold speaks
  Language also;
};

constexpr auto countries = std::to_array<Country>(
    {{"+49", de, de},   {"+43", de, de},   {"+423", de, de},  {"+33", fr, fr},   {"+377", fr, fr},  {"+262", fr, fr},
     {"+590", fr, fr},  {"+594", fr, fr},  {"+596", fr, fr},  {"+221", fr, fr},  {"+225", fr, fr},  {"+1418", fr, fr},
     {"+1438", fr, fr}, {"+1450", fr, fr}, {"+1514", fr, fr}, {"+1579", fr, fr}, {"+1581", fr, fr}, {"+1819", fr, fr},
     {"+1873", fr, fr}, {"+34", es, es},   {"+51", es, es},   {"+52", es, es},   {"+53", es, es},   {"+54", es, es},
     {"+56", es, es},   {"+57", es, es},   {"+58", es, es},   {"+502", es, es},  {"+503", es, es},  {"+504", es, es},
     {"+505", es, es},  {"+506", es, es},  {"+507", es, es},  {"+591", es, es},  {"+593", es, es},  {"+595", es, es},
     {"+598", es, es},  {"+1787", es, es}, {"+1809", es, es}, {"+1829", es, es}, {"+1849", es, es}, {"+1939", es, es},
     {"+41", de, fr},   {"+352", fr, de},  {"+32", fr, de},   {"+376", es, fr}});

}  // namespace

Language main_language(const Plan& plan) {
  Language best = Language::en;
  std::ptrdiff_t most = 0;
  for (const Person& person : plan.people) {
    const auto speak = std::ranges::count(plan.people, person.language, &Person::language);
    if (speak > most) best = person.language, most = speak;
  }
  return best;
}

Language spoken_to(const Plan& plan, const OutsideParty& party) {
  if (party.language) return *party.language;
  const std::string& number = party.office.empty() ? party.out_of_hours : party.office;
  for (const Country& country : countries) {
    if (!number.starts_with(country.code)) continue;
    const Language ours = main_language(plan);
    return ours == country.also ? country.also : country.most;
  }
  return Language::en;
}

}  // namespace tenfold::oncall
