// RootfsIsolator: a root file system of the container's own. See the README.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "mesolite/module/host.hpp"
#include "mesolite/module/isolator.hpp"

namespace mesolite::filesystem_rootfs {

struct Parameters {
  std::string images_dir = "/var/lib/mesolite/images";
  std::int64_t image_bytes_max = std::int64_t{20} << 30;  // of an unpacked one
  std::int64_t image_files_max = 1'000'000;
  MESOLITE_FIELDS(images_dir, image_bytes_max, image_files_max);
};

class RootfsIsolator final : public Isolator {
 public:
  RootfsIsolator(const Parameters& parameters, Host& host) : parameters_(parameters), host_(host) {}

  Result<Nothing> probe(const IsolatorProbe& probe) override;
  Result<Contribution> prepare(const ContainerContext& container) override;
  Result<Nothing> cleanup(const ContainerContext& container) override;
  Result<Nothing> recover(const RecoverRequest& request) override;

 private:
  Result<std::filesystem::path> find_image(const std::string& name) const;
  // The directory with the image's files: itself, or where it has been unpacked.
  Result<std::filesystem::path> provide(const std::filesystem::path& image);
  std::filesystem::path layers_of(const ContainerId& container) const;

  Parameters parameters_;
  Host& host_;
  std::filesystem::path unpacked_;  // images that were archives, once each
  std::filesystem::path layers_;    // of containers: what they write
};

}  // namespace mesolite::filesystem_rootfs
