// The law of agreement: on random policies, data and requests every search, at every page size,
// and every matrix says of each entity and each permission what a check, its explanation and the
// reference evaluator say. The seed of a run is printed; PORTVAKT_SEED repeats it, and
// PORTVAKT_LONG=1 asks more.
#include <gtest/gtest.h>

#include <filesystem>
#include <iostream>
#include <map>
#include <sstream>

#include "dsl/dsl.h"
#include "engine/engine.h"
#include "engine/load.h"
#include "tests/agreement/change_reference.h"
#include "tests/agreement/generator.h"
#include "tests/agreement/harness.h"
#include "tests/agreement/reference.h"

namespace portvakt::agreement {
namespace {

using engine::SearchQuery;
using Through = SearchQuery::Through;

engine::Tri ToTri(Truth truth) { return static_cast<engine::Tri>(static_cast<int>(truth)); }
std::string ToText(const engine::EntityName& name) { return name.type + ":" + name.id; }

// What is not false, by entity or permission.
using Answers = std::map<std::string, engine::Tri>;

class SearchAgreement : public ::testing::Test {
 protected:
  // False when the checker refuses the policy.
  bool Draw(uint64_t seed) {
    random_.seed(seed);
    text_ = RandomPolicy(random_);
    dsl::SourceSet sources;
    dsl::Diagnostics findings;
    sources.Add("random.vakt", text_);
    module_ = dsl::Compile(sources, findings);
    if (!module_) return false;
    world_ = RandomWorld(*module_, random_);
    session_.reset();
    engine_.reset();
    engine_ = TemporaryEngine(directory_);
    EXPECT_TRUE(engine_->InstallPolicy(sources, *module_, {}).ok());
    std::istringstream data(Sentences(*module_, world_));
    EXPECT_TRUE(engine::LoadText(*engine_, *module_, "world", data).ok());
    auto session = engine_->NewSession();
    EXPECT_TRUE(session.ok() && session->Refresh().ok());
    session_.emplace(std::move(*session));
    return true;
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  engine::EntityName Name(size_t entity) const {
    return {module_->types[world_.entities[entity].type].name, world_.entities[entity].id};
  }
  std::string Shown() const { return text_ + "\n" + Sentences(*module_, world_); }

  // The whole, in pages of every size: each result once, and always in one order.
  std::vector<engine::SearchResult> Pages(SearchQuery query) {
    std::vector<engine::SearchResult> whole;
    for (uint32_t size : {0u, 1u, 2u, 3u, 7u}) {
      std::vector<engine::SearchResult> found;
      query.limit = size;
      query.after = 0;
      for (;;) {
        engine::SearchPage page = session_->Search(query);
        EXPECT_EQ(page.error_code, "") << page.error;
        EXPECT_TRUE(size == 0 || page.results.size() <= size);
        for (auto& result : page.results) found.push_back(std::move(result));
        if (!page.next || page.results.empty()) break;
        query.after = *page.next;
      }
      if (size == 0) whole = found;
      EXPECT_EQ(Text(found), Text(whole)) << "pages of " << size << "\n" << Shown();
    }
    return whole;
  }
  static std::string Text(const std::vector<engine::SearchResult>& results) {
    std::string text;
    for (const auto& result : results) text += ToText(result.entity) + result.symbol + " ";
    return text;
  }

  // Compares a search with the reference, and each result with its check.
  void CheckActs(Through through, Question question) {
    SearchQuery query;
    query.through = through;
    if (through == Through::kSubjects) question.subject_properties.clear();
    if (through == Through::kResources) question.object_properties.clear();
    query.request = ToRequest(*module_, world_, question);
    const size_t holes =
        through == Through::kActions ? module_->permissions.size() : world_.entities.size();
    const dsl::TypeId type =
        world_.entities[through == Through::kSubjects ? question.subject : question.object].type;
    Answers expected;
    std::map<std::string, Question> asked;
    for (size_t i = 0; i < holes; ++i) {
      Question one = question;
      std::string name;
      if (through == Through::kActions) {
        one.permission = static_cast<dsl::PermissionId>(i);
        name = module_->permissions[i].name;
      } else {
        if (world_.entities[i].type != type || !world_.entities[i].stored) continue;
        (through == Through::kSubjects ? one.subject : one.object) = i;
        name = ToText(Name(i));
      }
      const engine::Tri verdict = ToTri(Decide(*module_, world_, one));
      if (verdict != engine::Tri::kFalse) expected[name] = verdict;
      asked[name] = one;
    }
    if (through == Through::kSubjects) query.request.subject.id.clear();
    if (through == Through::kResources) query.request.resource.id.clear();
    if (through == Through::kActions) query.request.action.clear();
    Answers found;
    for (const engine::SearchResult& result : Pages(query)) {
      const std::string name = result.symbol.empty() ? ToText(result.entity) : result.symbol;
      found[name] = result.verdict;
      const auto request = ToRequest(*module_, world_, asked[name]);
      const engine::Explanation why = session_->Explain(request);
      EXPECT_EQ(result.verdict, why.decision.verdict);
      EXPECT_EQ(result.missing_context,
                why.decision.permit ? std::vector<std::string>() : why.missing_context);
      ASSERT_EQ(result.obligations.size(), why.decision.obligations.size());
      for (size_t i = 0; i < result.obligations.size(); ++i) {
        EXPECT_EQ(result.obligations[i].code, why.decision.obligations[i].code);
        EXPECT_EQ(result.obligations[i].text, why.decision.obligations[i].text);
      }
    }
    EXPECT_EQ(found, expected) << "through " << static_cast<int>(through) << " "
                               << ToText(query.request.subject) << " " << query.request.action
                               << " " << ToText(query.request.resource) << "\n"
                               << session_->SearchPlan(query) << Shown();
    results_ += found.size();
  }

  // Every permission of every pair; and what a part of it says is what the whole says.
  void CheckMatrix(const Question& drawn) {
    Question question;
    question.context = drawn.context;
    question.now_us = drawn.now_us;
    Answers expected;
    for (size_t subject = 0; subject < world_.entities.size(); ++subject) {
      for (size_t object = 0; object < world_.entities.size(); ++object) {
        for (uint32_t i = 0; i < module_->permissions.size(); ++i) {
          if (!world_.entities[subject].stored || !world_.entities[object].stored) continue;
          question.subject = subject;
          question.permission = i;
          question.object = object;
          const engine::Tri verdict = ToTri(Decide(*module_, world_, question));
          if (verdict == engine::Tri::kFalse) continue;
          expected[ToText(Name(subject)) + " " + module_->permissions[i].name + " " +
                   ToText(Name(object))] = verdict;
        }
      }
    }
    engine::MatrixQuery query;
    query.context = ToRequest(*module_, world_, question).context;
    query.now_us = question.now_us;
    EXPECT_EQ(Cells(query), expected) << Shown();
    results_ += expected.size();
    // By one resource, by one subject, and of one permission.
    const engine::EntityName resource = Name(drawn.object);
    const engine::EntityName subject = Name(drawn.subject);
    const std::string permission = module_->permissions[drawn.permission].name;
    engine::MatrixQuery part = query;
    part.resources = {resource};
    EXPECT_EQ(Cells(part), Part(expected, " " + ToText(resource), true)) << Shown();
    part.resources.clear();
    part.subjects = {subject};
    EXPECT_EQ(Cells(part), Part(expected, ToText(subject) + " ", false)) << Shown();
    part.subjects.clear();
    part.permissions = {permission};
    Answers one;
    for (const auto& [cell, verdict] : expected) {
      if (cell.find(" " + permission + " ") != std::string::npos) one[cell] = verdict;
    }
    EXPECT_EQ(Cells(part), one) << permission << "\n" << Shown();
  }
  Answers Cells(const engine::MatrixQuery& query) {
    const engine::Matrix matrix = session_->FillMatrix(query);
    EXPECT_TRUE(matrix.complete);
    Answers cells;
    for (const engine::Matrix::Row& row : matrix.rows) {
      for (size_t i = 0; i < matrix.permissions.size(); ++i) {
        if (row.verdicts[i] == engine::Tri::kFalse) continue;
        cells[ToText(row.subject) + " " + matrix.permissions[i] + " " + ToText(row.resource)] =
            row.verdicts[i];
      }
    }
    return cells;
  }
  static Answers Part(const Answers& whole, const std::string& edge, bool ends) {
    Answers part;
    for (const auto& [cell, verdict] : whole) {
      if (ends ? cell.ends_with(edge) : cell.starts_with(edge)) part[cell] = verdict;
    }
    return part;
  }

  // The definition's sentence with one place to fill, the others drawn.
  void CheckDefine(const dsl::Define& define, const Question& drawn) {
    Question question;
    question.context = drawn.context;
    question.now_us = drawn.now_us;
    Scope scope(define.variables.size());
    SearchQuery query;
    query.through = Through::kDefine;
    query.verb = define.shape.verb;
    query.request = ToRequest(*module_, world_, question);
    const size_t hole = random_() % define.parameter_count;
    const auto fits = [&](const dsl::Variable& variable, size_t entity) {
      return Has(variable.types, world_.entities[entity].type) && world_.entities[entity].stored;
    };
    for (size_t i = 0; i < define.parameter_count; ++i) {
      const dsl::Variable& variable = define.variables[i];
      engine::Place& place = query.places.emplace_back();
      if (i == hole) {
        place.hole = true;
      } else if (variable.is_symbol) {
        const size_t count = Symbols(variable.symbol_kind).size();
        scope[i].symbol = static_cast<uint32_t>(random_() % count);
        place.symbol = Symbols(variable.symbol_kind)[scope[i].symbol];
      } else {
        size_t entity = random_() % world_.entities.size();
        while (!fits(variable, entity)) entity = (entity + 1) % world_.entities.size();
        scope[i].entity = entity;
        place.entity = Name(entity);
      }
    }
    const dsl::Variable& sought = define.variables[hole];
    Answers expected;
    const auto ask = [&](const std::string& name) {
      const engine::Tri verdict =
          ToTri(Evaluate(*module_, world_, question, define.condition, scope, define.variables));
      if (verdict != engine::Tri::kFalse) expected[name] = verdict;
    };
    if (sought.is_symbol) {
      const auto names = Symbols(sought.symbol_kind);
      for (uint32_t i = 0; i < names.size(); ++i) {
        scope[hole].symbol = i;
        ask(names[i]);
      }
    } else {
      for (size_t i = 0; i < world_.entities.size(); ++i) {
        if (!fits(sought, i)) continue;
        scope[hole].entity = i;
        ask(ToText(Name(i)));
      }
    }
    Answers found;
    for (const engine::SearchResult& result : Pages(query)) {
      found[result.symbol.empty() ? ToText(result.entity) : result.symbol] = result.verdict;
      EXPECT_EQ(result.verdict == engine::Tri::kTrue && !result.missing_context.empty(), false);
    }
    EXPECT_EQ(found, expected) << define.shape.text << ", place " << hole << "\n"
                               << session_->SearchPlan(query) << Shown();
    results_ += found.size();
  }

  // A change like the facts of another world of this schema, with one place to fill.
  void CheckChange(const Question& drawn) {
    const World other = RandomWorld(*module_, random_);
    WorldChange change;
    change.fact = other.facts[random_() % other.facts.size()];
    change.add = random_() % 2 == 0;
    StoredFact& fact = change.fact;
    fact.from_us = fact.until_us = std::nullopt;  // a search asks of the fact, not of its times
    const auto here = [&](size_t entity) {
      return entity < world_.entities.size() && world_.entities[entity].stored &&
             world_.entities[entity].type == other.entities[entity].type;
    };
    if (!here(fact.subject) || (fact.object && !here(*fact.object))) return;
    size_t actor = random_() % world_.entities.size();
    while (!world_.entities[actor].stored) actor = (actor + 1) % world_.entities.size();

    SearchQuery query = QueryOf(fact, change.add, actor);
    Question question;
    question.context = drawn.context;
    question.now_us = drawn.now_us;
    query.request = ToRequest(*module_, world_, question);
    Answers expected;
    const auto ask = [&](const std::string& name) {
      const engine::Tri verdict = ToTri(MayChange(*module_, world_, question, actor, change));
      if (verdict != engine::Tri::kFalse) expected[name] = verdict;
    };
    // The slots of what is changed; an actor may be anybody.
    const auto [subjects, objects] = SlotsOf(fact);
    const size_t hole = random_() % (fact.object ? 3 : 2);
    for (size_t i = 0; i < world_.entities.size(); ++i) {
      if (!world_.entities[i].stored) continue;
      if (hole == 1 && !Has(subjects, world_.entities[i].type)) continue;
      if (hole == 2 && !Has(objects, world_.entities[i].type)) continue;
      if (hole == 0) actor = i;
      if (hole == 1) fact.subject = i;
      if (hole == 2) fact.object = i;
      ask(ToText(Name(i)));
    }
    (hole == 0 ? query.actor : hole == 1 ? query.subject : query.object) = {true, {}, ""};
    Answers found;
    for (const engine::SearchResult& result : Pages(query)) {
      found[ToText(result.entity)] = result.verdict;
    }
    EXPECT_EQ(found, expected) << query.relation << " " << query.symbol.symbol << ", hole " << hole
                               << "\n"
                               << session_->SearchPlan(query) << Shown();
    results_ += found.size();
  }

  SearchQuery QueryOf(const StoredFact& fact, bool add, size_t actor) const {
    SearchQuery query;
    query.through = Through::kChange;
    query.change = add ? engine::ChangeItem::Kind::kAdd : engine::ChangeItem::Kind::kRemove;
    query.subject = {false, Name(fact.subject), ""};
    query.actor = {false, Name(actor), ""};
    if (fact.object) query.object = {false, Name(*fact.object), ""};
    if (fact.kind == StoredFact::Kind::kHolds) {
      query.relation = "holds";
      query.symbol.symbol = module_->licences[fact.which].name;
    } else if (fact.kind == StoredFact::Kind::kRole) {
      query.relation = "is";
      query.symbol.symbol = module_->roles[fact.which].name;
      if (fact.symbol != dsl::kNone) query.program.symbol = module_->programs[fact.symbol].name;
    } else {
      const dsl::Fact& declared = module_->facts[fact.which];
      query.relation = declared.shape.verb;
      if (declared.symbol_slot != dsl::kNone) {
        query.symbol.symbol =
            Symbols(declared.shape.slots[declared.symbol_slot].symbol_kind)[fact.symbol];
      }
    }
    return query;
  }
  using Slots = std::pair<std::vector<dsl::TypeId>, std::vector<dsl::TypeId>>;
  Slots SlotsOf(const StoredFact& fact) const {
    if (fact.kind == StoredFact::Kind::kHolds) {
      return {module_->licences[fact.which].held_by, module_->licences[fact.which].from};
    }
    if (fact.kind == StoredFact::Kind::kRole) {
      return {module_->roles[fact.which].held_by, module_->roles[fact.which].on};
    }
    const dsl::Fact& declared = module_->facts[fact.which];
    Slots slots{declared.shape.slots[declared.subject_slot].types, {}};
    if (declared.object_slot != dsl::kNone) {
      slots.second = declared.shape.slots[declared.object_slot].types;
    }
    return slots;
  }

  std::vector<std::string> Symbols(dsl::SymbolKind kind) const {
    std::vector<std::string> names;
    const auto add = [&](const auto& symbols) {
      for (const auto& symbol : symbols) names.push_back(symbol.name);
    };
    switch (kind) {
      case dsl::SymbolKind::kPermission: add(module_->permissions); break;
      case dsl::SymbolKind::kRole: add(module_->roles); break;
      case dsl::SymbolKind::kLicence: add(module_->licences); break;
      case dsl::SymbolKind::kProgram: add(module_->programs); break;
    }
    return names;
  }

  // Draws policies until `policies` were accepted; `check` asks about each.
  template <class Check>
  void Run(size_t policies, Check&& check) {
    const uint64_t seed = SeedOfRun();
    if (IsLongRun()) policies *= 20;
    size_t drawn = 0;
    for (uint64_t i = 0; drawn < policies; ++i) {
      ASSERT_LT(i, 50 + 2 * policies) << "the checker refuses too many policies";
      if (!Draw(seed + i)) continue;
      ++drawn;
      check();
      if (HasFailure()) {
        std::cout << "seed of the failure: " << seed + i << std::endl;
        return;
      }
    }
    EXPECT_GT(results_, policies) << "hardly anything was found";
  }

  const std::string directory_ = TemporaryDirectory("search");
  Random random_;
  std::string text_;
  std::optional<dsl::Module> module_;
  World world_;
  std::unique_ptr<engine::Engine> engine_;
  std::optional<engine::Session> session_;
  size_t results_ = 0;
};

TEST_F(SearchAgreement, OfActs) {
  Run(250, [&] {
    for (int i = 0; i < 8 && !HasFailure(); ++i) {
      const Question question = RandomQuestion(*module_, world_, random_);
      for (Through through : {Through::kSubjects, Through::kActions, Through::kResources}) {
        CheckActs(through, question);
      }
    }
  });
}

TEST_F(SearchAgreement, OfMatrices) {
  Run(150, [&] {
    for (int i = 0; i < 2 && !HasFailure(); ++i) {
      CheckMatrix(RandomQuestion(*module_, world_, random_));
    }
  });
}

TEST_F(SearchAgreement, OfChanges) {
  Run(150, [&] {
    for (int i = 0; i < 60 && !HasFailure(); ++i) {
      CheckChange(RandomQuestion(*module_, world_, random_));
    }
  });
}

TEST_F(SearchAgreement, OfDefinitions) {
  Run(250, [&] {
    for (const dsl::Define& define : module_->defines) {
      for (int i = 0; i < 4 && !HasFailure(); ++i) {
        CheckDefine(define, RandomQuestion(*module_, world_, random_));
      }
    }
  });
}

}  // namespace
}  // namespace portvakt::agreement
