"""The demonstration: fictitious customers, and cases played through the engine on a simulated clock."""

from engine.acts.demo.prepare import prepare

__all__ = ["prepare"]
