"""The pages: they translate between people and the engine and decide nothing."""
