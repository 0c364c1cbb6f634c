// The grammar in PEGTL, for one declaration at a time (scan.h finds where each begins). Only
// parser.cpp includes this header.
//
// How it differs from the grammar of docs/language.md: every token eats the blanks and comments
// behind it; a declaration commits at its first word and a clause at its own, so nothing that has
// actions is read twice; `else` stands with the outermost `not` or `some`; clauses of permissions
// and roles may come in any order. `error_message` says what was expected, and where a second line
// follows, that is a small example; `%` is the declaration's first word.
#pragma once

#include "dsl/grammar_tokens.h"

namespace portvakt::dsl::grammar {

// ---- pieces that many declarations share --------------------------------------------------------

PORTVAKT_EXPECT(decl_name, seq<name>, "a % needs a name")
struct title : seq<text> {};
PORTVAKT_EXPECT(listed_name, seq<name>, "a name must follow the comma")
PORTVAKT_EXPECT(one_name, seq<name>, "a name is needed here")
struct more_names : star<if_must<comma, listed_name>> {};
PORTVAKT_EXPECT(names, SINGLE_ARG(seq<name, more_names>),
                "one or more names are needed here, separated by commas")
PORTVAKT_EXPECT(
    type_names, SINGLE_ARG(seq<name, more_names>),
    "a type is needed here, or several separated by commas\npermission view, edit on document")

PORTVAKT_EXPECT(as_name, seq<name>, "a name must follow `as`\nuser as actor")
PORTVAKT_EXPECT(binder, SINGLE_ARG(seq<name, opt<if_must<kw_as, as_name>>>),
                "a type is needed here, and may be called by another name\nuser as actor")
struct binders : seq<binder, star<if_must<comma, binder>>> {
  static constexpr auto error_message =
      "one or more types are needed here, separated by commas\nfor every user, client";
};

struct shape_name : seq<not_at<shape_end>, name_token, blanks> {};
struct shape_as : if_must<kw_as, as_name> {};
struct shape_element : seq<shape_name, opt<shape_as>> {};
PORTVAKT_EXPECT(shape, plus<shape_element>,
                "a % needs a sentence of types and words\nuser assigned_to client")

// ---- sets
// ----------------------------------------------------------------------------------------

PORTVAKT_EXPECT(listed_item, seq<pattern>,
                "a name or a pattern must follow the comma\nbokforing, *.las")
PORTVAKT_EXPECT(set_items, SINGLE_ARG(seq<pattern, star<if_must<comma, listed_item>>>),
                "names or patterns are needed here, separated by commas\nbokforing, *.las")
PORTVAKT_EXPECT(symbol_kind, SINGLE_ARG(seq<symbol_kind_token, blanks>),
                "`all` is followed by `permissions`, `roles`, `licences` or `programs`\nset boxes "
                "= all permissions except enter")
struct set_all : if_must<kw_all, symbol_kind> {};
struct set_base : sor<seq<set_all, star<if_must<comma, listed_item>>>, set_items> {};
struct set_base_done : success {};
struct set_only : if_must<kw_only, set_items> {};
struct set_except : if_must<kw_except, set_items> {};
PORTVAKT_EXPECT(
    set_expression, SINGLE_ARG(seq<set_base, set_base_done, opt<set_only>, opt<set_except>>),
    "names or patterns are needed here, separated by commas\nset reading = *.las, report.view")

// ---- conditions
// ----------------------------------------------------------------------------------

struct enter : success {};
struct leave : success {};

struct comparison_begin
    : sor<seq<sor<kw_less, kw_more>, kw_than>, seq<kw_at, sor<kw_least, kw_most>>, kw_before,
          kw_after, kw_within, seq<kw_equal, kw_to>> {};
struct joint_word_token : sor<TAO_PEGTL_STRING("and"), TAO_PEGTL_STRING("or")> {};
struct joint_word : seq<joint_word_token, blanks> {};
// `is present and less than x`, `is absent or at most x`: here the joint belongs to the sentence.
struct guarded
    : seq<at<kw_is, sor<seq<kw_present, kw_and>, seq<kw_absent, kw_or>>, comparison_begin>, word,
          word, joint_word> {};

struct list_begin : sign<'{'> {};
struct list_text : seq<text> {};
struct list_number : seq<number> {};
struct list_name : seq<pattern> {};
struct list_element : sor<list_text, list_number, list_name> {
  static constexpr auto error_message =
      "a name, text or number is needed here\nany of { view, edit }";
};
struct list_end_token : one<'}'> {};
PORTVAKT_EXPECT(list_end, SINGLE_ARG(seq<list_end_token, blanks>),
                "a comma or `}` is needed after this element\nany of { view, edit }")
struct list
    : seq<list_begin, must<list_element>, star<if_must<comma, list_element>>, must<list_end>> {};
struct any_list : seq<at<kw_any, kw_of, one<'{'>>, word, word, list> {};

struct word_part : seq<word> {};
struct number_part : seq<number> {};
struct text_part : seq<text> {};
struct minus_part : seq<minus_token, blanks> {};
struct sentence : plus<sor<guarded, any_list, word_part, text_part, number_part, minus_part>> {};

PORTVAKT_EXPECT(else_code, seq<name>,
                "`else` needs a code, and may have a sentence after it\nelse not_linked \"{user} "
                "and {client} are not linked\"")
struct else_clause : if_must<kw_else, else_code, opt<text>> {};

struct bare_item;
struct condition;
PORTVAKT_EXPECT(expect_bare_item, seq<bare_item>,
                "a sentence must follow `not`\nif  not user.removed")
PORTVAKT_EXPECT(
    expect_some_item, seq<bare_item>,
    "a sentence or brackets must follow the colon\nsome person: ( user answers_for person )")
PORTVAKT_EXPECT(expect_condition, seq<condition>,
                "a condition is needed here\nif  user.home is tenant")
PORTVAKT_EXPECT(close_round, sign<')'>, "`and`, `or` or `)` is needed here")
struct not_item : if_must<kw_not, enter, expect_bare_item, leave> {};
struct some_peek
    : at<kw_some, name, opt<kw_as, name>, star<comma, name, opt<kw_as, name>>, one<':'>> {};
struct some_head : seq<some_peek, kw_some, binders, colon> {};
struct some_item : if_must<some_head, enter, expect_some_item, leave> {};
struct group_begin : sign<'('> {};
struct group : if_must<group_begin, enter, expect_condition, leave, close_round> {};
struct bare_item : sor<not_item, some_item, group, sentence> {};
PORTVAKT_EXPECT(item, SINGLE_ARG(seq<bare_item, opt<else_clause>>),
                "a condition is needed here\nif  user.home is tenant")
PORTVAKT_EXPECT(
    joined_item, seq<item>,
    "a condition must follow `and` or `or`\nif  user.home is tenant and user consults for client")

struct condition_begin : success {};
struct condition_item : seq<item> {};
struct joint_and : seq<kw_and> {};
struct joint_or : seq<kw_or> {};
struct condition
    : seq<condition_begin, condition_item, star<if_must<sor<joint_and, joint_or>, joined_item>>> {};

struct if_clause : if_must<kw_if, expect_condition> {};
struct unless_clause : if_must<kw_unless, expect_condition> {};
struct body : seq<opt<if_clause>, opt<unless_clause>> {};

// ---- declarations
// --------------------------------------------------------------------------------

PORTVAKT_EXPECT(expect_zone, kw_zone, "`zone` must follow `time`\ntime zone \"Europe/Stockholm\"")
PORTVAKT_EXPECT(expect_text, text,
                "text in quotation marks is needed here\ntime zone \"Europe/Stockholm\"")
struct policy_decl : if_must<kw_policy, decl_name, opt<title>> {};
struct time_zone_decl : if_must<kw_time, expect_zone, expect_text> {};
struct import_decl : if_must<kw_import, expect_text> {};

struct attribute_name : seq<name> {};
PORTVAKT_EXPECT(attribute_colon, colon,
                "an attribute needs `:` and a type after its name\nstatus : string")
struct label : seq<not_at<reserved>, name_token, blanks> {
  static constexpr auto error_message = "an enum holds names\nenum { active, dormant }";
};
struct label_less : seq<less> {};
PORTVAKT_EXPECT(labels_end, sign<'}'>,
                "an enum's values are separated by `,`, or all by `<` when they are ordered\nenum "
                "{ password < sms < bankid }")
struct labels
    : seq<list_begin, must<label>,
          sor<plus<if_must<label_less, label>>, star<if_must<comma, label>>>, must<labels_end>> {};
PORTVAKT_EXPECT(expect_labels, seq<labels>,
                "an enum needs its values in braces\nenum { active, dormant, blocked }")
struct enum_type : sor<if_must<kw_enum, expect_labels>, labels> {};
struct type_name : seq<name> {};
struct set_of : seq<kw_set, kw_of> {};
struct plain_type : sor<enum_type, type_name> {};
PORTVAKT_EXPECT(expect_plain_type, seq<plain_type>, "a type must follow `set of`\nset of string")
PORTVAKT_EXPECT(attribute_type, SINGLE_ARG(sor<if_must<set_of, expect_plain_type>, plain_type>),
                "a type is needed here: bool, int, decimal, string, date, instant, duration, ip, "
                "enum { .. }, set of .., or an entity\nstatus : enum { active, dormant }")
struct optional_word : seq<kw_optional> {};
PORTVAKT_EXPECT(expect_request, kw_request,
                "`request` must follow `from`\nowner : string from request")
struct from_request : if_must<kw_from, expect_request> {};
struct attribute : if_must<attribute_name, attribute_colon, attribute_type,
                           star<sor<optional_word, from_request>>> {};
PORTVAKT_EXPECT(attributes_end, sign<'}'>,
                "an attribute or `}` is needed here\nentity user { home : tenant, removed : bool }")
PORTVAKT_EXPECT(attributes,
                SINGLE_ARG(seq<list_begin, star<attribute, opt<comma>>, must<attributes_end>>),
                "attributes in braces are needed here\ncontext { reason : string }")

struct open_word : seq<kw_open> {};
PORTVAKT_EXPECT(expect_entity, kw_entity, "`entity` must follow `open`\nopen entity visitor")
PORTVAKT_EXPECT(union_member, seq<name>,
                "a union needs entity types, separated by `or`\nentity tenant is agency or client")
struct entity_braces : seq<attributes> {};
struct union_members : if_must<kw_is, union_member, star<if_must<kw_or, union_member>>> {};
struct entity_decl : if_must<sor<if_must<open_word, expect_entity>, kw_entity>, decl_name,
                             opt<sor<union_members, entity_braces>>> {};
struct action_word : seq<kw_action> {};
struct context_word : seq<kw_context> {};
struct request_decl : if_must<sor<context_word, action_word>, attributes> {};

struct permission_begin : seq<kw_permission> {};
struct preposition_word : sor<kw_in, kw_on> {};
struct permission_types : if_must<preposition_word, type_names> {};
struct permission_includes : if_must<kw_includes, names> {};
struct permission_requires : if_must<kw_requires, names> {};
PORTVAKT_EXPECT(
    permission_names, SINGLE_ARG(seq<name, more_names>),
    "a permission needs a name, or several separated by commas\npermission view, edit on document")
struct permission : if_must<permission_begin, permission_names, opt<title>,
                            star<sor<permission_types, permission_includes, permission_requires>>> {
};
struct permission_decl : seq<permission> {};
PORTVAKT_EXPECT(
    program_in, kw_in,
    "a program needs `in` and the types that it is used in\nprogram lon \"Lön\" in tenant")
struct program_types : seq<type_names> {
  static constexpr auto error_message =
      "a type is needed after `in`\nprogram lon \"Lön\" in tenant";
};
PORTVAKT_EXPECT(program_end, sign<'}'>, "a `permission` or `}` is needed here")
struct program_title : seq<text> {};
struct program_permissions
    : sor<if_must<list_begin, star<permission>, program_end>, star<permission>> {};
struct program_decl : if_must<kw_program, decl_name, opt<program_title>, program_in, program_types,
                              program_permissions> {};

struct set_decl : if_must<kw_set, decl_name, equals, set_expression> {};
PORTVAKT_EXPECT(expect_held, kw_held,
                "a licence needs `held by` and who holds it\nlicence lon \"Lön\" held by user from "
                "tenant covers lon")
PORTVAKT_EXPECT(expect_by, kw_by, "`by` must follow `held`\nheld by user")
PORTVAKT_EXPECT(holder, seq<name>, "a type must follow `held by`\nheld by user")
struct licence_holder : seq<holder> {
  static constexpr auto error_message = holder::error_message;
};
PORTVAKT_EXPECT(licence_source, seq<name>, "a type must follow `from`\nheld by user from tenant")
struct licence_from : if_must<kw_from, licence_source> {};
struct licence_covers : if_must<kw_covers, set_expression> {};
struct licence_decl : if_must<kw_licence, decl_name, opt<title>, expect_held, expect_by,
                              licence_holder, opt<licence_from>, opt<licence_covers>> {};
struct role_on : if_must<kw_on, type_names> {};
PORTVAKT_EXPECT(expect_program, kw_program,
                "`program` must follow `for`\nrole helper on tenant for program")
struct role_for : if_must<kw_for, expect_program> {};
struct role_held : if_must<kw_held, expect_by, holder> {};
struct role_includes : if_must<kw_includes, names> {};
struct role_gives : if_must<kw_gives, set_expression> {};
struct role_decl : if_must<kw_role, decl_name, opt<title>,
                           star<sor<role_on, role_for, role_held, role_includes, role_gives>>> {};

PORTVAKT_EXPECT(duration_count, integer, "a whole number must stand here\nlasting at most 30 days")
PORTVAKT_EXPECT(duration_unit, SINGLE_ARG(seq<unit_token, blanks>),
                "a unit is needed: seconds, minutes, hours, days or weeks\nlasting 30 days")
PORTVAKT_EXPECT(expect_most, kw_most, "`most` must follow `at`\nlasting at most 30 days")
struct at_most : if_must<kw_at, expect_most> {};
struct lasting : if_must<kw_lasting, opt<at_most>, duration_count, duration_unit> {};
struct transitive : seq<kw_transitive> {};
struct fact_decl : if_must<kw_fact, shape, star<sor<transitive, lasting>>> {};
struct define_decl : if_must<kw_define, shape, body> {};

struct add_word : seq<kw_add> {};
struct remove_word : seq<kw_remove> {};
struct change_word : seq<kw_change> {};
PORTVAKT_EXPECT(change_target, plus<shape_element>,
                "what is changed must stand here\nadd user assigned_to client by user as actor")
PORTVAKT_EXPECT(
    change_by, kw_by,
    "a change needs `by` and who makes it\nadd user assigned_to client by user as actor")
struct change_head
    : if_must<sor<add_word, remove_word, change_word>, change_target, change_by, binder> {};
PORTVAKT_EXPECT(head_may, kw_may, "a % needs `may` after its subject\nuser may view on document")
struct may_not : seq<kw_not> {};
struct permission_word : seq<name> {};
PORTVAKT_EXPECT(any_of, kw_of, "`of` must follow `any`\nuser may any of { view, edit } on document")
PORTVAKT_EXPECT(any_what, SINGLE_ARG(sor<list, permission_word>),
                "a set, or permissions in braces, must follow `any of`\nuser may any of { view, "
                "edit } on document")
struct any_begin : seq<kw_any> {};
PORTVAKT_EXPECT(head_permissions,
                SINGLE_ARG(sor<if_must<any_begin, any_of, any_what>, permission_word>),
                "a permission is needed after `may`, or `any of` a set\nuser may any of { view, "
                "edit } on document")
struct head_in : seq<kw_in> {};
struct head_on : seq<kw_on> {};
PORTVAKT_EXPECT(head_preposition, SINGLE_ARG(sor<head_in, head_on>),
                "`in` or `on` and a type must follow the permission\nuser may view on document")
struct head_object : seq<binder> {
  static constexpr auto error_message =
      "a type is needed after `in` or `on`\nuser may view on document";
};
struct head_subject : seq<binder> {};
struct act_head : if_must<head_subject, head_may, opt<may_not>, head_permissions, head_preposition,
                          head_object> {};
PORTVAKT_EXPECT(
    head, SINGLE_ARG(sor<change_head, act_head>),
    "a % must say who may do what, or what is changed by whom\nuser may view on document")
struct permit_word : seq<kw_permit> {};
struct forbid_word : seq<kw_forbid> {};
struct note_word : seq<kw_note> {};
struct rule_decl
    : if_must<sor<permit_word, forbid_word, note_word>, decl_name, opt<title>, head, body> {};

PORTVAKT_EXPECT(limit_for, kw_for, "a limit begins with `for every` and types\nfor every client")
PORTVAKT_EXPECT(limit_every, kw_every, "`every` must follow `for`\nfor every client")
struct at_least_count : seq<kw_at, kw_least> {};
struct at_most_count : seq<kw_at, kw_most> {};
struct limit_number : seq<integer> {};
struct limit_seats_of : seq<name> {
  static constexpr auto error_message =
      "a licence is needed here\nat most seats of licence in tenant user: user holds licence from "
      "tenant";
};
struct limit_seats_in : seq<name> {
  static constexpr auto error_message =
      "a type is needed here\nat most seats of licence in tenant user: user holds licence from "
      "tenant";
};
PORTVAKT_EXPECT(seats_of, kw_of,
                "`of` must follow `seats`\nat most seats of licence in tenant user: user holds "
                "licence from tenant")
PORTVAKT_EXPECT(seats_in, kw_in,
                "`in` and a type must follow the licence\nat most seats of licence in tenant user: "
                "user holds licence from tenant")
struct limit_seats : if_must<kw_seats, seats_of, limit_seats_of, seats_in, limit_seats_in> {};
PORTVAKT_EXPECT(limit_amount, SINGLE_ARG(sor<limit_number, limit_seats>),
                "a whole number, or `seats of`, is needed here\nat least 1 user: user runs tenant")
PORTVAKT_EXPECT(limit_counted, seq<binder>,
                "a type must follow the number\nat least 1 user: user runs tenant")
PORTVAKT_EXPECT(limit_colon, colon,
                "`:` is needed before the condition\nat least 1 user: user runs tenant")
struct limit_count
    : if_must<sor<at_least_count, at_most_count>, limit_amount, limit_counted, limit_colon> {};
struct limit_binders : seq<binders> {
  static constexpr auto error_message =
      "one or more types are needed after `for every`\nfor every user, client";
};
struct limit_decl : if_must<kw_limit, decl_name, opt<title>, limit_for, limit_every, limit_binders,
                            opt<limit_count>, item> {};

PORTVAKT_EXPECT(
    promise_no, kw_no,
    "a promise begins with `no`\nno user may view in client without user consults for client")
struct promise_with : seq<kw_with> {};
struct promise_without : seq<kw_without> {};
PORTVAKT_EXPECT(promise_joint, SINGLE_ARG(sor<promise_with, promise_without>),
                "`with` or `without` and a condition are needed here\nno user may view in client "
                "without user consults for client")
struct promise_decl : if_must<kw_promise, decl_name, opt<title>, promise_no, head, promise_joint,
                              expect_condition> {};

PORTVAKT_EXPECT(declaration_end, eof, "the % should end here")
PORTVAKT_EXPECT(any_declaration,
                SINGLE_ARG(sor<policy_decl, time_zone_decl, import_decl, entity_decl, request_decl,
                               permission_decl, program_decl, set_decl, licence_decl, role_decl,
                               fact_decl, define_decl, rule_decl, limit_decl, promise_decl>),
                "a declaration must begin here")
struct declaration : seq<must<any_declaration>, must<declaration_end>> {};

#undef PORTVAKT_EXPECT
#undef SINGLE_ARG

}  // namespace portvakt::dsl::grammar
