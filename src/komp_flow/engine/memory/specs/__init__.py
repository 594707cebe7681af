"""The task specifications that SpiffWorkflow's parser makes for a diagram: ours, each a few lines.

They are shared by all instances of a version and by threads: nothing of an instance is ever kept on them.
"""
