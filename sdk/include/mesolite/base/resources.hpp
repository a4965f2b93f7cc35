// Resources: what an agent has, an offer holds, a task uses. Scalars count in integer thousandths,
// so that sums are exact: "cpus:0.1" ten times is "cpus:1".
//
// The four scalars that every allocation touches (cpus, mem, disk, gpus: unreserved and not
// revocable) are four plain integers; all else (ports, custom names, reserved, revocable, volumes)
// is a short sorted list that copies share, so that a copy costs a count. mem and disk are in
// megabytes.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mesolite/base/ranges.hpp"
#include "mesolite/base/result.hpp"

namespace mesolite {

// One level of a reservation; a refined reservation is a stack of them, each role below the last.
struct Reservation {
  std::string role;
  bool dynamic = false;  // made at run time by RESERVE; static ones come with the agent
  std::string principal;
  std::map<std::string, std::string> labels;

  friend auto operator<=>(const Reservation&, const Reservation&) = default;
};

// A persistent volume carved out of reserved disk.
struct Volume {
  std::string id;  // unique per role and agent
  std::string container_path;
  std::string principal;

  friend auto operator<=>(const Volume&, const Volume&) = default;
};

// The largest amount of one scalar of one agent, in thousandths: 10^10 of a unit. Sums over 100,000
// agents stay exact.
inline constexpr std::int64_t amount_max = 10'000'000'000'000;

// Where a quantity belongs: quantities of equal keys add up, of different keys never mix.
struct ResourceKey {
  std::string name;
  std::vector<Reservation> reservations;  // outermost first; empty = unreserved
  std::optional<Volume> volume;
  bool revocable = false;
  bool shared = false;

  bool reserved() const { return !reservations.empty(); }
  // The role that holds it: that of the innermost reservation, "*" if unreserved.
  std::string_view role() const;
  friend auto operator<=>(const ResourceKey&, const ResourceKey&) = default;
};

enum class ResourceKind : std::uint8_t { scalar, ranges, set };

struct Resource {
  ResourceKey key;
  ResourceKind kind = ResourceKind::scalar;
  std::int64_t amount = 0;         // thousandths, if scalar
  Ranges ranges;                   // if ranges
  std::vector<std::string> items;  // if set; sorted, unique

  bool empty() const;
  friend bool operator==(const Resource&, const Resource&) = default;
};

// The names with a place of their own, in the order of Resources::plain().
enum class Scalar : std::uint8_t { cpus, mem, disk, gpus };
inline constexpr std::size_t scalar_count = 4;
inline constexpr std::array<std::string_view, scalar_count> scalar_names = {"cpus", "mem", "disk",
                                                                            "gpus"};
using Scalars = std::array<std::int64_t, scalar_count>;  // thousandths

class Resources {
 public:
  Resources() = default;
  explicit Resources(const Scalars& plain) : plain_(plain) {}

  // Reads "cpus:2;mem:512;ports:[31000-32000];cpus(role):1;disks:{a,b}". Scalars have at most three
  // decimals that count; negative amounts, unknown forms and one name with two kinds are refused.
  static Result<Resources> parse(std::string_view text, std::string_view default_role = "*");
  // The same form, names in the order cpus, mem, disk, gpus, then the rest; "" if empty.
  std::string to_text() const;

  const Scalars& plain() const { return plain_; }
  std::int64_t plain(Scalar scalar) const { return plain_[static_cast<std::size_t>(scalar)]; }
  void set_plain(Scalar scalar, std::int64_t thousandths) {
    plain_[static_cast<std::size_t>(scalar)] = thousandths;
  }
  const std::vector<Resource>& others() const { return others_ ? *others_ : no_others(); }

  // Adds one quantity to whatever has its key.
  void add(Resource resource);
  // All thousandths of a scalar name, whatever its reservation; 0 if there is none.
  std::int64_t scalar(std::string_view name) const;
  // All ranges of a name, whatever their reservation.
  Ranges ranges(std::string_view name) const;

  bool empty() const;
  bool contains(const Resources& other) const;
  Resources& operator+=(const Resources& other);
  // REQUIRES: contains(other).
  Resources& operator-=(const Resources& other);
  friend Resources operator+(Resources a, const Resources& b) { return std::move(a += b); }
  friend Resources operator-(Resources a, const Resources& b) { return std::move(a -= b); }
  friend bool operator==(const Resources& a, const Resources& b) {
    return a.plain_ == b.plain_ && (a.others_ == b.others_ || a.others() == b.others());
  }

  // What of it frameworks in `role` may be offered: unreserved, and reserved to the role or to one
  // of its ancestors.
  Resources available_to(std::string_view role) const;
  Resources unreserved() const;
  Resources reserved_to(std::string_view role) const;  // innermost reservation is exactly `role`

  // Why this cannot be taken as a quantity from outside (negative or beyond
  // amount_max, fractional gpus, a reservation to a role that cannot be, …), or "" if it can.
  std::string invalid() const;

  // Rebuilds a value that came over the wire; sorts and merges `others`.
  static Resources assemble(const Scalars& plain, std::vector<Resource> others);

 private:
  using List = std::vector<Resource>;
  static const List& no_others();
  static std::shared_ptr<const List> share(List list);
  // These plain ones, and of the others those that keep(resource).
  template <class Keep>
  Resources filtered(const Scalars& plain, const Keep& keep) const;

  Scalars plain_{};
  // Sorted by key, no empty ones, none that belongs in plain_; null if there are none. What is
  // pointed to never changes, since copies share it, in whatever thread they are.
  std::shared_ptr<const List> others_;
};

// 1500 -> "1.5"
std::string thousandths_to_text(std::int64_t thousandths);
// "1.5" -> 1500; rounds the fourth decimal; fails on what is not a number and past amount_max.
Result<std::int64_t> parse_thousandths(std::string_view text);

// Whether `ancestor` is `role` or lies above it: "eng" of "eng/web"; "*" is nobody's ancestor.
bool role_within(std::string_view role, std::string_view ancestor);
// Why a role name cannot be used, or "" if it can: path of names, none empty, ".", ".." or starting
// with "-", no blanks or backspaces; at most 256 bytes.
std::string invalid_role(std::string_view role);

}  // namespace mesolite
