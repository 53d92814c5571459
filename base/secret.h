#pragma once

#include <string>
#include <string_view>

namespace cosfuse {

/// A token or key in memory: cannot be printed or compared by accident, and is wiped when it goes. Copies are wiped
/// too. Not thread-safe; share copies.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string value) : value_(std::move(value)) {}
  ~Secret() { Wipe(); }
  Secret(const Secret&) = default;
  Secret& operator=(const Secret& other);
  Secret(Secret&& other) noexcept;
  Secret& operator=(Secret&& other) noexcept;

  bool empty() const { return value_.empty(); }
  /// The bare value, only for the line that sends it. Never log it, never keep a copy.
  const std::string& Reveal() const { return value_; }

 private:
  void Wipe();
  std::string value_;
};

/// Overwrites a string's memory in a way that the compiler keeps, and empties it.
void WipeString(std::string& text);

}  // namespace cosfuse
