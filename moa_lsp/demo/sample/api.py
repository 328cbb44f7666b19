"""The tea shop's API. Requests and responses are dictionaries, so no web framework is needed."""


def handle(store, request):
    """Answer one request: {"method", "path", "body"} in, {"status", "body"} out."""
    try:
        return route(store, request)
    except Exception:
        return {"status": 500, "body": {"error": "error"}}


def route(store, request):
    method = request["method"]
    parts = request["path"].strip("/").split("/")
    if method == "GET" and len(parts) == 2 and parts[0] == "items":
        return ok(store.find(parts[1]))
    if method == "POST" and len(parts) == 3 and parts[0] == "items" and parts[2] == "reserve":
        return ok(reserve(store, parts[1], request.get("body")))
    return {"status": 404, "body": {"error": "no such path"}}


def reserve(store, number, body):
    try:
        return store.reserve(number, int(body["quantity"]))
    except Exception:
        return {}


def ok(body):
    return {"status": 200, "body": body}
