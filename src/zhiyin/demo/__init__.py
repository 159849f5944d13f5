"""晴川航空 Qingchuan Air: a simulated airline whose true numbers are known.

`plan.Plan` says how large it is and which days it covers; `company.chunks` makes its history a
few thousand customers at a time; `files.write` puts it into a folder with its mappings and
``truth.json``, `filling.fill` into a workspace. One seed and one last day give one company, to
the byte, on one machine's numpy.
"""
