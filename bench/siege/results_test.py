"""What the numbers of a cell are made of."""

import plan
import results

TIMING = plan.Timing(earlier_s=0, calm_s=10, siege_s=20, settle_s=5)


def visit(at_s=12, **more):
    return {"at_s": at_s, "think_s": [1] * 5, "kind": "browser", "shared": False} | more


def record(outcome="ordered", ended_s=18, pages=(), **more):
    names = ("challenged", "queued", "refused", "shop_refused", "gateway_errors", "timed_out", "reloads", "assets",
             "assets_failed", "earlier_failed")
    return dict.fromkeys(names, 0) | {"outcome": outcome, "step": 5, "ended_s": ended_s, "last_trouble": "",
                                      "pages": list(pages)} | more


def driver_record(records, waves=(), late_p99_ms=1.0):
    return {"visits": records, "waves": list(waves), "late_p99_ms": late_p99_ms, "late_max_ms": 2.0, "most_connections": 10}


def wave(first_stopped_s=-1, planned=100, **fate):
    return {"planned": planned, "solutions": 0, "fate": fate, "first_stopped_s": first_stopped_s}


def test_only_visits_that_the_siege_could_have_cost_count():
    visits = [visit(1), visit(12), visit(12), visit(24)]
    found = results.orders(visits, [record(), record(), record("fed_up"), record("under_way")], TIMING)
    assert (found["counted"], found["kept"], found["kept_share"]) == (2, 1, 0.5)


def test_lost_orders_say_where_and_why():
    found = results.orders([visit()], [record("fed_up", step=3, last_trouble="503")], TIMING)
    assert found["lost"] == {"fed_up at step 3: 503": 1}


def test_orders_by_group():
    found = results.orders([visit(earlier_at_s=1), visit(shared=True), visit(9)], [record(), record("fed_up"), record()], TIMING)
    assert found["kept_by_group"] == {"browser": [2, 3], "returning": [1, 1], "new": [1, 2], "new_in_siege": [0, 1],
                                      "shared_address": [0, 1], "new_before": [1, 1]}


def test_a_customer_is_counted_once_however_often_it_was_refused():
    found = results.touched([visit(), visit()], [record(refused=3), record()], TIMING)
    assert (found["there"], found["refused"], found["refused_answers"]) == (2, 1, 3)


def test_who_left_before_the_siege_was_not_touched_by_it():
    assert results.touched([visit()], [record(ended_s=9, refused=1)], TIMING)["refused"] == 0


def test_pages_are_those_clicked_in_the_siege():
    #          step, clicked, felt, answer, solving, waiting
    pages = [[0, 9, 1, 1, 0, 0], [1, 11, 500, 100, 300, 0], [2, 12, 700, 200, 0, 50]]
    found = results.pages([record(pages=pages)], TIMING)
    assert found["served"] == 2
    assert (found["felt_p50_ms"], found["felt_p99_ms"]) == (500, 700)
    assert (found["felt_unsolved_p50_ms"], found["answer_p99_ms"]) == (200, 200)


def test_quantile_is_a_value_that_was_there():
    assert results.quantile(range(1, 101), 0.99) == 99
    assert results.quantile([7], 0.5) == 7
    assert results.quantile([], 0.5) is None


def test_the_first_measure_is_the_first_request_of_any_wave_that_did_not_pass():
    found = results.attack([wave(passed=90, refused=10, first_stopped_s=11.25), wave(first_stopped_s=10.5), wave()], TIMING)
    assert found["first_measure_s"] == 0.5
    assert found["passed_share"] == 90 / 300


def test_a_run_is_void_when_the_attack_was_late_or_found_no_connection():
    good = results.cell([visit()], driver_record([record()], [wave(passed=100)]), TIMING)
    late = results.cell([visit()], driver_record([record()], [wave(passed=100)], late_p99_ms=51), TIMING)
    short = results.cell([visit()], driver_record([record()], [wave(passed=98, unsent=2)]), TIMING)
    assert good["invalid"] == []
    assert len(late["invalid"]) == len(short["invalid"]) == 1


def test_median_and_interval_leave_void_runs_out():
    cells = [{"invalid": [], "kept_share": share} for share in (0.2, 0.6, 0.5)] + [{"invalid": ["late"], "kept_share": 0.0}]
    assert results.over_seeds(cells, "kept_share") == (0.5, 0.2, 0.6)
    assert results.over_seeds(cells, "pages.felt_p99_ms") is None
