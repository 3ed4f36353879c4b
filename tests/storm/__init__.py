"""A storm over the procedures themselves: servers are killed at random while people of every group work at their pages.

`python -m tests.storm --help`. What must hold afterwards is checked by `referee` and `proofs`; `sabotaged_wsgi` shows
that they would notice.
"""
