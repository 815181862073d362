"""The notes of the instructor for the cells that are typed in front of a class: docs/live.md, filled by tools/pages.py.

Minutes, the usual wrong guess and the question stand in the sources (editions.py says how). Which names later cells
need is read from the code.
"""

import ast

from editions import code, has_tag, notes, opening_comment
import jupytext

HEADINGS = ("## ", "### ")
NAMED = (ast.FunctionDef, ast.ClassDef)
UNNAMED = (ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


def page(sources):
    """The Markdown below the introduction of docs/live.md: each notebook, its minutes, its sections, their cells."""
    return "\n\n".join(part for source in sources for part in _notebook(source))


def _notebook(source):
    """The paragraphs about one notebook."""
    cells = jupytext.read(source, fmt="py:percent").cells
    typed = [(index, notes(cell)) for index, cell in enumerate(cells) if has_tag(cell, "live")]
    title = cells[0].source.splitlines()[0].removeprefix("# ")
    minutes = sum(note.get("minutes", 0) for _, note in typed)
    yield f"## {title}"
    yield f"[The live edition](../notebooks/live/{source.stem}.ipynb): {len(typed)} cells, {minutes} minutes."
    shown = None
    for index, note in typed:
        if (title := section(cells, index)) != shown:
            yield f"### {title}"
            shown = title
        yield _cell(cells, index, note)


def section(cells, index):
    """The title of the section that a cell stands in."""
    prose = [cell.source for cell in cells[:index] if cell.cell_type == "markdown"]
    return [line for text in prose for line in text.splitlines() if line.startswith(HEADINGS)][-1].lstrip("# ")


def _cell(cells, index, note):
    """What the instructor should know about one cell."""
    text = code(cells[index], "solutions")
    comment = " ".join(line.lstrip("# ") for line in opening_comment(text).splitlines()).replace("*", r"\*")
    needed = ", ".join(f"`{name}`" for name in needed_later(text, later_code(cells, index)))
    lines = [f"**{comment}**", "", f"- Needed later: {needed or 'no new name'}"]
    if note:
        lines += [f"- Minutes: {note['minutes']}", f"- Wrong guess: {note['guess']}", f"- Ask: {note['ask']}"]
    return "\n".join(lines)


def later_code(cells, index):
    """The texts of the code cells below a cell, with their answers."""
    return [code(cell, "solutions") for cell in cells[index + 1 :] if cell.cell_type == "code"]


def needed_later(text, later):
    """The names that a cell assigns and that a later cell reads before one assigns them anew, in their order."""
    assigned = list(dict.fromkeys(name for name, is_read in _uses(ast.parse(text)) if not is_read))
    first_use = {}  # of each name below the cell: whether it is read
    for each in later:
        for name, is_read in _uses(ast.parse(each)):
            first_use.setdefault(name, is_read)
    return [name for name in assigned if first_use.get(name)]


def _uses(tree):
    """(name, whether it is read, not assigned) for each use of a global name, in the order in which Python comes by.

    What functions read counts last: they are called when the cell has assigned all that it assigns.
    """
    now, at_the_end = [], []

    def visit(node):
        if isinstance(node, ast.Name):
            now.append((node.id, isinstance(node.ctx, ast.Load)))
        elif isinstance(node, NAMED):
            at_the_end.extend((name, True) for name in _read_inside(node))
            now.append((node.name, False))
        elif isinstance(node, UNNAMED):
            now.extend((name, True) for name in _read_inside(node))
        else:
            if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
                now.append((node.target.id, True))
            first = (getattr(node, "value", None), getattr(node, "iter", None))  # before what they are assigned to
            for child in sorted(ast.iter_child_nodes(node), key=lambda child: child not in first):
                visit(child)

    visit(tree)
    return now + at_the_end


def _read_inside(node):
    """The global names that a function, a class or a comprehension reads, in their order."""
    parts = list(ast.walk(node))
    names = [part for part in parts if isinstance(part, ast.Name)]
    own = {name.id for name in names if isinstance(name.ctx, ast.Store)}
    own |= {part.arg for part in parts if isinstance(part, ast.arg)}
    own |= {part.name for part in parts if isinstance(part, NAMED)}
    return dict.fromkeys(name.id for name in names if name.id not in own)
