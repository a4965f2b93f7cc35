// Defends: data is the same wherever it lies and however it is packed, and what cannot be had is
// said with its name.
#include <gtest/gtest.h>
#include <lz4frame.h>
#include <zlib.h>
#include <zstd.h>

#include <fstream>
#include <string>
#include <vector>

#include "frameworks/mini-hadoop/api/formats.hpp"
#include "frameworks/mini-hadoop/storage/decoding_file_system.hpp"
#include "frameworks/mini-hadoop/storage/storage.hpp"
#include "frameworks/mini-hadoop/storage/web_hdfs.hpp"
#include "mesolite/data/file.hpp"
#include "tests/frameworks/mini-hadoop/storage/fake_hdfs.hpp"

namespace mesolite::hadoop {
namespace {

std::string lines(int count) {
  std::string text;
  for (int i = 0; i < count; ++i) text += "line " + std::to_string(i * 7919) + "\n";
  return text;
}

std::string gzip_of(const std::string& text) {
  z_stream stream{};
  deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  std::string packed(deflateBound(&stream, text.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

std::string zstd_of(const std::string& text) {
  std::string packed(ZSTD_compressBound(text.size()), '\0');
  packed.resize(ZSTD_compress(packed.data(), packed.size(), text.data(), text.size(), 3));
  return packed;
}

std::string lz4_of(const std::string& text, bool with_size) {
  LZ4F_preferences_t preferences{};
  preferences.frameInfo.contentSize = with_size ? text.size() : 0;
  preferences.frameInfo.contentChecksumFlag = LZ4F_contentChecksumEnabled;
  std::string packed(LZ4F_compressFrameBound(text.size(), &preferences), '\0');
  packed.resize(
      LZ4F_compressFrame(packed.data(), packed.size(), text.data(), text.size(), &preferences));
  return packed;
}

class Packed : public testing::Test {
 protected:
  FileEntry add(const std::string& name, const std::string& bytes) {
    const std::string path = directory_.file(name);
    std::ofstream(path, std::ios::binary) << bytes;
    const auto listed = files_.list(path);
    EXPECT_TRUE(listed) << listed.error().message;
    return listed->at(0);
  }

  // All lines of all pieces that the file is cut into, with their ends.
  std::string read(const FileEntry& file, std::uint64_t split_size) {
    std::string text;
    for (const Split& split : make_splits({file}, {.size = split_size, .splittable = {}})) {
      for (const Piece& piece : split.pieces) {
        const auto reader = TextInputFormat().open(files_, piece);
        EXPECT_TRUE(reader) << reader.error().message;
        InputRecord record;
        while (true) {
          const auto more = (*reader)->next(record);
          EXPECT_TRUE(more) << more.error().message;
          if (!more || !*more) break;
          text.append(record.value).push_back('\n');
        }
      }
    }
    return text;
  }

  data::ScratchDirectory directory_ =
      data::ScratchDirectory::create(testing::TempDir(), "packed-").value();
  DecodingFileSystem files_{std::make_unique<LocalFileSystem>()};
};

TEST_F(Packed, gzip_with_several_members_reads_as_its_text_in_one_piece) {
  const FileEntry file = add("a.gz", gzip_of(lines(20'000)) + gzip_of("and more\n"));
  EXPECT_TRUE(file.whole);
  EXPECT_EQ(make_splits({file}, {.size = 100, .splittable = {}}).size(), 1U);
  EXPECT_EQ(read(file, 100), lines(20'000) + "and more\n");
}

TEST_F(Packed, frames_of_zstd_and_lz4_that_tell_their_sizes_are_cut_anywhere) {
  const std::string text = lines(5'000);
  for (const bool zstd : {true, false}) {
    std::string packed;
    for (std::size_t at = 0; at < text.size(); at += 10'007) {
      const std::string part = text.substr(at, 10'007);
      packed += zstd ? zstd_of(part) : lz4_of(part, true);
    }
    const FileEntry file = add(zstd ? "a.zst" : "a.lz4", packed);
    EXPECT_FALSE(file.whole);
    EXPECT_EQ(file.size, text.size());
    EXPECT_EQ(read(file, 3'001), text);
    EXPECT_EQ(read(file, 1'000'000), text);
  }
}

TEST_F(Packed, one_frame_or_one_without_its_size_is_read_whole) {
  const std::string text = lines(3'000);
  for (const FileEntry& file : {add("one.zst", zstd_of(text)),
                                add("two.lz4", lz4_of(text, false) + lz4_of("x\n", false))}) {
    EXPECT_TRUE(file.whole) << file.path;
    EXPECT_TRUE(read(file, 100).starts_with(text)) << file.path;
  }
}

TEST_F(Packed, a_file_that_is_cut_off_or_is_none_is_an_error_with_its_name) {
  const std::string packed = gzip_of(lines(5'000));
  for (const std::string& bytes : {packed.substr(0, packed.size() / 2), std::string("no gzip")}) {
    const FileEntry file = add("bad.gz", bytes);
    const auto reader = TextInputFormat().open(files_, {file.path, 0, file.size});
    ASSERT_TRUE(reader);
    InputRecord record;
    Result<bool> more = true;
    while (more && *more) more = (*reader)->next(record);
    ASSERT_FALSE(more);
    EXPECT_NE(more.error().message.find(file.path), std::string::npos) << more.error().message;
  }
}

// ---- HTTP --------------------------------------------------------------------------------------

class Http : public testing::Test {
 protected:
  // Gives `content_` at /data, in parts if `ranges_`.
  FakeResponse answer(const FakeRequest& request) {
    if (request.target != "/data") return {404, "", {}};
    const auto range = request.headers.find("range");
    if (!ranges_ || range == request.headers.end()) {
      std::map<std::string, std::string> headers;
      if (ranges_) headers["Accept-Ranges"] = "bytes";
      return {200, content_, headers};
    }
    const std::size_t equals = range->second.find('=');
    const std::size_t first = std::stoul(range->second.substr(equals + 1));
    const std::size_t last = std::stoul(range->second.substr(range->second.find('-') + 1));
    return {206, content_.substr(first, last - first + 1), {}};
  }

  std::string content_ = lines(1'000);
  bool ranges_ = true;
  FakeServer server_{[this](const FakeRequest& request) { return answer(request); }};
  std::unique_ptr<FileSystem> files_ = make_storage("me");
  std::string url_ = "http://" + server_.address() + "/data";
};

TEST_F(Http, files_are_listed_with_their_size_and_read_in_parts) {
  const auto listed = files_->list(url_);
  ASSERT_TRUE(listed) << listed.error().message;
  EXPECT_EQ(listed->at(0).size, content_.size());
  const auto file = files_->open(url_);
  ASSERT_TRUE(file) << file.error().message;
  std::string bytes(100, '\0');
  EXPECT_EQ((*file)->read_at(50, bytes.data(), 100).value(), 100U);
  EXPECT_EQ(bytes, content_.substr(50, 100));
  EXPECT_EQ((*file)->read_at(content_.size() - 3, bytes.data(), 100).value(), 3U);
}

TEST_F(Http, a_server_without_parts_is_asked_for_the_whole) {
  ranges_ = false;
  const auto file = files_->open(url_);
  ASSERT_TRUE(file) << file.error().message;
  std::string bytes(10, '\0');
  EXPECT_EQ((*file)->read_at(5, bytes.data(), 10).value(), 10U);
  EXPECT_EQ(bytes, content_.substr(5, 10));
}

TEST_F(Http, what_is_not_there_and_what_is_to_be_written_is_said_with_its_url) {
  const std::string missing = "http://" + server_.address() + "/missing";
  EXPECT_EQ(files_->open(missing).error().message, "'" + missing + "' answers with status 404");
  EXPECT_NE(files_->create(url_).error().message.find("only there to be read"), std::string::npos);
  EXPECT_FALSE(files_->exists(missing).value());
}

// ---- WebHDFS -----------------------------------------------------------------------------------

class Hdfs : public testing::Test {
 protected:
  void write(const std::string& path, const std::string& bytes) {
    auto file = files_->create(hdfs_.url(path));
    ASSERT_TRUE(file);
    for (std::size_t at = 0; at < bytes.size(); at += 100'000) {
      ASSERT_TRUE((*file)->write(std::string_view(bytes).substr(at, 100'000)));
    }
    const auto closed = (*file)->close();
    ASSERT_TRUE(closed) << closed.error().message;
  }

  FakeHdfs hdfs_;
  std::unique_ptr<FileSystem> files_ = make_storage("the user");
};

TEST_F(Hdfs, what_is_written_in_pieces_comes_back_from_anywhere) {
  const std::string text = lines(1'500'000);  // more than one piece
  write("/out/a file", text);
  EXPECT_EQ(hdfs_.file("/out/a file"), text);
  EXPECT_GT(hdfs_.appends(), 0);
  EXPECT_EQ(hdfs_.last_user(), "the user");
  const auto file = files_->open(hdfs_.url("/out/a file"));
  ASSERT_TRUE(file) << file.error().message;
  EXPECT_EQ((*file)->size(), text.size());
  std::string bytes(1000, '\0');
  EXPECT_EQ((*file)->read_at(12'345, bytes.data(), 1000).value(), 1000U);
  EXPECT_EQ(bytes, text.substr(12'345, 1000));
}

TEST_F(Hdfs, lists_files_directories_and_patterns_without_hidden_ones) {
  ASSERT_TRUE(files_->make_directories(hdfs_.url("/in/deep")));
  for (const char* path : {"/in/b", "/in/a", "/in/deep/c", "/in/_SUCCESS", "/in/.hidden"}) {
    write(path, "x");
  }
  const auto names = [&](const std::string& pattern) {
    std::string all;
    const auto listed = files_->list(hdfs_.url(pattern));
    if (!listed) return listed.error().message;
    for (const FileEntry& entry : *listed) {
      all += entry.path.substr(hdfs_.url("").size()) + " ";
    }
    return all;
  };
  EXPECT_EQ(names("/in"), "/in/a /in/b /in/deep/c ");
  EXPECT_EQ(names("/in/a"), "/in/a ");
  EXPECT_EQ(names("/in/[ab]"), "/in/a /in/b ");
  EXPECT_EQ(names("/in/none"), "input '" + hdfs_.url("/in/none") + "' does not exist");
}

TEST_F(Hdfs, splits_know_the_hosts_that_have_most_of_them) {
  write("/in/a", std::string(2'500, 'x'));
  write("/in/b.gz", std::string(1'500, 'x'));
  const std::vector<FileEntry> files = {{hdfs_.url("/in/a"), hdfs_.file("/in/a").size()},
                                        {hdfs_.url("/in/b.gz"), 1'500, true}};
  SplitOptions options;
  options.size = 700;
  auto splits = make_splits(files, options);
  ASSERT_TRUE(add_hosts(splits, files, *files_));
  using Hosts = std::vector<std::string>;
  EXPECT_EQ(splits[0].hosts, (Hosts{"node1"}));
  EXPECT_EQ(splits[1].hosts, (Hosts{"node2", "node1"})) << "300 bytes there, 400 here";
  EXPECT_EQ(splits[2].hosts, (Hosts{"node2", "node1"}));
  EXPECT_EQ(splits.back().hosts, (Hosts{"node1", "node2"})) << "a whole file in one split";
}

TEST_F(Hdfs, that_does_not_tell_its_hosts_leaves_the_splits_without) {
  hdfs_.tell_no_locations();
  write("/a", "x");
  const std::vector<FileEntry> files = {{hdfs_.url("/a"), 1}};
  auto splits = make_splits(files, {});
  const Status asked = add_hosts(splits, files, *files_);
  EXPECT_EQ(asked.error().message, "cannot ask where '" + files[0].path + "' lies: '" +
                                       files[0].path + "': No such operation");
  EXPECT_TRUE(splits[0].hosts.empty());
}

TEST_F(Hdfs, renames_and_removes_and_says_no_with_the_name_nodes_words) {
  write("/a", "x");
  ASSERT_TRUE(files_->rename(hdfs_.url("/a"), hdfs_.url("/b")));
  EXPECT_EQ(hdfs_.file("/b"), "x");
  EXPECT_FALSE(files_->rename(hdfs_.url("/a"), hdfs_.url("/c")));
  ASSERT_TRUE(files_->remove_all(hdfs_.url("/b")));
  EXPECT_FALSE(files_->exists(hdfs_.url("/b")).value());
  ASSERT_TRUE(files_->remove_all(hdfs_.url("/b"))) << "it is gone already";
  EXPECT_EQ(files_->open(hdfs_.url("/b")).error().message,
            "cannot open '" + hdfs_.url("/b") + "': no such file");
}

}  // namespace
}  // namespace mesolite::hadoop
