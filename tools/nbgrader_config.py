"""How nbgrader treats assignments that tools/nbgrader_assignment.py made, which copies this file beside them."""

import os
import re
import sys

from nbgrader.converters import GenerateAssignment
from nbgrader.preprocessors import ClearSolutions

REGION = re.compile(
    r"^ *### BEGIN SOLUTION\n(?:.*\n)*?(?P<stub>(?: *# student:.*\n)+) *### END SOLUTION(?:\n|$)", re.MULTILINE
)


class ShowStub(ClearSolutions):
    """Shows students, in place of an answer, what the answer itself says behind its marks "# student:"."""

    def preprocess_cell(self, cell, resources, cell_index):
        """Regions without such marks are left to nbgrader, which has one stub for all of them."""
        cell.source, replaced = REGION.subn(_stub, cell.source)
        cell.source = cell.source.rstrip("\n")
        return (cell, resources) if replaced else super().preprocess_cell(cell, resources, cell_index)


def _stub(found):
    return re.sub(r"^( *)# student: ?", r"\1", found["stub"], flags=re.MULTILINE)


c = get_config()  # noqa: F821  nbgrader provides it
c.CourseDirectory.course_id = "autoencoders"
c.GenerateAssignment.preprocessors = [
    ShowStub if each is ClearSolutions else each for each in GenerateAssignment.preprocessors.default()
]
c.Execute.timeout = 300  # seconds for one cell: some train networks

# nbgrader calls alembic by its name, and few have the folder of this Python on PATH.
os.environ["PATH"] = os.pathsep.join(filter(None, [os.path.dirname(sys.executable), os.environ.get("PATH")]))

# Of all kernels called python3 the one of the Python that runs nbgrader: a user's own one would not know this course.
kernels = [os.path.join(sys.prefix, "share", "jupyter"), os.environ.get("JUPYTER_PATH")]
os.environ["JUPYTER_PATH"] = os.pathsep.join(filter(None, kernels))
os.environ["AEUTILS_PROGRESS"] = "off"  # what students pass must not count as passed by the one who grades
