"""One module for each format, or for formats that are all but the same; `geulnun.data.formats` lists them."""
