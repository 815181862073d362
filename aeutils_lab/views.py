"""A notebook that is opened after its kernel has ended: stored figures and sentences, where widgets would be errors.

The output of a widget is stored as the number of its model, beside an image or a text for those who have no widgets.
JupyterLab prefers the widget, and says "model not found" where the kernel that had the model has ended.
"""

from inspect import iscoroutinefunction

VIEW = "application/vnd.jupyter.widget-view+json"
STATE = "application/vnd.jupyter.widget-state+json"


def forget_lost_views(server):
    """Let a server hand out notebooks without views of widgets, unless the kernel that has their models still runs.

    Files are left as they are until the notebook is saved. A manager of files that is not asynchronous, as none of
    Jupyter's own is, is left alone.
    """
    manager = server.contents_manager
    get = manager.get
    if not iscoroutinefunction(get):
        return

    async def get_without_lost_views(path, *arguments, **options):
        model = await get(path, *arguments, **options)
        if model["type"] == "notebook" and model["content"] and not await _has_kernel(server, path):
            without_lost_views(model["content"])
        return model

    manager.get = get_without_lost_views


async def _has_kernel(server, path):
    return any(session["path"] == path.strip("/") for session in await server.session_manager.list_sessions())


def without_lost_views(notebook):
    """Drop from its outputs the views of widgets whose state it does not store, where something else can be shown."""
    stored = states(notebook)
    for cell in notebook["cells"]:
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            if VIEW in data and len(data) > 1 and data[VIEW].get("model_id") not in stored:
                del data[VIEW]


def states(notebook):
    """{number of a model: its state} of the widgets whose state a notebook stores."""
    return notebook["metadata"].get("widgets", {}).get(STATE, {}).get("state", {})
