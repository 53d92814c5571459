#pragma once

#include <span>
#include <string_view>

#include "tests/model/operation.h"
#include "tests/model/reference.h"
#include "tests/model/subject.h"

namespace cosfuse::model {

/// One kind of step. To teach the machine another call: a method of Subject that makes it, one of Reference that judges
/// the answer, and a row here.
struct OperationRow {
  std::string_view name;
  unsigned weight = 0;     ///< How often it is drawn, beside those of the others.
  unsigned arguments = 0;  ///< Argument bits: what it uses of an Operation.
  Outcome (*perform)(Subject&, const Operation&) = nullptr;
  Complaint (*judge)(Reference&, const Operation&, const Outcome&) = nullptr;
};

std::span<const OperationRow> OperationTable();

}  // namespace cosfuse::model
