// How the value types of base travel, and the error path that every reader keeps.
#include <algorithm>
#include <iterator>

#include "mesolite/protocol/codec.hpp"

namespace mesolite {

void Reader::fail(std::string_view problem) {
  if (failed()) return;
  for (const std::string_view name : path_) {
    if (name.empty()) {
      error_ += "[]";
      continue;
    }
    if (!error_.empty()) error_ += ".";
    error_ += name;
  }
  if (!error_.empty()) error_ += ": ";
  error_ += problem;
}

namespace {

constexpr std::size_t resource_fields = 9;

void write_ranges(Writer& writer, const Ranges& ranges) {
  writer.begin_list(ranges.intervals().size() * 2);
  for (const Range& range : ranges.intervals()) {
    writer.natural(range.begin);
    writer.natural(range.end);
  }
  writer.end_list();
}

Ranges read_ranges(Reader& reader) {
  std::vector<Range> ranges;
  const std::size_t size = reader.begin_list();
  if (size % 2 != 0) reader.fail("a range has no end");
  for (std::size_t i = 0; i + 1 < size && !reader.failed(); i += 2) {
    const std::uint64_t begin = reader.natural();
    const std::uint64_t end = reader.natural();
    if (end < begin) reader.fail("a range ends before it begins");
    ranges.push_back({begin, end});
  }
  reader.end_list();
  return Ranges(std::move(ranges));
}

void write_reservations(Writer& writer, const std::vector<Reservation>& reservations) {
  writer.begin_list(reservations.size());
  for (const Reservation& reservation : reservations) {
    writer.begin_struct(4);
    writer.field("role");
    writer.text(reservation.role);
    writer.field("dynamic");
    writer.boolean(reservation.dynamic);
    writer.field("principal");
    writer.text(reservation.principal);
    writer.field("labels");
    write_value(writer, reservation.labels);
    writer.end_struct();
  }
  writer.end_list();
}

std::vector<Reservation> read_reservations(Reader& reader) {
  std::vector<Reservation> reservations;
  const std::size_t size = reader.begin_list();
  for (std::size_t i = 0; i < size && !reader.failed(); ++i) {
    Reservation& reservation = reservations.emplace_back();
    reader.begin_struct();
    if (reader.field("role")) reservation.role = reader.text();
    if (reader.field("dynamic")) reservation.dynamic = reader.boolean();
    if (reader.field("principal")) reservation.principal = reader.text();
    if (reader.field("labels")) read_value(reader, reservation.labels);
    reader.end_struct();
  }
  reader.end_list();
  return reservations;
}

void write_volume(Writer& writer, const std::optional<Volume>& volume) {
  if (!volume) return writer.nil();
  writer.begin_struct(3);
  writer.field("id");
  writer.text(volume->id);
  writer.field("container_path");
  writer.text(volume->container_path);
  writer.field("principal");
  writer.text(volume->principal);
  writer.end_struct();
}

std::optional<Volume> read_volume(Reader& reader) {
  if (reader.kind() == ValueKind::nil) {
    reader.skip();
    return std::nullopt;
  }
  Volume volume;
  reader.begin_struct();
  if (reader.field("id")) volume.id = reader.text();
  if (reader.field("container_path")) volume.container_path = reader.text();
  if (reader.field("principal")) volume.principal = reader.text();
  reader.end_struct();
  return volume;
}

void write_resource(Writer& writer, const Resource& resource) {
  writer.begin_struct(resource_fields);
  writer.field("name");
  writer.text(resource.key.name);
  writer.field("kind");
  writer.natural(static_cast<std::uint64_t>(resource.kind));
  writer.field("amount");
  writer.integer(resource.amount);
  writer.field("ranges");
  write_ranges(writer, resource.ranges);
  writer.field("items");
  write_value(writer, resource.items);
  writer.field("reservations");
  write_reservations(writer, resource.key.reservations);
  writer.field("volume");
  write_volume(writer, resource.key.volume);
  writer.field("revocable");
  writer.boolean(resource.key.revocable);
  writer.field("shared");
  writer.boolean(resource.key.shared);
  writer.end_struct();
}

Resource read_resource(Reader& reader) {
  Resource resource;
  std::uint64_t kind = 0;
  reader.begin_struct();
  if (reader.field("name")) resource.key.name = reader.text();
  if (reader.field("kind")) kind = reader.natural();
  if (reader.field("amount")) resource.amount = reader.integer();
  if (reader.field("ranges")) resource.ranges = read_ranges(reader);
  if (reader.field("items")) read_value(reader, resource.items);
  if (reader.field("reservations")) resource.key.reservations = read_reservations(reader);
  if (reader.field("volume")) resource.key.volume = read_volume(reader);
  if (reader.field("revocable")) resource.key.revocable = reader.boolean();
  if (reader.field("shared")) resource.key.shared = reader.boolean();
  reader.end_struct();
  if (kind > static_cast<std::uint64_t>(ResourceKind::set)) reader.fail("resource kind not known");
  resource.kind = static_cast<ResourceKind>(kind);
  if (!std::is_sorted(resource.items.begin(), resource.items.end(), std::less_equal<>())) {
    reader.fail(resource.key.name + ": items are not sorted");
  }
  return resource;
}

// A quantity as it comes from outside: whole sums must stay exact, so each is bounded.
void check_amount(Reader& reader, std::string_view name, std::int64_t amount) {
  if (amount < -amount_max || amount > amount_max) {
    reader.fail(std::string(name) + " is out of range");
  }
}

std::vector<Resource> read_others(Reader& reader) {
  std::vector<Resource> others;
  const std::size_t size = reader.begin_list();
  for (std::size_t i = 0; i < size && !reader.failed(); ++i) {
    Resource resource = read_resource(reader);
    check_amount(reader, resource.key.name, resource.amount);
    if (!others.empty() && !(others.back().key < resource.key)) {
      reader.fail("resources are not sorted by key");
    }
    others.push_back(std::move(resource));
  }
  reader.end_list();
  return others;
}

}  // namespace

// [cpus, mem, disk, gpus, [other…]], cut after the last that is not zero.
void write_value(Writer& writer, const Resources& value) {
  const Scalars& plain = value.plain();
  std::size_t fields = scalar_count;
  while (fields > 0 && plain[fields - 1] == 0) --fields;
  if (!value.others().empty()) fields = scalar_count + 1;
  writer.begin_struct(fields);
  for (std::size_t i = 0; i < std::min(fields, scalar_count); ++i) {
    writer.field(scalar_names[i]);
    writer.integer(plain[i]);
  }
  if (fields > scalar_count) {
    writer.field("others");
    writer.begin_list(value.others().size());
    for (const Resource& resource : value.others()) write_resource(writer, resource);
    writer.end_list();
  }
  writer.end_struct();
}

void read_value(Reader& reader, Resources& value) {
  Scalars plain{};
  std::vector<Resource> others;
  reader.begin_struct();
  for (std::size_t i = 0; i < scalar_count; ++i) {
    if (!reader.field(scalar_names[i])) continue;
    reader.enter(scalar_names[i]);
    plain[i] = reader.integer();
    check_amount(reader, "amount", plain[i]);
    reader.leave();
  }
  if (reader.field("others")) others = read_others(reader);
  reader.end_struct();
  value = reader.failed() ? Resources() : Resources::assemble(plain, std::move(others));
}

void write_value(Writer& writer, const Attribute& value) {
  writer.begin_struct(2);
  writer.field("name");
  writer.text(value.name);
  writer.field("value");
  writer.text(value.value);
  writer.end_struct();
}

void read_value(Reader& reader, Attribute& value) {
  reader.begin_struct();
  if (reader.field("name")) value.name = reader.text();
  if (reader.field("value")) value.value = reader.text();
  reader.end_struct();
}

}  // namespace mesolite
