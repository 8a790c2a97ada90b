"""Creates objects of every type. Prints an API key with every permission and the secret of a source of webhooks, one per
line, and then dictionaries of ids as settings of Schemathesis.

The argument is the origin of a server with sample data; the password is in the environment. The requests of Schemathesis
must not end the key itself or its creator, so these are in no dictionary.
"""

import base64
import json
import os
import sys

import requests

ORIGIN = sys.argv[1]
client = requests.Session()
client.headers["Origin"] = ORIGIN


def call(method, path, body=None, **headers):
    """Sends a request; a failure ends the script."""
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    answer = client.request(method, f"{ORIGIN}/api/v1{path}", json=body, headers=headers, timeout=30)
    if not answer.ok:
        sys.exit(f"{method} {path}: {answer.status_code} {answer.text}")
    return answer.json()


def make(path, **attributes):
    return call("POST", path, {"data": {"attributes": attributes}})["data"]


def listed(path, most=5):
    return [one["id"] for one in call("GET", f"{path}{'&' if '?' in path else '?'}page[size]={most}")["data"]]


# A key gets the permission to change people only if a person requests it.
session = make("/sessions", **{"email-address": "ada@lumen.example", "password": os.environ["DOCKET_PASSWORD"]})
whole = make("/api-keys", name="Everything", permissions=session["attributes"]["permissions"])
client = requests.Session()
client.headers["Authorization"] = f"Bearer {whole['attributes']['value']}"

template = make(
    "/case-templates",
    name="Trial",
    fields=[{"key": "note", "type": "string"}, {"key": "amount", "type": "number"}],
)["id"]
cases = [make("/cases", **{"case-template-id": template, "fields": {"note": "n"}})["id"] for _ in range(2)]
account = make("/accounts", **{"reference-id": "trial", "fields": {"name-first": "Eve"}})["id"]
inquiries = [make("/inquiries", **{"inquiry-template-id": "itmpl_trial", "account-id": account})["id"] for _ in range(2)]
for case in cases:
    call("POST", f"/cases/{case}/add-objects", {"meta": {"object-ids": [account, inquiries[0]]}})
    call("POST", f"/cases/{case}/comments", {"data": {"attributes": {"body": "Looked at."}}})
document = {"filename": "a.pdf", "data": base64.b64encode(b"%PDF-1.7\n").decode()}
attached = call("PATCH", f"/cases/{cases[0]}", {"data": {"attributes": {"attachments": [document]}}})["data"]
file = attached["attributes"]["attachments"][0]["url"].rsplit("/", 1)[1]

definition = {
    "trigger": {"on": ["api"], "parameters": [{"name": "amount", "type": "integer", "required": True}]},
    "steps": [
        {"id": "open", "do": "case.create", "with": {"template": template, "fields": {"amount": {"ref": "trigger.fields.amount"}}}}
    ],
}
workflow = make("/workflows", name="Called", definition=definition)["id"]
call("PUT", f"/workflows/{workflow}/draft", {"data": {"attributes": {"definition": definition}}}, If_Match="*")
listening = {"trigger": {"on": ["case.created"]}, "steps": []}
other = make("/workflows", name="Listening", definition=listening)["id"]
for one in (workflow, other):
    call("POST", f"/workflows/{one}/publish")
saves = listed(f"/workflows/{workflow}/draft-saves")
call("POST", f"/workflows/{workflow}/trigger", {"data": {"attributes": {"fields": {"amount": 1}}}})
make("/cases", **{"case-template-id": template})

source = make("/sources", name="Trial")
person = make("/users", **{"email-address": "eve@lumen.example", "name": "Eve", "role": "analyst"})
key = make("/api-keys", name="Trial")["id"]

DICTIONARIES = {
    "account": [account],
    "any": ["*"],
    "api-key": [key],
    "case": cases,
    "case-template": [template],
    "draft-save": saves,
    "email": ["eve@lumen.example", "ada@lumen.example"],
    "event": listed("/events"),
    "file": [file],
    "inquiry": inquiries,
    "new-email": ["eve@lumen.example", "bob@lumen.example"],
    "object": [account, *inquiries],
    "source": [source["id"]],
    "status": ["Open", "Pending", "Approved", "Declined"],
    "user": [person["id"]],
    "workflow": [workflow, other],
    "workflow-run": listed("/workflow-runs"),
    "workflow-version": listed(f"/workflows/{workflow}/versions"),
}
print(whole["attributes"]["value"])
print(source["attributes"]["secret"])
for name, values in DICTIONARIES.items():
    if not values:
        sys.exit(f"there is no {name}")
    print(f"[dictionaries.{name}]\nvalues = {json.dumps(values)}")
