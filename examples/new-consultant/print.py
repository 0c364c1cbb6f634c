"""Prints an answer of the server as a line or two of the story; ends with 1 when it is another."""
import json
import sys

answer = json.load(sys.stdin)
kind, arguments = sys.argv[1], sys.argv[2:]


def fail(why):
    sys.exit(f"not as told: {why}\n{json.dumps(answer, indent=2, ensure_ascii=False)}")


def reason(of):
    first = of["reasons"][0]
    return first["code"], f"{first['text'] or first['code']} ({first['code']})"


def symbols():
    return [result["symbol"] for result in answer["results"]]


if "results" not in answer and kind in ("names", "programs", "buttons"):
    fail("the search was not answered")

if kind == "change":
    words, expected = arguments
    if answer.get("outcome") == "applied":
        if expected:
            fail(f"{words}: should be refused with {expected}")
        print(f"  {words}: done (revision {answer['revision']})")
    elif answer.get("outcome") == "refused":
        refused = next(one for one in answer["verdicts"] if one["outcome"] == "refused")
        code, text = reason(refused)
        if code != expected:
            fail(f"{words}: refused with {code}, not with {expected or 'nothing'}")
        print(f"  {words}: no, {text}")
    else:
        fail(words)
elif kind == "names":
    print(" ".join(result["entity"]["id"] for result in answer["results"]))
elif kind == "programs":
    programs = {}
    for symbol in symbols():
        program, dot, permission = symbol.partition(".")
        if dot:
            programs.setdefault(program, []).append(permission)
    what = "; ".join(f"{name}: {', '.join(keys)}" for name, keys in programs.items())
    print(f"    {arguments[0]}: {what or 'no programs yet'}")
elif kind == "buttons":
    user, client = arguments
    shown = [one for one in symbols() if one.startswith(("administration.", "klienthanterare."))]
    print(f"  {user} sees in the administration of {client}: {', '.join(shown) or 'no button'}")
elif kind == "missing":
    if answer.get("permitted"):
        print(f"  nothing is missing for {arguments[0]}")
    elif not answer.get("plans"):
        fail(f"nothing would help {arguments[0]}")
    else:
        print(f"  missing for {arguments[0]}:")
        for number, step in enumerate(answer["plans"][0]["steps"], 1):
            who = ", ".join(one["id"] for one in step["who"])
            more = " and others" if step["more_who"] else ""
            print(f"    {number}. {step['text']}, by {who + more if who else 'the operator'}")
elif kind == "explain":
    question, expected = arguments
    context = answer.get("context", answer)
    if answer.get("decision"):
        if expected != "permit":
            fail(f"{question}: should be denied with {expected}")
        print(f"  {question}: yes")
    else:
        code, text = reason(context)
        if code != expected:
            fail(f"{question}: denied with {code}, not with {expected}")
        print(f"  {question}: no, {text}")
