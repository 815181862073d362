"""What the course adds to Jupyter's server and to nbconvert. Neither needs aeutils, which would bring torch into them.

views.py     a notebook opened anew shows its stored figures in place of widgets whose kernel is gone
export.py    exported HTML whose explorers move, and which asks no network for anything
etc/         the settings that switch both on, for course.py and for the wheel to put where Jupyter looks for them
"""

EXPORT = "aeutils_lab.export.as_page"


def _jupyter_server_extension_points():
    return [{"module": "aeutils_lab"}]


def _load_jupyter_server_extension(server):
    """Called by Jupyter's server, which does not read nbconvert's settings: they are made here again."""
    known = list(server.config.HTMLExporter.get("preprocessors", []))
    server.config.HTMLExporter.preprocessors = [*known, EXPORT]


async def _start_jupyter_server_extension(server):
    """Called when all extensions are loaded: some, such as jupytext's, exchange the manager of files."""
    from aeutils_lab.views import forget_lost_views

    forget_lost_views(server)
