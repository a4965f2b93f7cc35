#include <array>
#include <cstdint>
#include <memory>
#include <string_view>

#include "frameworks/mini-hadoop/engine/sums.hpp"
#include "frameworks/mini-hadoop/engine/words.hpp"
#include "frameworks/mini-hadoop/input/text_source.hpp"
#include "frameworks/mini-hadoop/jobs/builtin.hpp"

namespace mesolite::hadoop {
namespace {

static_assert(word_block <= text_padding && SumTable::readable_past <= text_padding,
              "the loops below read past the text");

void count_words(std::string_view text, SumCollector& sums) {
  std::array<Word, SumTable::batch_max> words;
  std::size_t edges = 0;
  for_each_word_edge(text.data(), text.size(), [&](std::uint32_t position) {
    Word& word = words[edges / 2];
    (edges % 2 == 0 ? word.begin : word.end) = position;
    if (++edges == 2 * words.size()) {
      sums.count(text.data(), words);
      edges = 0;
    }
  });
  if (edges > 0) sums.count(text.data(), {words.data(), edges / 2});
}

class WordCount final : public Job {
 public:
  Result<MapOutput> map(MapTask& task) const override {
    SumCollector sums(task);
    for (const Piece& piece : task.split.pieces) {
      const auto source = TextSource::open(task.files, piece, task.workspace.input(),
                                           {.border = Border::whitespace});
      if (!source) return tl::unexpected(source.error());
      while (true) {
        const auto text = (*source)->next();
        if (!text) return tl::unexpected(text.error());
        if (text->empty()) break;
        if (task.stop.stop_requested()) return stopped();
        count_words(*text, sums);
        if (!sums.status()) return tl::unexpected(sums.status().error());
        task.bytes_done += text->size();
      }
      task.counters.add(counter::map_input_bytes, piece.length);
    }
    return sums.finish();
  }

  Status reduce(ReduceTask& task) const override { return reduce_sums(task); }
};

}  // namespace

std::unique_ptr<Job> word_count_job() {
  return std::make_unique<WordCount>();
}

}  // namespace mesolite::hadoop
