"""Signs webhooks, uses sessions, and lists the accepted responses with reasons."""

import hashlib
import hmac
import json
import os
import time
from urllib.parse import parse_qsl, urlsplit

import jsonschema_rs
import requests
import schemathesis
from schemathesis.core.failures import AcceptedNegativeData
from schemathesis.core.parameters import ParameterLocation
from schemathesis.openapi.checks import RejectedPositiveData

ORIGIN = os.environ["DOCKET_ORIGIN"]
PASSWORD = os.environ["DOCKET_PASSWORD"]
SECRET = os.environ["DOCKET_SOURCE_SECRET"]


class Webhook(requests.auth.AuthBase):
    """Signs the body when it is sent."""

    def __call__(self, request):
        body = request.body or b""
        body = body.encode() if isinstance(body, str) else body
        seconds = str(int(time.time()))
        tag = hmac.new(SECRET.encode(), seconds.encode() + b"." + body, hashlib.sha256).hexdigest()
        request.headers["Persona-Signature"] = f"t={seconds},v1={tag}"
        return request


def sign_in():
    body = {"data": {"attributes": {"email-address": "ada@lumen.example", "password": PASSWORD}}}
    answer = requests.post(f"{ORIGIN}/api/v1/sessions", json=body, timeout=30)
    answer.raise_for_status()
    return cookie_of(answer.headers["Set-Cookie"])


def cookie_of(header):
    return header.split(";")[0]


# Created before the requests that try passwords, because those use up the attempts of this address. Each request that
# ends a session takes one of them.
SESSIONS = [sign_in() for _ in range(20)]


class Session(requests.auth.AuthBase):
    """Sends the cookie of a session instead of the key."""

    def __call__(self, request):
        is_end = request.method == "DELETE" and len(SESSIONS) > 1
        request.headers.pop("Authorization", None)
        request.headers.update({"Cookie": SESSIONS.pop() if is_end else SESSIONS[0], "Origin": ORIGIN})
        return request


@schemathesis.hook
def after_call(context, case, response):
    # Switching a session sets another cookie.
    if case.operation.path == "/session" and "set-cookie" in response.headers and case.method.upper() == "PATCH":
        SESSIONS[0] = cookie_of(response.headers["set-cookie"][0])


@schemathesis.hook
def before_call(context, case, kwargs):
    operation = case.operation
    if operation.path.startswith("/ingest/"):
        # A request with an intentionally wrong signature keeps it.
        if case.meta is None or not case.meta.is_negative_at(ParameterLocation.HEADER):
            kwargs["auth"] = Webhook()
    elif operation.definition.raw.get("security") == [{"session": []}]:
        # A request intentionally without the cookie stays without it.
        if case.meta is None or not case.meta.is_negative_at(ParameterLocation.COOKIE):
            kwargs["auth"] = Session()


def errors(response):
    try:
        return response.json()["errors"]
    except (ValueError, KeyError, TypeError):
        return []


def are_about(response, *pointers):
    """Whether every error points to one of these places."""
    places = [error.get("source", {}).get("pointer", "") for error in errors(response)]
    return bool(places) and all(place.startswith(pointers) for place in places)


def has_code(response, code):
    return any(error.get("code") == code for error in errors(response))


def says(response, words):
    return any(words in error.get("details", "") for error in errors(response))


# The accepted failures: the kind, the condition and the reason.
ACCEPTED = [
    (
        RejectedPositiveData,
        lambda case, response: says(response, "page[after]"),
        "A cursor is the id of an object of the list, and the two cursors exclude each other. Each parameter is described"
        " by itself and independently of stored data.",
    ),
    (
        RejectedPositiveData,
        lambda case, response: case.operation.path == "/references" and says(response, "filter["),
        "One of three filters is sent, some with others. Each parameter is described by itself.",
    ),
    (
        RejectedPositiveData,
        lambda case, response: case.operation.path == "/bundle" and has_code(response, "unknown-slug"),
        "The slugs of an export belong to existing objects. Parameters are described independently of stored data.",
    ),
    (
        RejectedPositiveData,
        lambda case, response: are_about(
            response, "/data/attributes/definition", "/data/attributes/base-definition", "/data/attributes/bundle"
        ),
        "A definition or a setup bundle may be sent as text with YAML or JSON; no schema can describe its content.",
    ),
    (
        RejectedPositiveData,
        lambda case, response: says(response, "a member appears twice, in different casings"),
        "Names are read in any casing. No schema can express that two names are the same.",
    ),
    (
        AcceptedNegativeData,
        lambda case, response: conforms_as_sent(case, response),
        "Queries and forms carry text: what is wrong in its type before it is sent can be right as it arrives. Unknown"
        " parameters of a query are ignored, as the published contract has it. An Idempotency-Key may also be UTF-8 text,"
        " which not every client and proxy carries.",
    ),
]


def conforms_as_sent(case, response):
    """Whether a request made to be wrong conforms to the description once it is text."""
    mutations = getattr(case.meta.phase.data, "mutations", ()) if case.meta is not None else ()
    return bool(mutations) and all(conforms_at(mutation, case, response) for mutation in mutations)


def conforms_at(mutation, case, response):
    if mutation.parameter_location == ParameterLocation.QUERY:
        return query_conforms(case, response.request.url)
    if mutation.parameter_location == ParameterLocation.HEADER:
        return mutation.parameter == "Idempotency-Key" or "Idempotency-Key" in mutation.schema_pointer
    if mutation.parameter_location == ParameterLocation.BODY and case.media_type == "multipart/form-data":
        schema = case.operation.definition.raw["requestBody"]["content"][case.media_type]["schema"]
        return is_valid(schema, as_form(case.body, schema))
    return False


def query_conforms(case, url):
    """Whether every described parameter of a query has a valid value, and none that is required is missing."""
    sent = {}
    for name, value in parse_qsl(urlsplit(url).query, keep_blank_values=True):
        sent.setdefault(name, []).append(value)
    for parameter in case.operation.definition.raw.get("parameters", []):
        # A reference is to a header.
        if parameter.get("in") != "query":
            continue
        values = sent.get(parameter["name"])
        if values is None and parameter.get("required"):
            return False
        if values is not None and not any(is_valid(parameter["schema"], meant) for meant in meanings(values)):
            return False
    return True


def meanings(values):
    """What the texts of a parameter can mean."""
    yield values
    if len(values) == 1:
        yield from meanings_of(values[0])


def meanings_of(text):
    yield text
    if text in ("true", "false"):
        yield text == "true"
    if text.removeprefix("-").isdecimal() and text.isascii():
        yield int(text)


def as_form(value, schema):
    """A body as the server reads it from a form: each leaf is a text that means what the schema allows it to mean."""
    if isinstance(value, dict):
        members = schema.get("properties", {})
        return {name: as_form(member, members.get(name, {})) for name, member in value.items() if member is not None}
    if isinstance(value, list):
        return [as_form(item, schema.get("items", {})) for item in value]
    text = json.dumps(value) if isinstance(value, (bool, int, float)) else value
    if not isinstance(text, str):
        return text
    return next((meant for meant in meanings_of(text) if is_valid(schema, meant)), text)


def is_valid(schema, value):
    return jsonschema_rs.is_valid(schema, value)


@schemathesis.hook
def filter_failure(context, failure, case, response):
    return not any(isinstance(failure, kind) and holds(case, response) for kind, holds, _ in ACCEPTED)
