"""The harness behind every number in the docs: CPU per request against nginx as a bare proxy, same upstream, same run.

Rule: ratios, never bare times: machines differ and drift, nginx in the same run drifts with them. Linux only (/proc).
"""
