"""What process owners do with processes that run: drawings, their publication, moving those that are under way.

Written as `work` is: the open session first, then who acts, and `now`; policy is asked inside; nothing commits.
"""
