// LeaderWatch: finds the first of the candidates in an ensemble and notices when another one is.
//
// It watches the first candidate alone, so that of ten thousand that look on, none is woken when
// somebody merely joins the candidates.
#pragma once

#include "sdk/detection/participant.hpp"

namespace mesolite::detection {

class LeaderWatch final : public Participant {
 public:
  struct Leader {
    std::string data;        // of its node
    std::int64_t epoch = 0;  // when that was made

    friend bool operator==(const Leader&, const Leader&) = default;
  };

  explicit LeaderWatch(std::string path);

  // Tells once more, even the same; what was known last, should the ensemble be away.
  void look_again(Time now);

  // What has changed since it was taken last: a leader, or that there is none.
  struct News {
    std::optional<Leader> leader;
  };
  std::optional<News> take_news();

 private:
  std::optional<Request> next_request(Time now) override;
  void hear(Time now, const Request& request, const Answer& answer) override;
  void doubt(Time now) override;
  void forget(Time now) override;
  void tick(Time) override {}
  std::optional<Time> own_deadline() const override { return std::nullopt; }

  void hear_list(Time now, const Answer& answer);
  void found(std::optional<Leader> leader);

  const std::string path_;
  bool listed_ = false;  // first_ is not outdated
  bool looked_ = false;  // nor is leader_
  std::string first_;    // "": there is no candidate
  std::optional<Leader> leader_;
  bool known_ = false;  // whether there is a leader at all
  bool tell_again_ = false;
  std::optional<News> news_;
};

}  // namespace mesolite::detection
