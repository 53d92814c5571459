#include "emulator/faults/spoil.h"

#include <gtest/gtest.h>

namespace cosfuse::emulator {
namespace {

using Kind = Fault::Kind;
using std::chrono::milliseconds;

Fault FaultOf(Kind kind) {
  Fault fault;
  fault.kind = kind;
  return fault;
}

Reply RightAnswer() {
  Reply reply = Reply::Text(206, "text/plain", "0123456789");
  reply.headers.emplace_back("ETag", "\"5d41\"");
  reply.headers.emplace_back("Content-Range", "bytes 5-14/20");
  reply.headers.emplace_back("x-amz-checksum-crc32c", "yZRlqg==");
  return reply;
}

std::string HeaderOf(const Reply& reply, std::string_view name) {
  for (const auto& [known, value] : reply.headers) {
    if (known == name) return value;
  }
  return "(none)";
}

bool SpoilGet(const Fault& fault, Reply& reply) { return Spoil(fault, "GET", Query(), reply); }

TEST(Spoil, TruncatesInTheMiddleOrWhereItIsTold) {
  Reply reply = RightAnswer();
  EXPECT_TRUE(SpoilGet(FaultOf(Kind::kTruncate), reply));
  EXPECT_EQ(reply.mishap.cut_at, 5U);
  Fault fault = FaultOf(Kind::kTruncate);
  fault.at = 3;
  SpoilGet(fault, reply);
  EXPECT_EQ(reply.mishap.cut_at, 3U);
  fault.at = 1000;
  SpoilGet(fault, reply);
  EXPECT_EQ(reply.mishap.cut_at, 9U);
}

TEST(Spoil, LosesAnAnswerWithoutABodyAsAWhole) {
  Reply empty;
  EXPECT_TRUE(SpoilGet(FaultOf(Kind::kTruncate), empty));
  EXPECT_EQ(empty.delivery, Reply::Delivery::kReset);
  Reply of_head = RightAnswer();
  EXPECT_TRUE(Spoil(FaultOf(Kind::kStall), "HEAD", Query(), of_head));
  EXPECT_EQ(of_head.delivery, Reply::Delivery::kSwallow);
}

TEST(Spoil, StallsForATimeOrForEver) {
  Reply reply = RightAnswer();
  Fault fault = FaultOf(Kind::kStall);
  fault.at = 2;
  fault.pause = milliseconds(30);
  EXPECT_TRUE(SpoilGet(fault, reply));
  ASSERT_EQ(reply.mishap.pauses.size(), 1U);
  EXPECT_EQ(reply.mishap.pauses[0].at, 2U);
  EXPECT_EQ(reply.mishap.pauses[0].length, milliseconds(30));
}

TEST(Spoil, CorruptsOneByte) {
  Reply reply = RightAnswer();
  Fault fault = FaultOf(Kind::kCorrupt);
  EXPECT_TRUE(SpoilGet(fault, reply));
  EXPECT_EQ(reply.body.ToText().value(), "0123446789");
  fault.at = 0;
  EXPECT_TRUE(SpoilGet(fault, reply));
  EXPECT_EQ(reply.body.ToText().value(), "1123446789");
  fault.at = 9;
  EXPECT_TRUE(SpoilGet(fault, reply));
  EXPECT_EQ(reply.body.ToText().value(), "1123446788");
  Reply empty;
  EXPECT_FALSE(SpoilGet(fault, empty));
}

TEST(Spoil, WrongHeadersLookLikeTheRightOnes) {
  Reply reply = RightAnswer();
  Fault fault = FaultOf(Kind::kWrongHeader);
  for (const char* name : {"etag", "content-range", "x-amz-checksum-crc32c"}) {
    fault.header = name;
    EXPECT_TRUE(SpoilGet(fault, reply)) << name;
  }
  EXPECT_EQ(HeaderOf(reply, "ETag"), "\"00000000000000000000000000000000\"");
  EXPECT_EQ(HeaderOf(reply, "Content-Range"), "bytes 6-15/20");
  EXPECT_EQ(HeaderOf(reply, "x-amz-checksum-crc32c"), "AZRlqg==");
  fault.header = "Content-Length";
  EXPECT_TRUE(SpoilGet(fault, reply));
  EXPECT_EQ(reply.mishap.announced, 9U);
}

TEST(Spoil, WrongHeadersTakeAGivenValue) {
  Reply reply = RightAnswer();
  Fault fault = FaultOf(Kind::kWrongHeader);
  fault.header = "ETag";
  fault.value = "";
  EXPECT_TRUE(SpoilGet(fault, reply));
  EXPECT_EQ(HeaderOf(reply, "ETag"), "");
  fault.header = "X-New";
  fault.value = "v";
  EXPECT_TRUE(SpoilGet(fault, reply));
  EXPECT_EQ(HeaderOf(reply, "X-New"), "v");
  fault.header = "Content-Length";
  fault.value = "77";
  EXPECT_TRUE(SpoilGet(fault, reply));
  EXPECT_EQ(reply.mishap.announced, 77U);
}

TEST(Spoil, RemovesHeaders) {
  Reply reply = RightAnswer();
  Fault fault = FaultOf(Kind::kMissingHeader);
  fault.header = "ETag";
  EXPECT_TRUE(SpoilGet(fault, reply));
  EXPECT_EQ(HeaderOf(reply, "ETag"), "(none)");
  EXPECT_FALSE(SpoilGet(fault, reply));
  fault.header = "content-length";
  EXPECT_TRUE(SpoilGet(fault, reply));
  EXPECT_TRUE(reply.mishap.unannounced);
  Reply no_content;
  no_content.status = 204;
  EXPECT_FALSE(SpoilGet(fault, no_content));
}

TEST(Spoil, Pitfall17_SpacesStandBehindTheDeclaration) {
  Reply reply = Reply::Text(200, "application/xml", "<?xml version=\"1.0\"?><Error/>");
  Fault fault = FaultOf(Kind::kSpaces);
  fault.spaces = 3;
  fault.pause = milliseconds(5);
  EXPECT_TRUE(SpoilGet(fault, reply));
  EXPECT_EQ(reply.body.ToText().value(), "<?xml version=\"1.0\"?>   <Error/>");
  ASSERT_EQ(reply.mishap.pauses.size(), 3U);
  EXPECT_EQ(reply.mishap.pauses[0].at, 21U);
  EXPECT_EQ(reply.mishap.pauses[2].at, 23U);
}

TEST(Spoil, RepeatsTheTokenThatWasSent) {
  Reply reply = Reply::Text(200, "application/xml", "<L><IsTruncated>false</IsTruncated></L>");
  EXPECT_TRUE(Spoil(FaultOf(Kind::kRepeatToken), "GET", Query::Parse("continuation-token=a%26b").value(), reply));
  EXPECT_EQ(reply.body.ToText().value(),
            "<L><IsTruncated>true</IsTruncated><NextContinuationToken>a&amp;b</NextContinuationToken></L>");
  Reply failed = Reply::Text(404, "application/xml", "<Error/>");
  EXPECT_FALSE(Spoil(FaultOf(Kind::kRepeatToken), "GET", Query(), failed));
}

TEST(RepeatToken, ReplacesTheOneThatLeadsOn) {
  EXPECT_EQ(RepeatToken("<IsTruncated>true</IsTruncated><NextContinuationToken>next</NextContinuationToken><K/>", "t"),
            "<IsTruncated>true</IsTruncated><NextContinuationToken>t</NextContinuationToken><K/>");
}

}  // namespace
}  // namespace cosfuse::emulator
