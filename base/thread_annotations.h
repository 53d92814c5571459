#pragma once

/// Clang's thread-safety attributes under their usual names; nothing under other compilers.
/// Source: https://clang.llvm.org/docs/ThreadSafetyAnalysis.html

#if defined(__clang__)
#define COSFUSE_THREAD_ATTRIBUTE(x) __attribute__((x))
#else
#define COSFUSE_THREAD_ATTRIBUTE(x)
#endif

#define CAPABILITY(x) COSFUSE_THREAD_ATTRIBUTE(capability(x))
#define SCOPED_CAPABILITY COSFUSE_THREAD_ATTRIBUTE(scoped_lockable)
#define GUARDED_BY(x) COSFUSE_THREAD_ATTRIBUTE(guarded_by(x))
#define PT_GUARDED_BY(x) COSFUSE_THREAD_ATTRIBUTE(pt_guarded_by(x))
#define ACQUIRED_BEFORE(...) COSFUSE_THREAD_ATTRIBUTE(acquired_before(__VA_ARGS__))
#define ACQUIRED_AFTER(...) COSFUSE_THREAD_ATTRIBUTE(acquired_after(__VA_ARGS__))
#define REQUIRES(...) COSFUSE_THREAD_ATTRIBUTE(requires_capability(__VA_ARGS__))
#define EXCLUDES(...) COSFUSE_THREAD_ATTRIBUTE(locks_excluded(__VA_ARGS__))
#define ACQUIRE(...) COSFUSE_THREAD_ATTRIBUTE(acquire_capability(__VA_ARGS__))
#define RELEASE(...) COSFUSE_THREAD_ATTRIBUTE(release_capability(__VA_ARGS__))
#define ASSERT_CAPABILITY(x) COSFUSE_THREAD_ATTRIBUTE(assert_capability(x))
#define RETURN_CAPABILITY(x) COSFUSE_THREAD_ATTRIBUTE(lock_returned(x))
#define NO_THREAD_SAFETY_ANALYSIS COSFUSE_THREAD_ATTRIBUTE(no_thread_safety_analysis)
