"""Public data sets, read: samples with images opened when asked for, their truth as a `Page`, and facts of them."""

from geulnun.data.boxes import joined
from geulnun.data.documents import read_alto, read_hocr, read_page_xml
from geulnun.data.formats import FORMATS, DataSet, Format, recognised
from geulnun.data.sample import Facts, Problem, Sample, SampleImage

__all__ = [
    "FORMATS", "DataSet", "Facts", "Format", "Problem", "Sample", "SampleImage", "joined", "read_alto", "read_hocr",
    "read_page_xml", "recognised",
]  # fmt: skip
