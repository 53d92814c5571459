#pragma once

#include <string_view>

#include "fs/node.h"

namespace cosfuse {

/// Stands around a question to the store about names of one directory, and tells whether this mount changed the name
/// before the answer was there: then the answer is worth nothing.
class AnswerBracket {
 public:
  explicit AnswerBracket(DirectoryNode& directory) : directory_(directory), moment_(Begin(directory)) {}
  ~AnswerBracket() {
    MutexLock lock(directory_.mutex);
    directory_.state().changes.End(moment_);
  }
  AnswerBracket(const AnswerBracket&) = delete;
  AnswerBracket& operator=(const AnswerBracket&) = delete;

  ChangeLog::Moment moment() const { return moment_; }
  bool Changed(std::string_view name) const {
    MutexLock lock(directory_.mutex);
    return directory_.state().changes.ChangedSince(moment_, name);
  }

 private:
  static ChangeLog::Moment Begin(DirectoryNode& directory) {
    MutexLock lock(directory.mutex);
    return directory.state().changes.Begin();
  }

  DirectoryNode& directory_;
  const ChangeLog::Moment moment_;
};

}  // namespace cosfuse
