// Candidacy: a master's part in the election, as a pure machine.
//
// Each master has a node of its session among the children of the election's node; whose node came
// first leads. Who waits watches the one before it, and nobody else: when that goes, all is looked
// at anew, for the one before it may have been no leader.
//
//   looking ──> standing ──> waiting ──────┐
//      ^  │  none is ours  │  ^ │ the one before us has changed
//      │  └────────────────┘  └─┴──> looking
//      │ ours is the first, and a round trip proves that it is still there
//      └──────────────────────────────────> leading ──> ended
//                                                 the lease ran out, or our node is gone
//
// The server decides when a session is over, and one that is cut off from it learns of that too
// late. So whoever leads counts by itself: for two thirds of the session's timeout from the moment
// at which it asked the last question that was answered, nobody else can lead.
#pragma once

#include <map>

#include "sdk/detection/participant.hpp"

namespace mesolite::election {

class Candidacy final : public detection::Participant {
 public:
  // Stands under `path` with `data` for others to read.
  Candidacy(std::string path, std::string data);

  // When our node was made: grows from leader to leader. None: it does not lead.
  std::optional<std::int64_t> epoch() const { return epoch_; }
  // Until when nobody else can lead. REQUIRES: it leads.
  Time lease_until() const { return lease_until_; }
  // It has led and does not any more, and never will again.
  bool ended() const { return ended_; }
  // The path of our node, "" if it is not known.
  std::string own_path() const;

 private:
  using Request = detection::Request;
  using Answer = detection::Answer;

  std::optional<Request> next_request(Time now) override;
  void hear(Time now, const Request& request, const Answer& answer) override;
  void doubt(Time now) override;
  void forget(Time now) override;
  void tick(Time now) override;
  std::optional<Time> own_deadline() const override;

  std::optional<Request> make_path() const;
  std::optional<Request> find_place(Time now);
  void hear_list(const Answer& answer);
  void hear_look(Time now, const std::string& name, const Request& request, const Answer& answer);
  Request look_at(const std::string& name, bool watch) const;
  void lose();

  const std::string path_;
  const std::string data_;
  std::size_t path_made_ = 0;                                  // so many letters of path_ exist
  bool listed_ = false;                                        // owners_ names all candidates
  std::map<std::string, std::optional<std::int64_t>> owners_;  // of candidates; none: not asked yet
  std::string own_;        // name of our node; "": we have none, as far as is known
  bool watching_ = false;  // the one before us
  Time asked_at_{};        // the question about our own node that is under way
  Time check_at_{};        // the next one, while we lead
  Time lease_until_{};
  std::optional<std::int64_t> epoch_;
  bool ended_ = false;
};

}  // namespace mesolite::election
