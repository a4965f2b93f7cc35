// Defends that conversions neither add nor lose anything, and refuse what is not what they convert.
#include "mesolite/base/reservations.hpp"

#include <gtest/gtest.h>

namespace mesolite {
namespace {

Resources parsed(std::string_view text) {
  return Resources::parse(text).value();
}

Resources with_volume(const Resources& disk, std::string id) {
  Resource part = disk.others().at(0);
  part.key.volume = Volume{std::move(id), "data", ""};
  Resources result;
  result.add(part);
  return result;
}

const Reservation web{"eng/web", true, "alice", {{"tier", "1"}}};

TEST(Reservations, put_on_and_taken_off_leave_what_was_there) {
  for (const char* text :
       {"cpus:2;mem:64", "cpus(eng):2;ports(eng):[1-5]", "gpus:1;disks(eng):{a}"}) {
    const Resources before = parsed(text);
    const Resources after = with_reservation(before, web);
    EXPECT_EQ(after.reserved_to("eng/web"), after);
    EXPECT_EQ(without_reservation(after).value(), before);
  }
}

TEST(Reservations, are_not_taken_off_what_has_none) {
  EXPECT_EQ(without_reservation(parsed("cpus:2")).error().message, "cpus:2 is not reserved");
  EXPECT_EQ(without_reservation(parsed("ports:[1-2]")).error().message, "ports is not reserved");
  const Resources disk = parsed("disk(eng):10");
  EXPECT_EQ(without_reservation(with_volume(disk, "v")).error().message, "volume 'v' lies on it");
}

TEST(Reservations, of_a_volume_leave_its_disk) {
  const Resources disk = parsed("disk(eng):10");
  EXPECT_EQ(without_volumes(with_volume(disk, "v")).value(), disk);
  EXPECT_EQ(without_volumes(disk).error().message, "disk is no volume");
  EXPECT_EQ(without_volumes(parsed("disk:10")).error().message, "disk:10 is no volume");
}

TEST(Reservations, made_at_run_time_are_made_again_on_what_an_agent_starts_with) {
  const Resources started = parsed("cpus:4;disk:100;disk(eng):50");
  const Resources disk = parsed("disk(eng):20");
  const Resources cpus = with_reservation(parsed("cpus:1"), web);
  const Resources now = started - disk - parsed("cpus:1") + with_volume(disk, "v") + cpus;
  const Resources made = made_at_run_time(now);
  EXPECT_EQ(made, with_volume(disk, "v") + cpus);
  EXPECT_EQ(as_started(now), started);
  EXPECT_EQ(with_made(started, made).value(), now);
  const auto lost = with_made(parsed("cpus:4"), made);
  ASSERT_FALSE(lost);
  EXPECT_EQ(lost.error().message,
            "cpus:1;disk(eng):20 was reserved or holds volumes, but there is only cpus:4");
}

TEST(Pick, takes_what_is_reserved_first_and_leaves_volumes_alone) {
  const Resources disk = parsed("disk(eng):20");
  const Resources available =
      parsed("cpus:4;cpus(eng):1;mem:10;ports(eng):[1-5];ports:[6-9]") + with_volume(disk, "v");
  EXPECT_EQ(pick(available, parsed("cpus:3;ports:[4-7]")),
            parsed("cpus:2;cpus(eng):1;ports(eng):[4-5];ports:[6-7]"));
  EXPECT_EQ(pick(available, parsed("cpus:0.5")), parsed("cpus(eng):0.5"));
  EXPECT_EQ(pick(available, parsed("cpus:6")), std::nullopt);
  EXPECT_EQ(pick(available, parsed("disk:1")), std::nullopt);
  EXPECT_EQ(pick(available, Resources()), Resources());
}

TEST(Resources, a_volume_is_part_of_resources_whole_or_not_at_all) {
  const Resources whole = with_volume(parsed("disk(eng):20"), "v");
  EXPECT_TRUE(whole.contains(whole));
  EXPECT_FALSE(whole.contains(with_volume(parsed("disk(eng):10"), "v")));
}

TEST(Resources, a_reservation_is_refined_only_by_roles_below) {
  Resources stacked = with_reservation(parsed("cpus(eng):1"), web);
  EXPECT_EQ(stacked.invalid(), "");
  stacked = with_reservation(stacked, {"eng", true, "", {}});
  EXPECT_EQ(stacked.invalid(), "cpus is reserved to 'eng', which is not below 'eng/web'");
  stacked = with_reservation(with_reservation(parsed("cpus:1"), {"a", true, "", {}}),
                             {"a/b", false, "", {}});
  EXPECT_EQ(stacked.invalid(), "cpus has a static reservation upon a dynamic one");
  EXPECT_EQ(with_volume(parsed("cpus(eng):1"), "v").invalid(),
            "volume v lies on cpus, and only disk holds volumes");
}

}  // namespace
}  // namespace mesolite
