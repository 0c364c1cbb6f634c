#include "engine/dump_program.h"

#include <algorithm>
#include <bit>
#include <map>

#include "dsl/module.h"
#include "engine/engine.h"
#include "engine/verify.h"

namespace portvakt::engine {
namespace {

constexpr const char* kSpaceNames[] = {"permission", "role", "licence", "program"};

std::string Joined(const std::vector<std::string>& parts) {
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : ", ") + part;
  return text;
}

const char* ComparisonWord(uint8_t comparison) {
  static constexpr const char* kWords[] = {
      "is", "is not", "is less than", "is at most", "is more than", "is at least", "is within"};
  return kWords[comparison];
}

std::string Count(size_t count, const char* word) {
  return std::to_string(count) + " " + word + (count == 1 ? "" : "s");
}

}  // namespace

void ProgramDumper::Line(size_t depth, const std::string& text) {
  text_ += std::string(depth * 2, ' ') + text + "\n";
}

std::string ProgramDumper::TypeNames(Range types) const {
  std::vector<std::string> names;
  for (uint32_t number : program_.List(types)) {
    const uint32_t type = program_.TypeOfNumber(number);
    names.emplace_back(type == kNoIndex ? "?" : program_.Text(program_.types[type].name));
  }
  std::sort(names.begin(), names.end());
  return Joined(names);
}

std::string ProgramDumper::MaskNames(uint32_t space, uint32_t mask) const {
  std::vector<std::string> names;
  for (uint32_t word = 0; word < program_.mask_words(space); ++word) {
    for (uint64_t bits = program_.masks[mask + word]; bits != 0; bits &= bits - 1) {
      names.emplace_back(
          program_.SymbolName(space, word * 64 + static_cast<uint32_t>(std::countr_zero(bits))));
    }
  }
  std::sort(names.begin(), names.end());
  return "{" + Joined(names) + "}";
}

std::string ProgramDumper::Term(uint32_t id, Range variables) const {
  if (id == kNoIndex) return "-";
  const TermRecord& term = program_.terms[id];
  std::string text;
  switch (term.kind) {
    case TermRecord::Kind::kVariable:
      text = program_.Text(program_.variables[variables.first + term.variable].name);
      break;
    case TermRecord::Kind::kInput: {
      const InputRecord& input = program_.inputs[term.input];
      text = input.from == InputRecord::From::kContext ? "context." : "action.";
      text += program_.Text(input.name);
      break;
    }
    case TermRecord::Kind::kSymbol:
      return std::string(program_.SymbolName(term.space, term.symbol));
    case TermRecord::Kind::kProgramOf:
      text = program_.Text(program_.variables[variables.first + term.variable].name);
      return text + ".program";
    case TermRecord::Kind::kChangeSecond: text = "change.second"; break;
    case TermRecord::Kind::kSeats:
      return "seats of " + Term(term.licence, variables) + " in " + Term(term.pool, variables);
    default: return std::string(program_.Text(term.name));
  }
  for (uint32_t i = 0; i < term.steps.count; ++i) {
    const StepRecord& step = program_.steps[term.steps.first + i];
    text += ".";
    text += program_.Text(step.name);
    if (step.from_request != 0) text += "?";
  }
  return text;
}

std::string ProgramDumper::Sentence(const NodeRecord& node, Range variables) const {
  const auto term = [&](uint32_t id) { return Term(id, variables); };
  const auto with = [&](const char* word, uint32_t id) {
    return id == kNoIndex ? std::string() : " " + std::string(word) + " " + term(id);
  };
  const auto fill = [&](std::string_view format, const auto& term_of) {
    std::string text;
    for (size_t at = 0; at < format.size(); ++at) {
      const size_t close = format[at] == '{' ? format.find('}', at) : std::string_view::npos;
      if (close == std::string_view::npos) {
        text += format[at];
        continue;
      }
      uint32_t slot = 0;
      for (size_t i = at + 1; i < close; ++i) {
        slot = slot * 10 + static_cast<uint32_t>(format[i] - '0');
      }
      text += term(term_of(slot));
      at = close;
    }
    return text;
  };
  switch (node.op) {
    case Op::kFact: {
      const FactRecord& fact = program_.facts[node.index];
      const char* how = fact.transitive == 0 ? "fact " : node.directly != 0 ? "step " : "closure ";
      return how + fill(program_.Text(fact.format), [&](uint32_t slot) {
               return slot == 0 ? node.subject : slot == 1 ? node.object : node.symbol;
             });
    }
    case Op::kDefine:
      return "call " + fill(program_.Text(program_.defines[node.index].format), [&](uint32_t slot) {
               return slot < node.arguments.count ? program_.lists[node.arguments.first + slot]
                                                  : kNoIndex;
             });
    case Op::kRole:
      return "role " + term(node.subject) + " is " + term(node.symbol) + with("for", node.program) +
             with("on", node.object);
    case Op::kHolds:
      return "licence " + term(node.subject) + " holds " + term(node.symbol) +
             with("from", node.object);
    case Op::kMay:
      return "may " + term(node.subject) + " may " + term(node.symbol) + with("on", node.object);
    case Op::kCompare:
      return "compare " + term(node.subject) + " " + ComparisonWord(node.comparison) + " " +
             term(node.object);
    case Op::kPresent: return "present " + term(node.subject);
    case Op::kAbsent: return "absent " + term(node.subject);
    case Op::kIsType: return "type " + term(node.subject) + " in {" + TypeNames(node.types) + "}";
    case Op::kFlag: return "flag " + term(node.subject);
    case Op::kContains: return "contains " + term(node.subject) + " has " + term(node.object);
    case Op::kSeatFree: return "seats " + term(node.symbol) + " is free in " + term(node.object);
    case Op::kTable: {
      static constexpr const char* kVerbs[] = {" includes ", " covers ", " gives "};
      return "static " + term(node.symbol) + kVerbs[node.index / 2] + term(node.other);
    }
    case Op::kSymbolIs: {
      const TermRecord& symbol = program_.terms[node.symbol];
      const uint32_t space =
          symbol.kind == TermRecord::Kind::kVariable
              ? program_.variables[variables.first + symbol.variable].space
              : (symbol.kind == TermRecord::Kind::kProgramOf ? uint32_t{kProgramSpace}
                                                             : symbol.space);
      return "static " + term(node.symbol) + " in " + MaskNames(space, node.mask);
    }
    case Op::kSameSymbol: return "static " + term(node.symbol) + " is " + term(node.other);
    default: return "true";
  }
}

void ProgramDumper::Source(uint32_t id, Range variables, size_t depth) {
  const SourceRecord& source = program_.sources[id];
  const auto children = program_.List(source.children);
  const bool forward = source.direction == static_cast<uint8_t>(Direction::kObjectsOf);
  const std::string from = (forward ? "objects of " : "subjects of ");
  const std::string types = " {" + TypeNames(source.types) + "}";
  switch (source.op) {
    case SourceRecord::Op::kAll: return Line(depth, "from all" + types);
    case SourceRecord::Op::kTerm: return Line(depth, "from " + Term(source.term, variables));
    case SourceRecord::Op::kMembers:
      return Line(depth, "from members of " + Term(source.term, variables));
    case SourceRecord::Op::kNeighbours:
      return Line(depth, "from " + from + Term(source.term, variables) + types);
    case SourceRecord::Op::kClosure:
      return Line(depth, "from closure, " + from + Term(source.term, variables) + types);
    case SourceRecord::Op::kReferrers: Line(depth, "from referrers" + types); break;
    case SourceRecord::Op::kUnion: Line(depth, "from union"); break;
    case SourceRecord::Op::kJoin:
      Line(depth,
           "from join by " + std::string(program_.Text(
                                 program_.variables[variables.first + source.variable].name)));
      break;
    case SourceRecord::Op::kCall: {
      const DefineRecord& define = program_.defines[source.define];
      Line(depth, "from call " + std::string(program_.Text(define.name)));
      return Source(children[0], define.variables, depth + 1);
    }
  }
  for (uint32_t child : children) Source(child, variables, depth + 1);
}

// Where the candidates for one variable come from when it is searched for.
void ProgramDumper::Search(uint32_t source, Range variables, uint32_t variable, size_t depth) {
  if (source == kNoIndex) return;
  const Range name = program_.variables[variables.first + variable].name;
  Line(depth, "search " + std::string(program_.Text(name)));
  // The one source that no tie narrows.
  if (program_.sources[source].op == SourceRecord::Op::kAll) {
    return Line(depth + 1, "reads every " + TypeNames(program_.sources[source].types));
  }
  Source(source, variables, depth + 1);
}

void ProgramDumper::Node(uint32_t id, Range variables, size_t depth) {
  const NodeRecord& node = program_.nodes[id];
  std::string code;
  if (node.reason != kNoIndex) {
    code = "  else " + std::string(program_.Text(program_.reasons[node.reason].code));
  }
  switch (node.op) {
    case Op::kAnd: Line(depth, "and" + code); break;
    case Op::kOr: Line(depth, "or" + code); break;
    case Op::kNot: Line(depth, "not" + code); break;
    case Op::kSomeEntity:
    case Op::kSomeSymbol: {
      const VariableRecord& variable = program_.variables[variables.first + node.variable];
      const bool symbol = node.op == Op::kSomeSymbol;
      Line(depth, "some " + std::string(program_.Text(variable.name)) + " : " +
                      (symbol ? kSpaceNames[node.space] : "{" + TypeNames(node.types) + "}") +
                      code);
      if (!symbol) Source(node.source, variables, depth + 1);
      break;
    }
    default: return Line(depth, Sentence(node, variables) + code);
  }
  for (uint32_t child : program_.List(node.children)) Node(child, variables, depth + 1);
}

std::string ProgramDumper::Head(Range variables, uint32_t count) const {
  std::vector<std::string> parts;
  for (uint32_t i = 0; i < count; ++i) {
    const VariableRecord& variable = program_.variables[variables.first + i];
    parts.push_back(
        std::string(program_.Text(variable.name)) + " : " +
        (variable.is_symbol != 0 ? kSpaceNames[variable.space] : TypeNames(variable.types)));
  }
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : "; ") + part;
  return "(" + text + ")";
}

void ProgramDumper::Header() {
  Line(0, "program " + std::string(program_.Text(program_.header().policy)) + " format " +
              std::to_string(program_.header().format));
  const std::string_view zone = program_.Text(program_.header().time_zone);
  if (!zone.empty()) Line(0, "zone " + std::string(zone));
}

void ProgramDumper::Dispatches() {
  // permission -> (subject, rules) -> object types.
  using Rows = std::map<std::pair<std::string, uint32_t>, std::vector<std::string>>;
  std::map<std::string, std::pair<uint32_t, Rows>> all;
  const auto type_name = [&](uint32_t number) {
    const uint32_t type = program_.TypeOfNumber(number);
    return std::string(type == kNoIndex ? "?" : program_.Text(program_.types[type].name));
  };
  for (const DispatchSlot& slot : program_.dispatch_slots) {
    if (slot.permission == kNoIndex) continue;
    auto& [number, rows] = all[std::string(program_.SymbolName(kPermissionSpace, slot.permission))];
    number = slot.permission;
    rows[{type_name(slot.subject_type), slot.dispatch}].push_back(type_name(slot.object_type));
  }
  for (auto& [permission, entry] : all) {
    auto& [number, rows] = entry;
    Line(0, "permission " + permission);
    std::map<std::string, uint32_t> lines;
    for (auto& [key, objects] : rows) {
      std::sort(objects.begin(), objects.end());
      lines[key.first + " on " + Joined(objects)] = key.second;
    }
    for (const auto& [who, dispatch] : lines) {
      const DispatchRecord& record = program_.dispatches[dispatch];
      const Cost cost = CostCounter(program_).Of(record, number);
      Line(1, who + ": " + Count(cost.records.size(), "record") + ", " +
                  Count(cost.cells.size(), "cell") + ", " + Count(cost.walks.size(), "walk") +
                  ", " + Count(cost.decisions.size(), "decision"));
      const auto rules = [&](const char* word, Range list) {
        if (list.count == 0) return;
        Line(2, word + RuleNames(list, [&](uint32_t rule) { return program_.rules[rule].name; }));
      };
      rules("permits ", record.permits);
      rules("forbids ", record.forbids);
      rules("notes ", record.notes);
    }
  }
}

void ProgramDumper::Rules() {
  std::vector<uint32_t> order(program_.rules.size());
  for (uint32_t i = 0; i < order.size(); ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(), [&](uint32_t a, uint32_t b) {
    return program_.Text(program_.rules[a].name) < program_.Text(program_.rules[b].name);
  });
  for (uint32_t index : order) {
    const RuleRecord& rule = program_.rules[index];
    static constexpr const char* kEffects[] = {"permit ", "forbid ", "note "};
    Line(0, kEffects[rule.effect] + std::string(program_.Text(rule.name)) + " " +
                Head(rule.variables, 3) + (rule.on_deny != 0 ? " on deny" : ""));
    Search(rule.subject_source, rule.variables, 0, 1);
    Search(rule.object_source, rule.variables, 2, 1);
    Node(rule.condition, rule.variables, 1);
  }
}

void ProgramDumper::Defines() {
  for (const DefineRecord& define : program_.defines) {
    Line(0, "define " + std::string(program_.Text(define.name)) + " " +
                Head(define.variables, define.parameter_count) +
                (define.remembered != 0 ? " remembered" : ""));
    for (uint32_t i = 0; i < define.searches.count; ++i) {
      Search(program_.lists[define.searches.first + i], define.variables, i, 1);
    }
    Node(define.condition, define.variables, 1);
  }
}

std::string ProgramDumper::Run() {
  Header();
  Dispatches();
  Rules();
  ChangeDispatches();
  ChangeRules();
  Limits();
  Defines();
  return std::move(text_);
}

Result<std::string> DumpProgram(std::string_view program) {
  // Callers may hold the bytes anywhere; programs are read where they lie, aligned.
  std::vector<uint64_t> aligned((program.size() + 7) / 8);
  std::copy(program.begin(), program.end(), reinterpret_cast<char*>(aligned.data()));
  const Result<Program> read =
      ReadProgram({reinterpret_cast<const char*>(aligned.data()), program.size()});
  if (!read) return read.error();
  return ProgramDumper(read.value()).Run();
}

}  // namespace portvakt::engine
