"""A notebook in the browser: what a student does with mouse and keyboard, and waiting until it has happened."""

import re

import nbformat
from playwright.sync_api import Error, expect

RUNNING = 600_000
"""Milliseconds that all cells of a notebook may take: ten times its budget, for slow machines."""
CELLS = ".jp-NotebookPanel .jp-Notebook-cell"
PROMPTS = f"[...document.querySelectorAll('{CELLS}.jp-CodeCell')].map(cell => cell.querySelector('.jp-InputPrompt'))"
ALL_DONE = f"count => {PROMPTS}.filter(prompt => /^\\[\\d+\\]:$/.test(prompt.textContent)).length === count"
RED = f"{CELLS} [data-mime-type='application/vnd.jupyter.stderr']"
"""Errors and warnings: JupyterLab shows both on red."""
OPEN = "async path => { await window.jupyterapp.commands.execute('docmanager:open', { path }) }"
CLOSE = "() => { for (const widget of [...window.jupyterapp.shell.widgets('main')]) widget.dispose() }"
BROKEN_IMAGES = f"""[...document.querySelectorAll('{CELLS} img')]
    .filter(image => !image.complete || !image.naturalWidth).map(image => image.alt)"""


class Lab:
    """JupyterLab in one tab of the browser, with one notebook of the server in it.

    Loading JupyterLab takes longer than many a notebook: it is loaded once, and notebooks come and go in it.
    """

    def __init__(self, context, server):
        self.server, self._context, self._is_loaded = server, context, False
        self.failures, self._asked = [], []
        self._new_page()

    def _new_page(self):
        self.page = self._context.new_page()
        self.page.on("pageerror", lambda error: self.failures.append(str(error)))
        self.page.on("request", lambda request: self._asked.append(request.url))

    def close(self, reload):
        """Close the notebook, and forget what happened. reload: load JupyterLab anew for the next one."""
        try:
            self._is_loaded = not reload and self.page.evaluate("() => Boolean(window.jupyterapp)")
            if self._is_loaded:
                self.page.evaluate(CLOSE)
        except Error:  # the page has crashed
            self._is_loaded = False
        if not self._is_loaded:
            self.page.close()
            self._new_page()
        self.failures.clear()
        self._asked.clear()

    def elsewhere(self):
        """The addresses that the page has asked and that are not the server's own."""
        own = self.server.address("").split("lab/")[0]
        return [address for address in self._asked if address.startswith("http") and not address.startswith(own)]

    def open(self, name):
        """Open a notebook of the folder notebooks/ and wait until its kernel is there."""
        self.file = self.server.root / "notebooks" / name
        if self._is_loaded:
            self.page.evaluate(OPEN, f"notebooks/{name}")
        else:
            self.page.goto(self.server.address(f"notebooks/{name}"))
        self.wait_for_kernel()
        self._cells = self.stored().cells
        expect(self.page.locator(CELLS)).to_have_count(len(self._cells))

    def create(self, name, cells):
        """Make a notebook with these code cells in the folder notebooks/, and open it."""
        kernel = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
        notebook = nbformat.v4.new_notebook(metadata={"kernelspec": kernel})
        notebook.cells = [nbformat.v4.new_code_cell(text) for text in cells]
        nbformat.write(notebook, self.server.root / "notebooks" / name)
        self.open(name)

    def stored(self):
        """The notebook as it is on the disk."""
        return nbformat.read(self.file, as_version=4)

    def wait_for_kernel(self):
        """Wait until the page is connected to a kernel: before, a cell that is run is silently left as it was."""
        expect(self.page.locator("#jp-main-statusbar").get_by_text("| Idle")).to_be_visible()
        self.wait_until_idle()

    def wait_until_idle(self):
        """Wait until the kernel has nothing to do."""
        idle = self.page.locator(".jp-NotebookPanel .jp-Notebook-ExecutionIndicator[data-status=idle]")
        expect(idle).to_be_visible(timeout=RUNNING)

    def choose(self, menu, command):
        """Choose an entry of the menu bar: the menu's name, the command behind the entry."""
        self.page.locator(".lm-MenuBar-itemLabel").get_by_text(menu, exact=True).click()
        self.page.locator(f'.lm-Menu-item[data-command="{command}"]').click()

    def run_all(self):
        """Run all cells, wait until each has run or one has failed; save. Returns the saved notebook."""
        count = sum(cell.cell_type == "code" for cell in self._cells)
        self.choose("Run", "runmenu:run-all")
        self.page.wait_for_function(
            f'count => document.querySelector("{RED}") || ({ALL_DONE})(count)', arg=count, timeout=RUNNING, polling=200
        )
        self.wait_until_idle()
        return self.save()

    def save(self):
        """Save the notebook, and return it as saved."""
        self.choose("File", "docmanager:save")
        expect(self.page.locator(".lm-TabBar-tab.jp-mod-dirty")).to_have_count(0)
        return self.stored()

    def cell(self, text):
        """The first code cell whose text, when the notebook was opened, contained the given text."""
        index = next(n for n, cell in enumerate(self._cells) if cell.cell_type == "code" and text in cell.source)
        return self.page.locator(CELLS).nth(index)

    def write(self, cell, text):
        """Replace what stands in a cell, as by pasting."""
        cell.locator(".cm-content").click()
        self.page.keyboard.press("ControlOrMeta+A")
        self.page.keyboard.insert_text(text)
        expect(cell.locator(".cm-line")).to_have_text(text.split("\n"))

    def run(self, cell):
        """Run a cell with Shift+Enter and wait until it has run."""
        prompt = cell.locator(".jp-InputPrompt")
        before = prompt.text_content()
        cell.locator(".cm-content").click()
        self.page.keyboard.press("Shift+Enter")
        expect(prompt).not_to_have_text(before)
        expect(prompt).to_have_text(re.compile(r"^\[\d+\]:$"), timeout=RUNNING)
        self.wait_until_idle()

    def panel(self, cell):
        """The panel of a check, below a cell."""
        return cell.locator(".jp-OutputArea [role=status]")

    def broken_images(self):
        """The descriptions of images that the browser cannot show."""
        return self.page.evaluate(BROKEN_IMAGES)

    def text(self):
        """All that stands in the notebook. (The inner text that browsers offer, too, leaves out what is off screen.)"""
        return "\n".join(self.page.locator(CELLS).all_text_contents())

    def evidence(self, name):
        """Keep an image of the page and its text; returns where they are, and what went wrong on the page."""
        image = self.server.log.with_name(f"{name}.png")
        self.page.screenshot(path=image)
        image.with_suffix(".txt").write_text(self.text(), encoding="utf-8")
        errors = self.page.locator(RED).all_text_contents()
        lines = [f"see {image}, the same in .txt, and {self.server.log}", *self.failures, *errors]
        return "\n".join(lines)
