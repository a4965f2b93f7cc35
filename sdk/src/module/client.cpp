// An instance behind its C table. Nothing that the module does gets past this file but bytes and
// sentences.
#include "mesolite/module/client.hpp"

#include <exception>

namespace mesolite {
namespace {

// More than any honest answer: an allocation for every agent of the largest cluster.
constexpr std::size_t answer_bytes_max = 256u << 20;
constexpr std::size_t sentence_bytes_max = 1000;

// What a call writes to.
struct Answer {
  std::string bytes;
  bool overrun = false;

  static void write(void* context, const std::uint8_t* data, std::size_t size) noexcept {
    auto& answer = *static_cast<Answer*>(context);
    if (answer.overrun || size > answer_bytes_max - answer.bytes.size()) {
      answer.overrun = true;
      return;
    }
    try {
      answer.bytes.append(reinterpret_cast<const char*>(data), size);
    } catch (const std::exception&) {
      answer.overrun = true;
    }
  }
};

mesolite_bytes border_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

// A module's sentence as one printable line.
std::string sentence(std::string_view text) {
  std::string line(text.substr(0, sentence_bytes_max));
  for (char& c : line) {
    if (static_cast<unsigned char>(c) < ' ' || c == '\x7f') c = ' ';
  }
  return line.empty() ? "it gives no reason" : line;
}

// A call through the table; what a module lets escape is caught here.
template <class Function>
Result<std::string> guarded(Function&& function) {
  Answer answer;
  mesolite_sink sink{&answer, &Answer::write};
  std::int32_t status = MESOLITE_FAILED;
  try {
    status = function(&sink);
  } catch (const std::exception& exception) {
    return failure("an exception crossed the border: " + sentence(exception.what()));
  } catch (...) {
    return failure("an exception of unknown type crossed the border");
  }
  if (answer.overrun) return failure("its answer is larger than the host takes");
  if (status == MESOLITE_FAILED) return failure(sentence(answer.bytes));
  if (status != MESOLITE_OK) {
    return failure("it answered with the unknown status " + std::to_string(status));
  }
  return std::move(answer.bytes);
}

// The C table of a host, for one instance.
class HostTable {
 public:
  explicit HostTable(Host& host)
      : table_{sizeof(mesolite_host), MESOLITE_MODULE_ABI, &host, &log, &notify} {}

  const mesolite_host* get() const { return &table_; }

 private:
  static void log(void* context, std::int32_t severity, const char* text,
                  std::size_t size) noexcept {
    const bool known = severity >= 0 && severity <= static_cast<std::int32_t>(Severity::error);
    const auto level = known ? static_cast<Severity>(severity) : Severity::warning;
    try {
      static_cast<Host*>(context)->log(level, sentence({text, size}));
    } catch (const std::exception&) {
      // A log line is not worth the module's life.
    }
  }
  static void notify(void* context, const std::uint8_t* data, std::size_t size) noexcept {
    try {
      static_cast<Host*>(context)->notify({reinterpret_cast<const char*>(data), size});
    } catch (const std::exception&) {
      // The host says itself what went wrong with it.
    }
  }

  mesolite_host table_;
};

class LinkedInstance final : public ModuleInstance {
 public:
  LinkedInstance(const mesolite_manifest& manifest, std::string title, Host& host,
                 std::shared_ptr<const void> library)
      : manifest_(manifest), title_(std::move(title)), host_(host), library_(std::move(library)) {}

  ~LinkedInstance() override {
    if (instance_ == nullptr) return;
    try {
      manifest_.destroy(instance_);
    } catch (...) {
      // Its end is wanted either way.
    }
  }

  Status create(std::string_view parameters) {
    const auto made = guarded([&](mesolite_sink* sink) {
      return manifest_.create(border_bytes(parameters), host_.get(), &instance_, sink);
    });
    if (!made) return failure(title_, made.error());
    if (instance_ == nullptr) return failure(title_ + ": it made no instance and gives no reason");
    return {};
  }

  Result<std::string> call(std::uint32_t method, std::string_view request) override {
    return guarded([&](mesolite_sink* sink) {
      return manifest_.call(instance_, method, border_bytes(request), sink);
    });
  }

  const std::string& title() const override { return title_; }

 private:
  const mesolite_manifest& manifest_;  // lives in the library
  std::string title_;
  HostTable host_;
  std::shared_ptr<const void> library_;
  void* instance_ = nullptr;  // owned through the manifest's destroy
};

}  // namespace

Result<std::unique_ptr<ModuleInstance>> create_instance(const mesolite_manifest& manifest,
                                                        const ParameterMap& parameters, Host& host,
                                                        std::shared_ptr<const void> library) {
  std::string title = std::string(manifest.kind) + " '" + manifest.name + "'";
  auto instance =
      std::make_unique<LinkedInstance>(manifest, std::move(title), host, std::move(library));
  const Status created = instance->create(encode(parameters));
  if (!created) return tl::unexpected(created.error());
  return instance;
}

}  // namespace mesolite
