#include <chrono>

#include "fs/file_system_fixture.h"

namespace cosfuse {
namespace {

using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;

/// As s3fs writes `user.comment` = "hello".
constexpr char kForeignField[] = "%7B%22user.comment%22%3A%22aGVsbG8%3D%22%7D";

class XattrTest : public FileSystemTest {
 protected:
  Result<> Set(NodeId node, std::string_view name, std::string_view value,
               ExtendedAttributeMode mode = ExtendedAttributeMode::kAny) {
    return fs().SetExtendedAttribute({}, node, name, value, mode);
  }
  static std::string Get(TestMount& mount, std::string_view path, std::string_view name) {
    const auto value = mount.fs().GetExtendedAttribute({}, mount.Node(path), name);
    return value ? *value : std::string(ErrorCodeName(value.error().code()));
  }
  std::string Get(std::string_view path, std::string_view name) { return Get(*mount_, path, name); }
  std::vector<std::string> List(std::string_view path, const Caller& caller = {}) {
    return fs().ListExtendedAttributes({}, caller, mount_->Node(path)).value_or(std::vector<std::string>{"error"});
  }
  void PutWithField(const ObjectKey& key, std::string_view content) {
    ObjectMetadata metadata;
    metadata.user = {{"xattr", kForeignField}, {"owner-team", "billing"}};
    PutForeign(key, content, metadata);
  }
};

TEST_F(XattrTest, OfAnS3fsObjectAreShown) {
  PutWithField("f", "content");
  EXPECT_EQ(Get("f", "user.comment"), "hello");
  EXPECT_EQ(Get("f", "user.other"), "NoAttribute");
  EXPECT_THAT(List("f"), ElementsAre("user.comment"));
}

TEST_F(XattrTest, SettingOneIsOneCopyOntoItselfAndSurvivesARemount) {
  PutWithField("f", "content");
  const NodeId node = mount_->Node("f");
  TakeRequests();
  clock_.Advance(std::chrono::milliseconds(10));
  EXPECT_TRUE(Set(node, "user.new", std::string("\0\xff", 2)).has_value());
  EXPECT_EQ(TakeRequests(), "CopyObject");
  EXPECT_EQ(mount_->Stat("f").change_time, clock_.WallNow());
  EXPECT_EQ(Metadata("f").at("owner-team"), "billing");
  EXPECT_EQ(Content("f"), "content");
  EXPECT_EQ(Get("f", "user.new"), std::string("\0\xff", 2));
  const auto other = AnotherMount();
  EXPECT_EQ(Get(*other, "f", "user.new"), std::string("\0\xff", 2));
  EXPECT_EQ(Get(*other, "f", "user.comment"), "hello");
}

TEST_F(XattrTest, SettingThePresentValueCostsNothing) {
  PutWithField("f", "content");
  const NodeId node = mount_->Node("f");
  TakeRequests();
  EXPECT_TRUE(Set(node, "user.comment", "hello").has_value());
  EXPECT_EQ(TakeRequests(), "");
}

TEST_F(XattrTest, RemovingTheLastLeavesNoField) {
  PutWithField("f", "content");
  EXPECT_TRUE(fs().RemoveExtendedAttribute({}, mount_->Node("f"), "user.comment").has_value());
  EXPECT_FALSE(Metadata("f").contains("xattr"));
  EXPECT_EQ(CodeOf(fs().RemoveExtendedAttribute({}, mount_->Node("f"), "user.comment")), ErrorCode::kNoAttribute);
  EXPECT_THAT(List("f"), IsEmpty());
}

TEST_F(XattrTest, ModesOfSetxattrAreKept) {
  PutWithField("f", "content");
  const NodeId node = mount_->Node("f");
  TakeRequests();
  EXPECT_EQ(CodeOf(Set(node, "user.comment", "x", ExtendedAttributeMode::kCreateOnly)), ErrorCode::kAlreadyExists);
  EXPECT_EQ(CodeOf(Set(node, "user.new", "x", ExtendedAttributeMode::kReplaceOnly)), ErrorCode::kNoAttribute);
  EXPECT_EQ(TakeRequests(), "");
  EXPECT_TRUE(Set(node, "user.comment", "x", ExtendedAttributeMode::kReplaceOnly).has_value());
  EXPECT_EQ(Get("f", "user.comment"), "x");
}

TEST_F(XattrTest, WhatTheKernelAsksByItselfIsAnsweredWithoutARequest) {
  PutForeign("f", "content");
  const NodeId node = mount_->Node("f");
  ExpireAll();
  TakeRequests();
  for (const char* const name : {"security.selinux", "security.capability", "security.ima"}) {
    EXPECT_EQ(CodeOf(fs().GetExtendedAttribute(OpContext::Immediate(), node, name)), ErrorCode::kNoAttribute) << name;
    EXPECT_EQ(CodeOf(fs().RemoveExtendedAttribute({}, node, name)), ErrorCode::kNoAttribute) << name;
    EXPECT_EQ(CodeOf(Set(node, name, "x")), ErrorCode::kUnsupported) << name;
  }
  for (const char* const name : {"system.posix_acl_access", "system.posix_acl_default", "other.x"}) {
    EXPECT_EQ(CodeOf(fs().GetExtendedAttribute(OpContext::Immediate(), node, name)), ErrorCode::kUnsupported) << name;
    EXPECT_EQ(CodeOf(fs().RemoveExtendedAttribute({}, node, name)), ErrorCode::kUnsupported) << name;
    EXPECT_EQ(CodeOf(Set(node, name, "x")), ErrorCode::kUnsupported) << name;
  }
  EXPECT_EQ(TakeRequests(), "");
}

TEST_F(XattrTest, FreshAttributesAnswerWithoutARequestAndOldOnesAreAskedForOnce) {
  PutWithField("f", "content");
  const NodeId node = mount_->Node("f");
  TakeRequests();
  EXPECT_EQ(fs().GetExtendedAttribute(OpContext::Immediate(), node, "user.comment"), "hello");
  EXPECT_TRUE(fs().ListExtendedAttributes(OpContext::Immediate(), {}, node).has_value());
  EXPECT_EQ(TakeRequests(), "");
  ExpireAll();
  EXPECT_EQ(CodeOf(fs().GetExtendedAttribute(OpContext::Immediate(), node, "user.comment")), ErrorCode::kWouldWait);
  TakeRequests();
  EXPECT_EQ(fs().GetExtendedAttribute({}, node, "user.comment"), "hello");
  EXPECT_TRUE(fs().ListExtendedAttributes({}, {}, node).has_value());
  EXPECT_EQ(TakeRequests(), "HeadObject");
}

TEST_F(XattrTest, NamesOfRootAreShownToRootAlone) {
  PutForeign("f", "content");
  EXPECT_TRUE(Set(mount_->Node("f"), "trusted.t", "1").has_value());
  EXPECT_TRUE(Set(mount_->Node("f"), "user.u", "2").has_value());
  EXPECT_THAT(List("f", {.uid = 0}), ElementsAre("trusted.t", "user.u"));
  EXPECT_THAT(List("f", {.uid = 1000}), ElementsAre("user.u"));
}

TEST_F(XattrTest, SetDuringAWriteRidesAlongWithItsUpload) {
  const HandleId handle = mount_->MustCreate("f");
  const NodeId node = mount_->Node("f");
  EXPECT_TRUE(mount_->Write(handle, 0, "content").has_value());
  EXPECT_TRUE(Set(node, "user.a", "1").has_value());
  EXPECT_TRUE(mount_->Chmod(node, 0600).has_value());
  EXPECT_TRUE(fs().SetAttributes({}, mount_->caller, node, handle, {.uid = 7, .gid = 8}).has_value());
  EXPECT_TRUE(fs().SetAttributes({}, mount_->caller, node, handle, {.modification_time = WallTime(seconds(5))}));
  EXPECT_TRUE(Set(node, "user.b", "2").has_value());
  EXPECT_EQ(TakeRequests().find("Put"), std::string::npos);
  EXPECT_TRUE(mount_->Close(handle).has_value());
  EXPECT_EQ(TakeRequests(), "PutObject");
  const auto other = AnotherMount();
  EXPECT_EQ(Get(*other, "f", "user.a"), "1");
  EXPECT_EQ(Get(*other, "f", "user.b"), "2");
  EXPECT_EQ(other->Stat("f").uid, 7U);
  EXPECT_EQ(other->Stat("f").modification_time, WallTime(seconds(5)));
}

TEST_F(XattrTest, Pitfall11_SetDuringAnUploadIsNotLost) {
  const HandleId handle = mount_->MustCreate("f");
  const NodeId node = mount_->Node("f");
  EXPECT_TRUE(mount_->Write(handle, 0, "content").has_value());
  bool changed = false;
  store_.SetHooks([&](const RecordedOperation& call) {
    if (call.operation != StoreOperation::kPut || changed) return;
    changed = true;
    EXPECT_TRUE(Set(node, "user.a", "1").has_value());
  });
  EXPECT_TRUE(mount_->Close(handle).has_value());
  EXPECT_TRUE(changed);
  EXPECT_EQ(Get(*AnotherMount(), "f", "user.a"), "1");
}

TEST_F(XattrTest, Pitfall11_ChangeDuringTheCopyOfAnEarlierOneIsNotLost) {
  PutForeign("f", "content");
  const HandleId handle = mount_->MustOpen("f", O_RDWR);
  const NodeId node = mount_->Node("f");
  EXPECT_TRUE(Set(node, "user.a", "1").has_value());
  bool changed = false;
  store_.SetHooks([&](const RecordedOperation& call) {
    if (call.operation != StoreOperation::kCopy || changed) return;
    changed = true;
    EXPECT_TRUE(Set(node, "user.b", "2").has_value());
    EXPECT_TRUE(mount_->Chmod(node, 0600).has_value());
  });
  EXPECT_TRUE(fs().Fsync({}, handle).has_value());
  EXPECT_TRUE(changed);
  store_.SetHooks({});
  EXPECT_EQ(Get("f", "user.b"), "2");
  EXPECT_TRUE(mount_->Close(handle).has_value());
  const auto other = AnotherMount();
  EXPECT_EQ(Get(*other, "f", "user.a"), "1");
  EXPECT_EQ(Get(*other, "f", "user.b"), "2");
  EXPECT_EQ(other->Stat("f").mode, static_cast<mode_t>(S_IFREG | 0600));
}

TEST_F(XattrTest, WhatDoesNotFitIsNoSpaceAndNothingHasChanged) {
  PutForeign("f", "content");
  const NodeId node = mount_->Node("f");
  EXPECT_TRUE(Set(node, "user.a", std::string(1000, 'a')).has_value());
  TakeRequests();
  EXPECT_EQ(CodeOf(Set(node, "user.b", std::string(500, 'b'))), ErrorCode::kNoSpace);
  EXPECT_EQ(CodeOf(Set(node, "user.a", std::string(100'000, 'b'))), ErrorCode::kNoSpace);
  EXPECT_EQ(TakeRequests(), "");
  EXPECT_EQ(Get("f", "user.a"), std::string(1000, 'a'));
  EXPECT_EQ(Get("f", "user.b"), "NoAttribute");
  EXPECT_TRUE(Set(node, "user.a", "short").has_value());
  EXPECT_TRUE(Set(node, "user.b", std::string(500, 'b')).has_value()) << "there is room again";
}

TEST_F(XattrTest, MostThatFitsCanBeWrittenOverAndRenamed) {
  EXPECT_TRUE(mount_->WriteFile("f", "content").has_value());
  size_t most = 1;
  while (Set(mount_->Node("f"), "user.v", std::string(most + 1, 'v')).has_value()) ++most;
  EXPECT_GT(most, 1000U);
  EXPECT_TRUE(fs().SetAttributes({}, mount_->caller, mount_->Node("f"), std::nullopt,
                                 {.uid = 4'000'000'000, .gid = 4'000'000'000}));
  EXPECT_TRUE(mount_->WriteFile("f", "rewritten").has_value());
  EXPECT_TRUE(mount_->Rename("f", "g").has_value());
  EXPECT_EQ(Content("g"), "rewritten");
  EXPECT_EQ(Get(*AnotherMount(), "g", "user.v"), std::string(most, 'v'));
}

TEST_F(XattrTest, OfADirectoryLiveInItsMarker) {
  PutForeign("d/x", "");
  EXPECT_TRUE(Set(mount_->Node("d"), "user.a", "1").has_value());
  EXPECT_EQ(Get(*AnotherMount(), "d", "user.a"), "1");
  EXPECT_TRUE(mount_->Chmod(mount_->Node("d"), 0700).has_value());
  EXPECT_TRUE(mount_->Rename("d", "e").has_value());
  const auto other = AnotherMount();
  EXPECT_EQ(Get(*other, "e", "user.a"), "1");
  EXPECT_EQ(other->Stat("e").mode, static_cast<mode_t>(S_IFDIR | 0700));
  EXPECT_TRUE(fs().RemoveExtendedAttribute({}, mount_->Node("e"), "user.a").has_value());
  EXPECT_EQ(Get(*AnotherMount(), "e", "user.a"), "NoAttribute");
}

TEST_F(XattrTest, GoWithTheMarkerOfADirectory) {
  PutWithField("d/", "");
  PutForeign("d/x", "");
  EXPECT_EQ(Get("d", "user.comment"), "hello");
  store_.RemoveObject("d/");
  ExpireAll();
  EXPECT_EQ(Get("d", "user.comment"), "NoAttribute");
}

TEST_F(XattrTest, OfASymbolicLinkAreItsOwn) {
  ASSERT_TRUE(fs().MakeSymbolicLink({}, mount_->caller, NodeId::kRoot, "link", "target").has_value());
  EXPECT_TRUE(Set(mount_->Node("link"), "trusted.a", "1").has_value());
  const auto other = AnotherMount();
  EXPECT_EQ(Get(*other, "link", "trusted.a"), "1");
  EXPECT_EQ(other->fs().ReadLink({}, other->Node("link")), "target");
}

TEST_F(XattrTest, MountsOwnDirectoryHasNone) {
  TakeRequests();
  EXPECT_EQ(CodeOf(Set(NodeId::kRoot, "user.a", "1")), ErrorCode::kUnsupported);
  EXPECT_EQ(CodeOf(fs().GetExtendedAttribute({}, NodeId::kRoot, "user.a")), ErrorCode::kNoAttribute);
  EXPECT_THAT(fs().ListExtendedAttributes({}, {}, NodeId::kRoot).value(), IsEmpty());
  EXPECT_EQ(TakeRequests(), "");
}

TEST_F(XattrTest, ObjectChangedElsewhereIsStaleAndNothingIsOverwritten) {
  PutForeign("f", "old");
  EXPECT_EQ(mount_->MustRead("f"), "old");
  const NodeId node = mount_->Node("f");
  store_.SetObject("f", "newer");
  EXPECT_EQ(CodeOf(Set(node, "user.a", "1")), ErrorCode::kStale);
  EXPECT_TRUE(Set(mount_->Node("f"), "user.a", "1").has_value()) << "after the kernel has looked it up again";
  EXPECT_EQ(Content("f"), "newer");
}

TEST_F(XattrTest, ReadOnlyMountRefusesChanges) {
  PutWithField("f", "content");
  options_.access = AccessMode::kReadOnly;
  Mount();
  EXPECT_EQ(CodeOf(Set(mount_->Node("f"), "user.a", "1")), ErrorCode::kReadOnly);
  EXPECT_EQ(CodeOf(fs().RemoveExtendedAttribute({}, mount_->Node("f"), "user.comment")), ErrorCode::kReadOnly);
  EXPECT_EQ(Get("f", "user.comment"), "hello");
}

TEST_F(XattrTest, Pitfall38_DrainingLetsWritersFinish) {
  PutForeign("f", "content");
  const HandleId handle = mount_->MustCreate("g");
  EXPECT_TRUE(mount_->Write(handle, 0, "content").has_value());
  const NodeId closed = mount_->Node("f");
  const NodeId written = mount_->Node("g");
  fs().SetPhase(MountPhase::kDraining);
  EXPECT_EQ(CodeOf(Set(closed, "user.a", "1")), ErrorCode::kReadOnly);
  EXPECT_TRUE(Set(written, "user.a", "1").has_value());
  EXPECT_TRUE(mount_->Close(handle).has_value());
  EXPECT_EQ(Get(*AnotherMount(), "g", "user.a"), "1");
}

TEST_F(XattrTest, DropBoxSetsThemWithTheUploadOnly) {
  options_.access = AccessMode::kWriteOnly;
  Mount();
  const HandleId handle = mount_->MustCreate("f");
  EXPECT_TRUE(Set(mount_->Node("f"), "user.a", "1").has_value());
  EXPECT_TRUE(mount_->Close(handle).has_value());
  EXPECT_EQ(Get("f", "user.a"), "1");
  EXPECT_EQ(CodeOf(Set(mount_->Node("f"), "user.b", "2")), ErrorCode::kAccessDenied);
  EXPECT_EQ(TakeRequests(), "PutObject");
}

}  // namespace
}  // namespace cosfuse
