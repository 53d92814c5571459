#pragma once

#include <optional>
#include <string>

#include "cos/download.h"
#include "cos/object_store.h"
#include "http/transport.h"

namespace cosfuse {

/// Tells success from failure in an answer: the body of a failure is collected as far as an error document goes, that
/// of a success is handed on. Good for one answer after the other. Used by the caller's thread and, while Send runs, by
/// the network thread alone.
class AnswerSink : public BodySink {
 public:
  Result<> OnHead(const HttpResponseHead& head) final;
  Result<> OnData(std::span<const std::byte> data) final;

  const HttpResponseHead& head() const { return head_; }
  bool success() const { return head_.status >= 200 && head_.status < 300; }
  /// The beginning of the body of a failure.
  const std::string& error_body() const { return error_body_; }

 private:
  /// For answers with a status of success.
  virtual Result<> OnSuccess(const HttpResponseHead& head) = 0;
  virtual Result<> OnSuccessData(std::span<const std::byte> data) = 0;

  HttpResponseHead head_;
  std::string error_body_;
};

/// Collects the body of a success: documents, and answers that have none.
class DocumentSink final : public AnswerSink {
 public:
  const std::string& body() const { return body_; }

 private:
  Result<> OnSuccess(const HttpResponseHead& head) override;
  Result<> OnSuccessData(std::span<const std::byte> data) override;

  std::string body_;
};

/// Hands the bytes of a download on to its consumer. Both are borrowed.
class DownloadSink final : public AnswerSink {
 public:
  DownloadSink(Download& download, const ObjectStore::DataCallback& on_data) : download_(download), on_data_(on_data) {}

  /// Why the consumer or the download itself put an end to it: no other try can help.
  const std::optional<Error>& final_error() const { return final_error_; }

 private:
  Result<> OnSuccess(const HttpResponseHead& head) override;
  Result<> OnSuccessData(std::span<const std::byte> data) override;
  Result<> End(const Error& error);

  Download& download_;
  const ObjectStore::DataCallback& on_data_;
  std::optional<Error> final_error_;
};

}  // namespace cosfuse
