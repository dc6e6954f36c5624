"""page.py PAGE [FAILURES] - checks a page of iq-stats --html: it is well-formed,
loads nothing, and each number in it, and what else is said to be of the report
inside, is that of the report, whose failures
are those of iq-stats --failures.  Prints that report, or what is wrong."""
import json
import re
import sys
from html.parser import HTMLParser

VOID = {"meta", "link", "br"}
OPTIONAL = {"td", "th", "tr", "li", "dt", "dd"}  # need no end tag


class Page(HTMLParser):
    def __init__(self):
        super().__init__()
        self.open, self.values, self.wrong = [], [], []
        self.words, self.saying = [], False
        self.report = self.style = ""
        self.ids = set()

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        for name in ("src", "href", "srcset", "data", "action", "xlink:href"):
            if not attrs.get(name, "data:,").startswith("data:"):
                self.wrong.append(f"{tag} loads {attrs[name]}")
        if any(name.startswith("on") for name in attrs):
            self.wrong.append(f"{tag} runs something")
        if tag == "script" and attrs.get("type") != "application/json":
            self.wrong.append("a script that runs")
        if attrs.get("id") in self.ids:
            self.wrong.append(f"two of {attrs['id']}")
        if "id" in attrs:
            self.ids.add(attrs["id"])
        if tag == "data":
            self.values.append((attrs["data-is"], attrs["value"]))
        if tag == "span" and "data-is" in attrs:
            self.words.append([attrs["data-is"], ""])
            self.saying = True
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_endtag(self, tag):
        self.saying = False
        while self.open and self.open[-1] != tag and self.open[-1] in OPTIONAL:
            self.open.pop()
        if not self.open or self.open.pop() != tag:
            self.wrong.append(f"</{tag}> where {self.open[-1:]} ends")

    def handle_data(self, data):
        if self.saying:
            self.words[-1][1] += data
        if self.open and self.open[-1] == "script":
            self.report += data
        elif self.open and self.open[-1] == "style":
            self.style += data


def look_up(value, where):
    for step in where.split("."):
        value = value[int(step) if step.isdigit() else step]
    return value


with open(sys.argv[1], encoding="utf-8") as f:
    page = Page()
    page.feed(f.read())
    page.close()
report = json.loads(page.report)
if len(sys.argv) > 2:
    with open(sys.argv[2], encoding="utf-8") as f:
        if report["failures"] != json.load(f)["failures"]:
            page.wrong.append("its failures are not those of --failures")
wrong = page.wrong
if page.open:
    wrong.append(f"{page.open} is not ended")
if re.search(r"url\(|@import", page.style):
    wrong.append("the style loads something")
for where, value in page.values:
    want = look_up(report, where)
    if (json.loads(value) if value else None) != want:
        wrong.append(f"{where} is {value} and not {want}")
for where, text in page.words:
    if look_up(report, where) != text:
        wrong.append(f"{where} is {text} and not {look_up(report, where)}")
for where, v in (("settings_warnings", report["settings_warnings"]),
                 ("health.problems", report["health"]["problems"])):
    if sum(w.startswith(where + ".") and not w.endswith("level")
           for w, _ in page.words) != len(v):
        wrong.append(f"not all {where}")
if len(page.values) < 40:
    wrong.append(f"only {len(page.values)} numbers")
print("\n".join(wrong) if wrong else json.dumps(report))
sys.exit(bool(wrong))
