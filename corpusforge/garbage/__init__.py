"""What of a corpus nothing needs any more: found by what its snapshots stand on, and removed in an order.

`owners` says whose a name is, `claims` what a snapshot stands on, `survey` what lies in a corpus beside
its snapshots, `sweep` which files go and in which order, `record` what was removed.
"""
