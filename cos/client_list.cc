#include "cos/client.h"
#include "cos/object_headers.h"
#include "cos/xml_responses.h"

namespace cosfuse {

Result<ListPage> CosClient::List(const OpContext& context, const ListRequest& request) {
  return Send(context, {RequestKind::Of(StoreOperation::kList), request.prefix}, ListObjectsRequest(address_, request),
              [&](const Answer& answer) -> Result<ListPage> {
                ASSIGN_OR_RETURN(ListPage page, ParseListObjects(answer.body, request.prefix));
                // Followed, it would never end.
                if (!page.next_token.empty() && page.next_token == request.continuation_token) {
                  return Fail(ErrorCode::kProtocol, "the listing goes on where it began");
                }
                page.answered_at = ParseAnswerDate(answer.headers);
                return page;
              });
}

}  // namespace cosfuse
