#pragma once

#include <curl/curl.h>

#include <memory>

namespace cosfuse {

struct CurlEasyDeleter {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
struct CurlMultiDeleter {
  void operator()(CURLM* handle) const { curl_multi_cleanup(handle); }
};
/// Overwrites every line before it is freed: one of them holds the bearer token.
struct CurlHeaderListDeleter {
  void operator()(curl_slist* list) const;
};

using CurlEasy = std::unique_ptr<CURL, CurlEasyDeleter>;
using CurlMulti = std::unique_ptr<CURLM, CurlMultiDeleter>;
using CurlHeaderList = std::unique_ptr<curl_slist, CurlHeaderListDeleter>;

}  // namespace cosfuse
