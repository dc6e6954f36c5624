"""schema.py SCHEMA - whether each JSON line of stdin is what the schema says, and
has no member that it does not say."""
import json
import sys

from jsonschema import Draft202012Validator


def strict(part):
    """The same schema, where an object has no other members."""
    if isinstance(part, dict):
        part = {k: strict(v) for k, v in part.items()}
        if "properties" in part and "type" in part:
            part.setdefault("additionalProperties", False)
    elif isinstance(part, list):
        part = [strict(v) for v in part]
    return part


with open(sys.argv[1], encoding="utf-8") as f:
    schema = json.load(f)
Draft202012Validator.check_schema(schema)
validator = Draft202012Validator(strict(schema))
bad = lines = 0
for line in sys.stdin:
    lines += 1
    for error in validator.iter_errors(json.loads(line)):
        print(lines, "/".join(map(str, error.absolute_path)),
              error.message[:200])
        bad += 1
if lines == 0:
    print("nothing to look at")
sys.exit(bad > 0 or lines == 0)
