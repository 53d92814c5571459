#include "http/curl_error.h"

#include <errno.h>
#include <gtest/gtest.h>

#include "http/retry.h"

namespace cosfuse {
namespace {

struct CurlErrorRow {
  CURLcode code;
  ErrorCode meaning;
};

class CurlErrorTable : public ::testing::TestWithParam<CurlErrorRow> {};

TEST_P(CurlErrorTable, Means) { EXPECT_EQ(ErrorCodeFromCurl(GetParam().code), GetParam().meaning); }

INSTANTIATE_TEST_SUITE_P(Table, CurlErrorTable,
                         ::testing::Values(CurlErrorRow{CURLE_COULDNT_RESOLVE_HOST, ErrorCode::kUnavailable},
                                           CurlErrorRow{CURLE_COULDNT_RESOLVE_PROXY, ErrorCode::kUnavailable},
                                           CurlErrorRow{CURLE_COULDNT_CONNECT, ErrorCode::kUnavailable},
                                           CurlErrorRow{CURLE_SSL_CONNECT_ERROR, ErrorCode::kUnavailable},
                                           CurlErrorRow{CURLE_SEND_ERROR, ErrorCode::kUnavailable},
                                           CurlErrorRow{CURLE_RECV_ERROR, ErrorCode::kUnavailable},
                                           CurlErrorRow{CURLE_GOT_NOTHING, ErrorCode::kUnavailable},
                                           CurlErrorRow{CURLE_WEIRD_SERVER_REPLY, ErrorCode::kUnavailable},
                                           CurlErrorRow{CURLE_SEND_FAIL_REWIND, ErrorCode::kUnavailable},
                                           CurlErrorRow{CURLE_OUT_OF_MEMORY, ErrorCode::kUnavailable},
                                           CurlErrorRow{CURLE_OPERATION_TIMEDOUT, ErrorCode::kTimedOut},
                                           CurlErrorRow{CURLE_PARTIAL_FILE, ErrorCode::kCorrupt},
                                           CurlErrorRow{CURLE_PEER_FAILED_VERIFICATION, ErrorCode::kUntrustedPeer},
                                           CurlErrorRow{CURLE_SSL_CACERT_BADFILE, ErrorCode::kUntrustedPeer},
                                           CurlErrorRow{CURLE_SSL_ISSUER_ERROR, ErrorCode::kUntrustedPeer},
                                           CurlErrorRow{CURLE_URL_MALFORMAT, ErrorCode::kInvalidArgument},
                                           CurlErrorRow{CURLE_UNSUPPORTED_PROTOCOL, ErrorCode::kUnavailable},
                                           CurlErrorRow{CURLE_WRITE_ERROR, ErrorCode::kInternal},
                                           CurlErrorRow{CURLE_READ_ERROR, ErrorCode::kInternal},
                                           CurlErrorRow{CURLE_ABORTED_BY_CALLBACK, ErrorCode::kInternal}));

TEST(CurlError, AFailedConnectNamesHostAndCause) {
  EXPECT_EQ(ErrorFromCurl(CURLE_COULDNT_CONNECT, "h:443", "Failed to connect to h", ECONNREFUSED).message(),
            "cannot connect to h:443: Connection refused");
  EXPECT_EQ(ErrorFromCurl(CURLE_COULDNT_CONNECT, "h:443", "Failed to connect to h", 0).message(),
            "cannot connect to h:443: Failed to connect to h");
}

TEST(CurlError, AConnectTimeoutNamesHostAndTime) {
  EXPECT_EQ(
      ErrorFromCurl(CURLE_OPERATION_TIMEDOUT, "h:443", "Connection timed out after 5001 milliseconds", 0).message(),
      "cannot connect to h:443: Connection timed out after 5001 milliseconds");
}

TEST(CurlError, AnUntrustedPeerIsNamedAndNotRetried) {
  const Error error = ErrorFromCurl(CURLE_PEER_FAILED_VERIFICATION, "h:443", "self-signed certificate", 0);
  EXPECT_EQ(error.message(), "cannot verify who answers as h:443: self-signed certificate");
  EXPECT_FALSE(IsRetryable(error.code()));
}

TEST(CurlError, WithoutDetailLibcurlsOwnTextStandsIn) {
  EXPECT_EQ(ErrorFromCurl(CURLE_RECV_ERROR, "h:1", "", 0).message(),
            std::string("request to h:1 failed: ") + curl_easy_strerror(CURLE_RECV_ERROR));
}

}  // namespace
}  // namespace cosfuse
