"""A storm over the product itself: servers are killed at random while eight clients race for every task, by its pages.

`python -m tests.storm --help`. What must hold afterwards is checked by `referee`; `sabotaged_wsgi` shows that it would notice.
"""
