#include <archive.h>
#include <archive_entry.h>
#include <sys/stat.h>

#include "modules/isolators/filesystem-rootfs/filesystem_rootfs.hpp"
#include "modules/isolators/filesystem-rootfs/unpack.hpp"
#include "modules/isolators/filesystem-volumes/filesystem_volumes.hpp"
#include "tests/isolation/isolated.hpp"

namespace mesolite::container {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

// A small image: a static program is all that it needs, and the shell with what it links will do.
class Rootfs : public Isolated {
 protected:
  void SetUp() override {
    Isolated::SetUp();
    if (IsSkipped()) return;
    images_ = work_.path() + "/test-images";
    make_image(images_ + "/small");
    filesystem_rootfs::Parameters parameters;
    parameters.images_dir = images_;
    add<filesystem_rootfs::RootfsIsolator>("filesystem/rootfs", parameters);
    add<filesystem_volumes::VolumesIsolator>("filesystem/volumes",
                                             filesystem_volumes::Parameters{{work_.path()}});
    start();
  }

  // The programs that tests use, with their libraries.
  static void make_image(const std::string& root) {
    for (const char* folder : {"bin", "etc", "tmp"}) fs::create_directories(root + "/" + folder);
    std::ofstream(root + "/etc/marker") << "image\n";
    const std::string script =
        "for program in sh cat ls touch readlink; do "
        "file=$(type -P $program); cp -L $file " +
        root +
        "/bin/; "
        "ldd $file | grep -o \"/[^ ]*\" | while read library; do "
        "mkdir -p " +
        root +
        "$(dirname $library); "
        "cp -Lf $library " +
        root + "$library; done; done";
    ASSERT_EQ(std::system(("bash -c '" + script + "'").c_str()), 0);
  }

  LaunchRequest in_image(const std::string& id, const std::string& line) {
    auto asked = request(id, line);
    asked.context.spec.image = "small";
    return asked;
  }

  std::string ask_in(LaunchRequest asked) {
    const std::string id = asked.context.id.value;
    asked.command.value += " 2>&1";
    containerizer_->launch(std::move(asked));
    const auto launched = next<Launched>(id);
    if (!launched || !launched->pid) return launched ? launched->pid.error().message : "no answer";
    next<Exited>(id);
    return output(id);
  }

  std::string images_;
};

TEST_F(Rootfs, a_task_with_an_image_has_it_as_its_root) {
  EXPECT_EQ(ask_in(in_image("c", "cat /etc/marker; pwd; echo $MESOS_SANDBOX; ls /etc")),
            "image\n/mnt/mesos/sandbox\n/mnt/mesos/sandbox\nhosts\nmarker\nresolv.conf\n");
}

TEST_F(Rootfs, what_it_writes_stays_out_of_the_image_and_goes_with_it) {
  EXPECT_EQ(ask_in(in_image("c", "echo mine > /etc/marker; cat /etc/marker; touch kept")),
            "mine\n");
  EXPECT_EQ(read(images_ + "/small/etc/marker"), "image\n");
  EXPECT_TRUE(fs::exists(work_.sandbox("c") + "/kept")) << "the sandbox is the real one";
  EXPECT_FALSE(fs::exists(work_.path() + "/layers/c"));
}

TEST_F(Rootfs, the_usual_devices_work) {
  EXPECT_EQ(ask_in(in_image("c", "echo out > /dev/stdout; echo x > /dev/null; readlink /dev/fd")),
            "out\n/proc/self/fd\n");
}

TEST_F(Rootfs, tasks_without_an_image_are_left_as_they_are) {
  EXPECT_EQ(ask("c", "pwd"), work_.sandbox("c"));
}

TEST_F(Rootfs, images_outside_of_their_directory_are_refused) {
  auto asked = in_image("c", "true");
  asked.context.spec.image = "/etc";
  EXPECT_THAT(refusal(asked), HasSubstr("does not lie in"));
  asked = in_image("d", "true");
  asked.context.spec.image = "../..";
  EXPECT_THAT(refusal(asked), HasSubstr("does not lie in"));
  fs::create_directory_symlink("/etc", images_ + "/link");
  asked = in_image("e", "true");
  asked.context.spec.image = "link";
  EXPECT_THAT(refusal(asked), HasSubstr("does not lie in"));
}

TEST_F(Rootfs, an_archive_is_unpacked_once_and_serves_as_an_image) {
  const std::string archive = images_ + "/small.tar.gz";
  ASSERT_EQ(std::system(("tar -C " + images_ + "/small -czf " + archive + " .").c_str()), 0);
  for (const char* id : {"c", "d"}) {
    auto asked = in_image(id, "cat /etc/marker");
    asked.context.spec.image = "small.tar.gz";
    EXPECT_EQ(ask_in(asked), "image\n");
  }
  const auto unpacked = fs::directory_iterator(work_.path() + "/images");
  EXPECT_EQ(std::distance(unpacked, fs::directory_iterator{}), 1);
}

TEST_F(Rootfs, links_of_an_image_do_not_lead_mounts_out_of_it) {
  const std::string bait = work_.path() + "/bait";
  fs::create_directory(bait);
  const std::string link = images_ + "/small/mnt";  // where the sandbox goes
  fs::create_directory_symlink(bait, link);
  EXPECT_THAT(refusal(in_image("c", "true")), HasSubstr("cannot mount"));
  fs::remove(link);
  fs::create_directory_symlink("/etc/../../tmp", link);  // leads to the image's own
  EXPECT_EQ(ask_in(in_image("d", "touch kept; ls; ls /tmp")), "kept\nstderr\nstdout\nmesos\n");
  EXPECT_TRUE(fs::is_empty(bait));
  EXPECT_FALSE(fs::exists("/tmp/mesos"));
}

TEST_F(Rootfs, a_path_of_the_host_appears_where_it_is_asked_for) {
  const std::string data = work_.path() + "/data";
  fs::create_directory(data);
  std::ofstream(data + "/file") << "text\n";
  auto asked = in_image("c", "cat /data/file; echo x > /data/file; cat in/file");
  asked.context.spec.volumes = {{"/data", data, "", VolumeMode::read_only},
                                {"in", data, "", VolumeMode::read_write}};
  EXPECT_THAT(ask_in(asked), HasSubstr("text\n"));
  EXPECT_EQ(read(data + "/file"), "text\n") << "read-only holds";
  asked = request("d", "cat in/file; echo y > in/file");
  asked.context.spec.volumes = {{"in", data, "", VolumeMode::read_write}};
  EXPECT_EQ(ask_in(asked), "text\n");
  EXPECT_EQ(read(data + "/file"), "y\n");
}

TEST_F(Rootfs, paths_that_the_agent_does_not_allow_are_refused) {
  auto asked = request("c", "true");
  asked.context.spec.volumes = {{"in", "/etc", "", VolumeMode::read_write}};
  EXPECT_THAT(refusal(asked), HasSubstr("host_paths"));
  asked = request("d", "true");
  asked.context.spec.volumes = {{"../../out", work_.path(), "", VolumeMode::read_write}};
  EXPECT_THAT(refusal(asked), HasSubstr("'..'"));
  asked = request("e", "true");
  asked.context.spec.volumes = {{"in", "", "nobody-has-it", VolumeMode::read_write}};
  EXPECT_THAT(refusal(asked), HasSubstr("not among the resources"));
}

TEST_F(Rootfs, a_persistent_volume_outlives_its_tasks) {
  const auto with_volume = [&](const std::string& id, const std::string& line) {
    auto asked = request(id, line);
    Resource disk;
    disk.key.name = "disk";
    disk.key.reservations.emplace_back().role = "web";
    disk.key.volume = Volume{"v1", "data", ""};
    disk.amount = 1000;
    asked.context.requests = Resources::assemble({}, {disk});
    return asked;
  };
  ask_in(with_volume("c", "echo kept > data/file"));
  EXPECT_EQ(ask_in(with_volume("d", "cat data/file")), "kept\n");
}

// ---- archives that nobody trusts ----------------------------------------------------------------

struct Entry {
  std::string path;
  mode_t type = AE_IFREG;
  std::string link;  // of a symbolic one
  std::string data;
};

class Unpacking : public testing::Test {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "needs root";  // owners are taken over
  }

  Status unpack(const std::vector<Entry>& entries, filesystem_rootfs::UnpackLimits limits) {
    const std::string file = work_.path() + "/archive.tar";
    archive* writer = ::archive_write_new();
    ::archive_write_set_format_pax_restricted(writer);
    ::archive_write_open_filename(writer, file.c_str());
    for (const Entry& made : entries) {
      archive_entry* entry = ::archive_entry_new();
      ::archive_entry_set_pathname(entry, made.path.c_str());
      ::archive_entry_set_filetype(entry, made.type);
      ::archive_entry_set_perm(entry, 0755);
      ::archive_entry_set_size(entry, static_cast<la_int64_t>(made.data.size()));
      if (made.type == AE_IFLNK) ::archive_entry_set_symlink(entry, made.link.c_str());
      ::archive_write_header(writer, entry);
      ::archive_write_data(writer, made.data.data(), made.data.size());
      ::archive_entry_free(entry);
    }
    ::archive_write_free(writer);
    fs::create_directory(root());
    return filesystem_rootfs::unpack(file, fs::canonical(root()), limits);
  }
  std::string root() const { return work_.path() + "/root"; }

  WorkDir work_;
  const filesystem_rootfs::UnpackLimits generous_{1 << 20, 100};
};

TEST_F(Unpacking, absolute_names_are_the_images_own) {
  ASSERT_TRUE(unpack({{"/etc/x", AE_IFREG, "", "1"}, {"./y", AE_IFREG, "", "2"}}, generous_));
  EXPECT_EQ(read(root() + "/etc/x"), "1");
  EXPECT_EQ(read(root() + "/y"), "2");
}

TEST_F(Unpacking, nothing_gets_out_by_dots_or_links) {
  EXPECT_FALSE(unpack({{"../out", AE_IFREG, "", "1"}}, generous_));
  EXPECT_FALSE(fs::exists(work_.path() + "/out"));
  fs::remove_all(root());
  EXPECT_FALSE(
      unpack({{"link", AE_IFLNK, work_.path(), ""}, {"link/out", AE_IFREG, "", "1"}}, generous_));
  EXPECT_FALSE(fs::exists(work_.path() + "/out"));
}

TEST_F(Unpacking, device_files_are_left_out) {
  ASSERT_TRUE(unpack({{"null", AE_IFCHR, "", ""}, {"x", AE_IFREG, "", "1"}}, generous_));
  EXPECT_FALSE(fs::exists(root() + "/null"));
  EXPECT_TRUE(fs::exists(root() + "/x"));
}

TEST_F(Unpacking, what_is_too_much_is_refused) {
  const auto large = unpack({{"x", AE_IFREG, "", std::string(2000, 'x')}}, {1000, 10});
  ASSERT_FALSE(large);
  EXPECT_THAT(large.error().message, HasSubstr("more than 1000 bytes"));
  fs::remove_all(root());
  const auto many = unpack(
      {{"x", AE_IFREG, "", ""}, {"y", AE_IFREG, "", ""}, {"z", AE_IFREG, "", ""}}, {1000, 2});
  ASSERT_FALSE(many);
  EXPECT_THAT(many.error().message, HasSubstr("more than 2 files"));
}

TEST_F(Unpacking, what_is_no_archive_is_a_sentence) {
  fs::create_directory(root());
  const auto unpacked = filesystem_rootfs::unpack("/etc/passwd", root(), generous_);
  ASSERT_FALSE(unpacked);
  EXPECT_THAT(unpacked.error().message, HasSubstr("cannot unpack '/etc/passwd'"));
}

}  // namespace
}  // namespace mesolite::container
