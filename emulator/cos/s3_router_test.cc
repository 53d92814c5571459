#include "emulator/cos/s3_router.h"

#include <gtest/gtest.h>

namespace cosfuse::emulator {
namespace {

struct RouteCase {
  const char* method;
  const char* target;
  bool copy;
  Operation operation;
};

class RouteOf : public testing::TestWithParam<RouteCase> {};

TEST_P(RouteOf, IsTheOperation) {
  Headers headers;
  if (GetParam().copy) headers.Add("X-Amz-Copy-Source", "/b/k");
  const auto operation = Route(GetParam().method, ParseTarget(GetParam().target).value(), headers);
  ASSERT_TRUE(operation);
  EXPECT_EQ(OperationName(*operation), OperationName(GetParam().operation));
}

INSTANTIATE_TEST_SUITE_P(
    All, RouteOf,
    testing::Values(
        RouteCase{"HEAD", "/b", false, Operation::kHeadBucket}, RouteCase{"HEAD", "/b/", false, Operation::kHeadBucket},
        RouteCase{"GET", "/", false, Operation::kListBuckets},
        RouteCase{"GET", "/b?versioning", false, Operation::kGetBucketVersioning},
        RouteCase{"PUT", "/b?versioning", false, Operation::kPutBucketVersioning},
        RouteCase{"GET", "/b?versions&prefix=x", false, Operation::kListObjectVersions},
        RouteCase{"GET", "/b?location", false, Operation::kGetBucketLocation},
        RouteCase{"GET", "/b?list-type=2", false, Operation::kListObjectsV2},
        RouteCase{"GET", "/b?prefix=x", false, Operation::kListObjects},
        RouteCase{"GET", "/b?uploads", false, Operation::kListMultipartUploads},
        RouteCase{"POST", "/b?delete=", false, Operation::kDeleteObjects},
        RouteCase{"HEAD", "/b/k", false, Operation::kHeadObject},
        RouteCase{"GET", "/b/k", false, Operation::kGetObject}, RouteCase{"GET", "/b/k/", false, Operation::kGetObject},
        RouteCase{"PUT", "/b/k", false, Operation::kPutObject}, RouteCase{"PUT", "/b/k", true, Operation::kCopyObject},
        RouteCase{"DELETE", "/b/k", false, Operation::kDeleteObject},
        RouteCase{"POST", "/b/k?uploads", false, Operation::kCreateMultipartUpload},
        RouteCase{"PUT", "/b/k?partNumber=1&uploadId=u", false, Operation::kUploadPart},
        RouteCase{"PUT", "/b/k?partNumber=1&uploadId=u", true, Operation::kUploadPartCopy},
        RouteCase{"POST", "/b/k?uploadId=u", false, Operation::kCompleteMultipartUpload},
        RouteCase{"DELETE", "/b/k?uploadId=u", false, Operation::kAbortMultipartUpload},
        RouteCase{"GET", "/b/k?uploadId=u", false, Operation::kListParts},
        RouteCase{"GET", "/b/k?tagging", false, Operation::kGetObjectTagging},
        RouteCase{"PUT", "/b/k?tagging", false, Operation::kPutObjectTagging},
        RouteCase{"DELETE", "/b/k?tagging", false, Operation::kDeleteObjectTagging}));

TEST(Route, RefusesWhatIsNoOperation) {
  const auto code_of = [](const char* method, const char* target) {
    return Route(method, ParseTarget(target).value(), {}).error().code;
  };
  EXPECT_EQ(code_of("PUT", "/"), S3Code::kMethodNotAllowed);
  EXPECT_EQ(code_of("PUT", "/b"), S3Code::kMethodNotAllowed);
  EXPECT_EQ(code_of("POST", "/b/k"), S3Code::kMethodNotAllowed);
  EXPECT_EQ(code_of("PATCH", "/b/k"), S3Code::kMethodNotAllowed);
  EXPECT_EQ(code_of("POST", "/b/k?tagging"), S3Code::kMethodNotAllowed);
  EXPECT_EQ(code_of("GET", "/b?cors"), S3Code::kNotImplemented);
  EXPECT_EQ(code_of("GET", "/b/k?acl"), S3Code::kNotImplemented);
}

TEST(Operation, NamesAreReadBack) {
  for (size_t i = 0; i < kOperationCount; ++i) {
    const auto operation = static_cast<Operation>(i);
    EXPECT_FALSE(OperationName(operation).empty());
    EXPECT_EQ(ParseOperation(OperationName(operation)), operation);
  }
  EXPECT_FALSE(ParseOperation("Dance"));
}

}  // namespace
}  // namespace cosfuse::emulator
