"""What students hand in, made into importable files on the trusted side. Nothing of theirs is executed or compiled.

`tree` and `archive` read a disk and an archive without following where they lead; `choice` says which file is meant;
`module` and `notebook` examine it; `magics` and `cells` make a notebook's code plain Python; `record` says when it was
handed in. What is in `inside/` travels with a submission and runs beside it, in its sandbox.
"""
