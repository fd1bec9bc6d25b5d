"""The UNTRUSTED side: the warm zygote, the keeper that enters a sandbox, the loader and the forks that answer calls.

Of ours it imports `grader.wire` and nothing else. The zygote and the keeper run no student code and read no byte of a
submission; the loader and the candidates do, after everything has been dropped.
"""
