// Matrices: every permission of the pairs that have any, as checks would say; and as text that a
// spreadsheet reads as text.
#include "tests/engine/policy_world.h"

namespace portvakt::engine {
namespace {

constexpr const char* kPolicy = R"(policy desk
entity user
entity folder { level : enum { low < high } }
context { login : enum { password < bankid } }
permission read on folder
permission write on folder requires read
permission burn on folder
fact user opens folder
fact user writes folder
define user sees folder
  if user opens folder
permit reading
  user may read on folder
  if user opens folder
permit writing
  user may any of { write, burn } on folder
  if user writes folder
forbid high
  user may any of { read, burn } on folder
  if folder.level is high
  unless context.login is at least bankid
)";

constexpr const char* kData = R"(
entities:
  user: { anna: , bo: , cia: }
  folder: { f1: { level: low }, f2: { level: high }, f3: { level: low } }
facts:
  - anna opens f1
  - anna writes f1
  - anna opens f2
  - anna writes f2
  - bo opens f1
  - bo writes f3
)";

class MatrixTest : public ::testing::Test {
 protected:
  MatrixTest() : world(kPolicy, kData) {}

  // Columns, then a line a row: `anna f1 yes no`.
  static std::string Text(const Matrix& matrix) {
    std::string text;
    for (const std::string& permission : matrix.permissions) text += permission + " ";
    for (const Matrix::Row& row : matrix.rows) {
      text += "\n" + row.subject.id + " " + row.resource.id;
      for (Tri verdict : row.verdicts) {
        text += verdict == Tri::kTrue ? " yes" : verdict == Tri::kFalse ? " no" : " depends";
      }
    }
    return text;
  }
  std::string Fill(const MatrixQuery& query) { return Text(world.NewSession().FillMatrix(query)); }

  PolicyWorld world;
};

TEST_F(MatrixTest, HasEveryPairThatHasAnything) {
  // bo may not write f3: writing takes reading.
  EXPECT_EQ(Fill({}),
            "read write burn "
            "\nanna f1 yes yes yes"
            "\nanna f2 depends depends depends"
            "\nbo f1 yes no no"
            "\nbo f3 no no yes");
}

TEST_F(MatrixTest, IsOfTheSubjectsResourcesAndPermissionsThatAreAskedFor) {
  MatrixQuery query;
  query.subjects = {{"user", "bo"}, {"user", "bo"}, {"user", "nobody"}};
  EXPECT_EQ(Fill(query), "read burn \nbo f1 yes no\nbo f3 no yes");
  query.resources = {{"folder", "f3"}};
  EXPECT_EQ(Fill(query), "burn \nbo f3 yes");
  query.subjects.clear();
  query.resources = {{"folder", "f1"}};
  query.subject_type = "user";
  EXPECT_EQ(Fill(query), "read write burn \nanna f1 yes yes yes\nbo f1 yes no no");
  query = {};
  query.permissions = {"write", "nothing"};
  EXPECT_EQ(Fill(query), "write nothing \nanna f1 yes no\nanna f2 depends no");
  query = {};
  query.resource_type = "user";
  EXPECT_EQ(Fill(query), "");
}

TEST_F(MatrixTest, ReadsTheContext) {
  MatrixQuery query;
  query.resources = {{"folder", "f2"}};
  query.context = {{"login", TextInput("bankid")}};
  EXPECT_EQ(Fill(query), "read write burn \nanna f2 yes yes yes");
  query.context = {{"login", TextInput("password")}};
  EXPECT_EQ(Fill(query), "");
}

TEST_F(MatrixTest, ShowsAViewerWhatThePolicyLetsHimSee) {
  MatrixQuery query;
  query.viewer = {"user", "bo"};  // himself, and the folders that he opens
  EXPECT_EQ(Fill(query), "read \nbo f1 yes");
  query.viewer = {"user", "nobody"};
  EXPECT_EQ(Fill(query), "");
}

TEST(MatrixText, IsCsvThatNoSpreadsheetRuns) {
  Matrix matrix;
  matrix.permissions = {"read", "a,b"};
  matrix.rows.push_back({{"user", "=1+1"}, {"folder", "say \"hi\""}, {Tri::kTrue, Tri::kUnknown}});
  matrix.rows.push_back({{"user", "@x"}, {"folder", "two\nlines"}, {Tri::kFalse, Tri::kTrue}});
  EXPECT_EQ(MatrixCsv(matrix),
            "subject_type,subject,resource_type,resource,read,\"a,b\"\r\n"
            "user,\"'=1+1\",folder,\"say \"\"hi\"\"\",yes,depends\r\n"
            "user,\"'@x\",folder,\"two\nlines\",no,yes\r\n");
}

TEST(MatrixText, IsATableThatNoIdBreaks) {
  Matrix matrix;
  matrix.permissions = {"lon.las"};
  matrix.rows.push_back({{"user", "a|b"}, {"folder", "<b>\n*x*"}, {Tri::kTrue}});
  EXPECT_EQ(MatrixMarkdown(matrix),
            "| subject | resource | lon.las |\n"
            "|---|---|---|\n"
            "| user a\\|b | folder \\<b\\> \\*x\\* | yes |\n");
}

}  // namespace
}  // namespace portvakt::engine
