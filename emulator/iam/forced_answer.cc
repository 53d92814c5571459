#include "emulator/iam/forced_answer.h"

#include <array>
#include <utility>

namespace cosfuse::emulator {
namespace {

struct KnownCode {
  std::string_view code;
  int status;
  std::string_view message;
};
constexpr std::array<KnownCode, 8> kKnownCodes = {
    {{"BXNIM0106E", 400, "Validation of property failed."},
     {"BXNIM0109E", 400, "Property missing or empty."},
     {"BXNIM0398E", 400, "The selected trusted profile is not eligible for the provided compute resource token."},
     {"BXNIM0407E", 400, "Provided token is expired."},
     {"BXNIM0408E", 400, "Provided token is not valid."},
     {"BXNIM0415E", 400, "Provided API key could not be found."},
     {"BXNIM0429E", 429, "Too many requests."},
     {"BXNIM0439E", 400, "Provided token has a wrong audience."}}};

}  // namespace

IamError DescribeIamCode(std::string_view code) {
  for (const KnownCode& known : kKnownCodes) {
    if (known.code == code) return {known.status, std::string(code), std::string(known.message), ""};
  }
  return {400, std::string(code), "The request failed.", ""};
}

void ForcedAnswers::Set(ForcedAnswer answer) {
  MutexLock lock(mutex_);
  answer_ = std::move(answer);
}

void ForcedAnswers::Clear() {
  MutexLock lock(mutex_);
  answer_.reset();
}

std::optional<ForcedAnswer> ForcedAnswers::Take() {
  MutexLock lock(mutex_);
  if (!answer_) return std::nullopt;
  ForcedAnswer taken = *answer_;
  if (answer_->count && --*answer_->count == 0) answer_.reset();
  return taken;
}

Reply MakeHtmlReply(int status) {
  const std::string number = std::to_string(status);
  return Reply::Text(status, "text/html",
                     "<html>\r\n<head><title>" + number + "</title></head>\r\n<body>\r\n<center><h1>" + number +
                         "</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n");
}

}  // namespace cosfuse::emulator
