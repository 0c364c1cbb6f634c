"""Calls every operation that a running server describes, with every example of it, and compares
requests and answers with the schemas: openapi_check.py http://ADDRESS:PORT. Prints what differs."""
import json
import sys
import urllib.error
import urllib.request

from jsonschema import Draft202012Validator

base = sys.argv[1]
faults = []


def call(method, path, body=None):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(base + path, data=data, method=method)
    if data is not None:
        request.add_header("Content-Type", "application/json")
    try:
        answer = urllib.request.urlopen(request, timeout=30)
    except urllib.error.HTTPError as error:
        answer = error
    with answer:
        return answer.status, answer.headers.get_content_type(), answer.read().decode()


document = json.loads(call("GET", "/openapi.json")[2])


def resolve(node):
    while "$ref" in node:
        found = document
        for part in node["$ref"][2:].split("/"):
            found = found[part]
        node = found
    return node


def check(where, schema, value):
    rooted = {"allOf": [schema], "components": document["components"]}
    for error in Draft202012Validator(rooted).iter_errors(value):
        faults.append(f"{where}: {error.json_path}: {error.message[:300]}")


def check_answer(where, operation, status, media_type, text):
    described = operation["responses"].get(str(status)) or operation["responses"]["default"]
    content = resolve(described)["content"]
    if media_type not in content:
        faults.append(f"{where}: {status} came as {media_type}, not as one of {list(content)}")
    elif media_type.endswith("json"):
        check(f"{where}: answer {status}", content[media_type]["schema"], json.loads(text))


def examples_of(operation):
    content = operation["requestBody"]["content"]["application/json"]
    for name, example in content["examples"].items():
        yield name, content["schema"], example["value"]


def try_operation(method, path, operation):
    name = operation["operationId"]
    query = [f"{p['name']}={p['example']}" for p in operation.get("parameters", [])
             if p["in"] == "query"]
    for p in operation.get("parameters", []):
        if p["in"] == "path":
            path = path.replace("{" + p["name"] + "}", str(p["example"]))
    target = path + ("?" + "&".join(query) if query else "")
    if "requestBody" not in operation:
        status, media_type, text = call(method, target)
        if status != operation.get("x-example-status", 200):
            faults.append(f"{name}: {status} {text[:300]}")
        check_answer(name, operation, status, media_type, text)
        return 1
    count = 0
    for example, schema, value in examples_of(operation):
        where = f"{name}, example {example}"
        check(where + ": request", schema, value)
        status, media_type, text = call(method, target, value)
        if status != operation.get("x-example-status", 200):
            faults.append(f"{where}: {status} {text[:300]}")
        check_answer(where, operation, status, media_type, text)
        count += 1
    # What is no request of it is refused with a problem, as described.
    status, media_type, text = call(method, target, [])
    if status != 400:
        faults.append(f"{name}: an array as body got {status}")
    check_answer(name + ", an array as body", operation, status, media_type, text)
    return count


Draft202012Validator.check_schema({"$defs": document["components"]["schemas"]})
calls = 0
for path, methods in document["paths"].items():
    for method, operation in methods.items():
        calls += try_operation(method.upper(), path, operation)
for fault in faults:
    print(fault)
print(f"{calls} calls, {len(faults)} faults")
sys.exit(1 if faults else 0)
