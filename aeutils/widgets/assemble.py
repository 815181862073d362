"""The page's JavaScript put together: one module for a cell's output, one program for a page without Jupyter.

It imports nothing but the standard library, since aeutils_lab loads it into programs that must not load torch.
"""

import base64
import html
import json
from math import prod
from pathlib import Path
import re
import zlib

PAGE = Path(__file__).parent / "page"
"""The JavaScript and the style sheet of the explorers."""
STORED = Path(__file__).parent / "course"
"""The course's own explorers, for pages without Python: with .json their fields, with .bin their bytes, deflated."""
SIZES = {"float32": 4, "uint8": 1, "int8": 1}
"""Bytes of a number of each type."""
IMPORTS = re.compile(r'^import \{([^}]*)\} from "\./(\w+)\.js";$', re.MULTILINE)
EXPORTS = re.compile(r"^export (?:async )?(?:const|function) (\w+)", re.MULTILINE)

PLAIN = """
:root { color-scheme: light dark; background: light-dark(#ffffff, #121212); color: light-dark(#000000, #ffffff); }
body { margin: 0 auto; max-width: 1000px; padding: 8px; font: 18px/1.5 system-ui, sans-serif; }
a { color: light-dark(#00558c, #8ecbff); }
"""
"""The look of a page that is nothing but explorers."""


def bundle(name):
    """One of the page's modules with all that it imports in a single one: the output of a cell has no other files.

    name: its file, such as "blend.js". Each of the others becomes an object of what it exports.
    """
    *needed, (_, last) = _texts(name)
    return "\n".join([*(_as_object(key, text) for key, text in needed), last])


def _texts(name):
    """(name, text) of a module and all that it imports, each after those that it needs."""
    texts = {}
    _collect(name, texts)
    return [(key, IMPORTS.sub(r"const {\1} = \2_js;", text)) for key, text in texts.items()]


def _collect(name, texts):
    text = (PAGE / name).read_text(encoding="utf-8")
    for _, other in IMPORTS.findall(text):
        if f"{other}.js" not in texts:
            _collect(f"{other}.js", texts)
    texts[name] = text


def stored():
    """({name: fields}, bytes) of the course's own explorers, which share their bytes."""
    explorers = json.loads(STORED.with_suffix(".json").read_text(encoding="utf-8"))
    return explorers, zlib.decompress(STORED.with_suffix(".bin").read_bytes())


def only(explorers, data, names):
    """({name: fields}, bytes) of some of several explorers, without the bytes of the others."""
    kept, packed = {}, bytearray()

    def moved(offset, length):
        packed.extend(data[offset : offset + length])
        return len(packed) - length

    for name in names:
        arrays = {}
        for key, entry in explorers[name]["arrays"].items():
            length = SIZES[entry["type"]] * prod(entry["shape"])
            arrays[key] = entry | {"offset": moved(entry["offset"], length)}
            if "scales" in entry:
                arrays[key]["scales"] = moved(entry["scales"], 4 * entry["shape"][0])
        kept[name] = explorers[name] | {"arrays": arrays}
    return kept, bytes(packed)


def script(*packs):
    """A program for pages without Jupyter: it shows explorers where data-explorer marks their places.

    packs: pairs of explorers, {name: fields of its Contents}, and the bytes of their common Pack. No module, since
    browsers load none from a file on the disk.
    """
    modules = "\n".join(_as_object(name, text) for name, text in _texts("adapter.js"))
    shown = "\n".join(_call(*pack) for pack in packs)
    return f"{{\n{modules}\n{shown}\n}}\n"


def _call(explorers, data):
    fields = json.dumps(explorers, separators=(",", ":")).replace("<", "\\u003c")
    packed = base64.b64encode(zlib.compress(data, 9)).decode()
    return f'adapter_js.showAll({fields}, "{packed}");'


def standalone(title, explorers, data, body='<div data-explorer=""></div>'):
    """One HTML page in which explorers run without Jupyter.

    explorers: {name: fields of its Contents}. data: the bytes of their common Pack. body: HTML in which
    data-explorer="name" marks where each stands; what such an element holds is shown where no script runs.
    """
    style = (PAGE / "explorer.css").read_text(encoding="utf-8")
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{html.escape(title)}</title>
<style>{PLAIN}{style}</style>
</head>
<body>
<main>{body}</main>
<script>{script((explorers, data))}</script>
</body>
</html>
"""


def _as_object(name, text):
    exported = ", ".join(EXPORTS.findall(text))
    text = re.sub(r"^export default .*\n|^export ", "", text, flags=re.MULTILINE)
    return f"const {name.replace('.', '_')} = (() => {{\n{text}return {{ {exported} }};\n}})();"
