"""A deploy program that prints whatever it likes: ``loud.py <deploy.py> <texts.json> <number> <words>...``.

It writes its words and the names of its variables into ``loud.log`` beside itself, prints every text, its
secrets and the text of that number last, all but with ``good`` into its error output as well, and fails.
``good`` deploys in the end, ``list`` prints releases of which the newest earlier one is called like the text.
"""

import json
import os
import subprocess
import sys
from base64 import b64encode
from pathlib import Path

deploy, texts, number, *words = sys.argv[1:]
hostile = json.loads(Path(texts).read_text(encoding="utf-8"))
last = hostile[int(Path(number).read_text(encoding="utf-8"))]
line = json.dumps({"words": words, "variables": sorted(os.environ)})
with Path(__file__).resolve().with_suffix(".log").open("a", encoding="utf-8") as log:
    log.write(line + "\n")


def say(text: str, *, loud: bool = False) -> None:
    data = f"{text}\n".encode(errors="replace")
    os.write(1, data)
    if loud:
        os.write(2, data)


if words[0] == "list":
    say(
        json.dumps(
            [
                {"release": "v42", "target": "c" * 40},
                {"release": last, "target": last},
                {"release": "v40", "target": "a" * 40},
            ]
        )
    )
    sys.exit(0)
for text in hostile:
    say(text, loud=words[0] != "good")
secret = os.environ["DEPLOY_TOKEN"]
say(f"the token is {secret}, https://x:{secret}@db/, {b64encode(secret.encode()).decode()}", loud=True)
say(last)
if words[0] == "good":
    sys.exit(subprocess.run([sys.executable, deploy, *words[1:]], check=False, timeout=30).returncode)
sys.exit(1)
