"""The page's JavaScript put together: one module for a cell's output, one program for a page without Jupyter."""

import base64
import html
import json
from pathlib import Path
import re
import zlib

from aeutils.errors import InputError

PAGE = Path(__file__).parent / "page"
"""The JavaScript and the style sheet of the explorers."""
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


def script(explorers, data):
    """A program for pages without Jupyter: it shows explorers where data-explorer marks their places.

    explorers: {name: fields of its Contents}. data: the bytes of their common Pack. No module, since browsers load
    none from a file on the disk.
    """
    fields = json.dumps(explorers, separators=(",", ":")).replace("<", "\\u003c")
    packed = base64.b64encode(zlib.compress(data, 9)).decode()
    modules = "\n".join(_as_object(name, text) for name, text in _texts("adapter.js"))
    return f'{{\n{modules}\nadapter_js.showAll({fields}, "{packed}");\n}}\n'


def standalone(title, explorers, data, body='<div data-explorer=""></div>'):
    """One HTML page in which explorers run without Jupyter.

    explorers: {name: fields of its Contents}. data: the bytes of their common Pack. body: HTML in which
    data-explorer="name" marks where each stands; what such an element holds is shown where no script runs.
    """
    unknown = {layer for fields in explorers.values() for layer in fields["unknown"].values()}
    if unknown:
        raise InputError(f"the page does not know the layers {', '.join(sorted(unknown))}; only a kernel can run them")
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
<script>{script(explorers, data)}</script>
</body>
</html>
"""


def _as_object(name, text):
    exported = ", ".join(EXPORTS.findall(text))
    text = re.sub(r"^export default .*\n|^export ", "", text, flags=re.MULTILINE)
    return f"const {name.replace('.', '_')} = (() => {{\n{text}return {{ {exported} }};\n}})();"
