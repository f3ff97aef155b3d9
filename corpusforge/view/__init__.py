"""`corpusforge view`: a snapshot in the browser, from the tables of the corpus as they lie there.

server.py     the application and the loopback server
guard.py      who may ask: the token, the Host header, what every answer says to a browser
explorer.py   an opened snapshot, and what is remembered of it while the server runs
tables.py     columns of docs and text tables, by row groups; the last ones stay in memory
query.py      what a page of documents asks for; the filter as an address, as a form, as a mask
scan.py       documents that hold to a query, from a place on, within a time
locate.py     a document by its id, without a scan
sample.py     rows of every (domain, subset) for histograms and shares
pages/        a module a view: figures in, HTML out
static/       the style sheet, the keys, the icon

Pages are made on the server and work without JavaScript; formulas become MathML by KaTeX, code is
coloured by Pygments. Nothing is copied or indexed first.
"""
