#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

#include "base/clock.hpp"

// The thresholds of the judge. None of them is a setting of the owner's: they follow from what people can do and bear.
namespace tenfold::guard::judging {

struct DemandPolicy {
  // Strangers' time in the queue past which there is not enough for everyone (DAGOR, 2018: 20 ms, whatever the
  // service).
  Duration overload_wait = std::chrono::milliseconds(20);
  // The same for one in ten: where the newest goes first, most wait for nothing.
  Duration overload_wait_p90 = std::chrono::milliseconds(100);
  // So many times what it can work on at once waits: overload, even if no stranger is among them.
  double overload_waiting = 2;
  // Answers that fail, as a share, from which origins suffer; and from which they are impaired.
  double suffering_share = 0.05;
  double impaired_share = 0.10;
  double least_failures = 3;  // within a second or so, below which their share says nothing
  // Whose failures count: those of so many known customers suffice, since strangers may ask for what fails; else those
  // that at least so many parties meet.
  double telling_customers = 8;
  double least_failing_parties = 3;
  // Origin time over the usual from which origins are slower than usual.
  double slow = 1.5;
  // What is asked for, reckoned at usual prices, and the number of strangers' requests, over what is usual and was
  // coped with: as long as both are no more than this, and origins are slow, they are slow by themselves. Once they
  // were found at fault: customers who reload.
  double coped_with = 1.5;
  double coped_with_in_fault = 2;
  double coped_with_by_per_s = 1;  // and so many requests a second
  // What is usual must have been watched for so long to be held against.
  Duration coped_with_known_after = std::chrono::minutes(1);
  // The limit over its usual from which part of the origins is missing.
  double short_of_limit = 0.7;
  // Demand has risen past so many times the usual, and by so many requests a second. The factor is larger once origins
  // were found at fault: customers who reload ask more often, too.
  double risen = 2;
  double risen_in_fault = 3;
  double risen_by_per_s = 5;
  // The same for the origin time that is taken, and by so much of it a second, where so many known customers' requests
  // of the last seconds tell how much of it is the origins' own slowness.
  double risen_by_ms_per_s = 500;
  double telling_answers = 10;
  // What is usual follows slowly upwards, so that a slow ramp does not become the usual before it is a flood.
  Duration usual_rises_in = std::chrono::hours(1);
  Duration usual_falls_in = std::chrono::minutes(10);
  Duration usual_known_after = std::chrono::seconds(10);
  // What a request of strangers cost when one was last answered is believed less and less, down to what requests
  // usually cost; where nothing is usual yet, to this.
  Duration cost_fades_in = std::chrono::seconds(30);
  double assumed_cost_ms = 20;
  // What servers bear before their limit was found, as seen in an overload; at least so many requests, as
  // limit::LimiterOptions::floor.
  double least_borne = 4;
  Duration crowding_fades_in = std::chrono::minutes(2);
  // Of strangers' requests so many are sent away for want of a place: they ask for more than is left for them.
  double exceeding_shed_share = 0.2;
  // They press while they ask for this share of what is left: a siege is not over before they ask for less.
  double pressing_share = 0.7;
  // Challenges ignored, a second, from which it is many, if they are most.
  double many_ignored_per_s = 20;
  // Challenges that ended, within three seconds or so, of which this share was solved: people.
  double people_solve_share = 0.7;
  double people_solve_of = 50;
  // A rush: strangers load so many assets for each page, and so large a share of them is in networks of customers.
  double rush_assets_per_page = 1;
  double rush_in_known_networks = 0.5;
  // Fewer than so many for each of at least so many pages: no browsers.
  double bot_assets_per_page = 0.5;
  double bot_pages = 20;
};

struct PosturePolicy {
  // Of the last five windows of 100 ms so many are overloaded.
  int strained_windows = 3;
  // An overload that has lasted for so long is a siege if strangers ask for more than is left for them.
  Duration besieged_after = std::chrono::milliseconds(500);
  // The same where it looks like a rush: all are challenged for a moment, to see whether they are people.
  Duration besieged_after_in_rush = std::chrono::seconds(2);
  // So long they are asked at least: who ignores a challenge shows it sooner than who solves one.
  Duration rush_asked_for = std::chrono::seconds(3);
  // Once people have solved, a rush is not asked again for so long (doubled each time), unless its strangers ask so
  // many times as often as then.
  Duration rush_believed = std::chrono::minutes(1);
  double rush_grows = 2;
  // A siege is lifted when nobody has pressed for so long.
  Duration eased_after = std::chrono::seconds(5);
  // Quiet for so long makes a strain calm; a siege that was lifted is remembered for so long, doubled for each siege
  // before it within an hour.
  Duration strain_forgotten = std::chrono::seconds(30);
  Duration siege_forgotten = std::chrono::minutes(1);
  Duration repeats_forgotten = std::chrono::hours(1);
  std::uint8_t most_doublings = 5;  // to 32 minutes
};

// What one subject may take while there is not enough, by level (client, network, block, fingerprint, pattern).
struct SharePolicy {
  // Origin milliseconds a second that are nobody's excess: a person's, at the most.
  double floor_ms_per_s = 500;
  // No more than this share of the capacity, where that is small.
  double floor_share = 0.1;
  // Above what it may take, at once: as ten tabs of slow pages. Halved while origins suffer.
  double burst_ms = 1000;
};

struct FindingPolicy {
  std::array<SharePolicy, 5> shares{{
      {.floor_ms_per_s = 500, .floor_share = 0.10, .burst_ms = 1000},
      {.floor_ms_per_s = 2000, .floor_share = 0.25, .burst_ms = 4000},
      {.floor_ms_per_s = 4000, .floor_share = 0.40, .burst_ms = 8000},
      {.floor_ms_per_s = 4000, .floor_share = 0.40, .burst_ms = 8000},
      {.floor_ms_per_s = 4000, .floor_share = 0.40, .burst_ms = 8000},
  }};
  // Fair shares that one may take; halved while origins suffer.
  double strained_shares = 8;
  double besieged_shares = 4;
  // Challenges ignored within five seconds or so; halved while origins suffer. A person who reloads does so a few
  // times, a page left open asks once a second.
  double strained_ignored = 32;
  double besieged_ignored = 20;
  double solved_of_ignored = 0.2;  // who solves more than this share of what it ignores does not ignore them
  // Half-sent requests and handshakes within five seconds or so, by level; and not fewer than requests.
  std::array<double, 5> half_sent{50, 500, 2000, 10000, 10000};
  // A network or larger is found only if it is more than a few clients, and shows that they are no people.
  std::uint32_t least_spread = 4;
  double telling_pages = 10;
  double people_assets_per_page = 0.5;
  // A fingerprint or pattern is in so many times the share of strangers' demand that it has among known customers.
  double over_represented = 3;
  // An address from which customers come: this share of its requests is theirs, and the rest loads assets as they do.
  double shared_known_share = 0.1;

  // Subjects that are watched at one time; past it who has taken the least is forgotten.
  std::size_t most_watched = 4096;
  // Findings of one window; past it the heaviest are told, the others found again in the next.
  std::size_t most_findings = 1024;
};

struct JudgePolicy {
  DemandPolicy demand;
  PosturePolicy posture;
  FindingPolicy findings;
};

}  // namespace tenfold::guard::judging
