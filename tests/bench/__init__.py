"""The figures of `make bench`: one module a topic, each with `rows()`; nothing here is a test.

A topic measures its contenders interleaved, in child processes, and returns medians. Keep its
imports light: what the parent process weighs is counted into the peak memory of its children.
"""
