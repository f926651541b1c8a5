"""Plans from seeds."""

import ipaddress
import random

import plan
import rows

SHOP = {"categories": ["/c/a"], "products": ["/p/1/a"], "words": ["mug"]}
TIMING = plan.Timing()


def made(name="searches", seed=1, timing=TIMING):
    [row] = rows.named([name])
    return plan.scenario(row, seed, timing, SHOP, {"target": "127.0.0.1:1"})


def test_one_seed_makes_one_plan_and_another_seed_another():
    assert made(seed=1) == made(seed=1)
    assert made(seed=1) != made(seed=2)


def test_the_customers_are_the_same_whatever_the_attack():
    assert made("searches")["visits"] == made("random")["visits"] == made("calm")["visits"]


def test_as_many_customers_come_as_are_planned_and_of_every_sort():
    visits = made(timing=plan.Timing(siege_s=150))["visits"]
    span_s = 160
    assert abs(len(visits) / (20 * span_s) - 1) < 0.05
    for share, wanted in ((sum("earlier_at_s" in visit for visit in visits), 0.30), (sum(visit["shared"] for visit in visits), 0.10),
                          (sum(visit["kind"] == "no_script" for visit in visits), 0.05),
                          (sum(visit["kind"] == "app" for visit in visits), 0.05)):
        assert abs(share / len(visits) - wanted) < 0.03


def test_a_visit_lasts_about_ten_seconds():
    visits = made()["visits"]
    mean = sum(plan.planned_end_s(visit) - visit["at_s"] for visit in visits) / len(visits)
    assert 9 < mean < 12


def test_earlier_visits_are_over_before_customers_come():
    assert all(visit["earlier_at_s"] < TIMING.earlier_s <= visit["at_s"] for visit in made()["visits"] if "earlier_at_s" in visit)


def test_only_those_behind_the_shared_address_share_one_with_anybody():
    scenario = made()
    alone = [visit["address"] for visit in scenario["visits"] if not visit["shared"]] + scenario["waves"][0]["sources"]
    assert len(alone) == len(set(alone))
    assert len({visit["address"] for visit in scenario["visits"] if visit["shared"]}) == 1


def test_everybody_comes_from_the_same_networks_of_loopback():
    scenario = made()
    attackers = {source >> 16 for source in scenario["waves"][0]["sources"]}
    assert {visit["address"] >> 16 for visit in scenario["visits"]} <= attackers
    assert {sixteen >> 8 for sixteen in attackers} == {127}


def test_a_visit_counts_from_the_sieges_beginning_until_shortly_before_its_end():
    visit = {"at_s": 0, "think_s": [2] * 5}
    length = 10 + plan.PAGES * plan.PAGE_S
    for at_s, counted in ((TIMING.siege_at_s - length - 0.1, False), (TIMING.siege_at_s - length + 0.1, True),
                          (TIMING.end_s - TIMING.settle_s - length - 0.1, True), (TIMING.end_s - TIMING.settle_s - length + 0.1, False)):
        assert plan.counts(visit | {"at_s": at_s}, TIMING) is counted


def test_a_rush_brings_ten_times_the_customers_from_the_sieges_beginning():
    visits = made("rush")["visits"]
    in_siege = sum(visit["at_s"] >= TIMING.siege_at_s for visit in visits)
    assert abs(in_siege / (200 * TIMING.siege_s) - 1) < 0.05
    assert abs((len(visits) - in_siege) / (20 * TIMING.calm_s) - 1) < 0.25


def test_a_source_for_each_request_is_never_used_twice():
    [wave] = made("one_shot")["waves"]
    assert len(set(wave["sources"])) == len(wave["sources"]) >= wave["per_s"] * TIMING.siege_s * 1.1


def test_attackers_can_hide_behind_the_customers():
    scenario = made("shared")
    assert set(scenario["waves"][0]["sources"]) == {visit["address"] for visit in scenario["visits"]}


def test_a_prefix_holds_all_its_addresses():
    addresses = plan.Addresses(random.Random(1)).of_prefix(200, 24)
    assert len(set(addresses)) == 200
    assert len({address >> 8 for address in addresses}) == 1


def test_rotating_sources_never_use_a_64_twice():
    [wave] = made("rotating_64")["waves"]
    assert len({int(ipaddress.IPv6Address(source)) >> 64 for source in wave["sources"]}) == len(wave["sources"])


def test_every_row_can_be_planned_and_stays_in_its_time():
    for row in rows.ROWS:
        timing = row.timing(plan.Timing(calm_s=1, siege_s=8))
        for wave in row.waves(timing):
            planned = wave.for_driver(timing)
            assert timing.siege_at_s <= planned["from_s"] < planned["to_s"] <= timing.end_s, row.name
            assert plan.wave_sources(wave, plan.Addresses(random.Random(1)), [{"address": 1}]), row.name
