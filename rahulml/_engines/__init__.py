"""Speed, not lesson: what makes the study quick, and where a process is told how to compute.

Without this room the book says the same, later. What each thing in it earns is in
``benchmarks/README.md``.
"""
