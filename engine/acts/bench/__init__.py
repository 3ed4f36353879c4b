"""`shouhou bench`: the figures to hold, measured on this machine beside their floors."""

from engine.acts.bench.run import run_bench

__all__ = ["run_bench"]
