"""Checks where students meet them: in the kernel of a notebook, and in plain Python."""

import os
import subprocess
import sys

import nbclient
import nbformat
import pytest

pytestmark = [pytest.mark.data_free, pytest.mark.slow]

RIGHT = "lambda codes: (codes == 0).all(0).sum()"
CELLS = {
    "passed": f"ae.check.dead_code_numbers({RIGHT})",
    "not yet": "ae.check.dead_code_numbers(lambda codes: 77)",
    "not attempted yet": "ae.check.dead_code_numbers(...)",
    "passed, with a figure": f"ae.check.dead_code_numbers({RIGHT}) and ae.plots.code_bars(torch.arange(3.0))",
    "not yet, with a figure": "ae.check.dead_code_numbers(77) and ae.plots.code_bars(torch.arange(3.0))",
    "noisy": """def count(codes):
    from matplotlib import pyplot as plt
    import sys, warnings
    print("printed"), print("warned", file=sys.stderr), warnings.warn("noise"), display("shown")
    plt.plot([1, 2])
    plt.show()
    plt.plot([1, 2])
ae.check.dead_code_numbers(count)""",
    "script": "ae.check.self_supervised('<script>alert(1)</script>')",
    "unknown": "ae.check.dead_code_number(3)",
    "unknown notebook": "ae.check.progress(99)",
    "progress": "ae.check.progress()",
    "progress of one": "ae.check.progress(3)",
    "names": """from IPython.core.completer import provisionalcompleter
with provisionalcompleter():
    print(sorted(found.text for found in get_ipython().Completer.completions("ae.check.dead_", 14)))""",
    "help": "help(ae.check.dead_code_numbers)",
    "interrupted": """import _thread, threading, time
threading.Timer(0.5, _thread.interrupt_main).start()
ae.check.dead_code_numbers(lambda codes: time.sleep(3))""",
    "untouched": """models = {2: torch.nn.Linear(2, 2)}
before = models[2].weight.tolist()
def count(codes):
    torch.nn.init.zeros_(models[2].weight)
    models[3] = display("shown")
    return 77
reply = ae.check.dead_code_numbers(count)
print(models[2].weight.tolist() == before, list(models))""",
}
"""Cells of one notebook, by what they show."""


@pytest.fixture(scope="module")
def outputs():
    """{what a cell shows: its outputs}."""
    first = "import aeutils as ae\nimport torch\nae.check\nae.plots"
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(text) for text in [first, *CELLS.values()]])
    nbclient.NotebookClient(notebook, kernel_name="python3", timeout=120, allow_errors=True).execute()
    return dict(zip(CELLS, [cell.outputs for cell in notebook.cells[1:]], strict=True))


def panel(output):
    """The text of an output that is a panel."""
    assert output.output_type == "display_data" and set(output.data) == {"text/html", "text/plain"}, output
    assert output.data["text/html"].startswith("<div") and "<script" not in output.data["text/html"]
    return output.data["text/plain"]


@pytest.mark.parametrize("shown", ["passed", "not yet", "not attempted yet", "not yet, with a figure"])
def test_check_shows_one_panel_and_nothing_else(shown, outputs):
    (output,) = outputs[shown]
    assert panel(output).startswith(f"[{shown.split(',')[0]}] Count the dead code numbers")


def test_figure_comes_with_the_panel_that_says_passed(outputs):
    first, second = outputs["passed, with a figure"]
    assert panel(first).startswith("[passed]")
    assert "image/png" in second.data


def test_what_an_answer_prints_displays_and_draws_is_swallowed(outputs):
    (output,) = outputs["noisy"]
    assert "returned None" in panel(output)


def test_text_of_an_answer_is_no_html(outputs):
    (output,) = outputs["script"]
    assert "&lt;script&gt;" in output.data["text/html"] and "<script>" in panel(output)


def test_interrupting_the_kernel_interrupts_the_check(outputs):
    (output,) = outputs["interrupted"]
    assert "you stopped the check" in panel(output)


def test_unknown_names_and_numbers_get_one_sentence(outputs):
    (name,), (number,) = outputs["unknown"], outputs["unknown notebook"]
    sentence = "UnknownCheckError: there is no check 'dead_code_number'; did you mean ae.check.dead_code_numbers?"
    assert name.output_type == "error" and name.traceback == [sentence]
    assert len(number.traceback) == 1 and number.traceback[0].startswith("InputError: notebook is 99; those with")


def test_progress_is_one_panel(outputs):
    (course,), (notebook,) = outputs["progress"], outputs["progress of one"]
    assert "Notebook 01: 0 of" in panel(course) and "Notebook 03: 1 of" in panel(course)
    assert "✓ Count the dead code numbers" in panel(notebook) and "Notebook 01" not in panel(notebook)


def test_tab_and_help_know_the_questions(outputs):
    assert outputs["names"][0].text == "['dead_code_numbers']\n"
    assert "How many of the numbers in codes" in outputs["help"][0].text


def test_variables_of_the_notebook_stay_as_they_were(outputs):
    _, printed = outputs["untouched"]
    assert printed.text == "True [2]\n"


PLAIN = f"""
import aeutils as ae, torch
reply = ae.check.dead_code_numbers({RIGHT})
print(bool(reply), {{"dead_code_numbers", "progress"}} <= set(dir(ae.check)), "sandbox" in dir(ae.check))
ae.check.dead_code_number
"""


def test_in_plain_python_the_reply_is_printed():
    done = subprocess.run([sys.executable, "-c", PLAIN], capture_output=True, text=True, env=dict(os.environ))
    assert done.stdout == "[passed] Count the dead code numbers\nTrue True False\n"
    assert done.stderr.splitlines()[-1].endswith("did you mean ae.check.dead_code_numbers?")
