// The tokens of the grammar: blanks, names, keywords, literals. Only grammar.h includes this
// header.
#pragma once

#include <tao/pegtl.hpp>

#include "dsl/words.h"

namespace portvakt::dsl::grammar {

namespace pegtl = tao::pegtl;
using pegtl::at;
using pegtl::eof;
using pegtl::if_must;
using pegtl::must;
using pegtl::not_at;
using pegtl::one;
using pegtl::opt;
using pegtl::plus;
using pegtl::seq;
using pegtl::sor;
using pegtl::star;
using pegtl::success;

struct comment : seq<pegtl::two<'/'>, pegtl::until<at<pegtl::eolf>>> {};
struct blank : one<' ', '\t', '\r', '\n'> {};
struct blanks : star<sor<blank, comment>> {};

struct digit : pegtl::digit {};
struct letter
    : pegtl::utf8::ranges<'a', 'z', 'A', 'Z', '_', '_', 0xC0, 0xD6, 0xD8, 0xF6, 0xF8, 0x24F> {};
struct word_character : sor<letter, digit> {};
struct word_goes_on : sor<word_character, one<'.'>> {};

// A plain word, with no dot behind it, for which the predicate holds. Consumes the word alone.
template <bool (*Predicate)(std::string_view)>
struct word_that {
  using rule_t = word_that;
  using subs_t = pegtl::empty_list;
  template <typename Input>
  static bool match(Input& in) {
    const char* begin = in.current();
    size_t size = 0;
    while (size < in.size(size + 1) && IsWordByte(begin[size])) ++size;
    if (size == 0 || (size < in.size(size + 1) && begin[size] == '.')) return false;
    if (!Predicate(std::string_view(begin, size))) return false;
    in.bump(size);
    return true;
  }
};

template <typename Word>
struct keyword : seq<Word, not_at<word_goes_on>, blanks> {};
template <char Sign>
struct sign : seq<one<Sign>, blanks> {};

struct comma : sign<','> {};
struct open_round : sign<'('> {};
struct colon : sign<':'> {};
struct equals : sign<'='> {
  static constexpr auto error_message =
      "a set needs `=` between its name and what it holds\nset reading = *.read, report.view";
};
struct less : sign<'<'> {};

#define PORTVAKT_KEYWORD(name) \
  struct kw_##name : keyword<TAO_PEGTL_STRING(#name)> {};
#define SINGLE_ARG(...) __VA_ARGS__
#define PORTVAKT_EXPECT(name, base, text)       \
  struct name : base {                          \
    static constexpr auto error_message = text; \
  };
PORTVAKT_KEYWORD(action) PORTVAKT_KEYWORD(add) PORTVAKT_KEYWORD(after) PORTVAKT_KEYWORD(all)
PORTVAKT_KEYWORD(and) PORTVAKT_KEYWORD(any) PORTVAKT_KEYWORD(as) PORTVAKT_KEYWORD(at)
PORTVAKT_KEYWORD(before) PORTVAKT_KEYWORD(by) PORTVAKT_KEYWORD(change) PORTVAKT_KEYWORD(context)
PORTVAKT_KEYWORD(covers) PORTVAKT_KEYWORD(define) PORTVAKT_KEYWORD(else) PORTVAKT_KEYWORD(entity)
PORTVAKT_KEYWORD(enum) PORTVAKT_KEYWORD(equal) PORTVAKT_KEYWORD(every) PORTVAKT_KEYWORD(except)
PORTVAKT_KEYWORD(fact) PORTVAKT_KEYWORD(for) PORTVAKT_KEYWORD(forbid) PORTVAKT_KEYWORD(from)
PORTVAKT_KEYWORD(gives) PORTVAKT_KEYWORD(held) PORTVAKT_KEYWORD(if) PORTVAKT_KEYWORD(import)
PORTVAKT_KEYWORD(in) PORTVAKT_KEYWORD(includes) PORTVAKT_KEYWORD(is) PORTVAKT_KEYWORD(lasting)
PORTVAKT_KEYWORD(least) PORTVAKT_KEYWORD(less) PORTVAKT_KEYWORD(licence) PORTVAKT_KEYWORD(limit)
PORTVAKT_KEYWORD(may) PORTVAKT_KEYWORD(more) PORTVAKT_KEYWORD(most) PORTVAKT_KEYWORD(no)
PORTVAKT_KEYWORD(not) PORTVAKT_KEYWORD(note) PORTVAKT_KEYWORD(of) PORTVAKT_KEYWORD(on)
PORTVAKT_KEYWORD(only) PORTVAKT_KEYWORD(open) PORTVAKT_KEYWORD(optional) PORTVAKT_KEYWORD(or)
PORTVAKT_KEYWORD(permission) PORTVAKT_KEYWORD(permit) PORTVAKT_KEYWORD(policy)
PORTVAKT_KEYWORD(present) PORTVAKT_KEYWORD(absent) PORTVAKT_KEYWORD(program)
PORTVAKT_KEYWORD(promise) PORTVAKT_KEYWORD(remove) PORTVAKT_KEYWORD(request)
PORTVAKT_KEYWORD(requires) PORTVAKT_KEYWORD(role) PORTVAKT_KEYWORD(seats) PORTVAKT_KEYWORD(set)
PORTVAKT_KEYWORD(some) PORTVAKT_KEYWORD(than) PORTVAKT_KEYWORD(time) PORTVAKT_KEYWORD(to)
PORTVAKT_KEYWORD(transitive) PORTVAKT_KEYWORD(unless) PORTVAKT_KEYWORD(with)
PORTVAKT_KEYWORD(within) PORTVAKT_KEYWORD(without) PORTVAKT_KEYWORD(zone)
#undef PORTVAKT_KEYWORD

struct quoted_character : pegtl::not_one<'`', '.', '*', '"', '\n', '\r'> {
};
struct quoted_rest : seq<plus<quoted_character>, one<'`'>> {
  static constexpr auto error_message =
      "a quoted name is one word between backticks, without dots, stars and quotation "
      "marks\n`delete`, document.`sign-off`";
};
struct quoted_segment : if_must<one<'`'>, quoted_rest> {};
struct first_segment : sor<quoted_segment, seq<letter, star<word_character>>> {};
struct next_segment : sor<quoted_segment, plus<word_character>> {
  static constexpr auto error_message = "a word must follow the dot\nuser.home";
};
struct name_token : seq<first_segment, star<if_must<one<'.'>, next_segment>>> {};
struct pattern_segment : sor<one<'*'>, quoted_segment, plus<word_character>> {
  static constexpr auto error_message = "a word or `*` must follow the dot\nlon.*";
};
struct pattern_token : seq<sor<one<'*'>, first_segment>, star<if_must<one<'.'>, pattern_segment>>> {
};

struct reserved : word_that<&IsReserved> {};
struct sentence_end : word_that<&EndsSentence> {};
struct shape_end : word_that<&EndsShape> {};

struct name : seq<not_at<reserved>, name_token, blanks> {};
struct pattern : seq<not_at<reserved>, pattern_token, blanks> {};
struct word : seq<not_at<sentence_end>, name_token, blanks> {};
struct unit_token : word_that<&IsDurationUnit> {};
struct symbol_kind_token : word_that<&IsSymbolKind> {};

struct text_token
    : seq<one<'"'>, star<sor<seq<one<'\\'>, pegtl::any>, pegtl::not_one<'"', '\n'>>>, one<'"'>> {};
struct text : seq<text_token, blanks> {};
struct integer_token : plus<digit> {};
struct integer : seq<integer_token, not_at<word_goes_on>, blanks> {};
struct number_token : seq<plus<digit>, opt<one<'.'>, plus<digit>>> {};
struct number : seq<number_token, not_at<word_goes_on>, blanks> {};
struct minus_token : one<'-'> {};

}  // namespace portvakt::dsl::grammar
