"""A storm over the real engine: processes are killed at random while eight clients race for every task.

`python -m tests.storm --help`. What must hold afterwards is checked by `referee`; `sabotage` shows that it would notice.
"""
