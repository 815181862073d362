"""ae.Sound: a sound with a button that plays it."""

import base64
import io

import numpy as np
import pytest
import soundfile

import aeutils as ae

pytestmark = pytest.mark.data_free


def test_the_page_plays_the_file_and_names_it():
    file = io.BytesIO()
    soundfile.write(file, np.zeros(4_410), 44_100, format="MP3", subtype="MPEG_LAYER_III")
    sound = ae.Sound(file.getvalue(), 'a "quiet" sound')
    html = sound._repr_html_()
    assert base64.b64encode(file.getvalue()).decode() in html and "<audio controls" in html
    assert 'aria-label="a &quot;quiet&quot; sound"' in html and repr(sound) == 'Sound: a "quiet" sound'


def test_numbers_are_no_file():
    with pytest.raises(ae.InputError, match="mp3 is a ndarray; expected the content of an MP3 file"):
        ae.Sound(np.zeros(3), "nothing")
