// The interface beside AuthZEN: one function an endpoint, from request to reply (server/reply.h).
// docs/http.md tells what each takes and gives. Bodies are read strictly (server/object_reader.h);
// errors are problems with stable codes; each answer names its revision and policy in the fields
// Portvakt-Revision and Portvakt-Policy.
#pragma once

#include "server/reply.h"

namespace portvakt::server {

// Questions: v1_questions.cpp, v1_search.cpp, v1_matrix.cpp
Reply AnswerExplain(const HttpRequest& request, Answering& answering);
Reply AnswerMissing(const HttpRequest& request, Answering& answering);
Reply AnswerSearch(const HttpRequest& request, Answering& answering);
Reply AnswerMatrix(const HttpRequest& request, Answering& answering);

// What is stored, and what was: v1_inventory.cpp, v1_store.cpp, v1_history.cpp
Reply AnswerEntities(const HttpRequest& request, Answering& answering);
Reply AnswerFacts(const HttpRequest& request, Answering& answering);
Reply AnswerStatus(const HttpRequest& request, Answering& answering);
Reply AnswerHistory(const HttpRequest& request, Answering& answering);
// Changes since a revision, waiting for the next one if asked to.
Reply AnswerChangesSince(const HttpRequest& request, Answering& answering);

// Policy versions: v1_policies.cpp, v1_impact.cpp. AnswerPolicy is all below `/v1/policies/`.
Reply AnswerPolicies(const HttpRequest& request, Answering& answering);
Reply AnswerPolicyUpload(const HttpRequest& request, Answering& answering);
Reply AnswerPolicy(const HttpRequest& request, Answering& answering);

// Changes: v1_changes.cpp, v1_transfer.cpp
Reply AnswerChange(const HttpRequest& request, Answering& answering);
Reply AnswerOnboard(const HttpRequest& request, Answering& answering);
Reply AnswerOffboard(const HttpRequest& request, Answering& answering);

// Gauges and counters as text for Prometheus: metrics.cpp
Reply AnswerMetrics(const HttpRequest& request, Answering& answering);

}  // namespace portvakt::server
