#include "frameworks/mini-hadoop/storage/decoder.hpp"

#include <lz4frame.h>
#include <zlib.h>
#include <zstd.h>

#include "mesolite/base/check.hpp"

namespace mesolite::hadoop {
namespace {

class GzipDecoder final : public Decoder {
 public:
  GzipDecoder() {
    MESOLITE_CHECK(inflateInit2(&stream_, gzip_window) == Z_OK, "zlib has memory to begin");
  }
  ~GzipDecoder() override { inflateEnd(&stream_); }
  GzipDecoder(const GzipDecoder&) = delete;
  GzipDecoder& operator=(const GzipDecoder&) = delete;

  Result<Step> decode(std::string_view input, char* output, std::size_t size) override {
    if (ended_ && !input.empty()) {  // another member follows
      inflateReset(&stream_);
      ended_ = false;
    }
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(input.data()));
    stream_.avail_in = static_cast<uInt>(input.size());
    stream_.next_out = reinterpret_cast<Bytef*>(output);
    stream_.avail_out = static_cast<uInt>(size);
    const int outcome = inflate(&stream_, Z_NO_FLUSH);
    if (outcome != Z_OK && outcome != Z_STREAM_END && outcome != Z_BUF_ERROR) {
      return failure(stream_.msg != nullptr ? stream_.msg : "not gzip");
    }
    ended_ = outcome == Z_STREAM_END;
    return Step{input.size() - stream_.avail_in, size - stream_.avail_out, ended_};
  }

 private:
  static constexpr int gzip_window = 15 + 16;  // the largest window, with a gzip header

  z_stream stream_{};
  bool ended_ = false;
};

class ZstdDecoder final : public Decoder {
 public:
  Result<Step> decode(std::string_view input, char* output, std::size_t size) override {
    ZSTD_inBuffer in{input.data(), input.size(), 0};
    ZSTD_outBuffer out{output, size, 0};
    const std::size_t left = ZSTD_decompressStream(stream_.get(), &out, &in);
    if (ZSTD_isError(left) != 0) return failure(ZSTD_getErrorName(left));
    return Step{in.pos, out.pos, left == 0};
  }

 private:
  struct Free {
    void operator()(ZSTD_DStream* stream) const { ZSTD_freeDStream(stream); }
  };
  std::unique_ptr<ZSTD_DStream, Free> stream_{ZSTD_createDStream()};
};

class Lz4Decoder final : public Decoder {
 public:
  Lz4Decoder() {
    const auto problem = LZ4F_createDecompressionContext(&context_, LZ4F_VERSION);
    MESOLITE_CHECK(LZ4F_isError(problem) == 0, "lz4 has memory to begin");
  }
  ~Lz4Decoder() override { LZ4F_freeDecompressionContext(context_); }
  Lz4Decoder(const Lz4Decoder&) = delete;
  Lz4Decoder& operator=(const Lz4Decoder&) = delete;

  Result<Step> decode(std::string_view input, char* output, std::size_t size) override {
    std::size_t taken = input.size();
    std::size_t given = size;
    const std::size_t left =
        LZ4F_decompress(context_, output, &given, input.data(), &taken, nullptr);
    if (LZ4F_isError(left) != 0) return failure(LZ4F_getErrorName(left));
    return Step{taken, given, left == 0};
  }

 private:
  LZ4F_dctx* context_ = nullptr;
};

}  // namespace

Encoding encoding_of(std::string_view path) {
  if (path.ends_with(".gz")) return Encoding::gzip;
  if (path.ends_with(".zst")) return Encoding::zstd;
  if (path.ends_with(".lz4")) return Encoding::lz4;
  return Encoding::none;
}

std::unique_ptr<Decoder> make_decoder(Encoding encoding) {
  switch (encoding) {
    case Encoding::gzip:
      return std::make_unique<GzipDecoder>();
    case Encoding::zstd:
      return std::make_unique<ZstdDecoder>();
    default:
      MESOLITE_CHECK(encoding == Encoding::lz4, "there is something to decode");
      return std::make_unique<Lz4Decoder>();
  }
}

}  // namespace mesolite::hadoop
