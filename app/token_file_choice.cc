#include "app/token_file_choice.h"

#include <unistd.h>

namespace cosfuse {

std::string ChooseTokenFile(const std::string& named) {
  if (!named.empty()) return named;
  for (const std::string_view path : kDefaultTokenFiles) {
    if (access(std::string(path).c_str(), F_OK) == 0) return std::string(path);
  }
  return std::string(kDefaultTokenFiles.front());
}

}  // namespace cosfuse
