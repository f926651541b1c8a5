"""What is compared with what."""

import report
import scenarios
import servers


def test_the_ratio_is_to_the_better_peer_and_the_floor_is_none():
    scenario = next(each for each in scenarios.SCENARIOS if each.floor and each.target_cpu_ratio)
    medians = {"tenfold": {"cpu_us": 13.0}, "nginx": {"cpu_us": 20.0}, "haproxy": {"cpu_us": 26.0}, servers.FLOOR: {"cpu_us": 10.0}}
    assert report.better_peer(medians, "cpu_us") == "nginx"
    assert report.verdict(scenario, medians)[1:] == ("0.65 × nginx", "met")
    medians["tenfold"]["cpu_us"] = 13.2
    assert report.verdict(scenario, medians)[1:] == ("0.66 × nginx", "**missed**")
