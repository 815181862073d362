"""Settings of Sphinx for the site; tools/build_site.py runs it."""

import os
from pathlib import Path
import sys

sys.path.insert(0, str(Path(os.environ["AEUTILS_SITE_PROJECT"])))

project = "Autoencoders, drawn"
author = ""  # else each page ends with "By Author name not set"
html_title = project
root_doc = "contents"
extensions = ["myst_nb", "sphinx.ext.autodoc"]
exclude_patterns = ["originals"]
suppress_warnings = ["mystnb.unknown_mime_type", "myst.header"]  # widgets; prose that begins below a title
nb_execution_mode = "off"
nb_code_prompt_hide = "Fold it again"
nb_ipywidgets_js = {}  # widgets would be fetched from a network
myst_heading_anchors = 3
autodoc_member_order = "bysource"
html_theme = "sphinx_book_theme"
html_theme_options = {
    "use_download_button": False,
    "use_fullscreen_button": False,
    "home_page_in_toc": False,
    "show_toc_level": 2,
    "navbar_persistent": [],  # else a second search field stands above the first
}
html_static_path = ["_static"]
html_extra_path = ["_extra"]
html_css_files = ["explorer.css", "site.css"]
html_js_files = ["site.js"]
html_copy_source = False
html_show_sourcelink = False
html_show_sphinx = False
html_show_copyright = False
