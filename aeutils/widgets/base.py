"""What explorers are made of: a page that computes by itself, and the figure for those who have no such page."""

import base64
import html
import json
from pathlib import Path
import re
import zlib

from aeutils.errors import InputError
from aeutils.notebook import is_quiet
import anywidget
import torch
import traitlets

PAGE = Path(__file__).parent / "page"
"""The JavaScript and the style sheet of the explorers."""
FIRST = 100
"""So many images can be chosen from."""
IMPORTS = re.compile(r'^import \{([^}]*)\} from "\./(\w+)\.js";$', re.MULTILINE)
EXPORTS = re.compile(r"^export (?:async )?(?:const|function) (\w+)", re.MULTILINE)


def live_or_still(live, still):
    """What a cell shows: an Explorer where somebody can move it, else a Figure. Both are functions that make one."""
    return still() if is_quiet() else live()


def bundle(name):
    """One of the page's modules with all that it imports in a single one: the output of a cell has no other files.

    name: its file, such as "blend.js". Each of the others becomes an object of what it exports.
    """
    texts = {}
    _collect(name, texts)
    *needed, last = [(key, IMPORTS.sub(r"const {\1} = \2_js;", text)) for key, text in texts.items()]
    return "\n".join([*(_as_object(key, text) for key, text in needed), last[1]])


def _collect(name, texts):
    """Add to texts the modules that one imports, each after those that it needs, then itself."""
    text = (PAGE / name).read_text(encoding="utf-8")
    for _, other in IMPORTS.findall(text):
        if f"{other}.js" not in texts:
            _collect(f"{other}.js", texts)
    texts[name] = text


def standalone(title, explorers, data, body='<div data-explorer=""></div>'):
    """One HTML page in which explorers run without Jupyter.

    explorers: {name: fields of its Contents}. data: the bytes of their common Pack. body: HTML in which
    data-explorer="name" marks where each stands; what such an element holds is shown where no script runs.
    """
    unknown = {layer for fields in explorers.values() for layer in fields["unknown"].values()}
    if unknown:
        raise InputError(f"the page does not know the layers {', '.join(sorted(unknown))}; only a kernel can run them")
    fields = json.dumps(explorers, separators=(",", ":")).replace("<", "\\u003c")
    packed = base64.b64encode(zlib.compress(data, 9)).decode()
    style = (PAGE / "explorer.css").read_text(encoding="utf-8")
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{html.escape(title)}</title>
<style>:root {{ color-scheme: light dark; }} body {{ margin: 0 auto; max-width: 1000px; padding: 8px; }}
{style}</style>
</head>
<body>
<main>{body}</main>
<script type="module">{bundle("adapter.js")}
showAll({fields}, "{packed}");</script>
</body>
</html>
"""


def _as_object(name, text):
    exported = ", ".join(EXPORTS.findall(text))
    text = re.sub(r"^export default .*\n|^export ", "", text, flags=re.MULTILINE)
    return f"const {name.replace('.', '_')} = (() => {{\n{text}return {{ {exported} }};\n}})();"


class Explorer(anywidget.AnyWidget):
    """An explorer in a notebook. From the moment that it is shown the page computes by itself.

    contents: the Contents that are handed over. still: a function that makes the Figure which the stored output
    carries for those who have no page that can run it. Networks that the page does not know the kernel computes.
    """

    _css = PAGE / "explorer.css"
    fields = traitlets.Dict().tag(sync=True)
    data = traitlets.Bytes().tag(sync=True)

    def __init__(self, contents, still):
        super().__init__(fields=contents.fields, data=contents.pack.bytes())
        self._modules, self._inputs, self._still = contents.modules, contents.inputs, still
        self.on_msg(self._compute)

    def _compute(self, _widget, question, buffers):
        """Answer the page's question for what a network makes of values."""
        values = torch.frombuffer(bytearray(buffers[0]), dtype=torch.float32)
        name = question["network"]
        with torch.no_grad():
            made = self._modules[name](values.reshape(self._inputs[name]))
        self.send({"id": question["id"]}, [made.contiguous().numpy().tobytes()])

    def save(self, path):
        """Write the explorer as one HTML file that works without Jupyter, Python or a network.

        Raises InputError where the page does not know a layer of the model.
        """
        Path(path).write_text(standalone(self.fields["kind"], {"": self.fields}, self.data), encoding="utf-8")

    def _repr_mimebundle_(self, **options):
        view, _ = super()._repr_mimebundle_(**options)
        image, metadata = self._still()._repr_mimebundle_()
        return {**view, **image}, metadata
