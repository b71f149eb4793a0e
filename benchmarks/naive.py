"""The whole job as a competent user would write it in an afternoon: pandas to read, httpx in a loop.

    python benchmarks/naive.py SHEET BASE_URL RATE

Each row is looked up by its phone number; one that differs is edited, one that is not there is added. What it leaves
out: bad cells, duplicates, lost answers, a kill, reports, undo. On clean data and a quiet server it is right.
"""

import os
import sys
import time

import httpx
import pandas as pd
import phonenumbers

SHEET, BASE_URL, RATE = sys.argv[1], sys.argv[2], float(sys.argv[3])
AUTHENTICATION = {"key": os.environ["ILETIMERKEZI_API_KEY"], "hash": os.environ["ILETIMERKEZI_API_HASH"]}
client = httpx.Client(timeout=30)
last = 0.0


def call(method, **body):
    """Sends a request, at the pace allowed; three attempts where the server is busy."""
    global last
    for attempt in range(3):
        time.sleep(max(0.0, last + 1 / RATE - time.monotonic()))
        last = time.monotonic()
        answer = client.post(f"{BASE_URL}/{method}/json", json={"request": {"authentication": AUTHENTICATION, **body}})
        response = answer.json()["response"]
        code = int(response["status"]["code"])
        if code in (200, 465):
            return response
        if code not in (429, 503):
            break
        time.sleep(2**attempt)
    raise SystemExit(f"{method}: {code} {response['status']['message']}")


def phone(text):
    """The number in E.164."""
    number = phonenumbers.parse(text, "TR")
    if not phonenumbers.is_valid_number(number):
        raise ValueError(text)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def date(text):
    """The date as the address book has it."""
    for form in ("%d.%m.%Y", "%d/%m/%Y", "%Y-%m-%d"):
        try:
            return time.strftime("%d/%m/%Y", time.strptime(text, form))
        except ValueError:
            continue
    raise ValueError(text)


def comparable(contact):
    """What two contacts are compared by."""
    fields = {int(each["id"]): each["value"] for each in contact["custom_fields"] if each["value"]}
    return [contact[name] for name in ("name", "surname", "email")], fields, {int(each) for each in contact["groups"]}


sheet = pd.read_csv(SHEET, sep=";", dtype=str, keep_default_na=False)
groups = {group["name"]: int(group["id"]) for group in call("get-groups")["groups"]}
added = edited = unchanged = 0
for row in sheet.to_dict("records"):
    wanted = {
        "name": row["Ad"],
        "surname": row["Soyad"],
        "email": row["E-posta"].lower(),
        "gsm": phone(row["Cep"]),
        "custom_fields": [{"id": 1, "value": date(row["Doğum"])}, {"id": 2, "value": row["Şehir"]}],
        "groups": [groups[name.strip()] for name in row["Grup"].split(";")],
    }
    search = {"key": wanted["gsm"][3:], "page": 1, "rowCount": 1000}
    answer = call("search-contacts", search=search)
    found = [contact for contact in answer.get("contacts", []) if contact["gsm"] == wanted["gsm"]]
    sent = {**wanted, "custom_fields": {"custom_field": wanted["custom_fields"]}}
    if not found:
        sent["groups"] = {"group": [{"id": group} for group in wanted["groups"]]}
        call("add-contact", contact=sent)
        added += 1
    elif comparable(found[0]) != comparable(wanted):
        call("edit-contact", contact={"id": found[0]["id"], **sent, "groups": {"id": wanted["groups"]}})
        edited += 1
    else:
        unchanged += 1
print(f"{added} added, {edited} edited, {unchanged} unchanged")
