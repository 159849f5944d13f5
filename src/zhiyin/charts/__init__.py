"""Charts as SVG text: frozen shapes in, markup out, for pages and for files."""
