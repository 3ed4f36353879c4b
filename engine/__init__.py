"""The engine: it decides what happens to cases, and knows no web framework."""
