// What each rule of the grammar does to the builder. Only parser.cpp includes this header.
#pragma once

#include <string>
#include <utility>

#include "dsl/grammar.h"
#include "dsl/tree_builder.h"

namespace portvakt::dsl::grammar {

template <typename Rule>
struct Action {};

// PORTVAKT_ON(rule, code): runs `code` when the rule has matched; `b` is the builder.
// PORTVAKT_AT: the same, and `span` is where the rule matched, blanks behind it included.
#define PORTVAKT_ON(rule, ...)                          \
  template <>                                           \
  struct Action<rule> {                                 \
    static void apply0(TreeBuilder& b) { __VA_ARGS__; } \
  };
#define PORTVAKT_AT(rule, ...)                           \
  template <>                                            \
  struct Action<rule> {                                  \
    template <typename Input>                            \
    static void apply(const Input& in, TreeBuilder& b) { \
      const Span span = b.At(in.begin(), in.end());      \
      __VA_ARGS__;                                       \
    }                                                    \
  };

// ---- tokens and pieces ------------------------------------------------------------------------
PORTVAKT_AT(blanks, b.TokenEnd(span.begin))
PORTVAKT_AT(name_token, b.NameToken(span))
PORTVAKT_AT(pattern_token, b.NameToken(span))
PORTVAKT_AT(unit_token, b.NameToken(span))
PORTVAKT_AT(symbol_kind_token, b.NameToken(span))
PORTVAKT_AT(text_token, b.TextToken(span))
PORTVAKT_AT(integer_token, b.NumberToken(span))
PORTVAKT_AT(number_token, b.NumberToken(span))
PORTVAKT_ON(decl_name, b.decl_name = b.TakeName())
PORTVAKT_ON(title, b.title = b.TakeText())
PORTVAKT_AT(binder, b.AddBinder(span))
PORTVAKT_ON(shape_name, b.AddShapeElement())
PORTVAKT_ON(shape_as, b.NameShapeElement())
PORTVAKT_AT(shape, b.shape_span = b.Until(span))
PORTVAKT_AT(change_target, b.shape_span = b.Until(span))

// ---- sets -------------------------------------------------------------------------------------
PORTVAKT_ON(set_all, b.set.all_of = b.TakeName())
PORTVAKT_ON(set_base_done, b.set.items = b.TakeNames())
PORTVAKT_ON(set_only, b.set.only = b.TakeNames())
PORTVAKT_ON(set_except, b.set.except = b.TakeNames())
PORTVAKT_AT(set_expression, b.set.span = b.Until(span))

// ---- conditions -------------------------------------------------------------------------------
PORTVAKT_AT(enter, b.Enter(span.begin))
PORTVAKT_ON(leave, b.Leave())
PORTVAKT_ON(word, b.AddNamePart())
PORTVAKT_AT(joint_word_token, b.AddPart(Part::Kind::kName, span, std::string(in.begin(), in.end())))
PORTVAKT_ON(text_part, b.AddTextPart())
PORTVAKT_ON(number_part, b.AddNumberPart())
PORTVAKT_AT(minus_token, b.AddPart(Part::Kind::kMinus, span, ""))
PORTVAKT_AT(list_begin, b.BeginList(span))
PORTVAKT_ON(list_text, b.AddListElement(Part::Kind::kString))
PORTVAKT_ON(list_number, b.AddListElement(Part::Kind::kNumber))
PORTVAKT_ON(list_name, b.AddListElement(Part::Kind::kName))
PORTVAKT_ON(list, b.EndList())
PORTVAKT_AT(sentence, b.EndSentence(span))
PORTVAKT_AT(not_item, b.EndNot(span))
PORTVAKT_ON(some_head, b.SomeHead())
PORTVAKT_AT(some_item, b.EndSome(span))
PORTVAKT_AT(group, b.EndGroup(span))
PORTVAKT_AT(else_clause, b.EndElse(span))
PORTVAKT_ON(condition_begin, b.BeginCondition())
PORTVAKT_AT(joint_and, b.Joint(true, b.Until(span)))
PORTVAKT_AT(joint_or, b.Joint(false, b.Until(span)))
PORTVAKT_ON(condition_item, b.EndItem())
PORTVAKT_ON(joined_item, b.EndItem())
PORTVAKT_AT(condition, b.EndCondition(span))
PORTVAKT_ON(if_clause, b.body.if_item = b.TakeItem())
PORTVAKT_ON(unless_clause, b.body.unless_item = b.TakeItem())

// ---- policy, time zone, import ------------------------------------------------------------------
PORTVAKT_ON(policy_decl, b.value = PolicyDecl{b.decl_name, b.title})
PORTVAKT_ON(time_zone_decl, b.value = TimeZoneDecl{b.TakeRequiredText()})
PORTVAKT_ON(import_decl, b.value = ImportDecl{b.TakeRequiredText()})

// ---- entities and attributes
// ------------------------------------------------------------------------
PORTVAKT_ON(attribute_name, b.attribute.name = b.TakeName())
PORTVAKT_ON(type_name, b.attribute.type.name = b.TakeName())
PORTVAKT_ON(set_of, b.attribute.type.set_of = true)
PORTVAKT_ON(label_less, b.attribute.type.ordered = true)
PORTVAKT_ON(labels, b.attribute.type.labels = b.TakeNames();
            b.attribute.type.kind = AttributeType::Kind::kEnum)
PORTVAKT_AT(attribute_type, b.attribute.type.span = b.Until(span))
PORTVAKT_AT(optional_word, b.Once(b.attribute.optional, span, "optional"))
PORTVAKT_AT(from_request, b.Once(b.attribute.from_request, span, "from request"))
PORTVAKT_AT(attribute, b.attribute.span = b.Until(span);
            b.attributes.push_back(std::exchange(b.attribute, {})))
PORTVAKT_ON(open_word, b.entity.open = true)
PORTVAKT_ON(union_members, b.entity.members = b.TakeNames())
PORTVAKT_ON(entity_braces, b.entity.has_braces = true)
PORTVAKT_ON(entity_decl, b.entity.name = b.decl_name; b.entity.attributes = std::move(b.attributes);
            b.value = std::move(b.entity))
PORTVAKT_AT(context_word, b.request.keyword = b.Until(span))
PORTVAKT_AT(action_word, b.request.keyword = b.Until(span); b.request.is_action = true)
PORTVAKT_ON(request_decl, b.request.attributes = std::move(b.attributes);
            b.value = std::move(b.request))

// ---- permissions and programs
// ---------------------------------------------------------------------------
PORTVAKT_ON(permission_begin, b.BeginPermission())
PORTVAKT_ON(permission_names, b.permission.names = b.TakeNames())
PORTVAKT_AT(preposition_word, b.permission.preposition = b.WordName(span))
PORTVAKT_AT(permission_types, b.Once(b.seen[0], span, "in or on");
            b.permission.types = b.TakeNames())
PORTVAKT_AT(permission_includes, b.Once(b.seen[1], span, "includes");
            b.permission.includes = b.TakeNames())
PORTVAKT_AT(permission_requires, b.Once(b.seen[2], span, "requires");
            b.permission.requires_names = b.TakeNames())
PORTVAKT_AT(permission, b.EndPermission(span))
PORTVAKT_ON(permission_decl, b.value = std::move(b.permissions.front()))
PORTVAKT_ON(program_title, b.program.title = b.TakeText())
PORTVAKT_ON(program_types, b.program.types = b.TakeNames())
PORTVAKT_ON(program_decl, b.program.name = b.decl_name;
            b.program.permissions = std::move(b.permissions); b.value = std::move(b.program))

// ---- sets, licences, roles
// ---------------------------------------------------------------------------------
PORTVAKT_ON(set_decl, b.value = SetDecl{b.decl_name, b.TakeSet()})
PORTVAKT_ON(licence_holder, b.licence.held_by = b.TakeName())
PORTVAKT_ON(licence_source, b.licence.from = b.TakeName())
PORTVAKT_ON(licence_covers, b.licence.covers = b.TakeSet())
PORTVAKT_ON(licence_decl, b.licence.name = b.decl_name; b.licence.title = b.title;
            b.value = std::move(b.licence))
PORTVAKT_AT(role_on, b.Once(b.seen[0], span, "on"); b.role.on = b.TakeNames())
PORTVAKT_AT(role_for, b.Once(b.role.for_program, span, "for program"))
PORTVAKT_AT(role_held, b.Once(b.seen[1], span, "held by"); b.role.held_by = b.TakeName())
PORTVAKT_AT(role_includes, b.Once(b.seen[2], span, "includes"); b.role.includes = b.TakeNames())
PORTVAKT_AT(role_gives, b.Once(b.seen[3], span, "gives"); b.role.gives = b.TakeSet())
PORTVAKT_ON(role_decl, b.role.name = b.decl_name; b.role.title = b.title;
            b.value = std::move(b.role))

// ---- facts, definitions, rules
// ------------------------------------------------------------------------------
PORTVAKT_ON(at_most, b.fact.lasting_at_most = true)
PORTVAKT_ON(duration_count, b.duration.count = b.TakeInteger(); b.duration.span = b.last)
PORTVAKT_ON(duration_unit, b.duration.span = b.Until(b.duration.span);
            b.duration.unit = b.TakeName())
PORTVAKT_AT(lasting, b.Once(b.seen[0], span, "lasting"); b.fact.lasting = b.duration)
PORTVAKT_AT(transitive, b.Once(b.fact.transitive, span, "transitive"))
PORTVAKT_ON(fact_decl, b.fact.shape = b.TakeShape(); b.fact.shape_span = b.shape_span;
            b.value = std::move(b.fact))
PORTVAKT_ON(define_decl, b.value = DefineDecl{b.TakeShape(), b.shape_span, b.TakeBody()})
PORTVAKT_ON(add_word, b.change.operation = ChangeHead::Operation::kAdd)
PORTVAKT_ON(remove_word, b.change.operation = ChangeHead::Operation::kRemove)
PORTVAKT_ON(change_head, b.change.target = b.TakeShape(); b.change.target_span = b.shape_span;
            b.change.actor = b.TakeBinder(); b.head = std::move(b.change))
PORTVAKT_ON(head_subject, b.act.subject = b.TakeBinder())
PORTVAKT_ON(may_not, b.act.negated = true)
PORTVAKT_AT(any_begin, b.AddPart(Part::Kind::kName, b.Until(span), "any"))
PORTVAKT_AT(any_of, b.AddPart(Part::Kind::kName, b.Until(span), "of"))
PORTVAKT_ON(permission_word, b.AddNamePart())
PORTVAKT_AT(head_preposition, b.act.preposition = b.WordName(span))
PORTVAKT_ON(head_object, b.act.object = b.TakeBinder())
PORTVAKT_ON(act_head, b.act.permissions = b.TakeParts(); b.head = std::move(b.act))
PORTVAKT_ON(forbid_word, b.rule.effect = RuleDecl::Effect::kForbid)
PORTVAKT_ON(note_word, b.rule.effect = RuleDecl::Effect::kNote)
PORTVAKT_ON(rule_decl, b.rule.name = b.decl_name; b.rule.title = b.title;
            b.rule.head = std::move(b.head); b.rule.body = b.TakeBody();
            b.value = std::move(b.rule))

// ---- limits and promises
// --------------------------------------------------------------------------------------
PORTVAKT_ON(limit_binders, b.limit.for_every = b.TakeBinders())
PORTVAKT_ON(at_least_count, b.limit.count = LimitDecl::Count::kAtLeast)
PORTVAKT_ON(at_most_count, b.limit.count = LimitDecl::Count::kAtMost)
PORTVAKT_ON(limit_number, b.limit.number = b.TakeInteger())
PORTVAKT_ON(limit_seats_of, b.limit.seats_of = b.TakeName())
PORTVAKT_ON(limit_seats_in, b.limit.seats_in = b.TakeName())
PORTVAKT_ON(limit_counted, b.limit.counted = b.TakeBinder())
PORTVAKT_ON(limit_decl, b.limit.name = b.decl_name; b.limit.title = b.title;
            b.limit.condition = b.TakeItem(); b.value = std::move(b.limit))
PORTVAKT_ON(promise_with, b.promise.without = false)
PORTVAKT_ON(promise_decl, b.promise.name = b.decl_name; b.promise.title = b.title;
            b.promise.head = std::move(b.head); b.promise.condition = b.TakeItem();
            b.value = std::move(b.promise))

#undef PORTVAKT_ON
#undef PORTVAKT_AT

}  // namespace portvakt::dsl::grammar
