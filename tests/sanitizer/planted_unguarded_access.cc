// Touches guarded data without its mutex. Clang's thread-safety analysis must refuse to compile it.
#include "base/mutex.h"

namespace {

class Counter {
 public:
  void Add() { ++value_; }

 private:
  cosfuse::Mutex mutex_;
  int value_ GUARDED_BY(mutex_) = 0;
};

}  // namespace

int main() {
  Counter counter;
  counter.Add();
  return 0;
}
